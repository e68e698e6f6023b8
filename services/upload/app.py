"""The HTTP of the upload step: jobs come in, are watched, stopped and purged; what was found in the file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, jsonify, request, stream_with_context
from flask.json import loads as read_json
from marshmallow import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from services.upload.api import docs
from services.upload.api.following import changes
from services.upload.api.receiving import Incoming, UploadRequest, fingerprint, shown_name
from services.upload.api.schemas import (
    Options,
    Page,
    Rows,
    SourceAnswer,
    SourceOverrides,
    TemplateQuery,
    UploadHeaders,
)
from services.upload.api.sent_rows import rows_as_file
from services.upload.containers.detection import refuse_at_sight
from services.upload.ingest.reader import Overrides, ReadError, check_overrides
from services.upload.list_templates.content import TEMPLATES
from services.upload.list_templates.files import as_csv, as_xlsx
from services.upload.reupload.changes import Now, changed_columns, keep_changes, read_changes, returned
from services.upload.sandbox.limits import most_bytes
from shared.contract.answers import JobAnswer, JobList
from shared.contract.job import ENDS, HELD, Status, new_job, waits_for
from shared.contract.problems import sentence, severity
from shared.plumbing import web
from shared.plumbing.auth import ANYONE, MANAGE_CONTACTS, PUBLIC
from shared.plumbing.file_store import FileTooLarge, FileWriter
from shared.plumbing.job_store import KeyTaken, NoSuchJob, new_job_id
from shared.plumbing.job_view import show
from shared.plumbing.purging import purge as purge_job
from shared.plumbing.settings import Settings
from shared.plumbing.web import Problem, Routes

SERVICE = "upload"
FORM_OVERHEAD = 64 * 1024
TEMPLATE_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
#: What is known of a file however it is read.
KEPT = ("name", "bytes", "sha256", "sheets", "hidden_sheets", "encodings")
OVERRIDES = ("encoding", "delimiter", "quote", "sheet", "header_row")

routes = Routes(SERVICE)


def create_app(settings: Settings | None = None) -> Flask:
    """The web application of the upload service."""
    app = web.create_app(SERVICE, [routes], settings)
    app.request_class = UploadRequest
    return app


def answer(job: dict[str, Any]) -> dict[str, Any]:
    """A job as it is answered."""
    return show(job, web.servers().flow.tasks, web.PREFIX, web.caller().locale)


UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "options": {"type": "string", "description": "Options as JSON"},
                    },
                }
            },
            "application/json": {"schema": Rows},
        },
    }
}


@routes.on(
    "POST",
    "/jobs",
    may=MANAGE_CONTACTS,
    status=202,
    answer=JobAnswer,
    headers=UploadHeaders,
    problems=(400, 409, 410, 413, 415, 422),
    doc=UPLOAD_BODY,
)
def upload(headers: dict[str, Any]) -> Any:
    """Upload a client list: a file with options, or rows as JSON.

    With `repairs` it is a list of skipped rows that comes back: before loading its cells become repairs of that
    import, which is the answer; after loading its rows are loaded by an import of their own.
    """
    job_id = new_job_id()
    if request.mimetype == "multipart/form-data":
        options, source = _take_form(job_id)
    elif request.is_json:
        options, source = _take_rows(job_id)
    else:
        raise Problem(
            "unsupported_media_type",
            found=request.mimetype or "–",
            expected="multipart/form-data, application/json",
        )
    key = headers.get("idempotency_key")
    keep = _take_back if "repairs" in options else _keep_job
    job = keep(job_id, options, source, key)
    return answer(job), 202, {"Location": f"{web.PREFIX}/jobs/{job['_id']}"}


def _take_form(job_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    limit = most_bytes(web.directory().reference().get("limits") or {}, web.settings().max_upload_bytes)
    writers: list[FileWriter] = []

    def sink() -> FileWriter:
        if writers:
            raise Problem("invalid_content", errors={"file": ["Send one file."]})
        writers.append(web.files().create(job_id, limit))
        return writers[0]

    request.sink = sink  # type: ignore[attr-defined]
    request.max_content_length = limit + FORM_OVERHEAD
    try:
        file = request.files.get("file")
        if file is None or not isinstance(file.stream, Incoming):
            raise Problem("invalid_content", errors={"file": ["Send the file in a part named “file”."]})
        refuse_at_sight(writers[0].head)
        options = _options(request.form.get("options", "{}"))
        source = {"name": shown_name(file.filename), "bytes": writers[0].bytes}
        return options, {**source, "sha256": writers[0].close()}
    except BaseException as error:
        for writer in writers:
            writer.abort()
        if isinstance(error, (FileTooLarge, RequestEntityTooLarge)):
            raise Problem(
                "too_large", status=413, size=request.content_length or limit + 1, max=limit
            ) from error
        if isinstance(error, ReadError):
            raise Problem(error.code, **error.params) from error
        raise


def _options(text: str) -> dict[str, Any]:
    try:
        loaded = read_json(text)
    except ValueError:
        raise Problem("invalid_content", errors={"options": ["Not a JSON object."]}) from None
    try:
        options = dict(Options().load(loaded))
    except ValidationError as error:
        raise Problem("invalid_content", errors={"options": error.messages}) from None
    _refuse_overrides(_overrides(options))
    return options


def _take_rows(job_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        body: Any = Rows().load(request.get_json())
    except ValidationError as error:
        raise Problem("invalid_content", errors=error.messages) from None
    _refuse_overrides(_overrides(body["options"]))
    content = rows_as_file(body["rows"])
    web.files().put(job_id, content)
    sha256 = hashlib.sha256(content).hexdigest()
    return body["options"], {"name": shown_name(body["name"]), "bytes": len(content), "sha256": sha256}


def _keep_job(
    job_id: str, options: dict[str, Any], source: dict[str, Any], key: str | None
) -> dict[str, Any]:
    caller = web.caller()
    by = {"id": caller.id, "email": caller.email, "locale": caller.locale, "rights": caller.rights()}
    job = new_job(
        job_id,
        caller.firm,
        options.get("kind", "accounts_and_contacts"),
        options,
        {**source, "overrides": _overrides(options)},
        by,
        datetime.now(UTC),
        repairs=options.get("repairs"),
    )
    if key:
        job["idempotency_key"] = key
        job["idempotency_print"] = fingerprint(source["sha256"], source["name"], options)
    try:
        web.jobs().add(job)
    except KeyTaken as taken:
        web.files().delete(job_id)
        if taken.job["idempotency_print"] != job["idempotency_print"]:
            raise Problem("idempotency_conflict") from None
        return taken.job
    return web.servers().flow.arrived(job)


def _overrides(options: dict[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in OVERRIDES if options.get(name) is not None}


# a list of skipped rows that comes back


def _take_back(
    job_id: str, options: dict[str, Any], source: dict[str, Any], key: str | None
) -> dict[str, Any]:
    """Take the rows into the job that skipped them, or make the job that loads them; the file stays with that."""
    try:
        repaired = _repaired_job(options["repairs"])
        taken = _taken(repaired, job_id, {**source, "overrides": _overrides(options)}, key)
    except BaseException as error:
        web.files().delete(job_id)
        if isinstance(error, ReadError):
            raise Problem(error.code, **error.params) from error
        raise
    if taken:
        web.files().delete(job_id)
        return taken
    return _keep_job(job_id, {**options, **_as_before(repaired)}, source, key)


def _taken(
    repaired: dict[str, Any], file_id: str, source: dict[str, Any], key: str | None
) -> dict[str, Any] | None:
    """The job that has taken the rows in, or loads them already; None where they need a job of their own."""
    again = bool(key and web.jobs().by_key(key))
    same = None if again else web.jobs().same_repair(repaired["_id"], source["sha256"])
    if same:
        return same
    rows = web.rows(repaired["_id"])
    _, changes = read_changes(web.files(), rows, repaired, source, file_id)
    if repaired["status"] == Status.VALIDATED:
        web.must_have_rights(repaired, changed_columns(changes))
        kept = keep_changes(web.servers().db, rows, repaired, changes, web.caller().id)
        if kept is None:
            raise Problem("changed_meanwhile", status=409)
        return web.servers().flow.arrived(kept) if kept is not repaired else kept
    if not again and Now.WAITING not in returned(rows, repaired, changes).values():
        raise Problem("nothing_to_repair")
    return None


def _repaired_job(job_id: str) -> dict[str, Any]:
    try:
        job = web.jobs().get(job_id)
    except NoSuchJob:
        code = "unknown_import"
        errors = {"options": {"repairs": [sentence(code, web.caller().locale, job=job_id)]}}
        raise Problem(code, job=job_id, errors=errors) from None
    if job.get("purged_at"):
        raise Problem("purged")
    web.must_stand_at(job, Status.VALIDATED, Status.IMPORTED)
    return job


def _as_before(repaired: dict[str, Any]) -> dict[str, Any]:
    """Options that load rows as the job would have done that skipped them, whatever is wrong with some of them."""
    mapping = {name: part for name, part in repaired["mapping"].items() if name != "problem"}
    same = {"kind": repaired["kind"], "mapping": mapping, "settings": repaired["settings"]}
    return {**same, "autostart": True, "max_invalid": {"share": 1.0}}


@routes.on("GET", "/jobs", may=MANAGE_CONTACTS, answer=JobList, query=Page)
def history(query: dict[str, Any]) -> Any:
    """The firm's imports, newest first."""
    found = web.jobs().history(query.get("cursor"), query["limit"] + 1)
    page = found[: query["limit"]]
    return {
        "items": [answer(job) for job in page],
        "next": page[-1]["_id"] if len(found) > len(page) else None,
    }


