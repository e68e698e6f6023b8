"""Which rows of a file depend on one another: those that may share a record.

Two rows are bound when they share a matching key, or mean the same record of the firm. A group from which nothing leads
out is matched alone as it is within the whole file. A birth date is no such key: it only keeps people apart.

The keys of all rows are searched without an index, at C speed: some 0.1 s for 100,000 rows.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.validator.plan.planning import COLLECTION
from services.validator.row_steps import Position
from shared.contract.keys import BORN, WIDTH, Keys, unpacked
from shared.plumbing.row_store import RowStore


@dataclass(frozen=True)
class Bond:
    """What ties a row to others for one kind of record: its keys, and the id of the firm's record that it means."""

    collection: str
    keys: Keys
    record: str | None = None


class Dependents:
    """The bonds of all rows of a job, as they were last checked."""

    def __init__(self, rows: RowStore, revision: int, chunks: int) -> None:
        self._flat: dict[tuple[int, str], array[int]] = {}
        self._records: dict[Position, dict[str, str]] = {}
        self._over: dict[Position, list[Bond]] = {}
        hit: list[int] = []
        parts = [f"slots.{slot}.{part}" for slot in COLLECTION for part in ("keys", "hits")]
        for chunk in rows.each("checks", revision, chunks, "n", *parts):
            for slot, own in chunk["slots"].items():
                self._flat[(chunk["n"], slot)] = unpacked(own["keys"])
            if any(own["hits"] for own in chunk["slots"].values()):
                hit.append(chunk["n"])
        wanted = [f"slots.{slot}.{part}" for slot in COLLECTION for part in ("ids", "hits")]
        for chunk in rows.some("checks", revision, hit, "n", *wanted):
            for slot, own in chunk["slots"].items():
                for offset in own["hits"]:
                    self._records.setdefault((chunk["n"], offset), {})[slot] = own["ids"][offset]
        for over in rows.each("amended", revision, chunks, "n", "keys"):
            for offset, bonds in over["keys"].items():
                self._over[(over["n"], int(offset))] = [
                    Bond(collection, tuple(keys), record) for collection, keys, record in bonds
                ]

    def bonds_of(self, position: Position) -> list[Bond]:
        """What ties one row to others."""
        if position in self._over:
            return self._over[position]
        n, offset = position
        records = self._records.get(position, {})
        return [
            Bond(collection, tuple(flat[offset * WIDTH : offset * WIDTH + WIDTH]), records.get(slot))
            for slot, collection in COLLECTION.items()
            if (flat := self._flat.get((n, slot))) is not None
        ]

    def records_of(self, positions: Iterable[Position]) -> dict[str, set[str]]:
        """The ids of the firm's records that some rows mean, by collection."""
        found: dict[str, set[str]] = {"accounts": set(), "contacts": set()}
        for position in positions:
            for bond in self.bonds_of(position):
                if bond.record:
                    found[bond.collection].add(bond.record)
        return found

    def group(self, edited: Iterable[Position], fresh: Iterable[Bond], most: int) -> list[Position] | None:
        """The edited rows and all that depend on them, by the bonds they had or by `fresh` ones.

        None where they are more than `most`.
        """
        group = set(edited)
        bonds = [*fresh, *(bond for position in group for bond in self.bonds_of(position))]
        while bonds:
            reached = self._bound_to(bonds) - group
            group |= reached
            if len(group) > most:
                return None
            bonds = [bond for position in reached for bond in self.bonds_of(position)]
        return sorted(group)

    def _bound_to(self, bonds: Sequence[Bond]) -> set[Position]:
        wanted: dict[str, set[int]] = {"accounts": set(), "contacts": set()}
        for bond in bonds:
            wanted[bond.collection].update(bond.keys[: BORN - 1])
        for keys in wanted.values():
            keys.discard(0)
        records: set[str | None] = {bond.record for bond in bonds if bond.record}
        found = {at for at, own in self._over.items() if any(_ties(bond, wanted, records) for bond in own)}
        for (n, slot), flat in self._flat.items():
            own_wanted = wanted[COLLECTION[slot]]
            if own_wanted.isdisjoint(flat):
                continue
            tied = {at // WIDTH for at, key in enumerate(flat) if key in own_wanted}
            found |= {(n, offset) for offset in tied if (n, offset) not in self._over}
        if records:
            known = (at for at, own in self._records.items() if not records.isdisjoint(own.values()))
            found |= {at for at in known if at not in self._over}
        return found


def _ties(bond: Bond, wanted: Mapping[str, set[int]], records: set[str | None]) -> bool:
    if bond.record is not None and bond.record in records:
        return True
    return not wanted[bond.collection].isdisjoint(bond.keys[: BORN - 1])


def bonds_at(slots: Mapping[str, Any], place: int) -> list[tuple[str, list[int], str | None]]:
    """The bonds of a row that was just checked, as they are kept: collection, keys, record."""
    found: list[tuple[str, list[int], str | None]] = []
    for slot, own in slots.items():
        flat = unpacked(own["keys"])
        record = own["ids"][place] if place in own["hits"] else None
        found.append((COLLECTION[slot], list(flat[place * WIDTH : place * WIDTH + WIDTH]), record))
    return found
