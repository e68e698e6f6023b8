"""Which rows of a file depend on one another: those that may share a record.

Two rows are bound when they share a matching key, or mean the same record of the firm. A group from which nothing leads
out is matched alone as it is within the whole file. A birth date is no such key: it only keeps people apart.

The keys of all rows are searched without an index, at C speed: some 0.1 s for 100,000 rows.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence

from services.validator.check.slots import COLLECTION
from shared.contract.documents.chunk import AmendedBonds, Bond, CheckedIds, CheckedKeys, Slot
from shared.contract.documents.values import Position
from shared.contract.keys import BORN, WIDTH, unpacked


class Dependents:
    """The bonds of all rows of a job, as they were last checked.

    First add the keys of all chunks, then the ids of those in `matched_in`, and the bonds of repaired rows.
    """

    def __init__(self) -> None:
        self._flat: dict[tuple[int, str], array[int]] = {}
        self._records: dict[Position, dict[str, str]] = {}
        self._amended: dict[Position, list[Bond]] = {}
        self.matched_in: list[int] = []

    def add_keys(self, chunk: CheckedKeys) -> None:
        """Add the keys of the rows of a chunk."""
        for slot, own in chunk.slots.items():
            self._flat[(chunk.n, slot)] = unpacked(own.keys)
        if any(own.matched for own in chunk.slots.values()):
            self.matched_in.append(chunk.n)

    def add_ids(self, chunk: CheckedIds) -> None:
        """Add the records of the firm that rows of a chunk mean."""
        for slot, own in chunk.slots.items():
            for offset in own.matched:
                self._records.setdefault((chunk.n, offset), {})[slot] = own.ids[offset]

    def add_amended(self, chunk: AmendedBonds) -> None:
        """Add the bonds that repaired rows of a chunk have now."""
        self._amended.update({(chunk.n, offset): bonds for offset, bonds in chunk.keys.items()})

    def bonds_of(self, position: Position) -> list[Bond]:
        """What ties one row to others."""
        if position in self._amended:
            return self._amended[position]
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
        records = {bond.record for bond in bonds if bond.record}
        found = {at for at, own in self._amended.items() if any(_ties(bond, wanted, records) for bond in own)}
        for (n, slot), flat in self._flat.items():
            own_wanted = wanted[COLLECTION[slot]]
            if own_wanted.isdisjoint(flat):
                continue
            tied = {at // WIDTH for at, key in enumerate(flat) if key in own_wanted}
            found |= {(n, offset) for offset in tied if (n, offset) not in self._amended}
        if records:
            known = (at for at, own in self._records.items() if not records.isdisjoint(own.values()))
            found |= {at for at in known if at not in self._amended}
        return found


def _ties(bond: Bond, wanted: Mapping[str, set[int]], records: set[str]) -> bool:
    if bond.record is not None and bond.record in records:
        return True
    return not wanted[bond.collection].isdisjoint(bond.keys[: BORN - 1])


def bonds_at(slots: Mapping[str, Slot], place: int) -> list[Bond]:
    """The bonds of a row that was just checked."""
    found: list[Bond] = []
    for slot, own in slots.items():
        keys = unpacked(own.keys)[place * WIDTH : place * WIDTH + WIDTH]
        record = own.ids[place] if place in own.matched else None
        found.append(Bond(COLLECTION[slot], tuple(keys), record))
    return found
