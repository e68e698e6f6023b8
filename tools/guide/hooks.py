"""Hooks of MkDocs that add pages: those made from the code, and guides of other folders.

The hooks: https://www.mkdocs.org/dev-guide/plugins/#events.
They need the root of the project on the path: `python -m mkdocs` from there, which `make docs` does.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from tools.guide import diagrams
from tools.guide.reference import http_calls, messages, problems, settings

ROOT = Path(__file__).resolve().parents[2]
#: Guides that other folders have, by their page.
INCLUDED = {
    "developers/client.md": "client/README.md",
    "operators/containers.md": "deploy/README.md",
    "operators/run-book.md": "deploy/RUNBOOK.md",
    "project/changelog.md": "CHANGELOG.md",
}
#: The file with the hashes of all inline scripts, which the server of the pages allows.
SCRIPTS = "scripts.json"
#: Files that MkDocs makes for a site with one address.
OF_ONE_ADDRESS = ("404.html", "sitemap.xml", "sitemap.xml.gz")
#: Scripts that a browser runs; one of JSON is data.
INLINE = re.compile(rb"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>(.*?)</script>", re.S)
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s:#]+)(?:#[^)]*)?\)")


def generated() -> dict[str, str]:
    """The pages that are made from the code, by their place."""
    openapi = json.loads((ROOT / "shared/contract/openapi.json").read_text("utf-8"))
    asyncapi = json.loads((ROOT / "shared/contract/asyncapi.json").read_text("utf-8"))
    return {
        "reference/http.md": http_calls.calls(openapi),
        "reference/shapes.md": http_calls.shapes(openapi),
        "reference/messages.md": messages.page(asyncapi, openapi["components"]["schemas"]),
        "reference/problems.md": problems.problems(),
        "reference/fields.md": problems.target_fields(),
        "operators/settings.md": settings.settings((ROOT / "deploy/example.env").read_text("utf-8")),
        "project/decisions.md": decisions(ROOT / "docs/adr"),
    }


def decisions(folder: Path) -> str:
    """A list of all decisions, in their order."""
    titles = {
        path.name: path.read_text("utf-8").partition("\n")[0].lstrip("# ") for path in folder.glob("*.md")
    }
    lines = [f"* [{title}](../adr/{name})" for name, title in sorted(titles.items())]
    return "\n".join(["# Decisions\n", "Why things are as they are, a page each.\n", *lines])


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the made and the included pages."""
    for path, text in generated().items():
        files.append(File.generated(config, path, content=text))
    for path, source in INCLUDED.items():
        files.append(File.generated(config, path, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Draw diagrams as tables, and turn links to files that are no pages into their paths."""
    source = INCLUDED.get(page.file.src_uri, f"docs/{page.file.src_uri}")
    return repository_links(diagrams.as_tables(markdown), ROOT / source)


def repository_links(markdown: str, source: Path) -> str:
    """Links to files of the repository outside of the pages become code; a wrong link stays, and fails the build."""

    def shown(link: re.Match[str]) -> str:
        target = (source.parent / link[2]).resolve()
        outside = target.is_relative_to(ROOT) and not target.is_relative_to(ROOT / "docs")
        if not (outside and target.exists()):
            return link[0]
        return f"{link[1]} (`{target.relative_to(ROOT).as_posix()}`)"

    return LINK.sub(shown, markdown)


def on_post_build(config: MkDocsConfig) -> None:
    """Keep the hashes of all inline scripts (https://www.w3.org/TR/CSP3/#framework-directive-source-list).

    What needs the address of the site is removed: it has as many as there are installations.
    """
    for name in OF_ONE_ADDRESS:
        (Path(config.site_dir) / name).unlink(missing_ok=True)
    found = {
        script
        for page in Path(config.site_dir).rglob("*.html")
        for script in INLINE.findall(page.read_bytes())
    }
    hashes = sorted(
        f"sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}" for script in found
    )
    (Path(config.site_dir) / SCRIPTS).write_text(json.dumps(hashes))
