"""What all pages share: their blueprint, the API in the person's name, refusals, and the protection."""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from services.wizard import embedding, letters_view, session, steps, wording
from services.wizard.answers import Field, Job
from services.wizard.api import Api, ApiError, Unreachable, connections
from services.wizard.client_links import filled
from services.wizard.people import called, names_of
from services.wizard.settings import load_wizard_settings
from services.wizard.translations import BabelOfPages
from shared.contract import file_formats
from shared.contract.documents.reference import Reference
from shared.contract.edits import seen_of
from shared.contract.sendings import INVITATION, QUESTIONNAIRE
from shared.contract.texts.catalogues import language_names
from shared.plumbing import web
from shared.plumbing.log import log
from shared.plumbing.mongo import PyMongoError

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
JOB_ID = re.compile(r"[0-9a-f]{8,64}")
STATIC = Path(__file__).parent / "static"
#: kinds of letters to clients, as addresses of pages have them
LETTERS = {"invitations": INVITATION, "questionnaires": QUESTIONNAIRE}
#: routes whose forms contain a file
UPLOADS = ("wizard.upload", "wizard.bring_back")
#: forms of people who are not signed in; the route itself checks where they come from
FROM_ANYBODY = ("wizard.take_token",)
#: what may be embedded, with all below `/embed`
EMBEDDED = ("wizard.embed",)
FORM_OVERHEAD = 1 << 20
#: seconds after which a page looks again for a part that did not answer
AGAIN_SECONDS = 5
WEEK = 7 * 24 * 3600

pages = Blueprint(
    "wizard", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
)


