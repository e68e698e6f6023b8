"""What a new import may ask for, whichever way the request comes: rows and options, with their bounds."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Unpack, cast

from marshmallow import ValidationError, fields, validates_schema

from services.upload.new_jobs.sent_rows import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_HEADER,
    MOST_ROWS,
    SentRow,
    header_of,
)
from shared.contract.bounded import (
    MOST_CELL,
    MOST_NAME,
    Address,
    Choice,
    Code,
    Flag,
    Many,
    Number,
    Text,
    WebAddress,
    Whole,
)
from shared.contract.bounded import Options as FieldOptions
from shared.contract.job import KINDS
from shared.contract.requests import Input, MappingBody, SettingsBody

CELL = {"type": ["string", "number", "boolean", "null"], "maxLength": MOST_CELL}
ROW = {"type": "object", "additionalProperties": CELL, "maxProperties": MOST_COLUMNS}


class Table(fields.Field[list[SentRow]]):
    """Rows given as `{header: value}`; all are checked before anything is made of them."""

    default_error_messages = {
        "rows": f"Not a list of 1 to {MOST_ROWS} rows.",
        "row": "Not an object of headers and values.",
        "header": f"A header has at most {MOST_HEADER} characters.",
        "cell": f"Not a text of at most {MOST_CELL} characters, a number, true, false or null.",
        "columns": f"The rows have more than {MOST_COLUMNS} headers in all.",
        "cells": f"The rows and all their headers make more than {MOST_CELLS} cells.",
    }

    def __init__(self, **more: Unpack[FieldOptions]) -> None:
        more["metadata"] = {"type": "array", "items": ROW, "minItems": 1, "maxItems": MOST_ROWS}
        super().__init__(**more)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> list[SentRow]:
        if not isinstance(value, list) or not 0 < len(value) <= MOST_ROWS:
            raise self.make_error("rows")
        for at, row in enumerate(value):
            wrong = _wrong_in(row)
            if wrong:
                raise ValidationError({at: self.make_error(wrong).messages})
        width = len(header_of(value))
        if width > MOST_COLUMNS or width * len(value) > MOST_CELLS:
            raise self.make_error("columns" if width > MOST_COLUMNS else "cells")
        return value


def _wrong_in(row: object) -> str | None:
    """Give the key of the message for what is wrong with a row."""
    if not isinstance(row, dict):
        return "row"
    if any(len(name) > MOST_HEADER for name in row):
        return "header"
    return None if all(map(_is_cell, row.values())) else "cell"


def _is_cell(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MOST_CELL
    return value is None or (isinstance(value, (int, float)) and isfinite(value))


class MaxInvalid(Input):
    """How many rows may be invalid before autostart stops for a person."""

    share = Number(0, 1)
    rows = Whole()

    @validates_schema
    def one_of_them(self, data: Mapping[str, object], **_: object) -> None:
        """A share or a number, not both."""
        if len(data) != 1:
            raise ValidationError("give either share or rows")


class SourceOverrides(Input):
    """What a person decides instead of what was found, all of it at once; the file is read again."""

    encoding = Text(40, 1, allow_none=True)
    delimiter = Text(1, 1, allow_none=True)
    quote = Text(1, allow_none=True)
    sheet = Text(255, 1, allow_none=True)
    header_row = Whole(
        0,
        200,
        allow_none=True,
        metadata={"description": "As a spreadsheet numbers rows; 0: the list has no header"},
    )
    leave_out_hidden = Flag(
        allow_none=True,
        metadata={"description": "Take the tick off rows that are hidden or filtered out in the file"},
    )
    kind = Choice(KINDS, metadata={"description": "What the list holds; left out: as it is"})


class Options(SourceOverrides):
    """`options` of an upload."""

    profile = Code(r"^[0-9a-f]{1,64}$", metadata={"description": "a saved mapping to use"})
    autostart = Flag()
    max_invalid = fields.Nested(MaxInvalid)
    mapping = fields.Nested(MappingBody)
    settings = fields.Nested(SettingsBody)
    notify = Many(Address(), 10)
    callback_url = WebAddress(
        metadata={
            "description": "an address that gets a signed event where the import waits for a person, and where it ends"
        }
    )
    repairs = Code(
        r"^[0-9a-f]{8,64}$",
        metadata={"description": "the import whose list of skipped rows comes back, repaired"},
    )

    @validates_schema
    def repairs_take_all_from_the_first(self, data: Mapping[str, object], **_: object) -> None:
        """Refuse options that repaired rows take from the import that they belong to."""
        own = sorted(data.keys() & {"kind", "autostart", "max_invalid", "mapping", "settings"})
        if "repairs" in data and own:
            raise ValidationError("Not together with repairs: " + ", ".join(own))


class RowsBody(Input):
    """An upload as JSON."""

    name = Text(MOST_NAME, 1, load_default="rows.csv")
    rows = Table(required=True)
    options = fields.Nested(Options, load_default=dict)


class OfClaim(Input):
    """An import of a file that was uploaded before."""

    claim = Code(
        r"^[0-9a-f]{8,64}$",
        required=True,
        metadata={"description": "Of a file that was sent to POST /uploads"},
    )
    options = fields.Nested(Options, load_default=dict)

    @validates_schema
    def repaired_rows_come_themselves(self, data: Mapping[str, object], **_: object) -> None:
        """Refuse a list of skipped rows: it may belong to a job that exists, and a claim becomes a new one."""
        if "repairs" in cast("Mapping[str, object]", data.get("options", {})):
            raise ValidationError({"options": {"repairs": ["Send repaired rows as a file, not by a claim."]}})
