"""Gives ids to records that will be new: they follow from the strongest evidence, so that a second load finds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.slots import COLLECTION, NameOf
from services.validator.match.known_records import KnownRecords
from shared.contract.documents.job import Job
from shared.contract.documents.values import Position
from shared.contract.keys import NAME, NUMBER, Keys
from shared.values.evidence import CODES, OF_PEOPLE, PEOPLE

#: Makes the id of a record of the firm from its collection and whatever identifies it.
MakeId = Callable[[str, int | str], str]


@dataclass(frozen=True)
class FileRows:
    """Where rows are in the file, however it was cut into chunks; `starts` has the first row of each chunk."""

    job: str
    starts: Sequence[int]
    positions: Sequence[Position]

    @classmethod
    def of(cls, job: Job, positions: Sequence[Position]) -> FileRows:
        """The places of some rows of a job."""
        return cls(job["_id"], list(accumulate(job["source"]["chunks"], initial=0)), positions)

    def name(self, place: int, slot: str) -> str:
        """A text that is different for every slot of every row of every job."""
        n, offset = self.positions[place]
        return f"{self.job}:{self.starts[n] + offset}:{slot}"


def fresh_ids(make_id: MakeId, job_id: str) -> Callable[[str, str, int], str]:
    """How a record gets an id whose own id is that of another record of the file."""
    return lambda collection, identity, reference: make_id(collection, f"{identity}:{job_id}:{reference}")


def account_after(make_id: MakeId, person: str) -> str:
    """The id of the account that is named after a person."""
    return make_id("accounts", f"after {person}")


class NewIds:
    """Gives the rows of a chunk the ids of their records; `matched` has, by slot and row, those of existing records."""

    def __init__(
        self,
        found: CheckedRows,
        orders: Mapping[str, Sequence[int]],
        file_rows: FileRows,
        make_id: MakeId,
        records: KnownRecords,
        matched: Mapping[str, Mapping[int, str]],
    ) -> None:
        self.found, self.orders, self.file_rows, self.make_id = found, orders, file_rows, make_id
        self.records, self.matched = records, matched
        self.ids: dict[str, list[str]] = {}

    def by_slot(self) -> dict[str, list[str]]:
        """The id of each row by slot: an existing record keeps its own."""
        for slot in (*PEOPLE, "account"):  # an account may be named after its person
            if slot in self.found.keys:
                matched = self.matched[slot]
                rows = enumerate(self.found.keys[slot])
                self.ids[slot] = [matched.get(place) or self._new_id(slot, place, row) for place, row in rows]
                if not self.records.are_none():
                    self._avoid_taken(slot)
        return self.ids

    def _new_id(self, slot: str, place: int, row: Keys) -> str:
        collection = COLLECTION[slot]
        usable = [kind for kind in self.orders[collection] if row[kind - 1]]
        if slot == "account":
            return self._id_of_account(place, row, usable)
        usable = [kind for kind in usable if kind in OF_PEOPLE]
        if usable:
            return self.make_id(collection, row[usable[0] - 1])
        account = self.found.keys["account"][place] if "account" in self.found.keys else ()
        named = account and (any(account[:NUMBER]) or self.found.names[place] is not NameOf.MADE_UP)
        if named and row[NAME - 1]:
            inside = next(key for key in account if key) if any(account) else 0
            return self.make_id(collection, f"{inside}:{row[NAME - 1]}")
        return self.make_id(collection, self.file_rows.name(place, slot))

    def _id_of_account(self, place: int, row: Keys, usable: Sequence[int]) -> str:
        if self.found.names[place] is NameOf.MADE_UP:
            usable = [kind for kind in usable if kind in CODES]
            person = next((s for s in PEOPLE if s in self.ids and any(self.found.keys[s][place])), None)
            if person and not usable:
                return account_after(self.make_id, self.ids[person][place])
        evidence = row[usable[0] - 1] if usable else self.file_rows.name(place, "account")
        return self.make_id("accounts", evidence)

    def _avoid_taken(self, slot: str) -> None:
        """A record that was renamed keeps its id; a new record with its old name must not claim it."""
        ids, collection = self.ids[slot], COLLECTION[slot]
        fresh = [
            at for at, row in enumerate(self.found.keys[slot]) if at not in self.matched[slot] and any(row)
        ]
        taken = self.records.with_ids(collection, [ids[at] for at in fresh])
        for place in fresh:
            if ids[place] in taken:
                ids[place] = self.make_id(collection, f"{ids[place]}:{self.file_rows.job}")
