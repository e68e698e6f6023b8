"""Walks the chunks of a file in order and notes which rows follow an earlier one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any

from services.validator.check.checking import SLOTS
from services.validator.match.clashes import Clashes
from services.validator.match.evidence import Doubt, NameOf
from services.validator.match.matching import Conflict, Entity, Matcher, Repeats, RowKeys, mark_of
from services.validator.plan.planning import COLLECTION
from shared.contract.keys import CLIENT_CODE, KIND_SHIFT, NAME, NOTHING, NUMBER, WIDTH, Keys, unpacked
from shared.contract.legal_forms import company, plain
from shared.contract.records import CLEAR, SECRET, masked, name_of

#: A row has room for several records; its references are `row * len(SLOTS) + place of the slot`.
_ROOM = len(SLOTS)

#: By slot and offset the values of a row by field name.
Values = Mapping[str, Any]
#: The values of a chunk; asked for only where rows share a record and say different things of it.
ValuesOf = Callable[[int], Values]
#: Chunks whose values are remembered.
MOST_CHUNKS = 8


class _Chunk:
    """What checking found in one chunk, or in some rows of it, made ready for a walk along these rows.

    Rows are counted by their place in what was found; `offsets` gives where they stand in the chunk.
    """

    def __init__(self, n: int, first: int, found: Mapping[str, Any], offsets: Sequence[int] | None) -> None:
        slots = found["slots"]
        self.n, self.first = n, first
        self.slots = [slot for slot in SLOTS if slot in slots]
        self.keys = {slot: _rows_of(slots[slot]["keys"]) for slot in self.slots}
        self.ids = {slot: slots[slot]["ids"] for slot in self.slots}
        self.held = {
            slot: dict(zip(slots[slot]["hits"], _rows_of(slots[slot]["held"]), strict=True))
            for slot in self.slots
        }
        self.said = {slot: unpacked(slots[slot]["said"], "I") for slot in self.slots}
        self.names = found["names"]
        self.decisions = {int(at): decision for at, decision in found["decisions"].items()}
        count = max((len(ids) for ids in self.ids.values()), default=0)
        self.offsets = range(count) if offsets is None else offsets

    def reference(self, place: int, slot: str) -> int:
        """A number for one slot of one row of the file."""
        return (self.first + self.offsets[place]) * _ROOM + SLOTS.index(slot)

    def named(self, place: int) -> NameOf:
        """Where the name of the row's account comes from."""
        return NameOf(self.names[place]) if self.names else NameOf.GIVEN

    def row(self, place: int) -> RowKeys:
        """One row, with the slots in which it names somebody."""
        held = {slot: self.held[slot][place] for slot in self.slots if place in self.held[slot]}
        keys = {
            slot: self.keys[slot][place] for slot in self.slots if slot in held or any(self.keys[slot][place])
        }
        return RowKeys(
            {slot: self.reference(place, slot) for slot in keys},
            keys,
            {slot: self.ids[slot][place] for slot in keys},
            held,
            self.named(place),
            self.decisions.get(place),
        )


def _rows_of(data: bytes) -> list[Keys]:
    flat = unpacked(data)
    return [tuple(flat[at : at + WIDTH]) for at in range(0, len(flat), WIDTH)]


