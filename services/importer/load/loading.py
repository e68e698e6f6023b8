"""Loads the plan of one chunk inside a transaction: first find what changed since the review, then write the rest.

A row is loaded whole or not at all. It may need a record that the plan of another chunk creates. Where that chunk is
not loaded yet, this one creates the record from that plan, with the same id, and the other chunk finds it later.
A record that is planned as new is inserted without a look at the directory first. Only where that fails, because the
record exists, the chunk is loaded again with a look. The outcomes keep each written record with its row, and the values
before, for undo.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

from msgspec.structs import asdict

from services.importer.load.replanning import refitted
from shared.contract.custom_fields import customs_of, id_of
from shared.contract.documents.chunk import (
    Before,
    Create,
    LoadedRow,
    Outcomes,
    Plan,
    PlannedCreates,
    Update,
)
from shared.contract.documents.chunk import Link as PlannedLink
from shared.contract.documents.job import Job
from shared.contract.documents.job import Mapping as FieldMapping
from shared.contract.documents.record import Link, Record, RecordUpdate
from shared.contract.documents.task import Counts
from shared.contract.job import mapping_of, settings_of
from shared.contract.merging import merge_of
from shared.contract.record_history import content_revision
from shared.contract.records import have, link_id
from shared.contract.relationships import related

CHANGED = "changed_since_review"
COLLECTIONS = ("accounts", "contacts")
ENDS: tuple[tuple[str, Callable[[PlannedLink], str]], ...] = (
    ("accounts", lambda link: link.account),
    ("contacts", lambda link: link.contact),
)
REPLAN = "replan"
#: Different values that become the choices of one custom field.
MOST_CHOICES = 200
LOADED, UNCHANGED, SKIPPED = "loaded", "unchanged", "skipped"
#: The outcome of a row by its bucket, where nothing changed since the review.
_OUTCOMES = {
    "new": LOADED,
    "update": LOADED,
    "unchanged": UNCHANGED,
    "duplicate": UNCHANGED,
    "invalid": SKIPPED,
    "unselected": SKIPPED,
}


#: The session of a transaction; loading only passes it on.
S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)


class Directory(Protocol[S_contra]):
    """What loading asks of the firm's directory."""

    firm: str

    def fetch(self, collection: str, ids: Iterable[str], session: S_contra, *only: str) -> dict[str, Record]:
        """Records by id."""

    def insert(self, collection: str, records: Sequence[Mapping[str, object]], session: S_contra) -> None:
        """Insert records."""

    def update(self, collection: str, changes: Sequence[RecordUpdate], session: S_contra) -> None:
        """Apply changes."""

    def touch(self, collection: str, ids: Iterable[str], job: str, session: S_contra) -> None:
        """Add the job to the jobs of records that it links."""

    def link(self, links: Sequence[Link], session: S_contra, look: bool) -> list[str]:
        """Make links; gives the ids of the new ones. Without a `look` first all are taken to be new."""

    def relate(self, given: Mapping[str, Sequence[str]], job: str, session: S_contra) -> list[str]:
        """Add to links what their contacts are to their accounts; gives the ids of other jobs' links that changed."""


class Rows(Protocol):
    """What loading asks of the rows of the job."""

    def plan_of(self, part: type[PlannedCreates], revision: int, n: int) -> PlannedCreates:
        """The records that the plan of a chunk makes."""


