"""Who is signed in: the id of a session in a cookie that scripts cannot read, and the proof that a form is ours."""

from __future__ import annotations

import hashlib
import hmac
import time
from urllib.parse import urlsplit

from flask import current_app, g, request
from werkzeug import Response

from services.wizard import embedding
from services.wizard.api import Unreachable
from shared.contract.texts.catalogues import LANGUAGES, SOURCE, preferred
from shared.plumbing import web
from shared.plumbing.auth import SESSION_COOKIE, AuthError, Caller, bearer_token, ends_at, read_token
from shared.plumbing.mongo import PyMongoError
from shared.plumbing.session_store import Sessions, SessionStore

COOKIE = SESSION_COOKIE
LANGUAGE = "carryover_language"
#: paths of the API that our own pages ask with the cookie
EVENTS = "/api/v1/jobs"
YEAR = 365 * 24 * 3600


class SignedOut(Exception):
    """The person has no valid session."""


class ForeignForm(Exception):
    """A form came without the proof that it is one of our pages."""


def sessions() -> Sessions:
    """Where sessions are kept."""
    known: Sessions | None = current_app.extensions.get("wizard_sessions")
    return known or SessionStore(web.servers().db)


def token_of(session: str) -> str:
    """The token of a session; "" where there is none."""
    return sessions().token_of(session) if session else ""


def token() -> str:
    """The token of the request: the session's, or that of the header where a proxy in front signs people in.

    Raises `Unreachable` where sessions cannot be read now.
    """
    if "token" not in g:
        given = bearer_token(request.headers.get("Authorization", "")).strip()
        try:
            g.token = given or token_of(kept(COOKIE))
        except PyMongoError:
            g.token = None  # once is enough for one request: each try takes its time
    known: str | None = g.token
    if known is None:
        raise Unreachable
    return known


def person() -> Caller:
    """Who asks; raises `SignedOut`, or `Unreachable` where that cannot be found out now."""
    if "person" not in g:
        g.person = read(token())
    known: Caller = g.person
    return known


def person_if_any() -> Caller | None:
    """Who asks, for what every page shows; None where nobody is signed in, or nobody can find out."""
    try:
        return person()
    except (SignedOut, Unreachable):
        return None


def read(given: str) -> Caller:
    """The bearer of a token; raises `SignedOut`."""
    try:
        return read_token(given, web.settings().jwt_secret, request.headers.get("X-Firm-Id"))
    except AuthError:
        raise SignedOut from None


def seconds_left(given: str) -> int:
    """How long a token lasts that was read."""
    return max(0, int(ends_at(given) - time.time()))


def language() -> str:
    """The language the person chose here, else their token's, else their browser's.

    The first page in an iframe has it in its address, because nobody is signed in yet.
    """
    chosen = request.args.get("lang") if request.path == embedding.ROOT else kept(LANGUAGE)
    if chosen in LANGUAGES:
        return chosen
    who = person_if_any()
    if who is not None:
        return who.locale
    return preferred(tag for tag, quality in request.accept_languages if quality) or SOURCE


def keep(answer: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Set a cookie that neither scripts nor other sites can use; `kept` reads it."""
    if embedding.is_embedded():
        embedding.set_cookie(answer, embedding.cookie_name(name), value, seconds)
        return
    secure = web.settings().public_url.startswith("https://")
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="Lax", secure=secure, path="/")


def kept(name: str) -> str:
    """A cookie that was set by `keep`; "" where there is none."""
    return request.cookies.get(embedding.cookie_name(name), "")


def other_person(who: Caller) -> Caller | None:
    """Who is signed in, where that is another person or another firm than the bearer of a new token."""
    now = person_if_any()
    return now if now is not None and not _is_same(now, who) else None


def _holder(session: str) -> Caller | None:
    """Whose session it is; None where it has ended."""
    try:
        return read(token_of(session))
    except SignedOut:
        return None


def _is_same(one: Caller, other: Caller) -> bool:
    return (one.id, one.firm) == (other.id, other.firm)


def sign_in(answer: Response, who: Caller, given: str) -> None:
    """Begin a session, or let that of the same person go on with the token that was given.

    Where pages are embedded the browser gets its id also for the events of jobs, which it follows.
    """
    known = kept(COOKIE)
    now = _holder(known)
    if now is not None and _is_same(now, who):
        sessions().renew(known, given, ends_at(given))
    else:
        sessions().end(known)
        known = sessions().begin(given, who.firm, ends_at(given))
    keep(answer, COOKIE, known)
    if embedding.is_embedded():
        embedding.set_cookie(answer, COOKIE, known, None, EVENTS)


def sign_out(answer: Response) -> None:
    """End the session: its id is worth nothing from now on, wherever it is kept."""
    sessions().end(kept(COOKIE))
    answer.delete_cookie(COOKIE, path="/")


def must_come_from_here() -> None:
    """Raise `ForeignForm` unless a page of ours sends the request: nobody is signed in by another site.

    Browsers name the origin of each POST: https://fetch.spec.whatwg.org/#origin-header
    """
    ours = {request.host, urlsplit(web.settings().public_url).netloc}
    if urlsplit(request.headers.get("Origin", "")).netloc not in ours:
        raise ForeignForm
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise ForeignForm


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
