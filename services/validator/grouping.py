"""Walks the chunks of a file in order and notes which rows follow an earlier one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.validator.checking import SLOTS
from services.validator.matching import WIDTH, Entity, Matcher, Repeats, mark_of, unpacked
from services.validator.planning import COLLECTION

#: A row has room for several records; its references are `row * len(SLOTS) + place of the slot`.
_ROOM = len(SLOTS)


Lists = tuple[tuple[str, tuple[str, ...]], ...]


class Grouping:
    """First `see` all keys, then `place` all chunks in file order, then take the `adds`."""

    def __init__(self, orders: Mapping[str, Sequence[int]], chunk_rows: int) -> None:
        self._repeats = {name: Repeats() for name in orders}
        self._matchers = {name: Matcher(self._repeats[name], order) for name, order in orders.items()}
        self._size = chunk_rows
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
        grouped: dict[str, Any] = {"follows": {}, "doubts": {}, "repeats": []}
        leads: dict[str, list[int]] = {}
        for slot in (s for s in SLOTS if s in slots):
            leads[slot] = self._place_slot(n, slot, slots[slot], lists.get(slot, {}), grouped)
        self._find_repeats(leads, grouped)
        return grouped

    def _place_slot(
        self, n: int, slot: str, found: Mapping[str, Any], lists: Mapping[str, Any], grouped: dict[str, Any]
    ) -> list[int]:
        matcher, hits = self._matchers[COLLECTION[slot]], set(found["hits"])
        keys, follows, doubts = unpacked(found["keys"]), {}, []
        leads = []
        for offset, identity in enumerate(found["ids"]):
            own = keys[offset * WIDTH : offset * WIDTH + WIDTH]
            reference = (n * self._size + offset) * _ROOM + SLOTS.index(slot)
            entity = matcher.place(reference, own, identity, offset in hits) if any(own) else None
            if entity is None:
                leads.append(-1)
                if any(own):
                    doubts.append(offset)
                continue
            leads.append(entity.lead if entity.shared else -1)
            if entity.lead != reference:
                follows[str(offset)] = [entity.identity, entity.lead // _ROOM // self._size]
            if lists:
                self._gather(entity, {name: values[offset] for name, values in lists.items()})
        if follows:
            grouped["follows"][slot] = follows
        if doubts:
            grouped["doubts"][slot] = doubts
        return leads

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

    def _find_repeats(self, leads: Mapping[str, list[int]], grouped: dict[str, Any]) -> None:
        """A row repeats another when all the records it names were named together before."""
        own = [leads[slot] for slot in ("account", "contact") if slot in leads]
        for offset, named in enumerate(zip(*own, strict=True)):
            if -1 in named:
                continue  # one of them is this row's alone
            together = named[0] << 40 | named[-1]
            if together in self._pairs:
                grouped["repeats"].append(offset)
            else:
                self._pairs.add(together)

    def adds(self) -> dict[int, dict[str, Any]]:
        """By chunk, slot and offset: what to add to the lists of the record that the row there leads."""
        by_chunk: dict[int, dict[str, Any]] = {}
        for reference, lists in self._adds.items():
            row, place = divmod(reference, _ROOM)
            n, offset = divmod(row, self._size)
            renamed = {("assignees" if name == "team_members" else name): v for name, v in lists.items()}
            by_chunk.setdefault(n, {}).setdefault(SLOTS[place], {})[str(offset)] = renamed
        return by_chunk
