"""Sign-in by the platform's link, sign-out, and the choice of language."""

from __future__ import annotations

import re

from flask import abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug import Response

from services.wizard import embedding, session
from services.wizard.pages import api_of, pages, to
from shared.contract.texts.catalogues import LANGUAGES
from shared.plumbing.auth import Caller

#: browsers drop control characters and take a backslash for a slash, and two slashes begin another site
OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x1f\x7f-\x9f]*")


@pages.get("/signin")
def sign_in() -> ResponseReturnValue:
    """Take the platform's token from the link into the cookie; `next` is the page to go to.

    Where somebody else is signed in, the person is asked first: another site could have sent them here.
    Embedded pages take it from their form alone: the address of an iframe is no place for it.
    """
    if embedding.is_embedded():
        abort(404)
    token, target = request.args.get("token", ""), own_path(request.args.get("next", "/"))
    who = session.read(token)
    if token == session.token():
        return redirect(target, 303)
    return sign_in_whole(who, token, target, link=True)


def sign_in_whole(who: Caller, token: str, target: str, agreed: bool = False, link: bool = False) -> Response:
    """Keep the token for whole pages and go to one, or ask whether somebody else is to be signed in.

    Raises `ApiError` for a link that was used before.
    """
    now = session.other_person(who)
    if now is not None and not agreed:
        page = render_template("other_person.html", now=now, who=who, token=token, target=target)
        return make_response(page)
    if link:
        api_of(token).use_link()
    answer = redirect(target, 303)
    session.sign_in(answer, who, token)
    return answer


@pages.post("/signout")
def sign_out() -> Response:
    """End the session."""
    answer = to("goodbye")
    session.sign_out(answer)
    return answer


@pages.get("/goodbye")
def goodbye() -> str:
    """What is shown after signing out."""
    return render_template("signed_out.html", by_choice=True)


@pages.post("/language")
def choose_language() -> Response:
    """Keep the language of the pages, and show the same page in it."""
    answer = redirect(own_path(request.form.get("next", "/")), 303)
    chosen = request.form.get("language")
    if chosen in LANGUAGES:
        session.keep(answer, session.LANGUAGE, chosen, session.YEAR)
    return answer


def own_path(target: str) -> str:
    """A path on this site, or the start page: a link must not lead elsewhere after signing in."""
    return target if OWN_PATH.fullmatch(target) else "/"
