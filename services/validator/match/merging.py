"""Merges what several rows say of one record: later rows add to it, and where they differ the earlier row counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from services.validator.match.entities import Entity
from shared.contract.documents.chunk import SLOTS, Additions, CheckedValues, Checks
from shared.contract.documents.values import Position, Value
from shared.contract.legal_forms import company, plain
from shared.contract.records import CLEAR, RELATIONSHIP
from shared.contract.spelling import spelling_key

#: The filled values of a row for one slot, by field name.
RowValues = Mapping[str, Value]
#: By slot and offset the values of the rows of a chunk.
ChunkValues = Mapping[str, Sequence[RowValues] | Mapping[int, RowValues]]
#: Fetches the values of a chunk; called only where rows share a record and say different things of it.
ValuesOf = Callable[[int], ChunkValues]
#: Chunks whose values are remembered.
MOST_CHUNKS = 8
#: Fields whose spellings are one value.
COMPANY_NAMES = frozenset({"name", "company_name"})
NAMES = frozenset({"first_name", "last_name"})


class Loss(NamedTuple):
    """A value of a row that gives way to the value `kept` of the row at `where`."""

    name: str
    value: Value
    kept: Value
    where: Position


@dataclass
class _Merged:
    """What later rows add to a record; `origins` has the row that gave each single value."""

    additions: Additions = field(default_factory=Additions)
    origins: dict[str, Position] = field(default_factory=dict)


class Merger:
    """Collects additions and losses of records, each identified by the reference of the row that leads it."""

    def __init__(self, values_of: ValuesOf, place_of: Callable[[int], tuple[int, int, str]]) -> None:
        self.values = lru_cache(MOST_CHUNKS)(values_of)
        self._place_of = place_of
        self._losses: dict[tuple[int, int], list[Loss]] = {}
        self._merged: dict[int, _Merged] = {}

    def merge(self, entity: Entity, digest: int, slot: str, where: Position) -> list[Loss]:
        """Merge the values of a row into a record; gives those that are lost.

        `digest` is a number for what the row says, so that rows that say the same are merged once.
        """
        if entity.digest is None:
            entity.digest = digest
        if digest == entity.digest:
            return []
        losses = self._losses.get((entity.lead, digest))
        if losses is None:
            n, offset = where
            losses = self._merge(entity, self.values(n)[slot][offset], where)
            self._losses[(entity.lead, digest)] = losses
        return losses

    def _merge(self, entity: Entity, values: RowValues, where: Position) -> list[Loss]:
        n, offset, slot = self._place_of(entity.lead)
        leading = self.values(n)[slot][offset]
        merged = self._merged.setdefault(entity.lead, _Merged())
        lists, singles = merged.additions.lists, merged.additions.singles
        losses = []
        for name, value in values.items():
            if name == RELATIONSHIP:
                continue  # each row has a link of its own
            if isinstance(value, list):
                known = lists.setdefault(name, [])
                known += [one for one in value if one not in known]
                continue
            kept = leading.get(name, singles.get(name))
            if kept is None:
                singles[name], merged.origins[name] = value, where
            elif kept != value and not isinstance(kept, list) and not _is_spelling(name, kept, value):
                losses.append(Loss(name, value, kept, merged.origins.get(name, (n, offset))))
        return losses

    def additions(self) -> dict[int, dict[str, dict[int, Additions]]]:
        """By chunk, slot and offset: what other rows add to the record that the row there leads."""
        by_chunk: dict[int, dict[str, dict[int, Additions]]] = {}
        for reference, merged in self._merged.items():
            n, offset, slot = self._place_of(reference)
            by_chunk.setdefault(n, {}).setdefault(slot, {})[offset] = merged.additions
        return by_chunk


def _is_spelling(name: str, one: Value, other: Value) -> bool:
    """Whether two values are one, written differently: in case, accents or spaces, names also in punctuation."""
    if CLEAR in (one, other) or not (isinstance(one, str) and isinstance(other, str)):
        return False
    if spelling_key(one) == spelling_key(other):
        return True
    if name in COMPANY_NAMES:
        return company(one) == company(other)
    return name in NAMES and plain(one) == plain(other)


def values_by_row(checks: CheckedValues | Checks) -> dict[str, list[dict[str, Value]]]:
    """By slot, the filled values of each row."""
    by_slot: dict[str, list[dict[str, Value]]] = {}
    count = len(checks.values[0]) if checks.values else 0
    for slot in SLOTS:
        own = [
            (key.split(".", 1)[1], at) for at, key in enumerate(checks.fields) if key.startswith(f"{slot}.")
        ]
        names = [name for name, _ in own]
        rows = zip(*(checks.values[at] for _, at in own), strict=True) if own else [()] * count
        by_slot[slot] = [
            {name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows
        ]
    return by_slot
