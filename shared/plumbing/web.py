"""The HTTP side of every service: app factory, permissions, problem+json, health, metrics, OpenAPI.

A route says its permission, its schemas and the problems it may answer; what it does not say does not exist.
"""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

import structlog
from flask import Blueprint as PlainBlueprint
from flask import Flask, Request, Response, current_app, g, jsonify, request
from flask_smorest import Api, Blueprint
from gunicorn.http.errors import NoMoreData, ParseException
from marshmallow import Schema, fields
from prometheus_client import CONTENT_TYPE_LATEST
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from shared.contract.documents.job import Job
from shared.contract.edits import SEEN, changed_since, numbers_in
from shared.contract.job import Status
from shared.contract.rights import right_beyond
from shared.contract.routes import API
from shared.contract.texts.catalogues import SOURCE, preferred
from shared.plumbing import auth
from shared.plumbing.bodies import Parser, StrictJSON
from shared.plumbing.bus import Publisher
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.file_store import FileStore
from shared.plumbing.flow import Flow
from shared.plumbing.following.hub import Hub
from shared.plumbing.following.picture import Picture
from shared.plumbing.job_store import Edit, JobStore, JobWatch, NoSuchJob
from shared.plumbing.leaving import Leaving
from shared.plumbing.log import log, set_up_logging
from shared.plumbing.mongo import REQUEST_MS, Database, PyMongoError, connect, is_passing
from shared.plumbing.problem import Problem, problem_document
from shared.plumbing.request_errors import ErrorAt
from shared.plumbing.row_store import RowStore
from shared.plumbing.session_store import SessionStore
from shared.plumbing.settings import Settings, load_settings
from shared.plumbing.telemetry import REQUEST_SECONDS, REQUESTS, count, exposition, observe

PREFIX = API
PROBLEM_JSON = "application/problem+json"
MAX_JSON_BYTES = 4 << 20
READY_FOR_SECONDS = 2.0
MOST_TO_DROP = 64 << 20
#: What asks at short intervals whether a process is well.
UNLOGGED = frozenset({"/health/live", "/health/ready", "/metrics"})
#: Seconds after which to try again, where a problem does not say it, by status.
RETRY_AFTER = {423: 2, 429: 10, 503: 5}
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

OPENAPI = {
    "API_TITLE": "Carryover",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "API_SPEC_OPTIONS": {
        "info": {"description": "Carries a firm's client list into the platform it works on."},
        "components": {
            "securitySchemes": {
                "jwt": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token that the platform signs with HS256. It has `sub`, `role` and `exp`; of a"
                    " person `firm`, of an employee `permissions`, of a service `firms`",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": auth.SESSION_COOKIE,
                    "description": "The session of our own pages; from their origin only",
                },
            }
        },
        "security": [{"jwt": []}],
        "servers": [{"url": "/", "description": "Where this document comes from"}],
    },
}

FIRM_HEADER = {
    "in": "header",
    "name": "X-Firm-Id",
    "schema": {"type": "string"},
    "description": "The firm a service acts for; it counts for tokens with the role `service` only",
}


#: Marks operations that take `If-Match`.
AS_SEEN = "x-as-seen"
SEEN_HEADER = {
    "in": "header",
    "name": "If-Match",
    "schema": {"type": "string", "pattern": f"^{SEEN.pattern}$"},
    "example": '"mapping.3,rows.12"',
    "description": "How often parts of the job had been changed that the caller saw, from `edits` of the job, like"
    ' `"mapping.3,rows.12"`; where one was changed since, the call is refused with 412 and changes nothing',
}

#: The code of a refusal; with its status where that is not the usual one of the code.
Refusal = str | tuple[str, int]
#: Somebody else moved the job on between the reading and the writing of a request.
OVERTAKEN: Refusal = ("changed_meanwhile", 409)
#: Where an operation of the description keeps the codes of its refusals; `deploy.openapi` makes examples of them.
REFUSALS = "x-refusals"

#: A function that answers a request, with what the request brought.
View = Callable[..., Any]


