"""Loads the plan of one chunk inside a transaction: first find what changed since the review, then write the rest.

A row is loaded whole or not at all. The record that a row follows may be led by a chunk that was not loaded
yet; it is then created from that chunk's plan, with the same id, and the leading chunk finds it there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

CHANGED = "changed_since_review"
COLLECTIONS = ("accounts", "contacts")
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

    def link(self, links: list[dict[str, Any]], session: Any) -> list[str]:
        """Make links."""


class Rows(Protocol):
    """What loading asks of the rows of the job."""

    def plan(self, revision: int, n: int, *only: str) -> dict[str, Any]:
        """The plan of a chunk."""


@dataclass
class RowOutcomes:
    """What became of each row of a chunk, and what was written for it."""

    outcomes: list[str]
    reasons: dict[str, str] = field(default_factory=dict)
    created: dict[str, list[str]] = field(
        default_factory=lambda: {"accounts": [], "contacts": [], "links": []}
    )
    before: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"accounts": [], "contacts": []})
    tags: dict[str, set[str]] = field(default_factory=lambda: {"tags": set(), "contact_tags": set()})

    def counts(self) -> dict[str, Any]:
        """The numbers of this chunk, in the names of the job's result."""
        return {
            "rows_loaded": self.outcomes.count(LOADED),
            "rows_unchanged": self.outcomes.count(UNCHANGED),
            "rows_skipped": self.outcomes.count(SKIPPED),
            "accounts_created": len(self.created["accounts"]),
            "contacts_created": len(self.created["contacts"]),
            "links_created": len(self.created["links"]),
            "accounts_updated": len(self.before["accounts"]),
            "contacts_updated": len(self.before["contacts"]),
            **{name: sorted(found) for name, found in self.tags.items()},
        }

    def document(self) -> dict[str, Any]:
        """What is kept of a chunk: outcomes, and what taking it back needs."""
        return {
            "outcomes": self.outcomes,
            "reasons": self.reasons,
            "created": self.created,
            "before": self.before,
        }


def load_chunk(
    directory: Directory, rows: Rows, job: dict[str, Any], plan: dict[str, Any], session: Any
) -> RowOutcomes:
    """Write one chunk; gives the outcome of each row."""
    done = RowOutcomes([_BUCKETS[bucket] for bucket in plan["buckets"]])
    now = datetime.now(UTC)
    present = {
        kind: directory.fetch(
            kind, [e["record"]["_id"] for e in plan["creates"][kind].values()], session, "job"
        )
        for kind in COLLECTIONS
    }
    for row in _changed_rows(directory, job, plan, present, session):
        done.outcomes[row], done.reasons[str(row)] = SKIPPED, CHANGED
    for kind in COLLECTIONS:
        fresh = [
            entry["record"]
            for entry in plan["creates"][kind].values()
            if entry["record"]["_id"] not in present[kind] and done.outcomes[entry["row"]] == LOADED
        ]
        _create(directory, kind, fresh, now, done, session)
        _update(directory, kind, job, plan["updates"][kind].values(), done, session)
    links = [link for link in plan["links"].values() if done.outcomes[link["row"]] == LOADED]
    _complete(directory, rows, job, plan, links, now, done, session)
    made = directory.link([_link(directory.firm, job, link, now) for link in links], session)
    done.created["links"] += made
    return done


def _changed_rows(
    directory: Directory, job: dict[str, Any], plan: dict[str, Any], present: dict[str, Any], session: Any
) -> set[int]:
    """The rows whose records are no longer as they were when the plan was shown."""
    changed = set()
    for kind in COLLECTIONS:
        for entry in plan["creates"][kind].values():
            there = present[kind].get(entry["record"]["_id"])
            if there and there["job"] != job["_id"]:
                changed.add(entry["row"])
        updates = plan["updates"][kind].values()
        current = directory.fetch(kind, [e["_id"] for e in updates], session, "revision") if updates else {}
        changed |= {e["row"] for e in updates if current.get(e["_id"], {}).get("revision") != e["revision"]}
    return changed


def _create(
    directory: Directory,
    kind: str,
    records: list[dict[str, Any]],
    now: datetime,
    done: RowOutcomes,
    session: Any,
) -> None:
    own_tags = done.tags["tags" if kind == "accounts" else "contact_tags"]
    for record in records:
        record["created_at"] = record["updated_at"] = now
        own_tags.update(record.get("tags") or ())
    directory.insert(kind, records, session)
    done.created[kind] += [record["_id"] for record in records]


def _update(
    directory: Directory,
    kind: str,
    job: dict[str, Any],
    updates: Iterable[dict[str, Any]],
    done: RowOutcomes,
    session: Any,
) -> None:
    changes = [{**entry, "job": job["_id"]} for entry in updates if done.outcomes[entry["row"]] == LOADED]
    directory.update(kind, changes, session)
    for change in changes:
        done.before[kind].append({"_id": change["_id"], "revision": change["revision"], "was": change["was"]})
        done.tags["tags" if kind == "accounts" else "contact_tags"].update(change["add"].get("tags", ()))


def _complete(
    directory: Directory,
    rows: Rows,
    job: dict[str, Any],
    plan: dict[str, Any],
    links: list[dict[str, Any]],
    now: datetime,
    done: RowOutcomes,
    session: Any,
) -> None:
    """Create the records that links need and whose own rows were not loaded yet, or not at all."""
    for kind, end in (("accounts", "account"), ("contacts", "contact")):
        created = set(done.created[kind])
        needed = {
            link[end]: link.get(f"{end}_chunk", plan["n"]) for link in links if link[end] not in created
        }
        there = directory.fetch(kind, needed, session, "_id") if needed else {}
        missing: dict[int, set[str]] = {}
        for identity, n in needed.items():
            if identity not in there:
                missing.setdefault(n, set()).add(identity)
        for n, identities in missing.items():
            planned = plan if n == plan["n"] else rows.plan(job["revision"], n, "creates")
            records = [
                e["record"] for e in planned["creates"][kind].values() if e["record"]["_id"] in identities
            ]
            _create(directory, kind, records, now, done, session)


def _link(firm: str, job: dict[str, Any], link: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "_id": link["_id"],
        "firm": firm,
        "account": link["account"],
        "contact": link["contact"],
        "switches": link.get("switches", job["settings"]["contacts"]),
        "job": job["_id"],
        "created_at": now,
    }
