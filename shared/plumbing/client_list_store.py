"""Lists of clients: accounts or contacts in the order of their names, filtered and searched, a page at a time.

A page costs the same at any size of firm. Where a filter names something that few records have, its index finds
them all, and they are sorted. Otherwise the page is a walk over the list, which ends after all of `STEPS`: it then
gives what it found, and the place from which the next page goes on. A search, and filters with a sign in the index,
look at its entries alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pymongo.cursor import Cursor

from shared.contract.documents.record import Record
from shared.contract.listing import Place, searched, sign
from shared.contract.records import NAMING, name_of, public_id
from shared.contract.sendings import NOT_SENT
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.mongo import LISTED_FEW, LISTS
from shared.plumbing.sending_store import SendingStore

#: Records that a page looks at, step by step, and records of one value that are sorted rather than walked to.
STEPS, FEW = (1_000, 9_000, 40_000), 5_000
#: Entries of the index that a page looks at where it needs no record for it: a million take some 0.7 s.
MOST_KEYS = 1_000_000
#: Records of an earlier version that get their place in lists with one page.
PLACED_AT_ONCE = 2_000

_OTHER = {"accounts": "contacts", "contacts": "accounts"}
#: Names of linked records in a list, for each of its records.
LINKED_SHOWN = 10

#: Contacts whose invitations are looked up at once, and how often for one page.
PART, MOST_PARTS = 500, 20

#: Where a record keeps what a filter names.
PART_OF = {
    "type": "type",
    "tag": "tags",
    "assignee": "assignees",
    "language": "language",
    "questionnaire": "questionnaire.name",
    "job": "jobs",
}
#: The filters that the index of the order answers by itself.
_SIGNED = ("type", "language", "questionnaire")
_IN_INDEX = {"q", *_SIGNED}
#: What a list is filtered by: the names above, `q` for a search, and `name` for a part of the name.
Filters = Mapping[str, str]
Query = dict[str, object]


class Page(NamedTuple):
    """Records of a list, and the place after which more may follow; None where the list ends."""

    records: list[Record]
    next: Place | None


class LinkedName(NamedTuple):
    """A record at the other end of a link: its public id and its name."""

    id: str
    name: str


class ClientListStore(DirectoryStore):
    """The lists of one firm's clients."""

    def listed(self, kind: str, filters: Filters, after: Place | None, limit: int) -> Page:
        """At most `limit` records after a place; fewer, or none, do not mean that no more follow."""
        if after is None:
            self._place_earlier(kind)
        if kind == "contacts" and filters.get("invitation"):
            return self._by_invitation(filters, after, limit)
        few = self._few(kind, filters)
        if few:
            wanted = {**self._after(after), **_query(kind, filters)}
            found = list(self._records(kind).find(wanted).sort(_ORDER).hint(few).limit(limit + 1))
            return Page(found[:limit], _place(found[limit - 1]) if len(found) > limit else None)
        return self._walk(kind, filters, after, limit)

    def _by_invitation(self, filters: Filters, after: Place | None, limit: int) -> Page:
        """Contacts by what became of their invitations, which lie in a collection of their own."""
        status, others = filters["invitation"], {k: v for k, v in filters.items() if k != "invitation"}
        letters = SendingStore(self.db, self.firm)
        few = letters.with_status(status, FEW) if status != NOT_SENT else None
        if few is not None and len(few) < FEW:
            wanted = {**self._after(after), **_query("contacts", others), "_id": {"$in": few}}
            kept = list(self._records("contacts").find(wanted).sort(_ORDER).limit(limit + 1))
            return Page(kept[:limit], _place(kept[limit - 1]) if len(kept) > limit else None)
        found = list[Record]()
        for _ in range(MOST_PARTS):
            page = self.listed("contacts", others, after, PART)
            states = letters.letters_of(record["_id"] for record in page.records)
            for record in page.records:
                letter = states.get(record["_id"])
                if (letter["status"] if letter else NOT_SENT) == status:
                    found.append(record)
            if len(found) > limit:
                return Page(found[:limit], _place(found[limit - 1]))
            after = page.next
            if after is None:
                break
        return Page(found, after)

    def pages(self, kind: str, filters: Filters, limit: int) -> Iterator[list[Record]]:
        """All records of a list, some at a time."""
        after: Place | None = None
        while True:
            page = self.listed(kind, filters, after, limit)
            if page.records:
                yield page.records
            if page.next is None:
                return
            after = page.next

    def linked_names(self, kind: str, ids: Sequence[str]) -> dict[str, list[LinkedName]]:
        """By id of a record, the names at the other ends of its links, at most `LINKED_SHOWN`, the oldest first."""
        ends = self._linked_to(kind, ids)
        others = self.fetch(_OTHER[kind], {end for each in ends.values() for end in each}, None, *NAMING)
        return {
            identity: [LinkedName(public_id(end), name_of(others[end])) for end in each if end in others]
            for identity, each in ends.items()
        }

    def _linked_to(self, kind: str, ids: Sequence[str]) -> dict[str, list[str]]:
        """By id of a record, the ids at the other ends of its links."""
        found: dict[str, list[str]] = {identity: [] for identity in ids}
        for link in self.people_of(ids) if kind == "accounts" else self.accounts_of(ids):
            own, other = link["account"], link["contact"]
            if kind == "contacts":
                own, other = other, own
            if len(found[own]) < LINKED_SHOWN:
                found[own].append(other)
        return found

    def _walk(self, kind: str, filters: Filters, after: Place | None, limit: int) -> Page:
        """Look at more and more records, until enough are found or all steps are done."""
        wanted, found = _query(kind, filters), list[Record]()
        for examined in self._steps(kind, filters):
            end = self._place_at(kind, after, examined) if examined else None
            found += self._between(kind, after, end, wanted, limit + 1 - len(found))
            if len(found) > limit:
                return Page(found[:limit], _place(found[limit - 1]))
            after = end
            if after is None:
                break
        return Page(found, after)

    def _steps(self, kind: str, filters: Filters) -> Sequence[int]:
        """How many records a page looks at, step by step; 0 for all there are, where they are few or all wanted."""
        if filters.keys() - _IN_INDEX:
            return STEPS
        whole = not filters or self.db[kind].estimated_document_count() <= MOST_KEYS
        return (0,) if whole else (MOST_KEYS,)

    def _place_at(self, kind: str, after: Place | None, examined: int) -> Place | None:
        """The place after so many records more; None where the list ends before."""
        for each in _stretches(self.firm, after, None):
            keys = self._stretch(kind, each, {}, "listed").skip(examined - 1).limit(1)
            if last := list(keys):
                return _place(last[0])
            examined -= self.db[kind].count_documents(self._of_firm(each, {}), hint=LISTS, limit=examined)
        return None

    def _between(
        self, kind: str, after: Place | None, end: Place | None, wanted: Query, limit: int
    ) -> list[Record]:
        """The first records after a place and up to another that fulfil a query."""
        found: list[Record] = []
        for each in _stretches(self.firm, after, end):
            if len(found) < limit:
                found += self._stretch(kind, each, wanted).limit(limit - len(found))
        return found

    def _stretch(self, kind: str, stretch: Query, wanted: Query, *only: str) -> Cursor[Record]:
        """The records of a stretch of the index, in order; what the index can answer, it answers by itself."""
        found = self._records(kind).find(self._of_firm(stretch, wanted), dict.fromkeys(only, 1) or None)
        return found.sort(_ORDER).hint(LISTS)

    def _of_firm(self, *queries: Query) -> Query:
        return {"firm": self.firm, "$and": [each for each in queries if each] or [{}]}

    def _after(self, place: Place | None) -> Query:
        """What the records after a place fulfil, within the firm."""
        if place is None:
            return {"firm": self.firm}
        text, identity = place.listed, f"{self.firm}/{place.id}"
        later: list[Query] = [{"listed": {"$gt": text}}, {"listed": text, "_id": {"$gt": identity}}]
        return {"firm": self.firm, "listed": {"$gte": text}, "$or": later}

    def _few(self, kind: str, filters: Filters) -> str | None:
        """The index of a filter that few records fulfil; None where there is none."""
        counts = {
            part: self.db[kind].count_documents(
                {"firm": self.firm, part: filters[name]}, hint=part, limit=FEW
            )
            for name, part in PART_OF.items()
            if filters.get(name) and part in LISTED_FEW
        }
        fewest = min(counts, key=counts.__getitem__, default=None)
        return fewest if fewest and counts[fewest] < FEW else None

    def _place_earlier(self, kind: str) -> None:
        """Give some records of an earlier version their place in lists."""
        earlier = {"firm": self.firm, "listed": None}
        found = self._records(kind).find(earlier).hint(LISTS).limit(PLACED_AT_ONCE)
        self.write_places(kind, found, None)


