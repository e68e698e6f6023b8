"""The inputs of the upload service."""

from __future__ import annotations

from math import isfinite
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validates_schema

from services.upload.sent_rows import MOST_CELLS, MOST_ROWS, header_of
from shared.contract.bounded import (
    MOST_CELL,
    MOST_NAME,
    Address,
    Choice,
    Code,
    Count,
    Flag,
    Many,
    Named,
    Number,
    Text,
    Whole,
)
from shared.contract.fields.declaring import LANGUAGES
from shared.contract.job import KINDS
from shared.contract.requests import Headers, Input, MappingBody, SettingsBody


def bounded_table(rows: list[dict[str, Any]]) -> None:
    """Refuse rows that make a table of too many cells, most of them blank."""
    if len(header_of(rows)) * len(rows) > MOST_CELLS:
        raise ValidationError(f"The rows and all their headers make more than {MOST_CELLS} cells.")


class Cell(fields.Field):
    """A value of a row given as JSON: text of a cell's length, a number, true, false or nothing."""

    default_error_messages = {
        "invalid": "Not a text, number, true, false or null.",
        "long": f"Longer than {MOST_CELL} characters.",
    }

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"type": ["string", "number", "boolean", "null"], "maxLength": MOST_CELL}
        super().__init__(allow_none=True, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, (str, int, float)) or (isinstance(value, float) and not isfinite(value)):
            raise self.make_error("invalid")
        if isinstance(value, str) and len(value) > MOST_CELL:
            raise self.make_error("long")
        return value


class MaxInvalid(Input):
    """How many rows may be invalid before autostart stops for a person."""

    share = Number(0, 1)
    rows = Whole()

    @validates_schema
    def one_of_them(self, data: dict[str, Any], **_: Any) -> None:
        """A share or a number, not both."""
        if len(data) != 1:
            raise ValidationError("give either share or rows")


class SourceOverrides(Input):
    """What a person decides instead of what was found; the file is read again."""

    encoding = Text(40, 1)
    delimiter = Text(1, 1)
    quote = Text(1)
    sheet = Text(255, 1)
    header_row = Whole(
        0, 200, metadata={"description": "As a spreadsheet numbers rows; 0: the list has no header"}
    )


class Options(SourceOverrides):
    """`options` of an upload."""

    kind = Choice(KINDS)
    profile = Code(r"^[0-9a-f]{1,64}$", metadata={"description": "a saved mapping to use"})
    autostart = Flag()
    max_invalid = fields.Nested(MaxInvalid)
    mapping = fields.Nested(MappingBody)
    settings = fields.Nested(SettingsBody)
    notify = Many(Address(), 10)
    repairs = Code(
        r"^[0-9a-f]{8,64}$",
        metadata={"description": "the import whose list of skipped rows comes back, repaired"},
    )

    @validates_schema
    def repairs_go_the_way_of_the_first(self, data: dict[str, Any], **_: Any) -> None:
        """Repaired rows are of the kind of the import they belong to, with its mapping and settings."""
        own = sorted(data.keys() & {"kind", "autostart", "max_invalid", "mapping", "settings"})
        if "repairs" in data and own:
            raise ValidationError("Not together with repairs: " + ", ".join(own))


class Rows(Input):
    """An upload as JSON."""

    name = Text(MOST_NAME, 1, load_default="rows.csv")
    rows = Many(
        Named(Text(500), Cell(), 1000),
        MOST_ROWS,
        1,
        required=True,
        checks=[bounded_table],
    )
    options = fields.Nested(Options, load_default=dict)


class UploadHeaders(Headers):
    """Headers of an upload."""

    idempotency_key = Code(
        r"^[\x21-\x7e]{1,200}$",
        data_key="Idempotency-Key",
        metadata={"description": "The same key and body give the same job; another body is refused with 409"},
    )


class Page(Input):
    """A page of a list."""

    cursor = Code(r"^[0-9a-f]{1,64}$")
    limit = Count(1, 200, load_default=50)


class TemplateQuery(Input):
    """In which language."""

    lang = Choice(LANGUAGES)


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
    at = fields.String(required=True, metadata={"format": "date-time"})
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
    columns = fields.List(fields.Nested(Column), attribute="column_list")
    first_rows = fields.List(fields.List(fields.String()))
    problems = fields.List(fields.Nested(SourceProblem))
    overrides = fields.Dict()
