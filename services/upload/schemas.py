"""The inputs of the upload service."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from shared.contract.fields.declaring import LANGUAGES
from shared.contract.job import KINDS
from shared.contract.requests import Flag, Headers, Input, MappingBody, Number, SettingsBody, Whole


class Cell(fields.Field):
    """A value of a row given as JSON: text, a number, true, false or nothing."""

    default_error_messages = {"invalid": "Not a text, number, true, false or null."}

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"type": ["string", "number", "boolean", "null"]}
        super().__init__(allow_none=True, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, (str, int, float)):
            raise self.make_error("invalid")
        return value


class MaxInvalid(Input):
    """How many rows may be invalid before autostart stops for a person."""

    share = Number(validate=validate.Range(0, 1))
    rows = Whole(validate=validate.Range(0))

    @validates_schema
    def one_of_them(self, data: dict[str, Any], **_: Any) -> None:
        """A share or a number, not both."""
        if len(data) != 1:
            raise ValidationError("give either share or rows")


class Options(Input):
    """`options` of an upload."""

    kind = fields.String(validate=validate.OneOf(KINDS))
    profile = fields.String(
        validate=validate.Regexp(r"^[0-9a-f]{1,64}$"), metadata={"description": "a saved mapping to use"}
    )
    autostart = Flag()
    max_invalid = fields.Nested(MaxInvalid)
    mapping = fields.Nested(MappingBody)
    settings = fields.Nested(SettingsBody)
    notify = fields.List(fields.Email(), validate=validate.Length(max=10))
    encoding = fields.String(validate=validate.Length(1, 40))
    delimiter = fields.String(validate=validate.Length(1, 1))
    quote = fields.String(validate=validate.Length(0, 1))
    sheet = fields.String(validate=validate.Length(1, 255))
    header_row = Whole(validate=validate.Range(0, 200))
    repairs = fields.String(
        validate=validate.Regexp(r"^[0-9a-f]{8,64}$"),
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

    name = fields.String(load_default="rows.csv", validate=validate.Length(1, 255))
    rows = fields.List(
        fields.Dict(
            keys=fields.String(validate=validate.Length(max=500)),
            values=Cell(),
        ),
        required=True,
        validate=validate.Length(1),
    )
    options = fields.Nested(Options, load_default=dict)


class UploadHeaders(Headers):
    """Headers of an upload."""

    idempotency_key = fields.String(
        data_key="Idempotency-Key",
        validate=validate.Regexp(r"^[\x21-\x7e]{1,200}$"),
        metadata={"description": "The same key and body give the same job; another body is refused with 409"},
    )


class Page(Input):
    """A page of a list."""

    cursor = fields.String(validate=validate.Regexp(r"^[0-9a-f]{1,64}$"))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class TemplateQuery(Input):
    """In which language."""

    lang = fields.String(validate=validate.OneOf(LANGUAGES))


class SourceOverrides(Input):
    """What a person decides instead of what was found, all of it at once; the file is read again."""

    encoding = fields.String(allow_none=True, validate=validate.Length(1, 40))
    delimiter = fields.String(allow_none=True, validate=validate.Length(1, 1))
    quote = fields.String(allow_none=True, validate=validate.Length(0, 1))
    sheet = fields.String(allow_none=True, validate=validate.Length(1, 255))
    header_row = Whole(
        allow_none=True,
        validate=validate.Range(0, 200),
        metadata={"description": "As a spreadsheet numbers rows; 0: the list has no header"},
    )
    kind = fields.String(
        validate=validate.OneOf(KINDS), metadata={"description": "What the list holds; left out: as it is"}
    )


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
    columns = fields.List(fields.Nested(Column), attribute="column_list")
    first_rows = fields.List(fields.List(fields.String()))
    problems = fields.List(fields.Nested(SourceProblem))
    overrides = fields.Dict()
