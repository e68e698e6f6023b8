"""Walks the chunks of a file in order and notes which rows follow an earlier one."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from services.validator.checking import SLOTS
from services.validator.matching import Entity, Matcher, Repeats, mark_of, unpacked
from services.validator.planning import COLLECTION
from shared.contract.keys import WIDTH, Order

#: A row has room for several records; its references are `row * len(SLOTS) + place of the slot`.
_ROOM = len(SLOTS)


#: Per row of a slot the values by field name; asked for only where rows share a record.
Values = Mapping[str, Sequence[Mapping[str, Any]]]
#: How many different values of one field are remembered for one record, to tell a person of them.
MOST_TOLD = 3


class _Chunk:
    """What checking found in one chunk, or in some rows of it, made ready for a walk along these rows.

    Rows are counted by their place in what was found; `offsets` gives where they stand in the chunk.
    """

    def __init__(self, first: int, found: Mapping[str, Any], offsets: Sequence[int] | None) -> None:
        self.first = first
        self.slots = [slot for slot in SLOTS if slot in found]
        self.keys = {slot: unpacked(found[slot]["keys"]) for slot in self.slots}
        self.ids = {slot: found[slot]["ids"] for slot in self.slots}
        self.hits = {slot: set(found[slot]["hits"]) for slot in self.slots}
        self.said = {slot: _unpacked(found[slot]["said"]) for slot in self.slots}
        count = max((len(ids) for ids in self.ids.values()), default=0)
        self.offsets = range(count) if offsets is None else offsets

    def reference(self, place: int, slot: str) -> int:
        """A number for one slot of one row of the file."""
        return (self.first + self.offsets[place]) * _ROOM + SLOTS.index(slot)


def _unpacked(data: bytes) -> array[int]:
    flat = array("I")
    flat.frombytes(data)
    return flat


class Grouping:
    """First `see` all keys, then `place` all chunks in file order, then take the `adds`.

    `chunks` has the number of rows of each chunk; `orders` the order of keys to match by, by collection.
    """

    def __init__(self, orders: Mapping[str, Order], chunks: Sequence[int]) -> None:
        self._starts = list(accumulate(chunks, initial=0))
        self._repeats = {name: Repeats() for name in orders}
        self._matchers = {name: Matcher(self._repeats[name], order) for name, order in orders.items()}
        self._given: set[tuple[int, int]] = set()
        self._adds: dict[int, dict[str, Any]] = {}
        self._pairs: set[int] = set()

    def see(self, slots: Mapping[str, Any]) -> None:
        """Take note of which keys of a chunk, and which records of the firm, repeat."""
        for slot, found in slots.items():
            repeats = self._repeats[COLLECTION[slot]]
            repeats.add(unpacked(found["keys"]))
            repeats.add(mark_of(found["ids"][offset]) for offset in found["hits"])

    def place(
        self,
        n: int,
        slots: Mapping[str, Any],
        values_of: Callable[[], Values],
        offsets: Sequence[int] | None = None,
    ) -> dict[str, Any]:
        """Group the rows of chunk `n`, or those at `offsets`, which is what `slots` and values are then about.

        Gives the ids that rows follow and whose chunk leads, the rows in doubt, and the repeats, by offset.
        """
        chunk = _Chunk(self._starts[n], slots, offsets)
        grouped: dict[str, Any] = {"follows": {slot: {} for slot in chunk.slots}, "doubts": [], "repeats": []}
        values: Values | None = None
        for place, offset in enumerate(chunk.offsets):
            named = self._find(chunk, place)
            if named is None:
                grouped["doubts"].append(offset)
                continue
            for slot, (entity, keys) in named.items():
                self._matchers[COLLECTION[slot]].file(entity, keys)
                if entity.lead != chunk.reference(place, slot):
                    grouped["follows"][slot][str(offset)] = [entity.identity, self._place_of(entity.lead)[0]]
                if not entity.shared:
                    continue
                said = chunk.said[slot][place]
                if entity.said is None:
                    entity.said = said
                elif said != entity.said and (entity.lead, said) not in self._given:
                    self._given.add((entity.lead, said))
                    values = values_of() if values is None else values
                    self._gather(entity, values[slot][place], [n, offset])
            if self._repeats_earlier(named):
                grouped["repeats"].append(offset)
        return grouped

    def _find(self, chunk: _Chunk, place: int) -> dict[str, tuple[Entity, Sequence[int]]] | None:
        """What a row means, by slot; None where it is in doubt, so that nothing may follow it."""
        named: dict[str, tuple[Entity, Sequence[int]]] = {}
        for slot in chunk.slots:
            keys = chunk.keys[slot][place * WIDTH : place * WIDTH + WIDTH]
            identity, known = chunk.ids[slot][place], place in chunk.hits[slot]
            if not (any(keys) or known):
                continue
            matcher = self._matchers[COLLECTION[slot]]
            entity = matcher.find(chunk.reference(place, slot), keys, identity, known)
            if entity is None:
                return None
            if slot == "spouse" and "contact" in named and named["contact"][0].identity == entity.identity:
                continue  # the same person twice on one row
            named[slot] = (entity, keys)
        return named

    def _gather(self, entity: Entity, values: Mapping[str, Any], where: list[int]) -> None:
        """Remember what a later row says of a record that an earlier row leads."""
        adds = self._adds.setdefault(entity.lead, {"lists": {}, "singles": {}})
        for name, value in values.items():
            if isinstance(value, list):
                known = adds["lists"].setdefault(name, [])
                known += [one for one in value if one not in known]
            elif len(known := adds["singles"].setdefault(name, [])) < MOST_TOLD:
                known.append([value, *where])

    def _repeats_earlier(self, named: Mapping[str, tuple[Entity, Sequence[int]]]) -> bool:
        """Whether the records that a row names were all named together by an earlier one."""
        entities = [named[slot][0] for slot in ("account", "contact") if slot in named]
        if not entities or not all(entity.shared for entity in entities):
            return False  # one of them is this row's alone
        together = entities[0].lead << 40 | entities[-1].lead
        repeated = together in self._pairs
        self._pairs.add(together)
        return repeated

    def _place_of(self, reference: int) -> tuple[int, int, str]:
        """Chunk, offset and slot of a reference."""
        row, place = divmod(reference, _ROOM)
        n = bisect_right(self._starts, row) - 1
        return n, row - self._starts[n], SLOTS[place]

    def adds(self) -> dict[int, dict[str, Any]]:
        """By chunk, slot and offset: what other rows say of the record that the row there leads.

        `lists` has the parts by field, `singles` for each field some [value, chunk, offset].
        """
        by_chunk: dict[int, dict[str, Any]] = {}
        for reference, said in self._adds.items():
            n, offset, slot = self._place_of(reference)
            by_chunk.setdefault(n, {}).setdefault(slot, {})[str(offset)] = said
        return by_chunk
