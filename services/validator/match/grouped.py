"""What grouping finds in a chunk, and how it becomes the part of the chunk that is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.contract.documents.chunk import Doubt, Followed, Groups, Lost
from shared.contract.documents.values import Params, Position, Value
from shared.values.judging import shown

#: The number of a row, as a spreadsheet shows it, from its chunk and offset.
NumberOf = Callable[[int, int], int]


class OpenDoubt(NamedTuple):
    """A doubt that names its candidates by the chunk and offset of their rows."""

    offset: int
    slot: str
    code: str
    params: Params
    candidates: list[Position]


class OpenLoss(NamedTuple):
    """A value of a row that gives way to the value `kept` of the row at `where`."""

    offset: int
    field: str
    value: Value
    kept: Value
    where: Position


@dataclass
class Grouped:
    """What grouping found of the rows of a chunk; see `Groups`.

    It names other rows by chunk and offset, where `Groups` has their numbers.
    """

    follows: dict[str, dict[int, Followed]] = field(default_factory=dict)
    renamed: dict[str, dict[int, str]] = field(default_factory=dict)
    doubts: list[OpenDoubt] = field(default_factory=list)
    repeats: list[int] = field(default_factory=list)
    linked: dict[str, list[int]] = field(default_factory=lambda: {"contact": [], "spouse": []})
    relinked: dict[str, list[int]] = field(default_factory=lambda: {"contact": [], "spouse": []})
    lost: list[OpenLoss] = field(default_factory=list)


def groups_of(grouped: Grouped, number_of: NumberOf) -> Groups:
    """The groups of a chunk as they are kept, with the numbers of the rows that they name."""
    return Groups(
        follows=grouped.follows,
        renamed=grouped.renamed,
        doubts=[_doubt(doubt, number_of) for doubt in grouped.doubts],
        repeats=grouped.repeats,
        linked=grouped.linked,
        relinked={slot: own for slot, own in grouped.relinked.items() if own},
        lost=[_lost(loss, number_of) for loss in grouped.lost],
    )


def _doubt(doubt: OpenDoubt, number_of: NumberOf) -> Doubt:
    numbers = [number_of(*where) for where in doubt.candidates]
    named = ", ".join(map(str, numbers))
    params = {
        **doubt.params,
        "candidates": [{"row": number} for number in numbers],
        "row": named,
        "count": len(numbers),
        "value": doubt.params.get("value", named),
    }
    return Doubt(doubt.offset, doubt.slot, doubt.code, params)


def _lost(loss: OpenLoss, number_of: NumberOf) -> Lost:
    params = {"row": number_of(*loss.where), "value": _shown(loss.kept), "lost": _shown(loss.value)}
    return Lost(loss.offset, loss.field, params)


def _shown(value: Value) -> str:
    return shown(", ".join(value) if isinstance(value, list) else str(value))
