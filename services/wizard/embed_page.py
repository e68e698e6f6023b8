"""What a platform needs to embed the pages: a script, the page that takes the token, and its look as a style sheet."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from datetime import datetime
from functools import lru_cache
from typing import TypedDict

from flask import abort, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from services.wizard import embedding, session, theme
from services.wizard.answers import Job
from services.wizard.kinds import KINDS
from services.wizard.pages import STATIC, WEEK, embed_origins, pages
from services.wizard.sign_in import own_path, sign_in_whole
from shared.contract.texts.catalogues import LANGUAGES, Texts
from shared.contract.texts.catalogues import gettext_noop as _

LOOK = "carryover_look"
HOUR = 3600
TEXTS = Texts("wizard")
#: names of the window and of its button, for people who cannot see them
TITLE, CLOSE = _("Import a client list"), _("Close")
COMMENT = re.compile(r"^\s*(//.*)?\n|^\s+", re.M)


class Look(TypedDict):
    """How embedded pages look, the kind of list to begin with, and when they were opened, in seconds since 1970."""

    theme: theme.Theme
    kind: str | None
    opened: float


@pages.get("/carryover.js")
def host_script() -> ResponseReturnValue:
    """The script for pages of the platform; comments and indents stay here."""
    labels = {code: [TEXTS.gettext(TITLE, code), TEXTS.gettext(CLOSE, code)] for code in LANGUAGES}
    content = COMMENT.sub("", render_template("carryover.js", labels=labels))
    answer = make_response(content, {"Content-Type": "text/javascript; charset=utf-8"})
    answer.headers["Cache-Control"] = f"public, max-age={HOUR}"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.add_etag()
    return answer.make_conditional(request)


@pages.get(embedding.ROOT)
def embed() -> ResponseReturnValue:
    """The page that an iframe begins with: it has no data, and asks the page around it for the token."""
    if not embed_origins():
        abort(404)
    return render_template("embed.html", kinds=KINDS)


@pages.post("/signin")
def take_token() -> ResponseReturnValue:
    """Take the platform's token from a form of ours: for embedded pages, or for a tab."""
    session.must_come_from_here()
    token = request.form.get("token", "")
    who = session.read(token)
    kind = request.form.get("kind")
    kind = kind if kind in KINDS else None
    if not embedding.is_embedded():
        target = own_path(request.form.get("next") or url_for("wizard.start", kind=kind))
        agreed = "agreed" in request.form
        return _with_language(sign_in_whole(who, token, target, agreed, link=agreed))
    chosen, refused = theme.read(request.form.get("theme", ""))
    answer = jsonify(go=url_for("wizard.start"), refused=refused, ends=session.seconds_left(token))
    session.sign_in(answer, who, token)
    before = look() if request.form.get("again") else None
    _keep(answer, {"theme": chosen, "kind": kind, "opened": before["opened"] if before else time.time()})
    return _with_language(answer)


def _with_language(answer: Response) -> Response:
    language = request.form.get("language")
    if language in LANGUAGES:
        session.keep(answer, session.LANGUAGE, language)
    return answer


@pages.get("/signed-in")
def signed_in() -> ResponseReturnValue:
    """Whether the browser keeps the cookies of the sign-in: 204, or 401."""
    session.person()
    return "", 204


@pages.get("/theme.css")
def theme_css() -> ResponseReturnValue:
    """The platform's look; its address changes with it."""
    headers = {"Content-Type": "text/css; charset=utf-8", "Cache-Control": f"private, max-age={WEEK}"}
    return make_response(_css(), headers)


def _css() -> str:
    known = look()
    return _css_of(json.dumps(known["theme"] if known else {}))


@lru_cache(maxsize=64)
def _css_of(chosen: str) -> str:
    tokens = theme.tokens_of((STATIC / "base.css").read_text("utf-8"))
    return theme.style_sheet(theme.read(chosen)[0], *tokens)


@pages.context_processor
def of_embedded_pages() -> dict[str, object]:
    """Who may embed, how long the token lasts, and the look; nothing for whole pages."""
    if not embedding.is_embedded():
        return {"origins": embed_origins(), "whole": embedding.whole}
    return {
        "origins": embed_origins(),
        "whole": embedding.whole,
        "ends": session.seconds_left(session.token()) if session.person_if_any() else None,
        "begun_here": begun_here,
        "look_version": hashlib.blake2b(_css().encode(), digest_size=6).hexdigest(),
    }


def begun_here(job: Job) -> bool:
    """Whether a job was made after the pages were opened; the platform hears of its end in any case."""
    known = look()
    return known is not None and datetime.fromisoformat(job["created_at"]).timestamp() >= known["opened"]


def look() -> Look | None:
    """The look that the sign-in brought; None for whole pages."""
    text = session.kept(LOOK) if embedding.is_embedded() else ""
    try:
        known = json.loads(base64.urlsafe_b64decode(text))
        kind = known["kind"] if known["kind"] in KINDS else None
        chosen, _refused = theme.read(json.dumps(known["theme"]))
        return {"theme": chosen, "kind": kind, "opened": float(known["opened"])}
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _keep(answer: Response, known: Look) -> None:
    session.keep(answer, LOOK, base64.urlsafe_b64encode(json.dumps(known).encode()).decode())