_ORDER = [("listed", 1), ("_id", 1)]


def _stretches(firm: str, after: Place | None, end: Place | None) -> list[Query]:
    """What is after a place and up to another, as stretches of the index in order; each is one range of its keys."""
    if after and end and after.listed == end.listed:
        ids = {"$gt": f"{firm}/{after.id}", "$lte": f"{firm}/{end.id}"}
        return [{"listed": after.listed, "_id": ids}]
    first: list[Query] = [{"listed": after.listed, "_id": {"$gt": f"{firm}/{after.id}"}}] if after else []
    last: list[Query] = [{"listed": end.listed, "_id": {"$lte": f"{firm}/{end.id}"}}] if end else []
    above, below = {"$gt": after.listed} if after else {}, {"$lt": end.listed} if end else {}
    return [*first, {"listed": {**above, **below}} if after or end else {}, *last]


def _place(record: Record) -> Place:
    return Place(record.get("listed", ""), public_id(record["_id"]))


def _query(kind: str, filters: Filters) -> Query:
    """What filters ask of a record."""
    query: Query = {part: filters[name] for name, part in PART_OF.items() if filters.get(name)}
    parts: list[Query] = [
        {"listed": {"$regex": "|".join(map(re.escape, spelled))}}
        for spelled in searched(filters.get("q", ""))
    ]
    parts += [{"signs": {"$regex": sign(name, filters[name])}} for name in _SIGNED if filters.get(name)]
    if filters.get("name"):
        part = {"$regex": re.escape(filters["name"]), "$options": "i"}
        names = ("name",) if kind == "accounts" else ("first_name", "last_name")
        parts.append({"$or": [{name: part} for name in names]})
    return {**query, **({"$and": parts} if parts else {})}