class ProblemAnswer(Schema):
    """The body of every answer that is not a success."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    errors = fields.List(
        fields.Nested(ErrorAt), metadata={"description": "what is wrong, one entry for each place and reason"}
    )
    request_id = fields.String()


class Routes(Blueprint):
    """The routes of one service."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, service: str, prefix: str = PREFIX) -> None:
        super().__init__(service, service, url_prefix=prefix)
        self.permissions: dict[str, str] = {}
        #: functions that update gauges before they are read
        self.measures: list[Callable[[Database], None]] = []
        self._prepare_doc_cbks.append(_name_headers)

    def on(
        self,
        method: str,
        path: str,
        *,
        may: str,
        answer: type[Schema] | Schema | dict[str, object] | None = None,
        status: int = 200,
        takes: type[Schema] | Schema | None = None,
        query: type[Schema] | None = None,
        headers: type[Schema] | None = None,
        problems: Sequence[Refusal] = (),
        database: bool = True,
        content_type: str | None = None,
        session: bool = False,
        as_seen: bool = False,
        leaving: Leaving | None = None,
        doc: dict[str, Any] | None = None,
    ) -> Callable[[View], View]:
        """Serve `method path` to callers with the permission `may`; `problems` are the refusals of this call.

        A call with no `database` answers also when all servers are away. With `session` our own pages may call it,
        too, with the cookie of the person who is signed in.

        A call `as_seen` takes the header `If-Match`, by which the caller says how they saw the job that they change.

        A call that is `leaving` says so in each answer.

        The view gets what the request brought in this order: headers, query, body; ids of the path by name.
        """

        def decorate(view: View) -> View:
            wrapped: View = view
            # the decorator applied last runs first
            for schema, place in ((takes, "json"), (query, "query"), (headers, "headers")):
                if schema is not None:
                    wrapped = self.arguments(schema, location=place, as_kwargs=False)(wrapped)
            wrapped = self.response(status, answer, content_type=content_type)(wrapped)
            usual = _usual(may, takes is not None, bool(takes or query or headers), "<" in path, database)
            changed: tuple[Refusal, ...] = ("invalid_content", ("changed_meanwhile", 412)) if as_seen else ()
            refusals = codes_by_status((*usual, *changed, *problems))
            for refused in refusals:
                wrapped = self.alt_response(refused, schema=ProblemAnswer, content_type=PROBLEM_JSON)(wrapped)
            named: dict[str, Any] = {"operationId": operation_id(method, path), REFUSALS: refusals}
            named |= {"deprecated": True} if leaving else {}
            named |= {AS_SEEN: True} if as_seen else {}
            wrapped = self.doc(**named, **_access(may, session), **(doc or {}))(wrapped)
            self.permissions[view.__name__] = may
            guarded = _guarded(wrapped, may, session, as_seen, leaving)
            served: View = self.route(path, methods=[method])(guarded)
            return served

        return decorate


def operation_id(method: str, path: str) -> str:
    """The name of a call in the API's description: `get_jobs`, `get_job`, `post_job_rows_fix`.

    A part of the path that a placeholder follows is one thing of several, so its name loses the plural, or gains `one`.
    """
    words: list[str] = []
    for part in re.split(r"[/.]", path.strip("/")):
        if part.startswith("<"):
            several = words[-1]
            words[-1] = re.sub("s$", "", re.sub("ies$", "y", several))
            words[-1] += "_one" if words[-1] == several else ""
        else:
            words.append(part.replace("-", "_"))
    return "_".join([method.lower(), *words])


def codes_by_status(refusals: Iterable[Refusal]) -> dict[int, list[str]]:
    """The codes of refusals by the status that they are answered with, both in order."""
    found: dict[int, set[str]] = {}
    for refusal in refusals:
        code, status = refusal if isinstance(refusal, tuple) else (refusal, Problem(refusal).status)
        found.setdefault(status, set()).add(code)
    return {status: sorted(found[status]) for status in sorted(found)}