@dataclass
class RowOutcomes:
    """The outcome of each row of a chunk, and what was written for it; see `Outcomes` for the parts.

    `names` are tags, and choices of custom fields, that the firm may not know yet.
    """

    outcomes: list[str]
    reasons: dict[int, str] = field(default_factory=dict)
    created: dict[str, list[LoadedRow]] = field(
        default_factory=lambda: {"accounts": [], "contacts": [], "links": []}
    )
    led: dict[str, list[LoadedRow]] = field(default_factory=lambda: {"accounts": [], "contacts": []})
    before: dict[str, list[Before]] = field(default_factory=lambda: {"accounts": [], "contacts": []})
    touched: dict[str, list[str]] = field(default_factory=lambda: {"accounts": [], "contacts": []})
    related: list[str] = field(default_factory=list)
    names: dict[str, set[str]] = field(default_factory=lambda: {"tags": set(), "contact_tags": set()})

    def skip(self, rows: Iterable[int]) -> None:
        """Skip rows, because something changed since the review."""
        for row in rows:
            self.outcomes[row], self.reasons[row] = SKIPPED, CHANGED

    def counts(self) -> Counts:
        """The numbers of this chunk, in the names of the job's result; names that the firm may not know; problems."""
        return {
            "rows_loaded": self.outcomes.count(LOADED),
            "rows_unchanged": self.outcomes.count(UNCHANGED),
            "rows_skipped": self.outcomes.count(SKIPPED),
            "accounts_created": len(self.created["accounts"]),
            "contacts_created": len(self.created["contacts"]),
            "links_created": len(self.created["links"]),
            "accounts_updated": len(self.before["accounts"]),
            "contacts_updated": len(self.before["contacts"]),
            **{name: sorted(found) for name, found in self.names.items()},
            "problems": dict(Counter(self.reasons.values())),
        }

    def part(self, n: int) -> Outcomes:
        """What is kept of chunk `n`."""
        return Outcomes(
            n=n,
            outcomes=self.outcomes,
            reasons=self.reasons,
            created=self.created,
            led=self.led,
            before=self.before,
            touched=self.touched,
            related=self.related,
        )


def load_chunk(
    directory: Directory[S],
    rows: Rows,
    job: Job,
    plan: Plan,
    session: S,
    look: bool = True,
) -> RowOutcomes:
    """Write one chunk; gives the outcome of each row.

    With `look`, records that are planned as new are looked up first. Without it the directory raises an error of its
    own where one exists.
    """
    return _Chunk(directory, rows, job, plan, session, look).load()


def choices_name(record: str, identity: str) -> str:
    """The name under which `RowOutcomes` collects the choices of a custom field."""
    return f"choices:{record}:{identity}"


