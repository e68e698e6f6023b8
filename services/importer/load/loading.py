"""Loads the plan of one chunk inside a transaction: first find what changed since the review, then write the rest.

A row is loaded whole or not at all. The record that a row follows may be led by a chunk that was not loaded
yet; it is then created from that chunk's plan, with the same id, and the leading chunk finds it there. What is
planned as new nearly always is: it is written without looking, and only a chunk that fails by that looks first.
What is written is noted with its row, and with the values before, so that it can be taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from services.importer.load.replanning import refitted
from shared.contract.custom_fields import id_of
from shared.contract.records import have, link_id

CHANGED = "changed_since_review"
COLLECTIONS = ("accounts", "contacts")
ENDS = (("accounts", "account"), ("contacts", "contact"))
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


class Directory(Protocol):
    """What loading asks of the firm's directory."""

    firm: str

    def fetch(self, kind: str, ids: Any, session: Any = None, *only: str) -> dict[str, dict[str, Any]]:
        """Records by id."""

    def insert(self, kind: str, records: list[dict[str, Any]], session: Any) -> None:
        """Insert records."""

    def update(self, kind: str, changes: list[dict[str, Any]], session: Any) -> None:
        """Apply changes."""

    def touch(self, kind: str, ids: Iterable[str], job: str, session: Any) -> None:
        """Note that a job links records that were there."""

    def link(self, links: list[dict[str, Any]], session: Any, look: bool) -> list[str]:
        """Make links."""


class Rows(Protocol):
    """What loading asks of the rows of the job."""

    def plan(self, revision: int, n: int, *only: str) -> dict[str, Any]:
        """The plan of a chunk."""


@dataclass
class RowOutcomes:
    """What became of each row of a chunk, and what was written for it.

    `created` are (id, row) of records and links; `led` those of records that another chunk had created for
    this one; `before` the updates with the values before; `touched` records that are linked for the first time.
    """

    outcomes: list[str]
    reasons: dict[str, str] = field(default_factory=dict)
    created: dict[str, list[tuple[str, int]]] = field(
        default_factory=lambda: {"accounts": [], "contacts": [], "links": []}
    )
    led: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: {"accounts": [], "contacts": []})
    before: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"accounts": [], "contacts": []})
    touched: dict[str, list[str]] = field(default_factory=lambda: {"accounts": [], "contacts": []})
    names: dict[str, set[str]] = field(default_factory=lambda: {"tags": set(), "contact_tags": set()})

    def skip(self, rows: Iterable[int]) -> None:
        """Leave rows out, because something changed since the review."""
        for row in rows:
            self.outcomes[row], self.reasons[str(row)] = SKIPPED, CHANGED

    def counts(self) -> dict[str, Any]:
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

    def document(self) -> dict[str, Any]:
        """What is kept of a chunk: outcomes, and what taking it back needs."""
        return {
            "outcomes": self.outcomes,
            "reasons": self.reasons,
            "created": self.created,
            "led": self.led,
            "before": self.before,
            "touched": self.touched,
        }


def load_chunk(
    directory: Directory,
    rows: Rows,
    job: dict[str, Any],
    plan: dict[str, Any],
    session: Any,
    look: bool = True,
) -> RowOutcomes:
    """Write one chunk; gives the outcome of each row.

    Without a `look` first at what of the new is there, the directory may find it there when it writes.
    """
    return _Chunk(directory, rows, job, plan, session, look).load()


def choices_name(record: str, identity: str) -> str:
    """Under which name the choices that a chunk holds for a custom field are counted."""
    return f"choices:{record}:{identity}"


