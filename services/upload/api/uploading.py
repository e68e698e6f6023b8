"""POST /jobs: a file or rows come in, or a repaired list of skipped rows comes back."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from flask import request
from flask.json import loads as read_json
from marshmallow import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from services.upload.api.receiving import Incoming, fingerprint, shown_name
from services.upload.api.schemas import (
    Options,
    Rows,
    UploadHeaders,
)
from services.upload.api.sent_rows import rows_as_file
from services.upload.api.service import answer, overrides_in, refuse_overrides, routes
from services.upload.containers.detection import refuse_at_sight
from services.upload.ingest.reader import ReadError
from services.upload.reupload.changes import Now, changed_columns, keep_changes, read_changes, returned
from services.upload.sandbox.limits import most_bytes
from shared.contract.answers import JobAnswer
from shared.contract.job import Status, new_job
from shared.contract.problems import sentence
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.file_store import FileTooLarge, FileWriter
from shared.plumbing.job_store import KeyTaken, NoSuchJob, new_job_id
from shared.plumbing.web import Problem

FORM_OVERHEAD = 64 * 1024

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
    refuse_overrides(overrides_in(options))
    return options


def _take_rows(job_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        body: Any = Rows().load(request.get_json())
    except ValidationError as error:
        raise Problem("invalid_content", errors=error.messages) from None
    refuse_overrides(overrides_in(body["options"]))
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
        {**source, "overrides": overrides_in(options)},
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


# a list of skipped rows that comes back


def _take_back(
    job_id: str, options: dict[str, Any], source: dict[str, Any], key: str | None
) -> dict[str, Any]:
    """Take the rows into the job that skipped them, or make the job that loads them; the file stays with that."""
    try:
        repaired = _repaired_job(options["repairs"])
        taken = _taken(repaired, job_id, {**source, "overrides": overrides_in(options)}, key)
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