@pages.record_once
def set_up(state: BlueprintSetupState) -> None:
    """Set up the application of the pages: its texts, its filters and the key of its own cookie."""
    app = cast("Flask", state.app)
    config = app.extensions["carryover"].config
    app.secret_key = hmac.new(config.jwt_secret.encode(), b"messages", hashlib.sha256).hexdigest()
    own = load_wizard_settings()
    embed_origins = own.embed_origins
    app.extensions["wizard_embed_origins"] = embed_origins
    app.extensions["wizard_clients_url"] = own.clients_url
    if embed_origins:
        app.wsgi_app = embedding.serve_below_root(app.wsgi_app)  # type: ignore[method-assign, assignment]
    app.session_interface = embedding.Notices()
    app.config["SESSION_COOKIE_NAME"] = "carryover_messages"
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_COOKIE_SECURE"] = config.public_url.startswith("https://")
    BabelOfPages().init_app(app, locale_selector=session.language, timezone_selector=_zone)
    app.jinja_env.filters.update(wording.FILTERS)
    app.jinja_env.globals.update(
        static=_static,
        form_proof=session.proof,
        languages=language_names(),
        formats=file_formats.NAMES,
        endings=file_formats.ENDINGS,
        pages_of=steps.PAGES,
        called=called,
        seen_of=seen_of,
        page_after=steps.after,
        page_before=steps.before,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


@pages.context_processor
def of_letters() -> dict[str, object]:
    """Which kinds of letters to clients can be sent here, and the tones of their states."""
    offered = [each for each, kind in LETTERS.items() if web.settings().letters_to(kind)]
    return {"letters_offered": offered, "letter_tones": letters_view.TONES}


@pages.context_processor
def of_clients() -> dict[str, object]:
    """Links to clients, and the window that they open in: within a page of the platform, that page itself."""
    elsewhere = current_app.extensions["wizard_clients_url"]
    return {
        "clients_link": _clients_link,
        "clients_elsewhere": bool(elsewhere),
        "clients_window": "_top" if elsewhere and embedding.is_embedded() else None,
    }


def _clients_link(kind: str, record_id: str | None = None, job: str | None = None) -> str:
    """The address of one client, or of a list: of our pages, or of the platform's."""
    if elsewhere := current_app.extensions["wizard_clients_url"]:
        return filled(elsewhere, firm=session.person().firm, kind=kind, id=record_id, job=job)
    if record_id:
        return url_for("wizard.client", kind=kind, record_id=record_id)
    return url_for("wizard.clients", kind=kind, job=job)


@pages.context_processor
def of_every_page() -> dict[str, object]:
    """Who is signed in, in which language and time zone."""
    return {
        "person": session.person_if_any(),
        "language": session.language(),
        "zone": _zone(),
        "embedded": embedding.is_embedded(),
    }


def _zone() -> str:
    from_browser = request.cookies.get("carryover_zone", "")
    return from_browser if from_browser in wording.zones() else "UTC"


@lru_cache
def _api_url() -> str:
    return load_wizard_settings().api_url


def api() -> Api:
    """The API in the name of the person who is signed in; raises `SignedOut`."""
    if "api" not in g:
        session.person()
        g.api = api_of(session.token())
    known: Api = g.api
    return known


def api_of(token: str) -> Api:
    """The API in the name of the person whom a token is for."""
    kept = current_app.extensions.setdefault("wizard_connections", connections())
    return Api(kept, _api_url(), token, session.language())


def job(job_id: str) -> Job:
    """A job of the firm; raises `ApiError` where there is none."""
    found: Job = api().get(path(job_id))
    return found


def fields() -> dict[str, Field]:
    """The target fields by key, with the firm's own, called as the person calls them."""
    return {field["key"]: field for field in api().get("/fields")["items"]}


def people(*jobs: Job, directory: Reference | None = None) -> dict[str, str]:
    """What the people of the firm are called, and those who made some jobs, by the subject of their tokens.

    A page that has the firm's `directory` gives it.
    """
    me = session.person()
    return names_of(directory or api().get("/directory"), jobs, (me.id, me.email))


def path(job_id: str, *rest: str) -> str:
    """The path of a job, or of something of it, in the API."""
    if not JOB_ID.fullmatch(job_id):
        raise ApiError(404, "not_found", gettext("There is no such import."))
    return "/".join(("/jobs", job_id, *rest))


def most_bytes() -> int:
    """How large an uploaded file may be."""
    return web.settings().max_upload_bytes


def done(message: str, kind: str = "good") -> None:
    """Show a notice on the next page."""
    flash(message, kind)


def to(endpoint: str, **values: Any) -> Response:
    """Go to another page after a form."""
    return redirect(url_for(f"wizard.{endpoint}", **values), 303)


def pass_on(api_path: str, name: str, **query: str) -> Response:
    """A file of the API, as a download under a name."""
    headers, pieces = api().download(api_path, **query)
    kept = {k: headers[k] for k in ("Content-Type", "Content-Length") if k in headers}
    answer = Response(pieces, headers=kept)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _static(name: str) -> str:
    return url_for("wizard.static", filename=name, v=_version(name))


@lru_cache
def _version(name: str) -> str:
    content = (STATIC / name).read_bytes()
    return hashlib.blake2b(content, digest_size=6).hexdigest()


@pages.before_request
def check_form() -> None:
    """Every form must be one of ours, and its sender signed in."""
    if request.method not in ("GET", "HEAD") and request.endpoint not in FROM_ANYBODY:
        if request.endpoint in UPLOADS:
            request.max_content_length = most_bytes() + FORM_OVERHEAD
        session.person()
        session.must_be_ours()


@pages.after_request
def protect(answer: Response) -> Response:
    """Set the headers that forbid foreign content, inline scripts and frames; browsers may cache files, not pages."""
    answer.headers.setdefault("Content-Security-Policy", POLICY.format(ancestors=ancestors()))
    answer.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint == "wizard.static" and answer.status_code == 200:
        answer.headers["Cache-Control"] = f"public, max-age={WEEK}, immutable"
    return answer


def ancestors() -> str:
    """Which pages may have this one in an iframe, as CSP writes it."""
    may = embedding.is_embedded() or request.endpoint in EMBEDDED
    return (" ".join(embed_origins()) if may else "") or "'none'"


def embed_origins() -> tuple[str, ...]:
    """The origins that may embed the pages."""
    known: tuple[str, ...] = current_app.extensions["wizard_embed_origins"]
    return known


@pages.errorhandler(session.SignedOut)
def signed_out(_error: session.SignedOut) -> ResponseReturnValue:
    """Ask for a new sign-in."""
    return render_template("signed_out.html"), 401


@pages.errorhandler(session.ForeignForm)
def foreign_form(_error: session.ForeignForm) -> ResponseReturnValue:
    """Refuse a form that is not ours, or that was made for somebody else."""
    detail = gettext(
        "This page was open for too long, or in another session. Go back, reload it, and try again."
    )
    return render_template("refused.html", detail=detail), 403


@pages.errorhandler(ApiError)
def refused(error: ApiError) -> ResponseReturnValue:
    """Show a refusal of the API."""
    if error.status == 401:
        return signed_out(session.SignedOut())
    if error.code == "merged" and (into := _merged_into(error)):
        done(gettext("That client was merged with this one."), "note")
        return into
    return render_template("refused.html", detail=sentence(error), status=error.status), error.status


def _merged_into(error: ApiError) -> Response | None:
    """The page of the client that another one is part of now, where the page is about that other one."""
    kind = (request.view_args or {}).get("kind")
    errors = error.errors if isinstance(error.errors, list) else ()
    into = next((each["record"] for each in errors if "record" in each), None)
    return to("client", kind=kind, record_id=into) if kind and into else None


@pages.errorhandler(Unreachable)
def waiting(error: Unreachable) -> ResponseReturnValue:
    """Wait for the part that did not answer: the page looks again, and a form is kept and sent again."""
    if request.endpoint in UPLOADS:  # a browser does not keep the file
        return refused(error)
    kept = [(name, text) for name, text in request.form.items(multi=True) if name != "proof"]
    page = render_template("waiting.html", detail=sentence(error), kept=kept)
    return page, error.status, {"Retry-After": str(AGAIN_SECONDS)}


@pages.errorhandler(PyMongoError)
def sessions_away(error: PyMongoError) -> ResponseReturnValue:
    """Say that sessions cannot be kept now, as where the API is away."""
    log.warning("sessions cannot be reached", error=repr(error), request_id=g.request_id)
    return refused(Unreachable())


@pages.errorhandler(Exception)
def unexpected(error: Exception) -> ResponseReturnValue:
    """Show that it was our mistake, with the number to report; errors of HTTP keep their own page."""
    if isinstance(error, HTTPException):
        return error
    log.exception("page failed", request_id=g.request_id)
    detail = gettext(
        "Something went wrong on our side. Try again; if it stays, tell us the number %(id)s.",
        id=g.request_id,
    )
    return render_template("refused.html", detail=detail, status=500), 500


def sentence(error: ApiError) -> str:
    """The sentence that a person reads about a refusal."""
    if isinstance(error, Unreachable):
        return gettext(
            "Carryover cannot be reached at the moment. Nothing is lost; please try again in a minute."
        )
    if error.code == "wrong_state":
        return gettext("This import has gone on meanwhile; that is no longer possible.")
    return error.detail