@routes.on("GET", "/jobs/<job_id>", may=MANAGE_CONTACTS, answer=JobAnswer)
def one(job_id: str) -> Any:
    """One import."""
    return answer(web.brief_job(job_id))


EVENT = {
    "type": "object",
    "description": "One event of the stream; `data` is JSON with parts of the job",
    "required": ["event", "data"],
    "properties": {"event": {"const": "job"}, "data": {"type": "string"}},
}


@routes.on(
    "GET",
    "/jobs/<job_id>/events",
    may=MANAGE_CONTACTS,
    answer=EVENT,
    content_type="text/event-stream",
)
def events(job_id: str) -> Any:
    """Status and progress as Server-Sent Events, until the job has come to an end or waits for a person."""
    web.brief_job(job_id)
    store, tasks, lang = web.jobs(), web.servers().flow.tasks, web.caller().locale

    def stream() -> Iterator[str]:
        schema = JobAnswer(only=("id", "status", "revision", "waiting_for", "progress", "counts", "result"))
        last = None
        for job in changes(store, job_id):
            text = json.dumps(schema.dump(show(job, tasks, web.PREFIX, lang)))
            # a line that says nothing keeps proxies from closing the stream
            yield f"event: job\ndata: {text}\n\n" if text != last else ":\n\n"
            last = text

    return Response(stream_with_context(stream()), content_type="text/event-stream")


