"""The body of `job.requested`: who asks for which import, with rows, with a file, or with the claim of an upload."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from typing import NotRequired, TypedDict, cast

from marshmallow import ValidationError, fields, validates_schema

from services.upload.new_jobs.asked import Options, Table
from services.upload.new_jobs.sent_rows import SentRow
from shared.contract.bounded import MOST_NAME, Choice, Code, Text
from shared.contract.documents import job as documents
from shared.contract.requests import Input
from shared.plumbing.problem import Problem

#: The bytes of a message; larger lists are uploaded over HTTP, and the message has their claim.
MOST_BYTES = 8 << 20
VERSION = "1"
_GZIP = 16 + zlib.MAX_WBITS
_CONTENTS = ("rows", "content", "claim")


def _in_fours(content: str) -> None:
    """Base64 comes in groups of four signs (RFC 4648, section 4)."""
    if len(content) % 4:
        raise ValidationError("Not base64.")


class RequestBody(Input):
    """The body of a request."""

    version = Choice([VERSION], load_default=VERSION)
    firm = Text(64, 1, required=True)
    requested_by = Text(320, 1)
    idempotency_key = Code(r"^[\x21-\x7e]{1,200}$", required=True)
    options = fields.Nested(Options, load_default=dict)
    name = Text(MOST_NAME, 1, load_default="rows.csv")
    rows = Table()
    content = Text(
        2 * MOST_BYTES, 1, checks=[_in_fours], metadata={"description": "The file, by gzip and base64"}
    )
    claim = Code(r"^[0-9a-f]{8,64}$", metadata={"description": "Of a file that was sent to POST /uploads"})

    @validates_schema
    def one_of_them(self, data: Mapping[str, object], **_: object) -> None:
        """Rows, a file or a claim."""
        if sum(name in data for name in _CONTENTS) != 1:
            raise ValidationError("give one of rows, content and claim")


class Requested(TypedDict):
    """What `RequestBody` gives."""

    firm: str
    idempotency_key: str
    options: documents.Options
    name: str
    requested_by: NotRequired[str]
    rows: NotRequired[list[SentRow]]
    content: NotRequired[str]
    claim: NotRequired[str]


def read_request(body: bytes) -> Requested:
    """Give what a message asks for.

    Raises `Problem` `message_too_large`, `not_json`, `unknown_version` or `invalid_content`.
    """
    if len(body) > MOST_BYTES:
        raise Problem("message_too_large", status=413, size=len(body), max=MOST_BYTES)
    try:
        loaded = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem("not_json") from None
    if isinstance(loaded, dict) and loaded.get("version", VERSION) != VERSION:
        raise Problem("unknown_version", version=str(loaded["version"])[:20], versions=VERSION)
    try:
        return cast("Requested", RequestBody().load(loaded))
    except ValidationError as error:
        raise Problem("invalid_content", errors=error.messages) from None


def unpacked(content: str, most: int) -> bytes:
    """The bytes of a file; raises `Problem` `invalid_content` or, over `most` bytes, `too_large`."""
    try:
        packed = base64.b64decode(content, validate=True)
        decompressor = zlib.decompressobj(_GZIP)
        data = decompressor.decompress(packed, most + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise Problem("invalid_content", errors={"content": ["Not a file by gzip and base64."]}) from None
    if len(data) > most:
        raise Problem("too_large", status=413, size=len(data), max=most)
    if not decompressor.eof:
        raise Problem("invalid_content", errors={"content": ["The gzip data is cut off."]})
    return data