class _Chunk(Generic[S]):
    """The loading of one chunk."""

    def __init__(
        self,
        directory: Directory[S],
        rows: Rows,
        job: Job,
        plan: Plan,
        session: S,
        look: bool,
    ) -> None:
        self.directory = directory
        self.rows = rows
        self.job = job
        self.plan = plan
        self.session = session
        self.look = look
        self.now = datetime.now(UTC)
        self.done = RowOutcomes([_OUTCOMES[bucket] for bucket in plan.buckets])
        self.settings = settings_of(job)
        self.replans = self.settings.get("on_change") == REPLAN
        self.choices = {
            collection: list(_choice_fields(mapping_of(job), collection)) for collection in COLLECTIONS
        }

    def load(self) -> RowOutcomes:
        present = {collection: self._present(collection) for collection in COLLECTIONS}
        updates = {collection: self._updates(collection, present[collection]) for collection in COLLECTIONS}
        creates = {
            collection: [
                entry
                for entry in self.plan.creates[collection].values()
                if entry.id not in present[collection]
            ]
            for collection in COLLECTIONS
        }
        completed, touched = self._join(creates)
        for collection in COLLECTIONS:
            fresh = [(entry, entry.row) for entry in creates[collection] if self._loads(entry.row)]
            self._create(collection, [*fresh, *completed[collection]])
            self._update(collection, [entry for entry in updates[collection] if self._loads(entry.row)])
            self.done.led[collection] = [
                led for led in self._led(collection, present[collection]) if self._loads(led.row)
            ]
        self._link(touched)
        return self.done

    def _loads(self, row: int) -> bool:
        return self.done.outcomes[row] == LOADED

    def _present(self, collection: str) -> dict[str, Record]:
        """Records that the plan would create and that exist; none without a look."""
        planned = [entry.id for entry in self.plan.creates[collection].values()] if self.look else []
        return self.directory.fetch(collection, planned, self.session, "job") if planned else {}

    def _led(self, collection: str, present: dict[str, Record]) -> Iterable[LoadedRow]:
        """Records of this chunk's plan that another chunk of the job has created already."""
        for entry in self.plan.creates[collection].values() if present else ():
            if entry.id in present and present[entry.id]["job"] == self.job["_id"]:
                yield LoadedRow(entry.id, entry.row)

    def _updates(self, collection: str, present: dict[str, Record]) -> list[Before]:
        """The updates to write; a row whose record changed since the review is skipped, or its update planned again."""
        planned = list(self.plan.updates[collection].values())
        ids = [entry.id for entry in planned]
        current = (
            self.directory.fetch(collection, ids, self.session, "revision", "same_as", "job") if ids else {}
        )
        as_shown = [e for e in planned if e.id in current and _is_as_shown(current[e.id], e)]
        writes = [_before(entry, current[entry.id]) for entry in as_shown]
        shown = {entry.id for entry in as_shown}
        foreign = {i for i, there in present.items() if there["job"] != self.job["_id"]}
        changed: list[Create | Update] = [
            *(entry for entry in planned if entry.id not in shown),
            *(entry for entry in self.plan.creates[collection].values() if entry.id in foreign),
        ]
        if changed and self.replans:
            return writes + self._refit(collection, changed)
        self.done.skip(entry.row for entry in changed)
        return writes

    def _refit(self, collection: str, changed: list[Create | Update]) -> list[Before]:
        by_id = {entry.id: entry for entry in changed}
        current = self.directory.fetch(collection, by_id, self.session)
        self.done.skip(entry.row for identity, entry in by_id.items() if identity not in current)
        merge = merge_of(self.settings, collection.removesuffix("s"))
        fitted = ((record, refitted(record, by_id[i], merge)) for i, record in current.items())
        return [_before(change, record) for record, change in fitted if change]

    def _join(
        self, creates: dict[str, list[Create]]
    ) -> tuple[dict[str, list[tuple[Create, int]]], dict[str, list[str]]]:
        """What the links need: records to create from other plans, and ids of existing records, by collection.

        A row is skipped where its link needs a record that is neither planned nor exists. Other links may need the
        records of that row, so the loop begins again until no more rows are lost.
        """
        while True:
            completed: dict[str, list[tuple[Create, int]]] = {}
            touched: dict[str, list[str]] = {}
            lost: set[int] = set()
            for collection, end in ENDS:
                made = {entry.id for entry in creates[collection] if self._loads(entry.row)}
                needed = {
                    end(link): link
                    for link in self.plan.links.values()
                    if self._loads(link.row) and end(link) not in made
                }
                there = (
                    self.directory.fetch(collection, needed, self.session, "job", "jobs") if needed else {}
                )
                touched[collection] = list(there)
                own = self.job["_id"]
                self.done.touched[collection] = [
                    i for i, record in there.items() if own not in record["jobs"]
                ]
                missing = {identity: link for identity, link in needed.items() if identity not in there}
                completed[collection] = self._planned_elsewhere(collection, missing)
                found = {entry.id for entry, _ in completed[collection]}
                gone = missing.keys() - found
                links = self.plan.links.values() if gone else ()
                lost |= {link.row for link in links if end(link) in gone and self._loads(link.row)}
            if not lost:
                return completed, touched
            self.done.skip(lost)

    def _planned_elsewhere(
        self, collection: str, missing: dict[str, PlannedLink]
    ) -> list[tuple[Create, int]]:
        """The plans of records whose own rows are not loaded (yet), with the row that needs each."""
        by_chunk: dict[int, set[str]] = {}
        for identity, link in missing.items():
            n = link.account_chunk if collection == "accounts" else link.contact_chunk
            by_chunk.setdefault(self.plan.n if n is None else n, set()).add(identity)
        found = []
        for n, identities in by_chunk.items():
            planned = self.plan.creates
            if n != self.plan.n:
                planned = self.rows.plan_of(PlannedCreates, self.job["revision"], n).creates
            found += [(e, missing[e.id].row) for e in planned[collection].values() if e.id in identities]
        return found

    def _create(self, collection: str, entries: list[tuple[Create, int]]) -> None:
        own_tags = self.done.names["tags" if collection == "accounts" else "contact_tags"]
        frame = self._frame()
        records = []
        for entry, _ in entries:
            own_tags.update(_texts(entry.record.get("tags")))
            self._note_choices(collection, entry.record)
            records.append({"_id": entry.id, "keys": entry.keys, **frame, **entry.record})
        self.directory.insert(collection, records, self.session)
        self.done.created[collection] = [LoadedRow(entry.id, row) for entry, row in entries]

    def _frame(self) -> dict[str, object]:
        """The frame of all new records."""
        job = self.job["_id"]
        times = {"created_at": self.now, "updated_at": self.now}
        return {"firm": self.directory.firm, "revision": 1, "job": job, "jobs": [job], **times}

    def _update(self, collection: str, updates: list[Before]) -> None:
        job = self.job["_id"]
        changes: list[RecordUpdate] = [
            {
                "_id": entry.id,
                "revision": entry.revision,
                "set": entry.set,
                "unset": entry.unset,
                "add": entry.add,
                "was": entry.was,
                "job": job,
            }
            for entry in updates
        ]
        self.directory.update(collection, changes, self.session)
        self.done.before[collection] += updates
        own_tags = self.done.names["tags" if collection == "accounts" else "contact_tags"]
        for entry in updates:
            own_tags.update(entry.add.get("tags", ()))
            self._note_choices(collection, entry.set)

    def _note_choices(self, collection: str, values: dict[str, object]) -> None:
        """Collect the different values of custom fields of type choice: they become its choices."""
        for name in self.choices[collection]:
            value = values.get(f"custom.{name}", have(values, f"custom.{name}"))
            if value:
                known = self.done.names.setdefault(choices_name(collection[:-1], name), set())
                if len(known) < MOST_CHOICES:
                    known.update(_texts(value))

    def _link(self, touched: dict[str, list[str]]) -> None:
        loaded = [link for link in self.plan.links.values() if self._loads(link.row)]
        rows: dict[str, int] = {}
        given: dict[str, list[str]] = {}
        for planned in loaded:
            identity = link_id(planned.account, planned.contact)
            rows.setdefault(identity, planned.row)
            if planned.relationship is not None:
                given[identity] = related(given.get(identity, ()), planned.relationship)
        fresh, known = (self._links(loaded, given, known) for known in (False, True))
        made = self.directory.link(list(fresh.values()), self.session, self.look)
        # the row that makes a known link may be in a chunk that is loaded later
        made += self.directory.link([known[i] for i in known.keys() - fresh.keys()], self.session, True)
        self.done.created["links"] = [LoadedRow(identity, rows[identity]) for identity in made]
        there = {identity: given[identity] for identity in given.keys() - set(made)}
        if there:
            self.done.related = self.directory.relate(there, self.job["_id"], self.session)
        # last, so that chunks that write to one record wait the least for each other
        for collection, ids in touched.items():
            if ids:
                self.directory.touch(collection, ids, self.job["_id"], self.session)

    def _links(
        self, loaded: Sequence[PlannedLink], given: Mapping[str, list[str]], known: bool
    ) -> dict[str, Link]:
        """The links to make, or the known ones, by id."""
        links: dict[str, Link] = {}
        for planned in loaded:
            if planned.known == known:
                identity = link_id(planned.account, planned.contact)
                links[identity] = {
                    "_id": identity,
                    "account": planned.account,
                    "contact": planned.contact,
                    "switches": planned.switches or self.settings["contacts"],
                    "firm": self.directory.firm,
                    "job": self.job["_id"],
                    "created_at": self.now,
                }
                if given.get(identity):
                    links[identity]["relationship"] = given[identity]
        return links


def _choice_fields(mapping: FieldMapping, collection: str) -> Iterator[str]:
    """The ids of the custom fields of a collection that are choices."""
    for custom in customs_of(mapping):
        if custom["type"] in ("choice", "multi-choice") and f"{custom['record']}s" == collection:
            yield id_of(custom)


def _texts(value: object) -> list[str]:
    """The entries of a list; a single value as a list of one text."""
    if isinstance(value, list):
        return value
    return [str(value)] if value else []


def _is_as_shown(record: Record, entry: Update) -> bool:
    """Whether a record is still as the review showed it; one that was removed and created again is not."""
    return (record["revision"], record["job"]) == (entry.revision, entry.made_by)


def _before(entry: Update, record: Record) -> Before:
    """An update with what undo needs to recognise the record: who made it, and the revision of its content."""
    return Before(**{**asdict(entry), "made_by": record["job"]}, like=content_revision(record))
