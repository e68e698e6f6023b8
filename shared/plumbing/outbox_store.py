"""The outbox of changed records: changes whose events are not published yet; the only user of `outbox`.

An entry is written in the transaction that changes the records, one for all of them. It is removed when the broker has
confirmed its events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from shared.contract.documents.record import Record, RecordRestore, RecordUpdate
from shared.contract.documents.task import OutboxEntry
from shared.contract.events import CHANGES, KINDS, Changed, grouped
from shared.contract.record_history import Edit
from shared.plumbing import clock
from shared.plumbing.claims import UNCLAIMED, claimed
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.mongo import Database, Session, collection

_CREATED, _UPDATED, _REMOVED = CHANGES


class OutboxDirectory(DirectoryStore):
    """The directory of a firm that writes an outbox entry for the records that are changed through it.

    It serves one transaction: begin each attempt with a new one, and end it with `write_entry`.
    """

    def __init__(self, db: Database, firm: str, job: str | None) -> None:
        super().__init__(db, firm)
        self.job = job
        self._changes: list[Changed] = []
        self._written: dict[str, list[str]] = {kind: [] for kind in KINDS}

    def write_entry(self, identity: str, session: Session) -> None:
        """Write the outbox entry of the changes; `identity` names the commit."""
        for kind, ids in self._written.items():
            if ids:
                self._note(kind, _UPDATED, self.fetch(kind, ids, session, "job", "revision"))
        if self._changes:
            OutboxStore(self.db).add(identity, self.firm, self.job, self._changes, session)

    def _note(self, kind: str, change: str, records: Mapping[str, Mapping[str, Any]], more: int = 0) -> None:
        event = f"{kind.removesuffix('s')}.{change}"
        self._changes += [
            (event, record["job"], record["revision"] + more, identity.rpartition("/")[2])
            for identity, record in records.items()
        ]

    # what loading and undo write

    def insert(self, kind: str, records: Sequence[Mapping[str, Any]], session: Session) -> None:
        """Insert new records inside a transaction."""
        super().insert(kind, records, session)
        self._note(kind, _CREATED, {record["_id"]: record for record in records})

    def update(self, kind: str, changes: Sequence[RecordUpdate], session: Session) -> None:
        """Apply changes to records."""
        super().update(kind, changes, session)
        self._written[kind] += [change["_id"] for change in changes]

    def restore(self, kind: str, changes: Sequence[RecordRestore], session: Session) -> None:
        """Give records their earlier values back."""
        super().restore(kind, changes, session)
        self._written[kind] += [change["_id"] for change in changes]

    def remove_untouched(self, kind: str, ids: Sequence[str], job: str, session: Session) -> int:
        """Remove the records that a job made and that nobody changed or used since; gives how many."""
        before = self._there(kind, ids, session)
        removed = super().remove_untouched(kind, ids, job, session)
        self._note_removed(kind, before, removed, session)
        return removed

    def remove(self, kind: str, ids: Sequence[str], session: Session) -> int:
        """Remove records; gives how many there were."""
        before = self._there(kind, ids, session)
        removed = super().remove(kind, ids, session)
        self._note_removed(kind, before, removed, session)
        return removed

    def _there(self, kind: str, ids: Sequence[str], session: Session) -> dict[str, Record]:
        return self.fetch(kind, ids, session, "job", "revision") if ids else {}

    def _note_removed(self, kind: str, before: dict[str, Record], removed: int, session: Session) -> None:
        left = self.fetch(kind, before, session, "_id") if removed < len(before) else {}
        gone = {identity: record for identity, record in before.items() if identity not in left}
        self._note(kind, _REMOVED, gone, more=1)

    # what people change through the API, each in a transaction of its own

    def rewrite_in(
        self,
        session: Session,
        kind: str,
        before: Record,
        after: Mapping[str, object],
        edit: Edit = Edit(),
    ) -> Record:
        """Write what differs of a record inside a transaction, with its outbox entry."""
        written = super().rewrite_in(session, kind, before, after, edit)
        if written["revision"] != before["revision"]:
            self._write_one(kind, _UPDATED, written, 0, session)
        return written

    def delete_in(self, session: Session, kind: str, identity: str, expected: int | None) -> Record | None:
        """Remove a record with its links inside a transaction, with its outbox entry."""
        record = super().delete_in(session, kind, identity, expected)
        if record:
            self._write_one(kind, _REMOVED, record, 1, session)
        return record

    def _write_one(self, kind: str, change: str, record: Record, more: int, session: Session) -> None:
        self._changes = []  # written by an earlier attempt
        self._note(kind, change, {record["_id"]: record}, more)
        self.write_entry(f"{record['_id']}.{record['job']}.{record['revision'] + more}", session)


class OutboxStore:
    """Outbox entries of all firms."""

    def __init__(self, db: Database) -> None:
        self.outbox = collection(db, "outbox", OutboxEntry)

    def add(
        self,
        identity: str,
        firm: str,
        job: str | None,
        changes: Sequence[Changed],
        session: Session,
    ) -> None:
        """Keep changes (type, the job that made the record, revision, id) inside the transaction that makes them."""
        document: OutboxEntry = {
            "_id": identity,
            "firm": firm,
            "job": job,
            "at": clock.now(),
            "claim": None,
            "changes": grouped(changes),
        }
        self.outbox.insert_one(document, session=session)

    def claim(self, token: str, seconds: float) -> OutboxEntry | None:
        """Lease the oldest entry that has no lease, for some seconds."""
        return self.outbox.find_one_and_update(
            UNCLAIMED,
            [{"$set": {"claim": claimed(token, seconds)}}],
            sort=[("at", 1)],
            return_document=ReturnDocument.AFTER,
        )

    def renew(self, identity: str, token: str, seconds: float) -> bool:
        """Lengthen the lease of an entry; False when another process has it."""
        mine = {"_id": identity, "claim.token": token}
        return self.outbox.update_one(mine, [{"$set": {"claim": claimed(token, seconds)}}]).matched_count == 1

    def put_off(self, identity: str, token: str, seconds: float) -> None:
        """Hide an entry from all relays for some seconds."""
        mine = {"_id": identity, "claim.token": token}
        self.outbox.update_one(mine, [{"$set": {"claim": claimed("", seconds)}}])

    def release(self, token: str) -> None:
        """End the leases of a process, so that another one may publish its entries."""
        self.outbox.update_many({"claim.token": token}, {"$set": {"claim": None}})

    def remove(self, identity: str) -> None:
        """Remove an entry whose events the broker has confirmed."""
        self.outbox.delete_one({"_id": identity})

    def any_of(self, job: str) -> bool:
        """Whether changes of a job are still unpublished."""
        return self.outbox.find_one({"job": job}, {"_id": 1}) is not None

    def count_of(self, job: str) -> int:
        """How many entries of a job are unpublished."""
        return self.outbox.count_documents({"job": job})

    def waiting(self) -> tuple[int, datetime | None]:
        """How many entries are unpublished, and since when the oldest is."""
        oldest = self.outbox.find_one({}, {"at": 1}, sort=[("at", 1)])
        return self.outbox.estimated_document_count(), oldest["at"] if oldest else None
