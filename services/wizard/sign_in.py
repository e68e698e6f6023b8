"""Sign-in by the platform's link, sign-out, and the choice of language."""

from __future__ import annotations

import re

from flask import abort, redirect, render_template, request
from werkzeug import Response

from services.wizard import embedding, session
from services.wizard.pages import pages, to
from shared.contract.texts.catalogues import LANGUAGES

#: browsers drop control characters and take a backslash for a slash, and two slashes begin another site
OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x1f\x7f-\x9f]*")


@pages.get("/signin")
def sign_in() -> Response:
    """Take the platform's token from the link into the cookie; `next` is the page to go to.

    Embedded pages take it from their form alone: the address of an iframe is no place for it.
    """
    if embedding.is_embedded():
        abort(404)
    token = request.args.get("token", "")
    session.read(token)
    answer = redirect(_own(request.args.get("next", "/")), 303)
    session.sign_in(answer, token)
    return answer


@pages.post("/signout")
def sign_out() -> Response:
    """Forget the token."""
    answer = to("goodbye")
    answer.delete_cookie(session.COOKIE, path="/")
    return answer


@pages.get("/goodbye")
def goodbye() -> str:
    """What is shown after signing out."""
    return render_template("signed_out.html", by_choice=True)


@pages.post("/language")
def choose_language() -> Response:
    """Keep the language of the pages, and show the same page in it."""
    answer = redirect(_own(request.form.get("next", "/")), 303)
    chosen = request.form.get("language")
    if chosen in LANGUAGES:
        session.keep(answer, session.LANGUAGE, chosen, session.YEAR)
    return answer


def _own(target: str) -> str:
    """A path on this site, or the start page: a link must not lead elsewhere after signing in."""
    return target if OWN_PATH.fullmatch(target) else "/"