@routes.on("POST", "/jobs/<job_id>/cancel", may=MANAGE_CONTACTS, answer=JobAnswer, problems=(409,))
def cancel(job_id: str) -> Any:
    """Stop an import; what was loaded until then is listed in its result."""
    for _ in range(5):  # the job may move on in between; whoever writes first wins
        job = web.job(job_id)
        if job["status"] == Status.CANCELLED:
            return answer(job)
        if Status(job["status"]) in {*ENDS, Status.UNDOING}:
            raise Problem("wrong_state", standing=job["status"], allowed="an earlier step")
        moved = web.jobs().advance(job, Status.CANCELLED, by=web.caller().id)
        if moved:
            web.servers().flow.tasks.drop_open(job_id)
            return answer(moved)
    raise Problem("changed_meanwhile", status=409)


@routes.on("DELETE", "/jobs/<job_id>", may=MANAGE_CONTACTS, status=204, problems=(409,))
def purge(job_id: str) -> Any:
    """Remove the file and the rows of an import that has come to an end; the counts and the history stay."""
    job = web.job(job_id)
    if Status(job["status"]) not in ENDS:
        raise Problem("wrong_state", standing=job["status"], allowed=", ".join(sorted(ENDS)))
    if not purge_job(web.servers().db, job):
        raise Problem("changed_meanwhile", status=409)
    return "", 204


@routes.on("GET", "/jobs/<job_id>/source", may=MANAGE_CONTACTS, answer=SourceAnswer, problems=(410,))
def source(job_id: str) -> Any:
    """What was found in the file: format, encoding and its rivals, delimiter, sheets, header, columns."""
    return _source(web.kept_job(job_id))


