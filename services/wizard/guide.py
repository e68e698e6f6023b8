"""The guide under `/docs`: files that `make docs` built from the folder `docs`, for everybody, signed in or not."""

from __future__ import annotations

import json
from pathlib import Path

from flask import redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug import Response
from werkzeug.security import safe_join

from services.wizard.pages import WEEK, pages

#: What `make docs` writes.
SITE = Path(__file__).resolve().parents[2] / "site"
#: The hashes of the inline scripts of all its pages, a list.
SCRIPTS = "scripts.json"
#: Types by the ending of a name; texts are UTF-8. Not those of the machine: browsers run no script of a wrong type.
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".xml": "application/xml",
    ".gz": "application/gzip",
    ".txt": "text/plain",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
}
#: Files below this folder whose names have a hash of their content never change.
HASHED = Path("assets")
#: The search runs in a worker, diagrams and icons are pictures within style sheets, and nothing is of another host.
POLICY = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; worker-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


@pages.context_processor
def link_to_it() -> dict[str, object]:
    """Pages link to the guide only where there is one."""
    return {"has_guide": is_built()}


@pages.get("/docs/")
@pages.get("/docs/<path:name>")
def guide(name: str = "") -> ResponseReturnValue:
    """A file of the guide; the address of a page ends with a slash."""
    if not is_built():
        return _missing(gettext("The guide was not built for this system."))
    found = _file(f"{name}index.html" if name == "" or name.endswith("/") else name)
    if found is not None:
        return _with_headers(
            send_file(found, mimetype=TYPES.get(found.suffix, "application/octet-stream")), found
        )
    if not name.endswith("/") and _file(f"{name}/index.html"):
        return redirect(url_for("wizard.guide", name=f"{name}/"), 308)
    return _missing(gettext("The guide has no such page."))


def is_built() -> bool:
    """Whether there is a guide to be shown."""
    return (SITE / "index.html").is_file()


def _file(path: str) -> Path | None:
    """The file of a path below the folder; None where there is none, or where the path leads outside."""
    joined = safe_join(str(SITE), path)
    try:
        return Path(joined) if joined and Path(joined).is_file() else None
    except (OSError, ValueError):  # names that no file may have
        return None


def _with_headers(answer: Response, file: Path) -> Response:
    """Browsers ask again for everything whose name does not change with its content."""
    if HASHED in file.relative_to(SITE).parents and len(file.suffixes) > 2:
        answer.headers["Cache-Control"] = f"public, max-age={WEEK}, immutable"
    else:
        answer.headers["Cache-Control"] = "no-cache"
    if file.suffix == ".html":
        hashes = json.loads((SITE / SCRIPTS).read_bytes())
        answer.headers["Content-Security-Policy"] = POLICY.format(
            scripts="".join(f" '{each}'" for each in hashes)
        )
    return answer


def _missing(detail: str) -> ResponseReturnValue:
    return render_template("refused.html", detail=detail, status=404), 404
