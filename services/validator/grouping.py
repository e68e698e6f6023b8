"""Walks the chunks of a file in order and notes which rows follow an earlier one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from services.validator.checking import SLOTS
from services.validator.matching import Entity, Matcher, Repeats, mark_of
from services.validator.planning import COLLECTION
from shared.contract.keys import NOTHING, WIDTH, Order, unpacked

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
        self.hits = {
            slot: dict(zip(found[slot]["hits"], found[slot]["held"], strict=True)) for slot in self.slots
        }
        self.said = {slot: unpacked(found[slot]["said"], "I") for slot in self.slots}
        count = max((len(ids) for ids in self.ids.values()), default=0)
        self.offsets = range(count) if offsets is None else offsets

    def reference(self, place: int, slot: str) -> int:
        """A number for one slot of one row of the file."""
        return (self.first + self.offsets[place]) * _ROOM + SLOTS.index(slot)


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
        self._links: set[int] = set()

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

        Gives by offset the records that rows follow, as id, chunk that leads and whether the firm has it, the rows
        in doubt, the repeats, and by slot the rows whose link an earlier row makes.
        """
        chunk = _Chunk(self._starts[n], slots, offsets)
        grouped: dict[str, Any] = {
            "follows": {slot: {} for slot in chunk.slots},
            "doubts": [],
            "repeats": [],
            "linked": {"contact": [], "spouse": []},
        }
        values: Values | None = None
        for place, offset in enumerate(chunk.offsets):
            named = self._find(chunk, place)
            if named is None:
                grouped["doubts"].append(offset)
                continue
            for slot, (entity, keys) in named.items():
                self._matchers[COLLECTION[slot]].file(entity, keys)
                if entity.lead != chunk.reference(place, slot):
                    led_in = self._place_of(entity.lead)[0]
                    grouped["follows"][slot][str(offset)] = [entity.identity, led_in, entity.known]
                if not entity.shared or keys is NOTHING:
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
            for slot in self._linked_earlier(named):
                grouped["linked"][slot].append(offset)
        return grouped

    def _find(self, chunk: _Chunk, place: int) -> dict[str, tuple[Entity, Sequence[int]]] | None:
        """What a row means, by slot; None where it is in doubt, so that nothing may follow it."""
        named: dict[str, tuple[Entity, Sequence[int]]] = {}
        for slot in chunk.slots:
            keys: Sequence[int] = chunk.keys[slot][place * WIDTH : place * WIDTH + WIDTH]
            identity, held = chunk.ids[slot][place], chunk.hits[slot].get(place)
            if held is None and not any(keys):
                continue
            matcher = self._matchers[COLLECTION[slot]]
            entity = matcher.find(chunk.reference(place, slot), keys, identity, held)
            if entity is None:
                return None
            if slot == "spouse" and "contact" in named and named["contact"][0].identity == entity.identity:
                entity, keys = named["contact"][0], NOTHING  # the same person twice on one row
            named[slot] = (entity, keys)
        return named

    def _gather(self, entity: Entity, values: Mapping[str, Any], where: list[int]) -> None:
        """Remember what a later row says of a record that an earlier row leads."""
        adds = self._adds.setdefault(entity.lead, {"lists": {}, "singles": {}})
        for name, value in values.items():
            if isinstance(value, list):
                known = adds["lists"].setdefault(name, [])
                known += [one for one in value if one not in known]
            else:
                _add_single(adds["singles"].setdefault(name, []), value, where)

    def _repeats_earlier(self, named: Mapping[str, tuple[Entity, Sequence[int]]]) -> bool:
        """Whether the records that a row names were all named together by an earlier one."""
        entities = [named[slot][0] for slot in ("account", "contact") if slot in named]
        if not entities or not all(entity.shared for entity in entities):
            return False  # one of them is this row's alone
        together = entities[0].lead << 40 | entities[-1].lead
        repeated = together in self._pairs
        self._pairs.add(together)
        return repeated

    def _linked_earlier(self, named: Mapping[str, tuple[Entity, Sequence[int]]]) -> list[str]:
        """The slots whose person an earlier row links with the account of this one."""
        found = []
        for slot in ("contact", "spouse"):
            ends = [named[end][0] for end in ("account", slot) if end in named]
            if len(ends) == 2 and all(entity.shared for entity in ends):
                pair = ends[0].lead << 40 | ends[1].lead
                if pair in self._links:
                    found.append(slot)
                self._links.add(pair)
        return found

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


def _add_single(told: list[list[Any]], value: Any, where: Sequence[int]) -> None:
    """Remember where a value stands first; of many different ones the first are enough."""
    if len(told) < MOST_TOLD and all(value != known for known, *_ in told):
        told.append([value, *where])
