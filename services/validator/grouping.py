"""Walks the chunks of a file in order and notes which rows follow an earlier one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from services.validator.checking import SLOTS
from services.validator.matching import WIDTH, Entity, Matcher, Repeats, mark_of, unpacked
from services.validator.planning import COLLECTION

#: A row has room for several records; its references are `row * len(SLOTS) + place of the slot`.
_ROOM = len(SLOTS)


Lists = tuple[tuple[str, tuple[str, ...]], ...]


class _Chunk:
    """What checking found in one chunk, made ready for a walk along its rows."""

    def __init__(self, first: int, found: Mapping[str, Any]) -> None:
        self.first = first
        self.slots = [slot for slot in SLOTS if slot in found]
        self.keys = {slot: unpacked(found[slot]["keys"]) for slot in self.slots}
        self.ids = {slot: found[slot]["ids"] for slot in self.slots}
        self.hits = {slot: set(found[slot]["hits"]) for slot in self.slots}
        self.doubts = {offset for slot in self.slots for offset in found[slot]["doubts"]}
        self.count = max((len(ids) for ids in self.ids.values()), default=0)

    def reference(self, offset: int, slot: str) -> int:
        """A number for one place of one row of the file."""
        return (self.first + offset) * _ROOM + SLOTS.index(slot)


class Grouping:
    """First `see` all keys, then `place` all chunks in file order, then take the `adds`.

    `chunks` has the number of rows of each chunk; `orders` the places of the keys to match by, by collection.
    """

    def __init__(self, orders: Mapping[str, Sequence[int]], chunks: Sequence[int]) -> None:
        self._starts = list(accumulate(chunks, initial=0))
        self._repeats = {name: Repeats() for name in orders}
        self._matchers = {name: Matcher(self._repeats[name], order) for name, order in orders.items()}
        self._lists: dict[int, Lists] = {}
        self._alike: dict[Lists, Lists] = {}
        self._adds: dict[int, dict[str, list[str]]] = {}
        self._pairs: set[int] = set()

    def see(self, slots: Mapping[str, Any]) -> None:
        """Take note of which keys of a chunk, and which records of the firm, repeat."""
        for slot, found in slots.items():
            repeats = self._repeats[COLLECTION[slot]]
            repeats.add(unpacked(found["keys"]))
            repeats.add(mark_of(found["ids"][offset]) for offset in found["hits"])

    def place(self, n: int, slots: Mapping[str, Any], lists: Mapping[str, Any]) -> dict[str, Any]:
        """Group the rows of chunk `n`: ids that rows follow and whose chunk leads, rows in doubt, and repeats."""
        chunk = _Chunk(self._starts[n], slots)
        grouped: dict[str, Any] = {"follows": {slot: {} for slot in chunk.slots}, "doubts": [], "repeats": []}
        for offset in range(chunk.count):
            named = self._find(chunk, offset)
            if named is None:
                grouped["doubts"].append(offset)
                continue
            for slot, (entity, keys) in named.items():
                self._matchers[COLLECTION[slot]].file(entity, keys)
                if entity.lead != chunk.reference(offset, slot):
                    grouped["follows"][slot][str(offset)] = [entity.identity, self._place_of(entity.lead)[0]]
                if slot in lists:
                    self._gather(entity, {name: values[offset] for name, values in lists[slot].items()})
            if self._repeats_earlier(named):
                grouped["repeats"].append(offset)
        return grouped

    def _find(self, chunk: _Chunk, offset: int) -> dict[str, tuple[Entity, Sequence[int]]] | None:
        """What a row means, by slot; None where it is in doubt, so that nothing may follow it."""
        named: dict[str, tuple[Entity, Sequence[int]]] = {}
        if offset in chunk.doubts:
            return None
        for slot in chunk.slots:
            keys = chunk.keys[slot][offset * WIDTH : offset * WIDTH + WIDTH]
            if not any(keys):
                continue
            identity, known = chunk.ids[slot][offset], offset in chunk.hits[slot]
            matcher = self._matchers[COLLECTION[slot]]
            entity = matcher.find(chunk.reference(offset, slot), keys, identity, known)
            if entity is None:
                return None
            if slot == "spouse" and "contact" in named and named["contact"][0].identity == entity.identity:
                continue  # the same person twice on one row
            named[slot] = (entity, keys)
        return named

    def _gather(self, entity: Entity, lists: Mapping[str, Any]) -> None:
        """Remember what later rows add to the lists of the record that an earlier row leads."""
        if not entity.shared:
            return  # nobody will follow
        given = tuple((name, tuple(values)) for name, values in lists.items() if isinstance(values, list))
        have = self._lists.get(entity.lead)
        if have is None or have == given:
            self._lists[entity.lead] = self._alike.setdefault(given, given)
            return
        whole = {name: list(values) for name, values in have}
        for name, values in given:
            known = whole.setdefault(name, [])
            fresh = [value for value in values if value not in known]
            if fresh:
                known += fresh
                self._adds.setdefault(entity.lead, {}).setdefault(name, []).extend(fresh)
        self._lists[entity.lead] = tuple((name, tuple(values)) for name, values in whole.items())

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
        """By chunk, slot and offset: what to add to the lists of the record that the row there leads."""
        by_chunk: dict[int, dict[str, Any]] = {}
        for reference, lists in self._adds.items():
            n, offset, slot = self._place_of(reference)
            renamed = {("assignees" if name == "team_members" else name): v for name, v in lists.items()}
            by_chunk.setdefault(n, {}).setdefault(slot, {})[str(offset)] = renamed
        return by_chunk
