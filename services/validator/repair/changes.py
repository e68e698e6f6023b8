"""The changes that a person asks for, and what of them really changes a chunk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NotRequired, TypedDict

from shared.contract.custom_fields import Names
from shared.contract.documents.chunk import CellChange, DecisionChange, EditedCells, TickChange, TouchedChunk
from shared.contract.documents.values import Decision, Position


class SameAs(TypedDict, total=False):
    """Which record a row means: that of an id, or that of another row, by its number."""

    id: str
    row: int


class RowRequest(TypedDict):
    """What a request changes of one row; `cells` has new texts by the index of their column."""

    row: int
    cells: NotRequired[dict[str, str]]
    selected: NotRequired[bool]
    decision: NotRequired[str | None]
    same_as: NotRequired[SameAs]
    to_account: NotRequired[bool]
    take: NotRequired[list[str] | None]
    without: NotRequired[list[str] | None]


class FixRequest(TypedDict):
    """The same repair on all rows that have a problem, in the column that has it or in `column`."""

    problem: str
    column: NotRequired[int]
    action: Literal[
        "set", "replace", "clear", "move_to_account", "take_from_file", "drop_value", "accept_suggestion"
    ]
    value: str
    find: NotRequired[str]


@dataclass
class Changes:
    """What a person asks: by chunk and offset, new cells by column, whether the row is selected, and decisions.

    A decision is put over what was decided before; None removes a part of it.
    """

    cells: dict[Position, dict[int, str]] = field(default_factory=dict)
    ticks: dict[Position, bool] = field(default_factory=dict)
    decisions: dict[Position, Decision] = field(default_factory=dict)

    def positions(self) -> list[Position]:
        """The rows that the changes name, in file order."""
        return sorted({*self.cells, *self.ticks, *self.decisions})


#: Undoes all decisions about a row.
UNDECIDED: Decision = {"is": None, "as": None, "to_account": None, "take": None, "without": None}
_NOTHING: Decision = {}


def by_chunk(positions: Iterable[Position]) -> dict[int, list[int]]:
    """By chunk the offsets of some rows, in their order."""
    found: dict[int, list[int]] = {}
    for n, offset in positions:
        found.setdefault(n, []).append(offset)
    return found


def decision_of(change: RowRequest, positions: Mapping[int, Position], names: Names) -> Decision:
    """The parts of a decision that a change of one row has, as they are kept; `positions` by number of the row."""
    decision: Decision = {}
    if "decision" in change:
        decision["is"] = change["decision"]
    if "same_as" in change:
        named = change["same_as"]
        decision["as"] = named["id"] if "id" in named else [*positions[named["row"]], named["row"]]
    if "to_account" in change:
        decision["to_account"] = change["to_account"]
    if "take" in change:
        decision["take"] = sorted({names.path(key) for key in change["take"] or ()})
    if "without" in change:
        decision["without"] = sorted({names.path(key) for key in change["without"] or ()})
    return decision


def merged(before: Decision, decision: Decision) -> Decision:
    """A decision put over an earlier one; None removes a part, and `as` does not outlive its `is`."""
    whole: Decision = {**before, **decision}
    if "is" in decision and "as" not in decision:
        whole.pop("as", None)
    return _without_blanks(whole)


def _without_blanks(decision: Decision) -> Decision:
    kept: Decision = {}
    if sameness := decision.get("is"):
        kept["is"] = sameness
    if named := decision.get("as"):
        kept["as"] = named
    if to_account := decision.get("to_account"):
        kept["to_account"] = to_account
    if take := decision.get("take"):
        kept["take"] = take
    if without := decision.get("without"):
        kept["without"] = without
    return kept


def fixed_text(old: str, fix: FixRequest) -> str:
    """The text of a cell after a fix."""
    if fix["action"] == "replace":
        return old.replace(fix["find"], fix["value"])
    return fix["value"] if fix["action"] == "set" else ""


def difference(changes: Changes, n: int, offsets: list[int], now: EditedCells) -> TouchedChunk:
    """The cells, ticks and decisions of some rows of chunk `n` that really change; `now` has these rows."""
    touched = TouchedChunk()
    for row, offset in zip(now.rows, offsets, strict=True):
        cells = changes.cells.get((n, offset), {})
        touched.cells += [
            CellChange(offset, column, row[column], new)
            for column, new in cells.items()
            if row[column] != new
        ]
        was = offset not in now.left_out
        tick = changes.ticks.get((n, offset), was)
        touched.ticks += [TickChange(offset, was, tick)] if tick != was else []
        decided = now.decisions.get(offset, _NOTHING)
        decision = merged(decided, changes.decisions.get((n, offset), _NOTHING))
        touched.decisions += [DecisionChange(offset, decided, decision)] if decision != decided else []
    return touched
