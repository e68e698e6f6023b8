"""POST /jobs: takes a file, its claim, rows as JSON, or a returned list of skipped rows, and makes or repairs a job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, cast

from flask import request
from flask.json import loads as read_json
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from services.upload.api import resuming
from services.upload.api.receiving import Incoming
from services.upload.api.refusals import WRONG_FORM, WRONG_UPLOAD
from services.upload.api.schemas import UploadAnswer, UploadHeaders
from services.upload.api.service import answer, routes
from services.upload.api.tus import CreationHeaders
from services.upload.containers.detection import refuse_by_head
from services.upload.model.source import ReadError
from services.upload.new_jobs.asked import OfClaim, Options, RowsBody
from services.upload.new_jobs.making import (
    Asking,
    Received,
    overrides_in,
    refusal,
    refuse_options,
    shown_name,
)
from services.upload.new_jobs.sent_rows import SentRow
from services.upload.reupload.differences import changed_columns
from services.upload.reupload.storage import RowState, apply_changes, read_changes, states_of
from services.upload.sandbox.limits import most_bytes
from shared.contract.answers import JobAnswer
from shared.contract.documents import job as documents
from shared.contract.job import Status, mapping_of, settings_of
from shared.contract.problems import sentence
from shared.plumbing import clock, web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.file_store import FileTooLarge, FileWriter
from shared.plumbing.job_store import NoSuchJob, new_job_id
from shared.plumbing.orphans import ORPHAN_AFTER
from shared.plumbing.problem import Problem

FORM_PARTS = frozenset({"file", "options"})
#: Bytes of a form that are no part of its file.
FORM_OVERHEAD = 64 * 1024

UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "options": {"type": "string", "description": "Options as JSON"},
                    },
                }
            },
            "application/json": {"schema": {"oneOf": [RowsBody, OfClaim]}},
        },
    }
}


FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class Headers(TypedDict, total=False):
    """What `UploadHeaders` gives."""

    idempotency_key: str


class SentTable(TypedDict):
    """What `RowsBody` gives."""

    name: str
    rows: list[SentRow]
    options: documents.Options


class AskedByClaim(TypedDict):
    """What `OfClaim` gives."""

    claim: str
    options: documents.Options


Accepted = tuple[dict[str, object], int, dict[str, str]]


@routes.on(
    "POST",
    "/jobs",
    may=MANAGE_CONTACTS,
    status=202,
    answer=JobAnswer,
    headers=UploadHeaders,
    problems=WRONG_UPLOAD,
    doc=UPLOAD_BODY,
)
def upload(headers: Headers) -> Accepted:
    """Upload a client list: a file with options, rows as JSON, or the claim of a file that was uploaded before.

    With `repairs` it is a list of skipped rows that comes back: before loading its cells become repairs of that
    import, which is the answer; after loading its rows are loaded by an import of their own.

    Repeated with the same `Idempotency-Key`, file and options, it answers with the job that was made before, with
    `Idempotency-Replayed: true`; another request under the key is refused. Keys are the firm's and no person's, over
    HTTP and RabbitMQ alike, and count as long as the job is listed, which is for good. Without a key a repetition makes
    another job.
    """
    job_id, key = new_job_id(), headers.get("idempotency_key")
    if request.mimetype == "multipart/form-data":
        _must_have_room(key)
        received = _receive_form(job_id)
    elif request.is_json:
        body = request.get_json()
        if isinstance(body, dict) and "claim" in body:
            return _accepted(*_make_job_of_claim(body, key))
        received = _receive_rows(job_id, body, key)
    else:
        raise Problem(
            "unsupported_media_type",
            found=request.mimetype or "–",
            expected="multipart/form-data, application/json",
        )
    make = _take_returned if "repairs" in received.options else _make_job
    job = make(job_id, received, key)
    return _accepted(job, bool(key) and job["_id"] != job_id and job.get("idempotency_key") == key)


def _accepted(job: documents.Job, replayed: bool) -> Accepted:
    about = web.located(f"/jobs/{job['_id']}")
    return answer(job), 202, {**about, "Idempotency-Replayed": "true"} if replayed else about


@routes.on(
    "POST",
    "/uploads",
    may=MANAGE_CONTACTS,
    status=201,
    answer=UploadAnswer,
    headers=CreationHeaders,
    problems=(*WRONG_FORM, "unknown_tus_version", "too_many_uploads"),
    doc=FILE_BODY,
)
def keep(given: resuming.CreationGiven) -> tuple[dict[str, object], int] | resuming.Answered:
    """Send a file for an import that is asked for later; its claim can be used once, within a day.

    A form has the whole file. With the headers of tus 1.0.0 and no body the upload is only begun: its bytes follow with
    `PATCH /uploads/{claim}`, in as many parts as it takes, and go on after a cut where they ended.

    Repeated, it keeps another file with another claim; one that nobody uses goes after its day.
    """
    if request.mimetype != "multipart/form-data":
        if given["tus_resumable"] or "upload_length" in given:
            return resuming.create(given)
        raise Problem("unsupported_media_type", found=request.mimetype or "–", expected="multipart/form-data")
    claim = new_job_id()
    received = _receive_form(claim)
    if received.options:
        web.files().delete(claim)
        raise Problem("invalid_content", errors={"options": ["Send the options with the claim."]})
    web.files().note_source(claim, received.source)
    ends = clock.now() + ORPHAN_AFTER
    size = received.source["bytes"]
    return {"claim": claim, **received.source, "offset": size, "ends_at": ends}, 201


def _receive_form(job_id: str) -> Received:
    """Take a form whose file is already streaming into the store; nothing is kept where it is refused."""
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
        return _received_form(writers)
    except BaseException as error:
        for writer in writers:
            writer.abort()
        if isinstance(error, (FileTooLarge, RequestEntityTooLarge)):
            size = request.content_length or limit + 1
            raise Problem("too_large", status=413, size=size, max=limit) from error
        if isinstance(error, ReadError):
            raise refusal(error) from error
        raise


def _received_form(writers: Sequence[FileWriter]) -> Received:
    """Parse the form; its file goes through the first of the writers."""
    file = request.files.get("file")
    if file is None or not isinstance(file.stream, Incoming):
        raise Problem("invalid_content", errors={"file": ["Send the file in a part named “file”."]})
    _refuse_other_parts()
    writer = writers[0]
    refuse_by_head(writer.head)
    options = _options(request.form.get("options", "{}"))
    name, size = shown_name(file.filename), writer.bytes
    return Received(options, {"name": name, "bytes": size, "sha256": writer.close()})


def _refuse_other_parts() -> None:
    """Raise the problem of parts that nobody reads: a misspelt `options` would not count, and nobody would notice."""
    parts = {*request.form, *request.files}
    wrong = {name: ["Unknown field."] for name in sorted(parts - FORM_PARTS)}
    if len(request.form.getlist("options")) > 1 or "options" in request.files:
        wrong["options"] = ["Send them once, as text."]
    if wrong:
        raise Problem("invalid_content", errors={"form": wrong})


def _options(text: str) -> documents.Options:
    try:
        loaded = read_json(text)
    except ValueError:
        raise Problem("invalid_content", errors={"options": ["Not a JSON object."]}) from None
    try:
        options: documents.Options = Options().load(loaded)
    except ValidationError as error:
        raise Problem("invalid_content", errors={"options": error.messages}) from None
    refuse_options(options, web.settings().webhook_networks)
    return options


def _receive_rows(job_id: str, body: object, key: str | None) -> Received:
    """Take rows as JSON and put them into the store as a CSV file."""
    sent = cast("SentTable", _loaded(RowsBody(), body))
    refuse_options(sent["options"], web.settings().webhook_networks)
    _must_have_room(key)
    return _asking().keep_rows(job_id, sent["name"], sent["rows"], sent["options"])


def _make_job_of_claim(body: object, key: str | None) -> tuple[documents.Job, bool]:
    """Make the job of a file that was uploaded before; true where the same request made it already."""
    asked = cast("AskedByClaim", _loaded(OfClaim(), body))
    refuse_options(asked["options"], web.settings().webhook_networks)
    _must_have_room(key)
    return _asking().make_job_of_upload(asked["claim"], asked["options"], key)


def _loaded(schema: Schema, body: object) -> object:
    try:
        return schema.load(cast("dict[str, object]", body))
    except ValidationError as error:
        raise Problem("invalid_content", errors=error.messages) from None


def _must_have_room(key: str | None) -> None:
    """Refuse another import before its file is taken, where too many of the firm wait."""
    _asking().refuse_when_full(web.settings().jobs_at_once, key)


def _asking() -> Asking:
    return Asking(web.caller(), web.jobs(), web.files(), web.servers().flow)


def _make_job(job_id: str, received: Received, key: str | None) -> documents.Job:
    return _asking().make_job(job_id, received, key)


# a list of skipped rows that comes back


def _take_returned(job_id: str, received: Received, key: str | None) -> documents.Job:
    """Apply the changes to the job that skipped the rows, or make a job that loads them and keeps the file."""
    options, source = received
    try:
        repaired = _repaired_job(options["repairs"])
        chosen: documents.Source = {**source, "overrides": overrides_in(options)}
        taken = _applied(repaired, job_id, chosen, key)
    except BaseException as error:
        web.files().delete(job_id)
        if isinstance(error, ReadError):
            raise refusal(error) from error
        raise
    if taken:
        web.files().delete(job_id)
        return taken
    return _make_job(job_id, Received(_as_before(options, repaired), source), key)


def _applied(
    repaired: documents.Job, file_id: str, source: documents.Source, key: str | None
) -> documents.Job | None:
    """Give the job that took the rows in, or loads them already; None where they need a job of their own."""
    again = bool(key and web.jobs().by_key(key))
    same = None if again else web.jobs().same_repair(repaired["_id"], source["sha256"])
    if same:
        return same
    rows = web.rows(repaired["_id"])
    _, changes = read_changes(web.files(), rows, repaired, source, file_id)
    if repaired["status"] == Status.VALIDATED:
        web.must_have_rights(repaired, changed_columns(changes))
        changed = apply_changes(
            web.servers().db, rows, repaired, changes, web.caller().id, web.caller().email
        )
        if changed is None:
            raise Problem("changed_meanwhile", status=409)
        return web.servers().flow.arrived(changed) if changed is not repaired else changed
    if not again and RowState.WAITING not in states_of(rows, repaired, changes).values():
        raise Problem("nothing_to_repair")
    return None


def _repaired_job(job_id: str) -> documents.Job:
    try:
        job = web.jobs().get(job_id)
    except NoSuchJob:
        code = "unknown_import"
        errors = {"options": {"repairs": [sentence(code, web.caller().locale, job=job_id)]}}
        raise Problem(code, job=job_id, errors=errors) from None
    if job.get("purged_at"):
        raise Problem("purged")
    web.must_have_status(job, Status.VALIDATED, Status.IMPORTED)
    return job


def _as_before(options: documents.Options, repaired: documents.Job) -> documents.Options:
    """Give options that load rows as the job would have loaded them that skipped them, however many are invalid."""
    # a whole mapping, and whole settings, have all the parts of chosen ones
    mapping = {name: part for name, part in mapping_of(repaired).items() if name != "problem"}
    return {
        **options,
        "kind": repaired["kind"],
        "mapping": cast("documents.ChosenMapping", mapping),
        "settings": cast("documents.ChosenSettings", {**settings_of(repaired)}),
        "autostart": True,
        "max_invalid": {"share": 1.0},
    }
