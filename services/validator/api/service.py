"""The routes of the validator, and what all its views need: jobs that were checked, and rows as they are shown."""

from __future__ import annotations

from collections.abc import Mapping

from marshmallow import Schema, ValidationError, fields, validates_schema

from services.validator.rows.grid import Grid
from services.validator.rows.view import ShownRow, show_rows
from shared.contract.bounded import Choice, Code, Flag, Text
from shared.contract.custom_fields import Names
from shared.contract.documents.job import Job
from shared.contract.job import COUNTS, Status, as_loaded, mapping_of
from shared.contract.requests import Input, column_index
from shared.plumbing import web
from shared.plumbing.problem import Problem
from shared.plumbing.web import Routes

SERVICE = "validator"

routes = Routes(SERVICE)

CHECKED = (
    Status.VALIDATED,
    Status.CONFIRMED,
    Status.IMPORTED,
    Status.FAILED,
    Status.CANCELLED,
    Status.UNDOING,
    Status.UNDONE,
)


class Where(Input):
    """Which rows: all that is given must hold."""

    bucket = Choice(COUNTS)
    problem = Code(r"^[a-z_]{1,60}$")
    q = Text(100, 1, metadata={"description": "words that occur in the cells of the row"})
    contains = Text(100, 1, metadata={"description": "words that occur in the cell of the column"})

    @validates_schema
    def of_a_column(self, data: Mapping[str, object], **kwargs: object) -> None:
        """Refuse a condition about no column, and a column without a condition."""
        if ("column" in data) != bool(data.keys() & {"contains", "blank"}):
            raise ValidationError("Give column together with contains or blank.", "column")


OF_THE_COLUMN = {"description": "the column that `contains` and `blank` are about"}
BLANK = {"description": "whether the cell of the column is empty"}


class WhereBody(Where):
    """The same in a body."""

    column = column_index(metadata=OF_THE_COLUMN)
    blank = Flag(metadata=BLANK)


class RowAnswer(Schema):
    """One row of the file; `row` is null for a record of the firm that the file does not name."""

    row = fields.Integer(required=True, allow_none=True)
    cells = fields.List(fields.String(), required=True)
    bucket = fields.String(required=True)
    selected = fields.Boolean(required=True)
    problems = fields.List(fields.Dict(), required=True)
    fixes = fields.List(fields.Dict(), required=True)
    plan = fields.Dict(required=True)
    outcome = fields.String(required=True, allow_none=True)
    decision = fields.Dict(
        required=True,
        metadata={
            "description": "what a person decided: `decision`, `same_as`, `to_account`, `take`, `without`; empty before"
        },
    )


def checked_job(job_id: str) -> Job:
    """A job that was checked, at the revision that its rows are kept under; 409 where it was not."""
    job = web.kept_job(job_id)
    if job["status"] not in CHECKED or job["report"] is None:
        raise Problem("wrong_state", standing=job["status"], allowed=Status.VALIDATED.value)
    return as_loaded(job)


def shown_rows(grid: Grid, found: dict[int, list[int]]) -> list[ShownRow]:
    """Some rows, by chunk and offset, as a person sees them."""
    lang, mapping, names = web.caller().locale, mapping_of(grid.job), Names.of_job(grid.job)
    return [
        row
        for n, offsets in found.items()
        for row in show_rows(offsets, grid.shown(n, offsets), mapping, lang, names)
    ]
