"""Groups the rows of a file: walks its chunks in order and finds which rows mean the record of an earlier one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate

from services.validator.check.slots import COLLECTION, NameOf
from services.validator.match.clashes import Clashes
from services.validator.match.entities import Conflict, Entity, Repeats, RowKeys, id_number
from services.validator.match.grouped import Grouped, OpenDoubt, OpenLoss
from services.validator.match.matching import Matcher
from services.validator.match.merging import Merger, ValuesOf
from shared.contract.documents.chunk import SLOTS, Additions, CheckedSlots, Followed, Matchable
from shared.contract.documents.values import Decision
from shared.contract.keys import CLIENT_CODE, KIND_SHIFT, NAME, NOTHING, NUMBER, WIDTH, Keys, unpacked
from shared.contract.records import SECRET, masked, name_of
from shared.values.evidence import Question

#: A row has room for several records; its references are `row * len(SLOTS) + place of the slot`.
_ROOM = len(SLOTS)
#: Rows named as candidates of one doubt.
MOST_CANDIDATES = 5


class _Chunk:
    """What checking found in one chunk, or in some rows of it, made ready for a walk along these rows.

    Rows are counted by their place in what was found; `offsets` has the offset of each in the chunk.
    """

    def __init__(self, n: int, first: int, found: Matchable, offsets: Sequence[int] | None) -> None:
        slots = found.slots
        self.n, self.first = n, first
        self.slots: list[str] = [slot for slot in SLOTS if slot in slots]
        self.keys = {slot: _rows_of(slots[slot].keys) for slot in self.slots}
        self.ids = {slot: slots[slot].ids for slot in self.slots}
        self.known_keys = {
            slot: dict(zip(slots[slot].matched, _rows_of(slots[slot].known_keys), strict=True))
            for slot in self.slots
        }
        self.digests = {slot: unpacked(slots[slot].digests, "I") for slot in self.slots}
        self.names = found.names
        self.decisions = found.decisions
        count = max((len(ids) for ids in self.ids.values()), default=0)
        self.offsets = range(count) if offsets is None else offsets

    def reference(self, place: int, slot: str) -> int:
        """A number for one slot of one row of the file."""
        return (self.first + self.offsets[place]) * _ROOM + _PLACE_OF_SLOT[slot]

    def name_at(self, place: int) -> NameOf:
        """Where the name of the row's account comes from."""
        return NameOf(self.names[place]) if self.names else NameOf.GIVEN

    def row(self, place: int) -> RowKeys:
        """One row, with the slots in which it names somebody."""
        known = {slot: self.known_keys[slot][place] for slot in self.slots if place in self.known_keys[slot]}
        keys = {
            slot: self.keys[slot][place]
            for slot in self.slots
            if slot in known or any(self.keys[slot][place])
        }
        return RowKeys(
            {slot: self.reference(place, slot) for slot in keys},
            keys,
            {slot: self.ids[slot][place] for slot in keys},
            known,
            self.name_at(place),
            self.decisions.get(place),
        )


_PLACE_OF_SLOT: dict[str, int] = {slot: place for place, slot in enumerate(SLOTS)}


def _rows_of(data: bytes) -> list[Keys]:
    flat = unpacked(data)
    return [tuple(flat[at : at + WIDTH]) for at in range(0, len(flat), WIDTH)]