class _Chunk:
    """One chunk on its way into the directory."""

    def __init__(
        self,
        directory: Directory,
        rows: Rows,
        job: dict[str, Any],
        plan: dict[str, Any],
        session: Any,
        look: bool,
    ) -> None:
        self.directory = directory
        self.rows = rows
        self.job = job
        self.plan = plan
        self.session = session
        self.look = look
        self.now = datetime.now(UTC)
        self.done = RowOutcomes([_BUCKETS[bucket] for bucket in plan["buckets"]])
        self.replans = job["settings"].get("on_change") == REPLAN
        self.choices = {
            kind: [
                id_of(c["custom"])
                for c in job["mapping"]["columns"]
                if c["action"] == "custom"
                and c["custom"]["type"] in ("choice", "multi-choice")
                and f"{c['custom']['record']}s" == kind
            ]
            for kind in COLLECTIONS
        }

    def load(self) -> RowOutcomes:
        present = {kind: self._present(kind) for kind in COLLECTIONS}
        updates = {kind: self._updates(kind, present[kind]) for kind in COLLECTIONS}
        creates = {
            kind: [
                entry for entry in self.plan["creates"][kind].values() if entry["_id"] not in present[kind]
            ]
            for kind in COLLECTIONS
        }
        completed, touched = self._join(creates)
        for kind in COLLECTIONS:
            fresh = [(e, e["row"]) for e in creates[kind] if self._loads(e["row"])]
            self._create(kind, [*fresh, *completed[kind]])
            self._update(kind, [e for e in updates[kind] if self._loads(e["row"])])
            self.done.led[kind] = [
                (identity, row) for identity, row in self._led(kind, present[kind]) if self._loads(row)
            ]
        self._link(touched)
        return self.done

    def _loads(self, row: int) -> bool:
        return self.done.outcomes[row] == LOADED

    def _present(self, kind: str) -> dict[str, dict[str, Any]]:
        """Records that were to be created and are there."""
        planned = [entry["_id"] for entry in self.plan["creates"][kind].values()] if self.look else ()
        return self.directory.fetch(kind, planned, self.session, "job") if planned else {}

    def _led(self, kind: str, present: dict[str, dict[str, Any]]) -> Iterable[tuple[str, int]]:
        """Records that this chunk leads and another one of the job has created."""
        for entry in self.plan["creates"][kind].values() if present else ():
            identity = entry["_id"]
            if identity in present and present[identity]["job"] == self.job["_id"]:
                yield identity, entry["row"]

    def _updates(self, kind: str, present: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
        """The updates to write; rows whose records are no longer as they were are left out, or fitted to them."""
        planned = list(self.plan["updates"][kind].values())
        ids = [entry["_id"] for entry in planned]
        current = self.directory.fetch(kind, ids, self.session, "revision", "same_as", "job") if ids else {}
        as_shown = [e for e in planned if e["_id"] in current and _is_as_shown(current[e["_id"]], e)]
        writes = [{**entry, **_origin(current[entry["_id"]])} for entry in as_shown]
        shown = {entry["_id"] for entry in as_shown}
        foreign = {i for i, there in present.items() if there["job"] != self.job["_id"]}
        changed = [
            *(e for e in planned if e["_id"] not in shown),
            *(e for e in self.plan["creates"][kind].values() if e["_id"] in foreign),
        ]
        if changed and self.replans:
            return writes + self._refit(kind, changed)
        self.done.skip(entry["row"] for entry in changed)
        return writes

    def _refit(self, kind: str, changed: list[dict[str, Any]]) -> list[dict[str, Any]]:
        by_id = {entry["_id"]: entry for entry in changed}
        current = self.directory.fetch(kind, by_id, self.session)
        self.done.skip(entry["row"] for identity, entry in by_id.items() if identity not in current)
        merge = self.job["settings"]["merge"]
        fitted = ((record, refitted(record, by_id[i], merge)) for i, record in current.items())
        return [{**change, **_origin(record)} for record, change in fitted if change]

    def _join(
        self, creates: dict[str, list[dict[str, Any]]]
    ) -> tuple[dict[str, list[tuple[dict[str, Any], int]]], dict[str, list[str]]]:
        """What links need besides: records to create for them, and records there that they touch.

        A row whose link leads to a record that is no longer there is left out; that may be the row of another
        record, so it is looked at again.
        """
        while True:
            completed: dict[str, list[tuple[dict[str, Any], int]]] = {}
            touched: dict[str, list[str]] = {}
            lost: set[int] = set()
            for kind, end in ENDS:
                made = {e["_id"] for e in creates[kind] if self._loads(e["row"])}
                needed = {
                    link[end]: link
                    for link in self.plan["links"].values()
                    if self._loads(link["row"]) and link[end] not in made
                }
                there = self.directory.fetch(kind, needed, self.session, "job", "jobs") if needed else {}
                touched[kind] = list(there)
                own = self.job["_id"]
                self.done.touched[kind] = [i for i, record in there.items() if own not in record["jobs"]]
                missing = {identity: link for identity, link in needed.items() if identity not in there}
                completed[kind] = self._planned_elsewhere(kind, end, missing)
                found = {entry["_id"] for entry, _ in completed[kind]}
                gone = missing.keys() - found
                links = self.plan["links"].values() if gone else ()
                lost |= {link["row"] for link in links if link[end] in gone and self._loads(link["row"])}
            if not lost:
                return completed, touched
            self.done.skip(lost)

    def _planned_elsewhere(
        self, kind: str, end: str, missing: dict[str, dict[str, Any]]
    ) -> list[tuple[dict[str, Any], int]]:
        """The plans of records whose own rows were not loaded yet, or not at all, with the row that needs them."""
        by_chunk: dict[int, set[str]] = {}
        for identity, link in missing.items():
            by_chunk.setdefault(link.get(f"{end}_chunk", self.plan["n"]), set()).add(identity)
        found = []
        for n, identities in by_chunk.items():
            whole = self.plan if n == self.plan["n"] else self.rows.plan(self.job["revision"], n, "creates")
            for entry in whole["creates"][kind].values():
                identity = entry["_id"]
                if identity in identities:
                    found.append((entry, missing[identity]["row"]))
        return found

    def _create(self, kind: str, entries: list[tuple[dict[str, Any], int]]) -> None:
        own_tags = self.done.names["tags" if kind == "accounts" else "contact_tags"]
        frame = self._frame()
        records = []
        for entry, _ in entries:
            values = entry["record"]
            own_tags.update(values.get("tags") or ())
            self._note_choices(kind, values)
            records.append({"_id": entry["_id"], "keys": entry["keys"], **frame, **values})
        self.directory.insert(kind, records, self.session)
        self.done.created[kind] = [(entry["_id"], row) for entry, row in entries]

    def _frame(self) -> dict[str, Any]:
        """What all new records carry alike, besides their values."""
        job = self.job["_id"]
        times = {"created_at": self.now, "updated_at": self.now}
        return {"firm": self.directory.firm, "revision": 1, "job": job, "jobs": [job], **times}

    def _update(self, kind: str, updates: list[dict[str, Any]]) -> None:
        changes = [{**entry, "job": self.job["_id"]} for entry in updates]
        self.directory.update(kind, changes, self.session)
        for change in changes:
            kept = ("_id", "row", "slot", "revision", "like", "made_by", "was", "set", "unset", "add")
            self.done.before[kind].append({name: change[name] for name in kept})
            self.done.names["tags" if kind == "accounts" else "contact_tags"].update(
                change["add"].get("tags", ())
            )
            self._note_choices(kind, change["set"])

    def _note_choices(self, kind: str, values: dict[str, Any]) -> None:
        """Remember the different values of custom fields that are choices: they become the choices."""
        for name in self.choices[kind]:
            value = values.get(f"custom.{name}", have(values, f"custom.{name}"))
            if value:
                known = self.done.names.setdefault(choices_name(kind[:-1], name), set())
                if len(known) < MOST_CHOICES:
                    known.update(value if isinstance(value, list) else [value])

    def _link(self, touched: dict[str, list[str]]) -> None:
        links, rows = dict[str, dict[str, Any]](), dict[str, int]()
        frame = {"firm": self.directory.firm, "job": self.job["_id"], "created_at": self.now}
        usual = self.job["settings"]["contacts"]
        for link in self.plan["links"].values():
            if self._loads(link["row"]):
                ends = {"account": link["account"], "contact": link["contact"]}
                identity = link_id(**ends)
                links[identity] = {"_id": identity, **ends, "switches": link.get("switches", usual), **frame}
                rows.setdefault(identity, link["row"])
        made = self.directory.link(list(links.values()), self.session, self.look)
        self.done.created["links"] = [(identity, rows[identity]) for identity in made]
        for kind, ids in touched.items():  # last, so that chunks that meet at one record wait the least
            if ids:
                self.directory.touch(kind, ids, self.job["_id"], self.session)


def _is_as_shown(record: dict[str, Any], entry: dict[str, Any]) -> bool:
    """Whether a record is the one that the review showed, as it was; one made anew under its id is another."""
    return (record["revision"], record["job"]) == (entry["revision"], entry["made_by"])


def _origin(record: dict[str, Any]) -> dict[str, Any]:
    """By what a record can be told to be the same one later, and as it was."""
    return {"like": content_revision(record), "made_by": record["job"]}


def content_revision(record: dict[str, Any]) -> int:
    """The first revision at which the record was as it is: taking a change back gives it its earlier content."""
    same = record.get("same_as")
    return same["as"] if same and same["revision"] == record["revision"] else record["revision"]
