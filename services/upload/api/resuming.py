"""Uploads that go on after a cut: tus 1.0.0 with the extensions creation, expiration and termination."""

from __future__ import annotations

import contextlib
from typing import TypedDict

from flask import Response, request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import http_date

from services.upload.api.schemas import UploadAnswer
from services.upload.api.service import routes
from services.upload.api.tus import (
    EXTENSIONS,
    PART_TYPE,
    VERSION,
    PartHeaders,
    TusHeaders,
    read_metadata,
)
from services.upload.containers.detection import refuse_by_head
from services.upload.model.source import ReadError
from services.upload.new_jobs.making import refusal, shown_name
from services.upload.sandbox.limits import most_bytes
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.job_store import new_job_id
from shared.plumbing.orphans import ORPHAN_AFTER
from shared.plumbing.problem import Problem
from shared.plumbing.upload_store import Appending, Busy, NoSuchUpload, Upload, UploadStore, WrongOffset

#: Uploads of a firm that may be unfinished at once; and their bytes in all, as a multiple of its largest file.
MOST_OPEN, MOST_OPEN_FILES = 50, 4
#: Bytes that are read at once: what a connection that breaks may lose.
READ_BYTES = 16 * 1024
#: Seconds after which an upload that another request is sending is free at the latest.
BUSY_SECONDS = 2
#: Bytes that are read of a part that is refused, so that its sender sees the answer.
MOST_TO_DROP = 8 << 20


class CreationGiven(TypedDict, total=False):
    """What `CreationHeaders` gives."""

    tus_resumable: str
    upload_length: str
    upload_metadata: str


class PartGiven(TypedDict, total=False):
    """What `PartHeaders` gives."""

    tus_resumable: str
    upload_offset: str


#: What a part may be refused with.
WRONG_PART = (
    *("bad_request", "wrong_offset", "upload_busy", "too_large"),
    *("unsupported_media_type", "unsupported_format", "empty", "unknown_tus_version"),
)

Answered = tuple[dict[str, object], int, dict[str, str]]


def create(given: CreationGiven) -> Answered:
    """Begin an upload whose bytes follow; its size, its name and how many are open are checked now."""
    _must_be_tus(given["tus_resumable"])
    length = given.get("upload_length")
    if length is None:
        raise _wrong(
            "Upload-Length", "Give the bytes of the whole file; a length that follows is not offered."
        )
    described = given["upload_metadata"]
    try:
        name = shown_name(read_metadata(described).get("filename"))
    except ValueError:
        raise _wrong("Upload-Metadata", "Give pairs of a key and a value in base64.") from None
    size, limit = int(length), _limit()
    if size > limit:
        raise Problem("too_large", status=413, size=size, max=limit)
    if not size:
        raise refusal(ReadError("empty"))
    _must_have_room(size, limit)
    upload = _uploads().create(new_job_id(), name, size, described)
    return _shown(upload), 201, {**_headers(upload), "Location": f"{web.PREFIX}/uploads/{upload.claim}"}


@routes.on("OPTIONS", "/uploads", may=MANAGE_CONTACTS, status=204)
def capabilities() -> Response:
    """Ask what of tus is offered: version, extensions, and the size of the largest file."""
    answer = Response(status=204)
    answer.headers["Tus-Version"] = VERSION
    answer.headers["Tus-Extension"] = EXTENSIONS
    answer.headers["Tus-Max-Size"] = str(_limit())
    return answer


@routes.on("GET", "/uploads/<claim>", may=MANAGE_CONTACTS, answer=UploadAnswer, headers=TusHeaders)
def look(given: CreationGiven, claim: str) -> tuple[dict[str, object], dict[str, str]]:
    """See how far an upload is that was begun with tus; `HEAD` gives the headers alone, as tus has it.

    A file that came whole, as a form, has no place from which it could go on, and is not found here.
    """
    if request.method == "HEAD":
        _must_be_tus(given["tus_resumable"])
    upload = _found(claim)
    described = {"Upload-Metadata": upload.described} if upload.described else {}
    return _shown(upload), {**_headers(upload), **described, "Upload-Length": str(upload.bytes)}