class Grouping:
    """Groups a file in four passes.

    First `see` all chunks, then `look` at them again and `settle`, then `place` them in order, then take the
    `additions`. `chunks` has the number of rows of each chunk; `orders` the kinds of keys that match, by collection;
    `values_of` gives the values of a chunk, `fresh_id` an id for a record whose own id another record has.
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
        self._merger = Merger(values_of, self._place_of)
        self._pairs: set[int] = set()
        self._links: set[int] = set()
        self._known_digests: set[int] = set()

    def see(self, found: CheckedSlots | Matchable) -> None:
        """Take note of which keys of a chunk, and which records of the firm, repeat."""
        for slot, own in found.slots.items():
            repeats = self._repeats[COLLECTION[slot]]
            repeats.add(key for row in _rows_of(own.keys) for key in row[:NAME])
            repeats.add(id_number(own.ids[offset]) for offset in own.matched)

    def may_clash(self) -> bool:
        """Whether any client code or number repeats: only then the chunks must be looked at."""
        return any(key >> KIND_SHIFT <= NUMBER for repeats in self._repeats.values() for key in repeats.keys)

    def look(self, n: int, found: Matchable, offsets: Sequence[int] | None = None) -> None:
        """Take note of the names that rows of a chunk have with their client codes and numbers."""
        for slot, own in found.slots.items():
            rows = _rows_of(own.keys)
            if slot == "account" and any(found.names):
                rows = [
                    NOTHING if name == NameOf.MADE_UP.value else keys
                    for keys, name in zip(rows, found.names, strict=True)
                ]
            self._clashes.see(n, slot, zip(offsets or range(len(rows)), rows, strict=True))

    def settle(self) -> None:
        """Decide which client codes and numbers clash."""
        for collection, found in self._clashes.found(self._name_and_code_at).items():
            self._conflicts[collection].update(found)

    def _name_and_code_at(self, n: int, offset: int, slot: str, kind: int) -> tuple[str, str]:
        values = self._merger.values(n)[slot][offset]
        if kind == CLIENT_CODE:
            return name_of(values), str(values["client_code"])
        number = values.get("kbo_number") or values.get("tax_id") or masked(SECRET, values.get(SECRET))
        return name_of(values), str(number)

    def place(self, n: int, found: Matchable, offsets: Sequence[int] | None = None) -> Grouped:
        """Group the rows of chunk `n`, or those at `offsets`, of which `found` then is; chunks come in file order."""
        chunk = _Chunk(n, self._starts[n], found, offsets)
        grouped = Grouped({slot: {} for slot in chunk.slots}, {slot: {} for slot in chunk.slots})
        for place, offset in enumerate(chunk.offsets):
            self._place_row(chunk, place, offset, grouped)
        return grouped

    def _place_row(self, chunk: _Chunk, place: int, offset: int, grouped: Grouped) -> None:
        row = chunk.row(place)
        named = self._matcher.find(self._with_place_in_file(row))
        if isinstance(named, Question):
            grouped.doubts.append(self._doubt(offset, row, named))
            return
        self._matcher.file(row, named)
        for slot, entity in named.items():
            if entity.lead != row.references[slot]:
                led_in = self._place_of(entity.lead)[0]
                grouped.follows[slot][offset] = Followed(entity.identity, led_in, entity.known)
            elif entity.identity != row.ids[slot]:
                grouped.renamed[slot][offset] = entity.identity
            if entity.shared:
                losses = self._merger.merge(entity, chunk.digests[slot][place], slot, (chunk.n, offset))
                grouped.lost += [
                    OpenLoss(offset, f"{slot}.{loss.name}", loss.value, loss.kept, loss.where)
                    for loss in losses
                ]
        if self._repeats_earlier(named):
            grouped.repeats.append(offset)
        for slot, says_more in self._linked_earlier(named, chunk, place):
            grouped.linked[slot].append(offset)
            if says_more:
                grouped.relinked[slot].append(offset)

    def _with_place_in_file(self, row: RowKeys) -> RowKeys:
        """A row whose decision names another row by chunk and offset, with the place of that row in the file."""
        named = row.decision.get("as") if row.decision else None
        if isinstance(named, list):
            own: Decision = row.decision or {}
            row.decision = {**own, "as": self._starts[named[0]] + named[1]}
        return row

    def _doubt(self, offset: int, row: RowKeys, question: Question[Entity]) -> OpenDoubt:
        leads = sorted(entity.lead for entity in question.candidates)[:MOST_CANDIDATES]
        candidates = [self._place_of(lead)[:2] for lead in leads]
        slot = _slot_of(question.code, row)
        if question.candidates:
            slot = self._place_of(question.candidates[0].lead)[2]
        return OpenDoubt(offset, slot, question.code, question.params, candidates)

    def _repeats_earlier(self, named: Mapping[str, Entity]) -> bool:
        """Whether the records that a row names were all named together by an earlier one."""
        entities = [named[slot] for slot in ("account", "contact") if slot in named]
        if not entities or not all(entity.shared for entity in entities):
            return False  # one of them is this row's alone
        together = entities[0].lead << 40 | entities[-1].lead
        repeated = together in self._pairs
        self._pairs.add(together)
        return repeated

    def _linked_earlier(
        self, named: Mapping[str, Entity], chunk: _Chunk, place: int
    ) -> list[tuple[str, bool]]:
        """The slots whose person an earlier row links with the account of this one.

        Each with whether this row says something of the person that no row before has.
        """
        found = []
        for slot in ("contact", "spouse"):
            ends = [named[end] for end in ("account", slot) if end in named and not _is_twice(slot, named)]
            if len(ends) == 2 and all(entity.shared for entity in ends):
                pair = ends[0].lead << 40 | ends[1].lead
                digest = hash((pair, chunk.digests[slot][place]))
                if pair in self._links:
                    found.append((slot, digest not in self._known_digests))
                self._links.add(pair)
                self._known_digests.add(digest)
        return found

    def _place_of(self, reference: int) -> tuple[int, int, str]:
        """Chunk, offset and slot of a reference."""
        row, place = divmod(reference, _ROOM)
        n = bisect_right(self._starts, row) - 1
        return n, row - self._starts[n], SLOTS[place]

    def additions(self) -> dict[int, dict[str, dict[int, Additions]]]:
        """By chunk, slot and offset: what other rows add to the record that the row there leads."""
        return self._merger.additions()


def _is_twice(slot: str, named: Mapping[str, Entity]) -> bool:
    """Whether the spouse of a row is its contact once more."""
    return slot == "spouse" and named.get("spouse", 0) is named.get("contact")


def _slot_of(code: str, row: RowKeys) -> str:
    """The slot that a question without candidates is about."""
    return "account" if code == "code_with_two_names" or "contact" not in row.keys else "contact"