class Grouping:
    """First `see` all chunks, then `look` at them again and `settle`, then `place` them in order, then take the `adds`.

    `chunks` has the number of rows of each chunk; `orders` the kinds of keys that match, by collection; `values_of`
    gives the values of a chunk, `fresh_id` an id for a record whose own is another's.
    """

    def __init__(
        self,
        orders: Mapping[str, Sequence[int]],
        chunks: Sequence[int],
        values_of: ValuesOf,
        fresh_id: Callable[[str, str, int], str],
    ) -> None:
        self._starts = list(accumulate(chunks, initial=0))
        self._repeats = {name: Repeats() for name in orders}
        repeated = {name: repeats.keys for name, repeats in self._repeats.items()}
        self._conflicts: dict[str, dict[int, Conflict]] = {name: {} for name in orders}
        self._clashes = Clashes(repeated)
        self._matcher = Matcher(repeated, orders, self._conflicts, fresh_id)
        self._values = lru_cache(MOST_CHUNKS)(values_of)
        self._told: dict[tuple[int, int], list[tuple[str, Any, Any, list[int]]]] = {}
        self._adds: dict[int, dict[str, Any]] = {}
        self._pairs: set[int] = set()
        self._links: set[int] = set()

    def see(self, found: Mapping[str, Any]) -> None:
        """Take note of which keys of a chunk, and which records of the firm, repeat."""
        for slot, own in found["slots"].items():
            repeats = self._repeats[COLLECTION[slot]]
            repeats.add(key for row in _rows_of(own["keys"]) for key in row[:NAME])
            repeats.add(mark_of(own["ids"][offset]) for offset in own["hits"])

    def may_clash(self) -> bool:
        """Whether any client code or number repeats, so that it is worth a look."""
        return any(key >> KIND_SHIFT <= NUMBER for repeats in self._repeats.values() for key in repeats.keys)

    def look(self, n: int, found: Mapping[str, Any], offsets: Sequence[int] | None = None) -> None:
        """Take note of the names that stand beside the client codes and numbers of a chunk."""
        for slot, own in found["slots"].items():
            rows = _rows_of(own["keys"])
            made_up = slot == "account" and any(found["names"])
            if made_up:
                rows = [
                    NOTHING if name == NameOf.MADE_UP.value else keys
                    for keys, name in zip(rows, found["names"], strict=True)
                ]
            self._clashes.see(n, slot, zip(offsets or range(len(rows)), rows, strict=True))

    def settle(self) -> None:
        """Decide which client codes and numbers clash."""
        for collection, found in self._clashes.found(self._named_at).items():
            self._conflicts[collection].update(found)

    def _named_at(self, n: int, place: int, slot: str, kind: int) -> tuple[str, str]:
        values = self._values(n)[slot][place]
        if kind == CLIENT_CODE:
            return name_of(values), values["client_code"]
        number = values.get("kbo_number") or values.get("tax_id") or masked(SECRET, values.get(SECRET))
        return name_of(values), number

    def place(self, n: int, found: Mapping[str, Any], offsets: Sequence[int] | None = None) -> dict[str, Any]:
        """Group the rows of chunk `n`, or those at `offsets`, which is what was `found` is then about.

        Gives by offset the records that rows follow, as id, chunk that leads and whether the firm has it; the ids of
        records that had to be `renamed`; the `doubts` as offset, slot, code, params and where the candidates stand;
        the `repeats`; by slot the rows whose link an earlier row makes; and what rows say that is `lost`, as offset,
        field, their value, the value that counts, and where that stands.
        """
        chunk = _Chunk(n, self._starts[n], found, offsets)
        grouped: dict[str, Any] = {
            "follows": {slot: {} for slot in chunk.slots},
            "renamed": {slot: {} for slot in chunk.slots},
            "doubts": [],
            "repeats": [],
            "linked": {"contact": [], "spouse": []},
            "lost": [],
        }
        for place, offset in enumerate(chunk.offsets):
            self._place_row(chunk, place, offset, grouped)
        return grouped

    def _place_row(self, chunk: _Chunk, place: int, offset: int, grouped: dict[str, Any]) -> None:
        row = chunk.row(place)
        named = self._matcher.find(self._with_places(row))
        if isinstance(named, Doubt):
            grouped["doubts"].append(self._doubt(offset, row, named))
            return
        self._matcher.file(row, named)
        for slot, entity in named.items():
            if entity.lead != row.references[slot]:
                led_in = self._place_of(entity.lead)[0]
                grouped["follows"][slot][str(offset)] = [entity.identity, led_in, entity.known]
            elif entity.identity != row.ids[slot]:
                grouped["renamed"][slot][str(offset)] = entity.identity
            if entity.shared:
                self._hear(chunk, place, slot, entity, grouped)
        if self._repeats_earlier(named):
            grouped["repeats"].append(offset)
        for slot in self._linked_earlier(named):
            grouped["linked"][slot].append(offset)

    def _with_places(self, row: RowKeys) -> RowKeys:
        """A row whose decision names another row by chunk and offset, with the place of that row in the file."""
        named = row.decision.get("as") if row.decision else None
        if isinstance(named, list):
            row.decision = {**(row.decision or {}), "as": self._starts[named[0]] + named[1]}
        return row

    def _doubt(self, offset: int, row: RowKeys, doubt: Doubt[Entity]) -> list[Any]:
        leads = sorted(entity.lead for entity in doubt.candidates)[:MOST_TOLD]
        where = [list(self._place_of(lead)[:2]) for lead in leads]
        slot = self._place_of(doubt.candidates[0].lead)[2] if doubt.candidates else _slot_of(doubt.code, row)
        return [offset, slot, doubt.code, dict(doubt.params), where]

    # what rows say of one record

    def _hear(self, chunk: _Chunk, place: int, slot: str, entity: Entity, grouped: dict[str, Any]) -> None:
        """Remember what a later row says of a record that an earlier row leads, and what of it is lost."""
        said = chunk.said[slot][place]
        if entity.said is None:
            entity.said = said
            return
        if said == entity.said:
            return
        offset = chunk.offsets[place]
        losses = self._told.get((entity.lead, said))
        if losses is None:
            losses = self._gather(entity, self._values(chunk.n)[slot][offset], [chunk.n, offset])
            self._told[(entity.lead, said)] = losses
        grouped["lost"] += [[offset, f"{slot}.{name}", *more] for name, *more in losses]

    def _gather(
        self, entity: Entity, values: Mapping[str, Any], where: list[int]
    ) -> list[tuple[str, Any, Any, list[int]]]:
        n, offset, slot = self._place_of(entity.lead)
        leading = self._values(n)[slot][offset]
        adds = self._adds.setdefault(entity.lead, {"lists": {}, "singles": {}, "from": {}})
        losses = []
        for name, value in values.items():
            if isinstance(value, list):
                known = adds["lists"].setdefault(name, [])
                known += [one for one in value if one not in known]
                continue
            counts = leading.get(name, adds["singles"].get(name))
            if counts is None:
                adds["singles"][name], adds["from"][name] = value, where
            elif counts != value and not isinstance(counts, list) and not _is_spelling(name, counts, value):
                losses.append((name, value, counts, adds["from"].get(name, [n, offset])))
        return losses

    def _repeats_earlier(self, named: Mapping[str, Entity]) -> bool:
        """Whether the records that a row names were all named together by an earlier one."""
        entities = [named[slot] for slot in ("account", "contact") if slot in named]
        if not entities or not all(entity.shared for entity in entities):
            return False  # one of them is this row's alone
        together = entities[0].lead << 40 | entities[-1].lead
        repeated = together in self._pairs
        self._pairs.add(together)
        return repeated

    def _linked_earlier(self, named: Mapping[str, Entity]) -> list[str]:
        """The slots whose person an earlier row links with the account of this one."""
        found = []
        for slot in ("contact", "spouse"):
            ends = [named[end] for end in ("account", slot) if end in named and not _is_twice(slot, named)]
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

        `lists` has the parts by field, `singles` the value of each field that the row itself leaves blank.
        """
        by_chunk: dict[int, dict[str, Any]] = {}
        for reference, said in self._adds.items():
            n, offset, slot = self._place_of(reference)
            kept = {"lists": said["lists"], "singles": said["singles"]}
            by_chunk.setdefault(n, {}).setdefault(slot, {})[str(offset)] = kept
        return by_chunk


#: Fields whose spellings are one value.
COMPANY_NAMES = frozenset({"name", "company_name"})
WRITTEN = COMPANY_NAMES | {"first_name", "last_name", "email"}

#: Rows named as candidates of one doubt.
MOST_TOLD = 5


def _is_twice(slot: str, named: Mapping[str, Entity]) -> bool:
    """Whether the spouse of a row is its contact once more."""
    return slot == "spouse" and named.get("spouse", 0) is named.get("contact")


def _is_spelling(name: str, one: Any, other: Any) -> bool:
    """Whether two names or addresses are one, written differently."""
    if name not in WRITTEN or CLEAR in (one, other):
        return False
    if name == "email":
        return bool(one.casefold() == other.casefold())
    return company(one) == company(other) if name in COMPANY_NAMES else plain(one) == plain(other)


def _slot_of(code: str, row: RowKeys) -> str:
    """The slot that a doubt without candidates is about."""
    return "account" if code == "code_with_two_names" or "contact" not in row.keys else "contact"
