"""Who is signed in: the platform's token in a cookie that scripts cannot read, and the proof that a form is ours."""

from __future__ import annotations

import hashlib
import hmac

from flask import g, request
from werkzeug import Response

from shared.contract.texts.catalogues import LANGUAGES, SOURCE, preferred
from shared.plumbing import web
from shared.plumbing.auth import SESSION_COOKIE, AuthError, Caller, read_token

COOKIE = SESSION_COOKIE
LANGUAGE = "carryover_language"
YEAR = 365 * 24 * 3600


class SignedOut(Exception):
    """The person has no valid session."""


class ForeignForm(Exception):
    """A form came without the proof that it is one of our pages."""


def token() -> str:
    """The token of the request: the cookie's, or that of the header where a proxy in front signs people in."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")


def person() -> Caller:
    """Who asks; raises `SignedOut`."""
    if "person" not in g:
        g.person = read(token())
    known: Caller = g.person
    return known


def read(given: str) -> Caller:
    """The bearer of a token; raises `SignedOut`."""
    try:
        return read_token(given, web.settings().jwt_secret, request.headers.get("X-Firm-Id"))
    except AuthError:
        raise SignedOut from None


def language() -> str:
    """The language the person chose here, else their token's, else their browser's."""
    chosen = request.cookies.get(LANGUAGE)
    if chosen in LANGUAGES:
        return chosen
    try:
        return person().locale
    except SignedOut:
        return preferred(tag for tag, quality in request.accept_languages if quality) or SOURCE


def keep(answer: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Set a cookie that neither scripts nor other sites can use."""
    secure = web.settings().public_url.startswith("https://")
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="Lax", secure=secure, path="/")


def proof() -> str:
    """What each form carries that is made for a person; it cannot be worked out from another site.

    It holds for the person and not for their token, which may be renewed while a page is open.
    """
    key, who = web.settings().jwt_secret.encode(), person()
    return hmac.new(key, f"form|{who.firm}|{who.id}".encode(), hashlib.sha256).hexdigest()


def must_be_ours() -> None:
    """Raise `ForeignForm` unless the request carries the proof, in its form or in a header."""
    given = request.headers.get("X-Form-Proof") or request.form.get("proof", "")
    if not hmac.compare_digest(given.encode(), proof().encode()):
        raise ForeignForm