def _usual(may: str, has_body: bool, has_input: bool, has_id: bool, database: bool) -> tuple[str, ...]:
    """The refusals every route of a kind shares."""
    return (
        *(("not_authenticated", "token_expired", "not_allowed") if may != auth.PUBLIC else ()),
        *(("bad_request", "too_large", "unsupported_media_type") if has_body else ()),
        *(("invalid_content",) if has_input else ()),
        *(("not_found",) if has_id else ()),
        *(("unavailable",) if database else ()),
    )


def _access(may: str, session: bool) -> dict[str, object]:
    """How an operation says who may call it."""
    if may == auth.PUBLIC:
        return {"x-permission": may, "security": []}
    return {"x-permission": may, **({"security": [{"jwt": []}, {"session": []}]} if session else {})}


def _name_headers(doc: dict[str, Any], doc_info: dict[str, Any], **_: object) -> dict[str, Any]:
    """Every operation that is not public takes the header by which a service names its firm; some take `If-Match`."""
    given = doc_info["manual_doc"]
    if given["x-permission"] != auth.PUBLIC:
        doc.setdefault("parameters", []).append(FIRM_HEADER)
    if given.get(AS_SEEN):
        doc.setdefault("parameters", []).append(SEEN_HEADER)
    return doc


def _guarded(view: View, may: str, session: bool, as_seen: bool, leaving: Leaving | None) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        g.announced = leaving.headers() if leaving else {}
        if may != auth.PUBLIC:
            g.caller = identify(request, session)
            if not g.caller.may(may):
                raise Problem("not_allowed", right=may.replace("_", " "))
        g.seen = _seen_by(request) if as_seen else {}
        return view(*args, **kwargs)

    return guarded


def _seen_by(incoming: Request) -> dict[str, int]:
    tag = incoming.headers.get("If-Match")
    if tag is not None and not SEEN.fullmatch(tag):
        raise Problem("invalid_content", errors={"headers": {"If-Match": ["Not the edits of a job."]}})
    return numbers_in(tag.strip('"')) if tag else {}


def identify(incoming: Request, session: bool = False) -> auth.Caller:
    """The caller of a request, where allowed by the session of our pages; raises `Problem` where there is none."""
    token = auth.bearer_token(incoming.headers.get("Authorization", ""))
    if not token and session and incoming.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin":
        session_id = incoming.cookies.get(auth.SESSION_COOKIE, "")
        token = SessionStore(servers().db).token_of(session_id) if session_id else ""
    if not token:
        raise Problem("not_authenticated")
    secret = settings().jwt_secret
    try:
        known = auth.read_token(token.strip(), secret, incoming.headers.get("X-Firm-Id"))
    except auth.AuthError as error:
        raise Problem(error.code, right="X-Firm-Id") from None
    asked = incoming.headers.get("Accept-Language", "*")
    return known if asked == "*" else replace(known, locale=_language(known.locale))


# what a view works with


class Servers:
    """The connections of one process, made when first needed: after the fork, never before."""

    def __init__(self, service: str, config: Settings) -> None:
        self.service = service
        self.config = config
        self._lock = threading.Lock()
        self._db: Database | None = None
        self._flow: Flow | None = None
        self._hub: Hub | None = None
        self._ready_at = 0.0

    @property
    def db(self) -> Database:
        """The database."""
        with self._lock:
            if self._db is None:
                self._db = connect(self.config.mongodb_url, REQUEST_MS)
            return self._db

    @property
    def flow(self) -> Flow:
        """Moves jobs on."""
        db = self.db
        with self._lock:
            if self._flow is None:
                self._flow = Flow(db, Publisher(self.config.broker_url, self.service), self.config)
            return self._flow

    @property
    def hub(self) -> Hub:
        """Those who follow jobs."""
        db, flow = self.db, self.flow
        with self._lock:
            if self._hub is None:

                def look(firm: str, job_id: str) -> Picture:
                    return Picture(JobStore(db, firm).brief(job_id), flow)

                most, most_of_person = self.config.followers, self.config.followers_per_person
                self._hub = Hub(look, JobWatch(db).changes, flow.beats.all, most, most_of_person)
            return self._hub

    def ready(self) -> bool:
        """Whether the database answers; asked at most every two seconds."""
        if time.monotonic() - self._ready_at < READY_FOR_SECONDS:
            return True
        try:
            self.db.command("ping")
        except Exception as error:  # noqa: BLE001 - whatever it is, we are not ready
            log.warning("not ready", error=repr(error))
            return False
        self._ready_at = time.monotonic()
        return True