@routes.on(
    "PATCH",
    "/uploads/<claim>",
    may=MANAGE_CONTACTS,
    status=204,
    headers=PartHeaders,
    problems=WRONG_PART,
    doc={
        "requestBody": {
            "required": True,
            "content": {PART_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def append(given: PartGiven, claim: str) -> Response:
    """Send the next part of an upload, of any size; what has arrived before a cut is kept.

    With the last byte the claim can be used: once, within a day, by `POST /jobs` or by a request over RabbitMQ.
    """
    try:
        upload = _append(given, claim)
    except Problem:
        _drop_the_rest()
        raise
    answer = Response(status=204)
    answer.headers.update(_headers(upload))
    return answer


@routes.on(
    "DELETE",
    "/uploads/<claim>",
    may=MANAGE_CONTACTS,
    status=204,
    headers=TusHeaders,
    problems=("unknown_tus_version",),
)
def remove(given: CreationGiven, claim: str) -> Response:
    """Remove an upload that no import uses."""
    _found(claim)
    _must_be_tus(given["tus_resumable"])
    if not web.jobs().has(claim):
        with contextlib.suppress(NoSuchUpload):  # another request has removed it just now
            _uploads().remove(claim)
            return Response(status=204)
    raise Problem("not_found")


def name_version(answer: Response) -> Response:
    """Name the version of tus in the answers about uploads; forms have none."""
    if request.path.startswith(f"{web.PREFIX}/uploads") and request.mimetype != "multipart/form-data":
        answer.headers["Tus-Resumable"] = VERSION
        if answer.status_code == 412:
            answer.headers["Tus-Version"] = VERSION
    return answer


routes.after_request(name_version)


def _append(given: PartGiven, claim: str) -> Upload:
    """Add the body of the request to an upload."""
    now = _found(claim)
    _must_be_tus(given["tus_resumable"])
    if request.mimetype != PART_TYPE:
        raise Problem("unsupported_media_type", found=request.mimetype or "–", expected=PART_TYPE)
    if "upload_offset" not in given:
        raise _wrong("Upload-Offset", "Give the place where the part begins.")
    offset = int(given["upload_offset"])
    missing = now.bytes - offset
    if (request.content_length or 0) > missing >= 0:
        raise Problem("too_large", status=413, size=offset + (request.content_length or 0), max=now.bytes)
    if now.sha256 and not missing:
        return now
    try:
        appending = _uploads().take(claim, offset, refuse_by_head)
        try:
            _read_into(appending)
        finally:
            appending.close()
    except WrongOffset as wrong:
        raise Problem("wrong_offset", given=offset, offset=wrong.offset) from None
    except Busy:
        raise Problem("upload_busy", seconds=BUSY_SECONDS) from None
    except ReadError as error:
        _uploads().remove(claim)
        raise refusal(error) from error
    except NoSuchUpload:
        raise Problem("not_found") from None
    return _found(claim)


def _read_into(appending: Appending) -> None:
    """Add what comes, until the body ends or the connection breaks; more than is missing is refused."""
    request.max_content_length = appending.missing + READ_BYTES  # what is too much is refused here
    while True:
        try:
            data = request.stream.read(READ_BYTES)
        except (ClientDisconnected, OSError):
            return
        if not data:
            return
        if len(data) > appending.missing:
            raise Problem("too_large", status=413, size=appending.arrived + len(data), max=appending.size)
        appending.write(data)


def _drop_the_rest() -> None:
    """Read some more of the body of a refused part: a client that is still sending would not see the answer."""
    left = MOST_TO_DROP
    try:
        while left > 0 and (data := request.environ["wsgi.input"].read(READ_BYTES)):
            left -= len(data)
    except OSError:
        return


def _must_be_tus(version: str) -> None:
    if version != VERSION:
        raise Problem("unknown_tus_version", version=version or "–", versions=VERSION)


def _must_have_room(size: int, limit: int) -> None:
    """Raise `too_many_uploads`; requests at the same moment may together be a few more."""
    count, total = _uploads().open_ones()
    if count >= MOST_OPEN or total + size > MOST_OPEN_FILES * limit:
        raise Problem("too_many_uploads", count=count, bytes=total, seconds=60)


def _wrong(header: str, message: str) -> Problem:
    return Problem("invalid_content", errors={"headers": {header: [message]}})


def _limit() -> int:
    """Bytes of the largest file that the firm may send."""
    return most_bytes(web.directory().reference().get("limits") or {}, web.settings().max_upload_bytes)


def _uploads() -> UploadStore:
    return UploadStore(web.servers().db, web.caller().firm)


def _found(claim: str) -> Upload:
    try:
        return _uploads().find(claim)
    except NoSuchUpload:
        raise Problem("not_found") from None


def _headers(upload: Upload) -> dict[str, str]:
    return {"Upload-Offset": str(upload.offset), "Upload-Expires": http_date(upload.at + ORPHAN_AFTER)}


def _shown(upload: Upload) -> dict[str, object]:
    return {
        "claim": upload.claim,
        "name": upload.name,
        "bytes": upload.bytes,
        "offset": upload.offset,
        "sha256": upload.sha256 or "",
        "ends_at": upload.at + ORPHAN_AFTER,
    }
