"""The requests and answers of repairs: as schemas for the wire, and as types for the views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from marshmallow import Schema, ValidationError, fields, validates_schema

from services.validator.api.service import RowAnswer, WhereBody
from services.validator.rows.grid import Conditions
from services.validator.rows.view import ShownRow
from shared.contract.bounded import MOST_CELL, Choice, Code, Flag, Many, Named, Text, Whole
from shared.contract.invalid_values import DROP_VALUE, may_be_left_out
from shared.contract.moments import Moment
from shared.contract.problems import VALUE_DIFFERS, is_of_a_value
from shared.contract.requests import MOST_COLUMNS, Input, column_index

MOVE = "move_to_account"
TAKE = "take_from_file"
DROP = DROP_VALUE
ACCEPT = "accept_suggestion"
#: The problem that an action is for, where it is for one alone.
ONLY_FOR = {MOVE: "value_without_record", TAKE: VALUE_DIFFERS}
SAME_OR_NEW = ("same", "new")


class SameAs(Input):
    """Which record a row means: one of the firm, or that of another row."""

    id = Code(r"^[0-9a-f]{24}$")
    row = Whole(1)

    @validates_schema
    def one(self, data: Mapping[str, object], **kwargs: object) -> None:
        """Refuse both, and none."""
        if len(data) != 1:
            raise ValidationError("Give either id or row.")


class RowChange(Input):
    """What to change of one row: cells by index of their column, whether it is selected, and whom it means."""

    row = Whole(1, required=True)
    cells = Named(Code(r"^[0-9]{1,4}$"), Text(MOST_CELL), MOST_COLUMNS)
    selected = Flag()
    decision = Choice(
        SAME_OR_NEW,
        allow_none=True,
        metadata={
            "description": "where nobody can tell: `same` as the candidate, or somebody `new`; null: undecided"
        },
    )
    same_as = fields.Nested(SameAs, metadata={"description": "which of several candidates is the same"})
    to_account = Flag(
        metadata={"description": "values of a person whom the row does not name go to its account"}
    )

    take = Many(
        Text(200, 1),
        500,
        allow_none=True,
        metadata={
            "description": "keys of fields in which the row counts and not the client; what is one value with them,"
            " like the parts of an address, goes along"
        },
    )

    without = Many(
        Text(200, 1),
        500,
        allow_none=True,
        metadata={"description": "keys of fields without whose wrong value the row is loaded; null: none"},
    )

    @validates_schema
    def something(self, data: Mapping[str, Any], **kwargs: object) -> None:
        """Refuse a change that changes nothing, and a candidate without the decision `same`."""
        if not data.keys() & {"cells", "selected", "decision", "to_account", "take", "without"}:
            raise ValidationError("Give cells, selected, decision, to_account, take or without.")
        fixed = [key for key in data.get("without") or () if not may_be_left_out(key)]
        if fixed:
            raise ValidationError(f"It says whom the row is about: {', '.join(fixed)}.", "without")
        if "same_as" in data and data.get("decision") != "same":
            raise ValidationError("Only with the decision same.", "same_as")


class Selection(Input):
    """Tick or untick all rows of a filter."""

    where = fields.Nested(WhereBody, load_default=dict)
    selected = Flag(required=True)


class DecisionBody(Input):
    """One decision for all rows of a filter about which the evidence does not decide."""

    where = fields.Nested(WhereBody, load_default=dict)
    decision = Choice(SAME_OR_NEW, required=True, allow_none=True)


class FixBody(Input):
    """The same repair on all rows that have a problem, in the column that has it."""

    problem = Code(r"^[a-z_]{1,60}$", required=True)
    column = column_index(metadata={"description": "only this column; default: that of the problem"})
    action = Choice(["set", "replace", "clear", MOVE, TAKE, DROP, ACCEPT], required=True)
    value = Text(
        MOST_CELL,
        load_default="",
        metadata={"description": "what to set, or what to put in the place of `find`"},
    )
    find = Text(1000, 1)

    @validates_schema
    def replaced(self, data: Mapping[str, object], **kwargs: object) -> None:
        """Replacing needs something to find."""
        if data.get("action") == "replace" and "find" not in data:
            raise ValidationError("Give what to find.", "find")
        problem = ONLY_FOR.get(str(data.get("action")))
        if problem and data.get("problem") != problem:
            raise ValidationError(f"Only for rows with {problem}.", "action")
        if data.get("action") == DROP and not is_of_a_value(str(data.get("problem"))):
            raise ValidationError("Only for problems of a value that cost the row.", "action")


class RepairedAnswer(Schema):
    """The job after a repair; `items` are the rows that were asked for, as they are now."""

    changed = fields.Integer(required=True, metadata={"description": "rows that changed"})
    status = fields.String(
        required=True, metadata={"description": "`mapped` where the whole file is being checked again"}
    )
    revision = fields.Integer(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    items = fields.List(fields.Nested(RowAnswer), required=True)


class RepairAnswer(Schema):
    """One repair."""

    number = fields.Integer(required=True)
    at = Moment(required=True)
    by = fields.String(required=True)
    what = fields.String(required=True)
    cells = fields.Integer(required=True)
    ticks = fields.Integer(required=True)
    decisions = fields.Integer(required=True)
    undone = fields.Boolean(required=True)
    undoes = fields.Integer(required=True, allow_none=True)


class RepairsAnswer(Schema):
    """The repairs of a job, the latest first."""

    items = fields.List(fields.Nested(RepairAnswer), required=True)


class SelectionRequest(TypedDict):
    """Tick or untick all rows of a filter."""

    where: Conditions
    selected: bool


class DecisionRequest(TypedDict):
    """One decision for all rows of a filter."""

    where: Conditions
    decision: str | None


class RepairedJob(TypedDict):
    """The job after a repair."""

    changed: int
    status: str
    revision: int
    counts: dict[str, int]
    items: list[ShownRow]
