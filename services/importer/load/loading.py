"""Loads the plan of one chunk inside a transaction: first find what changed since the review, then write the rest.

A row is loaded whole or not at all. The record that a row follows may be led by a chunk that was not loaded
yet; it is then created from that chunk's plan, with the same id, and the leading chunk finds it there. What is
planned as new nearly always is: it is written without looking, and only a chunk that fails by that looks first.
What is written is noted with its row, and with the values before, so that it can be taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

from msgspec.structs import asdict

from services.importer.load.replanning import refitted
from shared.contract.custom_fields import id_of
from shared.contract.documents.chunk import Before, Create, LoadedRow, Outcomes, Plan, PlannedCreates, Update
from shared.contract.documents.chunk import Link as PlannedLink
from shared.contract.documents.job import Job
from shared.contract.documents.job import Mapping as FieldMapping
from shared.contract.documents.record import Link, Record, RecordUpdate
from shared.contract.documents.task import Counts
from shared.contract.job import mapping_of, settings_of
from shared.contract.records import have, link_id

CHANGED = "changed_since_review"
COLLECTIONS = ("accounts", "contacts")
ENDS: tuple[tuple[str, Callable[[PlannedLink], str]], ...] = (
    ("accounts", lambda link: link.account),
    ("contacts", lambda link: link.contact),
)
REPLAN = "replan"
MOST_CHOICES = 200
LOADED, UNCHANGED, SKIPPED = "loaded", "unchanged", "skipped"
_BUCKETS = {
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

    def fetch(self, kind: str, ids: Iterable[str], session: S_contra, *only: str) -> dict[str, Record]:
        """Records by id."""

    def insert(self, kind: str, records: Sequence[Mapping[str, object]], session: S_contra) -> None:
        """Insert records."""

    def update(self, kind: str, changes: Sequence[RecordUpdate], session: S_contra) -> None:
        """Apply changes."""

    def touch(self, kind: str, ids: Iterable[str], job: str, session: S_contra) -> None:
        """Note that a job links records that were there."""

    def link(self, links: Sequence[Link], session: S_contra, look: bool) -> list[str]:
        """Make links."""


class Rows(Protocol):
    """What loading asks of the rows of the job."""

    def plan_of(self, kind: type[PlannedCreates], revision: int, n: int) -> PlannedCreates:
        """The records that the plan of a chunk makes."""


@dataclass
class RowOutcomes:
    """What became of each row of a chunk, and what was written for it; see `Outcomes` for the parts.

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
    names: dict[str, set[str]] = field(default_factory=lambda: {"tags": set(), "contact_tags": set()})

    def skip(self, rows: Iterable[int]) -> None:
        """Leave rows out, because something changed since the review."""
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

    Without a `look` first at what of the new is there, the directory may find it there when it writes.
    """
    return _Chunk(directory, rows, job, plan, session, look).load()


def choices_name(record: str, identity: str) -> str:
    """Under which name the choices that a chunk holds for a custom field are counted."""
    return f"choices:{record}:{identity}"


class _Chunk(Generic[S]):
    """One chunk on its way into the directory."""

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
        self.done = RowOutcomes([_BUCKETS[bucket] for bucket in plan.buckets])
        self.settings = settings_of(job)
        self.replans = self.settings.get("on_change") == REPLAN
        self.choices = {kind: list(_choice_fields(mapping_of(job), kind)) for kind in COLLECTIONS}

    def load(self) -> RowOutcomes:
        present = {kind: self._present(kind) for kind in COLLECTIONS}
        updates = {kind: self._updates(kind, present[kind]) for kind in COLLECTIONS}
        creates = {
            kind: [entry for entry in self.plan.creates[kind].values() if entry.id not in present[kind]]
            for kind in COLLECTIONS
        }
        completed, touched = self._join(creates)
        for kind in COLLECTIONS:
            fresh = [(entry, entry.row) for entry in creates[kind] if self._loads(entry.row)]
            self._create(kind, [*fresh, *completed[kind]])
            self._update(kind, [entry for entry in updates[kind] if self._loads(entry.row)])
            self.done.led[kind] = [led for led in self._led(kind, present[kind]) if self._loads(led.row)]
        self._link(touched)
        return self.done

    def _loads(self, row: int) -> bool:
        return self.done.outcomes[row] == LOADED

    def _present(self, kind: str) -> dict[str, Record]:
        """Records that were to be created and are there."""
        planned = [entry.id for entry in self.plan.creates[kind].values()] if self.look else []
        return self.directory.fetch(kind, planned, self.session, "job") if planned else {}

    def _led(self, kind: str, present: dict[str, Record]) -> Iterable[LoadedRow]:
        """Records that this chunk leads and another one of the job has created."""
        for entry in self.plan.creates[kind].values() if present else ():
            if entry.id in present and present[entry.id]["job"] == self.job["_id"]:
                yield LoadedRow(entry.id, entry.row)

    def _updates(self, kind: str, present: dict[str, Record]) -> list[Before]:
        """The updates to write; rows whose records are no longer as they were are left out, or fitted to them."""
        planned = list(self.plan.updates[kind].values())
        ids = [entry.id for entry in planned]
        current = self.directory.fetch(kind, ids, self.session, "revision", "same_as", "job") if ids else {}
        as_shown = [e for e in planned if e.id in current and _is_as_shown(current[e.id], e)]
        writes = [_before(entry, current[entry.id]) for entry in as_shown]
        shown = {entry.id for entry in as_shown}
        foreign = {i for i, there in present.items() if there["job"] != self.job["_id"]}
        changed: list[Create | Update] = [
            *(entry for entry in planned if entry.id not in shown),
            *(entry for entry in self.plan.creates[kind].values() if entry.id in foreign),
        ]
        if changed and self.replans:
            return writes + self._refit(kind, changed)
        self.done.skip(entry.row for entry in changed)
        return writes

    def _refit(self, kind: str, changed: list[Create | Update]) -> list[Before]:
        by_id = {entry.id: entry for entry in changed}
        current = self.directory.fetch(kind, by_id, self.session)
        self.done.skip(entry.row for identity, entry in by_id.items() if identity not in current)
        merge = self.settings["merge"]
        fitted = ((record, refitted(record, by_id[i], merge)) for i, record in current.items())
        return [_before(change, record) for record, change in fitted if change]

    def _join(
        self, creates: dict[str, list[Create]]
    ) -> tuple[dict[str, list[tuple[Create, int]]], dict[str, list[str]]]:
        """What links need besides: records to create for them, and records there that they touch.

        A row whose link leads to a record that is no longer there is left out; that may be the row of another
        record, so it is looked at again.
        """
        while True:
            completed: dict[str, list[tuple[Create, int]]] = {}
            touched: dict[str, list[str]] = {}
            lost: set[int] = set()
            for kind, end in ENDS:
                made = {entry.id for entry in creates[kind] if self._loads(entry.row)}
                needed = {
                    end(link): link
                    for link in self.plan.links.values()
                    if self._loads(link.row) and end(link) not in made
                }
                there = self.directory.fetch(kind, needed, self.session, "job", "jobs") if needed else {}
                touched[kind] = list(there)
                own = self.job["_id"]
                self.done.touched[kind] = [i for i, record in there.items() if own not in record["jobs"]]
                missing = {identity: link for identity, link in needed.items() if identity not in there}
                completed[kind] = self._planned_elsewhere(kind, missing)
                found = {entry.id for entry, _ in completed[kind]}
                gone = missing.keys() - found
                links = self.plan.links.values() if gone else ()
                lost |= {link.row for link in links if end(link) in gone and self._loads(link.row)}
            if not lost:
                return completed, touched
            self.done.skip(lost)

    def _planned_elsewhere(self, kind: str, missing: dict[str, PlannedLink]) -> list[tuple[Create, int]]:
        """The plans of records whose own rows were not loaded yet, or not at all, with the row that needs them."""
        by_chunk: dict[int, set[str]] = {}
        for identity, link in missing.items():
            n = link.account_chunk if kind == "accounts" else link.contact_chunk
            by_chunk.setdefault(self.plan.n if n is None else n, set()).add(identity)
        found = []
        for n, identities in by_chunk.items():
            planned = self.plan.creates
            if n != self.plan.n:
                planned = self.rows.plan_of(PlannedCreates, self.job["revision"], n).creates
            found += [(e, missing[e.id].row) for e in planned[kind].values() if e.id in identities]
        return found

    def _create(self, kind: str, entries: list[tuple[Create, int]]) -> None:
        own_tags = self.done.names["tags" if kind == "accounts" else "contact_tags"]
        frame = self._frame()
        records = []
        for entry, _ in entries:
            own_tags.update(_texts(entry.record.get("tags")))
            self._note_choices(kind, entry.record)
            records.append({"_id": entry.id, "keys": entry.keys, **frame, **entry.record})
        self.directory.insert(kind, records, self.session)
        self.done.created[kind] = [LoadedRow(entry.id, row) for entry, row in entries]

    def _frame(self) -> dict[str, object]:
        """What all new records carry alike, besides their values."""
        job = self.job["_id"]
        times = {"created_at": self.now, "updated_at": self.now}
        return {"firm": self.directory.firm, "revision": 1, "job": job, "jobs": [job], **times}

    def _update(self, kind: str, updates: list[Before]) -> None:
        job = self.job["_id"]
        changes: list[RecordUpdate] = [
            {
                "_id": entry.id,
                "revision": entry.revision,
                "set": entry.set,
                "unset": entry.unset,
                "add": entry.add,
                "job": job,
            }
            for entry in updates
        ]
        self.directory.update(kind, changes, self.session)
        self.done.before[kind] += updates
        own_tags = self.done.names["tags" if kind == "accounts" else "contact_tags"]
        for entry in updates:
            own_tags.update(entry.add.get("tags", ()))
            self._note_choices(kind, entry.set)

    def _note_choices(self, kind: str, values: dict[str, object]) -> None:
        """Remember the different values of custom fields that are choices: they become the choices."""
        for name in self.choices[kind]:
            value = values.get(f"custom.{name}", have(values, f"custom.{name}"))
            if value:
                known = self.done.names.setdefault(choices_name(kind[:-1], name), set())
                if len(known) < MOST_CHOICES:
                    known.update(_texts(value))

    def _link(self, touched: dict[str, list[str]]) -> None:
        links, rows = dict[str, Link](), dict[str, int]()
        for planned in self.plan.links.values():
            if self._loads(planned.row):
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
                rows.setdefault(identity, planned.row)
        made = self.directory.link(list(links.values()), self.session, self.look)
        self.done.created["links"] = [LoadedRow(identity, rows[identity]) for identity in made]
        for kind, ids in touched.items():  # last, so that chunks that meet at one record wait the least
            if ids:
                self.directory.touch(kind, ids, self.job["_id"], self.session)


def _choice_fields(mapping: FieldMapping, kind: str) -> Iterator[str]:
    """The ids of the custom fields of a kind of record that are choices."""
    for column in mapping["columns"]:
        custom = column["custom"] if column["action"] == "custom" else None
        if custom and custom["type"] in ("choice", "multi-choice") and f"{custom['record']}s" == kind:
            yield id_of(custom)


def _texts(value: object) -> list[str]:
    """The entries of a list, or one value as such a list."""
    if isinstance(value, list):
        return value
    return [str(value)] if value else []


def _is_as_shown(record: Record, entry: Update) -> bool:
    """Whether a record is the one that the review showed, as it was; one made anew under its id is another."""
    return (record["revision"], record["job"]) == (entry.revision, entry.made_by)


def _before(entry: Update, record: Record) -> Before:
    """An update with what tells later whether the record is the same one, and as it was."""
    return Before(**{**asdict(entry), "made_by": record["job"]}, like=content_revision(record))


def content_revision(record: Record) -> int:
    """The first revision at which the record was as it is: undo gives it its earlier content."""
    same = record.get("same_as")
    return same["as"] if same and same["revision"] == record["revision"] else record["revision"]