def servers() -> Servers:
    """The connections of the current app."""
    known: Servers = current_app.extensions["carryover"]
    return known


def settings() -> Settings:
    """The settings of the current app."""
    return servers().config


def caller() -> auth.Caller:
    """The caller of the request."""
    known: auth.Caller = g.caller
    return known


def jobs() -> JobStore:
    """The jobs of the caller's firm."""
    return JobStore(servers().db, caller().firm)


def edit(part: str) -> Edit:
    """The caller changes a part of a job."""
    return Edit(part, caller().id, caller().email)


def seen() -> dict[str, int]:
    """How often each part of the job had been changed that the caller saw, where they say it."""
    given: dict[str, int] = g.get("seen", {})
    return given


def job(job_id: str) -> Job:
    """One job of the caller's firm; 404 where there is none, 412 where the caller saw it as it is no longer."""
    try:
        found = jobs().get(job_id)
    except NoSuchJob:
        raise Problem("not_found") from None
    if changed_since(seen(), found.get("edits", {})):
        raise Problem("changed_meanwhile", status=412)
    return found


def brief_job(job_id: str) -> Job:
    """The same without the parts that an answer about the job does not show."""
    try:
        return jobs().brief(job_id)
    except NoSuchJob:
        raise Problem("not_found") from None


def kept_job(job_id: str) -> Job:
    """One job of the caller's firm whose file and rows are there; 410 where they were removed."""
    found = job(job_id)
    if found.get("purged_at"):
        raise Problem("purged")
    return found


def mapped_job(job_id: str) -> Job:
    """A job that has a mapping; raises the problem of one that has none yet."""
    found = kept_job(job_id)
    if found["mapping"] is None:
        raise Problem("wrong_state", standing=found["status"], allowed=Status.PROPOSED.value)
    return found


def located(path: str) -> dict[str, str]:
    """The header that names the address of what was made, or is worked on; `path` is below the prefix."""
    return {"Location": f"{PREFIX}{path}"}


def rows(job_id: str) -> RowStore:
    """The rows of a job."""
    return RowStore(servers().db, caller().firm, job_id)


def files() -> FileStore:
    """The files of the caller's firm."""
    return FileStore(servers().db, caller().firm)


def directory() -> DirectoryStore:
    """The directory of the caller's firm."""
    return DirectoryStore(servers().db, caller().firm)


def must_have_rights(found: Job, columns: Collection[int]) -> None:
    """Raise `Problem` unless the caller may change cells of these columns of a job that somebody confirmed."""
    missing = right_beyond(found, columns, caller().rights())
    if missing:
        raise Problem("not_allowed", right=missing.replace("_", " "))


def must_have_status(found: Job, *statuses: str) -> None:
    """Raise `wrong_state` (409) unless the job has one of the statuses."""
    if found["status"] not in statuses:
        raise Problem("wrong_state", status=409, standing=found["status"], allowed=", ".join(statuses))


# the app


def create_app(
    service: str, routes: Sequence[Blueprint | PlainBlueprint], config: Settings | None = None
) -> Flask:
    """Make the web application of a service from its routes; opens no connection."""
    config = config or load_settings()
    set_up_logging(service, config.log_level, config.log_format)
    app = Flask(service, static_folder=None)
    app.config.update(OPENAPI)
    app.config["MAX_CONTENT_LENGTH"] = MAX_JSON_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = 1 << 20
    app.config["MAX_FORM_PARTS"] = 20
    app.json = StrictJSON(app)
    app.url_map.merge_slashes = False
    app.extensions["carryover"] = Servers(service, config)
    api = _Api(app)
    for one in routes:
        if isinstance(one, Routes):
            api.register_blueprint(one)
        else:
            app.register_blueprint(one)
    app.extensions["openapi"] = api.spec
    _observe(app, service)
    _health(app, [measure for one in routes if isinstance(one, Routes) for measure in one.measures])
    app.register_error_handler(Problem, lambda error: _answer(error))
    app.register_error_handler(Exception, _unexpected)
    return app


