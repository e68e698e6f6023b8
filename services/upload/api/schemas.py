"""The schemas of this service: what requests may hold, with bounds, and what is answered about a source."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields

from shared.contract.bounded import (
    Choice,
    Code,
    Count,
    Text,
)
from shared.contract.job import KINDS
from shared.contract.moments import Moment
from shared.contract.requests import Headers, Input
from shared.contract.texts.catalogues import LANGUAGES


class UploadHeaders(Headers):
    """Headers of an upload."""

    idempotency_key = Code(
        r"^[\x21-\x7e]{1,200}$",
        "Give 1 to 200 visible ASCII characters without a blank.",
        data_key="Idempotency-Key",
        metadata={
            "description": "The same key, file and options give the same job; anything else under the key is refused"
            " with 409. A key is the firm's, and counts as long as its job is listed"
        },
    )


class Page(Input):
    """A page of a list."""

    cursor = Code(r"^[0-9a-f]{1,64}$")
    limit = Count(1, 200, load_default=50)


class Waiting(Input):
    """How long an answer may wait until it is due."""

    wait = Count(
        0,
        60,
        metadata={
            "description": "Answer when the job is due, after so many seconds at the latest. Without `after` it is due "
            "when it waits for a person or has ended"
        },
    )
    after = Code(
        r"^[\x21-\x7e]{1,64}$",
        metadata={
            "description": "With `wait`: a `version`, so that a job with any other version is due; or a `revision`, so "
            "that a job is due that has a higher one, waits for a person, or has ended"
        },
    )


class LastEvent(Headers):
    """Where a stream of events goes on."""

    last_event_id = Text(
        200,
        data_key="Last-Event-ID",
        load_default="",
        metadata={
            "description": "The id of the last event that came: those since then follow, and no others"
        },
    )


class TemplateQuery(Input):
    """In which language."""

    lang = Choice(LANGUAGES)


class UploadAnswer(Schema):
    """A file that waits for its import; `claim` names it."""

    claim = fields.String(required=True)
    name = fields.String(required=True)
    bytes = fields.Integer(required=True)
    offset = fields.Integer(
        required=True,
        metadata={"description": "Bytes that have arrived; the file is whole when it is `bytes`"},
    )
    sha256 = fields.String(
        required=True, metadata={"description": "Of the whole file; empty until it has arrived"}
    )
    ends_at = Moment(required=True)


class Column(Schema):
    """A column of the file."""

    index = fields.Integer(required=True)
    header = fields.String(required=True)
    name = fields.String(required=True)
    samples = fields.List(fields.String(), required=True)
    fill = fields.Float(required=True)


class SourceProblem(Schema):
    """Something noticed while reading."""

    code = fields.String(required=True)
    severity = fields.String(required=True)
    place = fields.Dict(required=True)
    message = fields.String(required=True)


class EarlierJob(Schema):
    """An earlier import of the same file."""

    job = fields.String(required=True)
    name = fields.String(required=True)
    status = fields.String(required=True)
    at = Moment(required=True)
    by = fields.String(required=True)


class LikeJob(EarlierJob):
    """An earlier import of a file with the same columns; `differing` rows of this one were not in it."""

    rows_before = fields.Integer(required=True)
    rows_now = fields.Integer(required=True)
    differing = fields.Integer(required=True)


class SourceAnswer(Schema):
    """Everything found in the file."""

    class Meta:
        unknown = RAISE

    name = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": list(KINDS)})
    bytes = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    format = fields.String(allow_none=True)
    encoding = fields.String(allow_none=True)
    encodings = fields.List(fields.Dict(keys=fields.String(), values=fields.String()))
    delimiter = fields.String(allow_none=True)
    quote = fields.String(allow_none=True)
    sheet = fields.String(allow_none=True)
    sheets = fields.List(fields.String())
    hidden_sheets = fields.List(fields.String())
    packed_as = fields.String(allow_none=True)
    header_row = fields.Integer(allow_none=True)
    preamble = fields.Integer()
    skipped = fields.Integer()
    first_column = fields.Integer()
    groups = fields.List(fields.String())
    first_look = fields.Boolean(
        metadata={"description": "The first rows are known, the others are being read"}
    )
    same_as = fields.Nested(EarlierJob)
    like = fields.Nested(LikeJob)
    rows = fields.Integer(allow_none=True)
    blank_rows = fields.Integer(allow_none=True)
    hidden_rows = fields.Integer(metadata={"description": "Rows that are hidden or filtered out in the file"})
    columns = fields.List(fields.Nested(Column), attribute="column_list")
    first_rows = fields.List(fields.List(fields.String()))
    problems = fields.List(fields.Nested(SourceProblem))
    overrides = fields.Dict()