@routes.on(
    "PUT",
    "/jobs/<job_id>/source",
    may=MANAGE_CONTACTS,
    takes=SourceOverrides,
    status=202,
    answer=SourceAnswer,
    problems=(409, 410),
)
def override(body: dict[str, Any], job_id: str) -> Any:
    """Decide otherwise than was found, and read the file again; the job goes back to its first step.

    The choices take the place of all earlier ones; null, like a choice that is left out, leaves the finding to us.
    `kind` stays as it is where it is left out.
    """
    job = web.kept_job(job_id)
    if waits_for(job) != HELD[Status.UPLOADED]:
        web.must_stand_at(job, Status.READ, Status.PROPOSED, Status.MAPPED, Status.VALIDATED)
    if job.get("repaired_job") and body.get("kind", job["kind"]) != job["kind"]:
        errors = {"kind": ["Repaired rows are of the kind of the import that they belong to."]}
        raise Problem("invalid_content", errors=errors)
    overrides = {name: body[name] for name in OVERRIDES if body.get(name) is not None}
    _refuse_overrides(overrides, job["source"].get("sheets"))
    _refuse_header_row(overrides, job["source"])
    kept = {name: job["source"][name] for name in KEPT if name in job["source"]}
    parts = {"source": {**kept, "overrides": overrides}, "kind": body.get("kind") or job["kind"]}
    moved = web.jobs().go_back(job, Status.UPLOADED, by=web.caller().id, service=SERVICE, parts=parts)
    if moved is None:
        raise Problem("changed_meanwhile", status=409)
    web.servers().flow.arrived(moved)
    return _source(moved)


def _refuse_overrides(overrides: dict[str, Any], sheets: list[str] | None = None) -> None:
    """Raise the problem of overrides that no file can be read with; of `sheets` only where they are known."""
    try:
        check_overrides(Overrides(**overrides), sheets)
    except ReadError as error:
        raise Problem(error.code, status=422, **error.params) from error


def _refuse_header_row(overrides: dict[str, Any], source: dict[str, Any]) -> None:
    """Raise the problem of a header row below the last row, where that is known of a reading by the same choices."""
    wanted, last = overrides.get("header_row"), source.get("last_row")
    before = source.get("overrides", {})
    same = all(overrides.get(name) == before.get(name) for name in OVERRIDES if name != "header_row")
    if same and wanted and last is not None and wanted > last:
        raise Problem("no_header", status=422, row=wanted)


def _source(job: dict[str, Any]) -> dict[str, Any]:
    lang = web.caller().locale
    problems = [
        {
            **problem,
            "severity": severity(problem["code"]),
            "message": sentence(problem["code"], lang, **problem["params"]),
        }
        for problem in job["source"].get("problems", [])
    ]
    return {**job["source"], "kind": job["kind"], "problems": problems}


@routes.on(
    "GET",
    "/templates/<name>.xlsx",
    may=ANYONE,
    query=TemplateQuery,
    answer={"type": "string", "format": "binary"},
    content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
def template_as_xlsx(query: dict[str, Any], name: str) -> Any:
    """A workbook to fill in: headers, choices, notes, and a sheet that explains it."""
    return _template(name, "xlsx", as_xlsx, query)


@routes.on(
    "GET",
    "/templates/<name>.csv",
    may=ANYONE,
    query=TemplateQuery,
    answer={"type": "string"},
    content_type="text/csv",
)
def template_as_csv(query: dict[str, Any], name: str) -> Any:
    """The headers of a template."""
    return _template(name, "csv", as_csv, query)


def _template(name: str, kind: str, write: Callable[[str, str], bytes], query: dict[str, Any]) -> Response:
    if name not in TEMPLATES:
        raise Problem("not_found")
    answer = Response(
        write(name, query.get("lang") or web.caller().locale), content_type=TEMPLATE_TYPES[kind]
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


# what the whole API is


@routes.on("GET", "/openapi.json", may=PUBLIC, answer={"type": "object"})
def openapi() -> Any:
    """The description of all calls of all services, as OpenAPI."""
    return jsonify(docs.document())


@routes.on("GET", "/docs", may=PUBLIC, answer={"type": "string"}, content_type="text/html")
def described() -> Any:
    """The same description as a page."""
    answer = Response(docs.page(), content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = docs.policy()
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