class _Api(Api):
    """flask-smorest, with our own problems in place of its errors and its paging."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = ProblemAnswer

    def _register_error_handlers(self) -> None:
        self._app.register_error_handler(HTTPException, _http_problem)

    def _register_pagination_header(self) -> None:
        """Lists are paged by cursor, in their bodies."""


_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid_content",
    429: "too_many_requests",
}


def _http_problem(error: HTTPException) -> Response:
    data = getattr(error, "data", None) or {}
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    code = _CODES.get(status, "bad_request")
    answer = _answer(Problem(code, status=status, errors=data.get("messages"), **_details(status)))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def _details(status: int) -> dict[str, object]:
    """What the sentence of a refusal by Flask itself speaks of."""
    if status == 405:
        return {"method": request.method}
    if status == 413:
        return {"size": _megabytes(request.content_length or 0), "max": _megabytes(MAX_JSON_BYTES)}
    if status == 415:
        return {"found": request.mimetype or "–", "expected": "application/json"}
    return {"detail": ""}


def _megabytes(count: int) -> str:
    return f"{count / (1 << 20):.1f} MB"


def _unexpected(error: Exception) -> Response:
    if is_passing(error):
        log.warning("database unwell", error=repr(error))
        return _answer(Problem("unavailable", status=503))
    if isinstance(error, (ParseException, NoMoreData)):  # the body is read only when it is asked for
        return _answer(Problem("bad_request", detail=""))
    log.exception("request failed")
    return _answer(Problem("internal_error", status=500))


def _answer(problem: Problem) -> Response:
    lang = g.caller.locale if "caller" in g else _language()
    body = problem_document(problem, lang, g.get("request_id"))
    answer = jsonify(body)
    answer.status_code = problem.status
    answer.content_type = PROBLEM_JSON
    if problem.status == 413:
        _take_the_rest()
    if problem.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if problem.status in RETRY_AFTER:
        answer.headers["Retry-After"] = str(problem.params.get("seconds", RETRY_AFTER[problem.status]))
    return answer


def _take_the_rest() -> None:
    """Read some more of a body that is too large: a client that is still sending would not see the answer."""
    body, left = request.environ["wsgi.input"], min(request.content_length or 0, MOST_TO_DROP)
    while left > 0 and (piece := body.read(min(left, 1 << 16))):
        left -= len(piece)


def _language(otherwise: str = SOURCE) -> str:
    return preferred(tag for tag, quality in request.accept_languages if quality) or otherwise


def _observe(app: Flask, service: str) -> None:
    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(service=service, request_id=g.request_id)

    @app.after_request
    def end(answer: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        count(REQUESTS, service, route, answer.status_code)
        seconds = time.perf_counter() - g.began
        observe(REQUEST_SECONDS, seconds, service, route)
        if route not in UNLOGGED:
            status, ms = answer.status_code, round(seconds * 1000)
            log.info("answered", method=request.method, route=route, status=status, ms=ms)
        answer.headers["X-Request-Id"] = g.request_id
        answer.headers.update(g.get("announced", {}))
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


def _health(app: Flask, measures: Sequence[Callable[[Database], None]]) -> None:
    @app.get("/health/live")
    def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/health/ready")
    def ready() -> dict[str, str] | tuple[dict[str, str], int, dict[str, str]]:
        if servers().ready():
            return {"status": "ready"}
        return {"status": "not ready"}, 503, {"Retry-After": str(RETRY_AFTER[503])}

    @app.get("/metrics")
    def metrics() -> Response:
        for measure in measures:
            try:
                measure(servers().db)
            except PyMongoError as error:  # the other metrics matter most when the database is away
                log.warning("not measured", error=repr(error))
        return Response(exposition(servers().config.metrics_dir), content_type=CONTENT_TYPE_LATEST)
