"""Carries client lists into a firm's directory and back, on a real database, without broker and workers.

The handlers of the services do the work, chunk by chunk in any order, and each chunk in its transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database

from services.importer import handlers as importer
from services.upload.ingest.chunking import chunk_of
from services.upload.model.source import Batch
from services.upload.table.samples import Sampler
from services.validator import handlers as validator
from shared.contract.job import Status, as_loaded, new_job
from shared.contract.rights import RIGHTS
from shared.contract.routes import STEPS
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.flow import spans
from shared.plumbing.job_store import JobStore, new_job_id
from shared.plumbing.mongo import in_transaction
from shared.plumbing.row_store import RowStore
from shared.plumbing.settings import Settings
from shared.plumbing.task_store import TaskStore
from shared.plumbing.worker import Work
from tests.integration.choosing import settings_of

Record = dict[str, Any]
Firm = dict[str, dict[str, Record]]

HANDLERS = {**validator.HANDLERS, **importer.HANDLERS}
SETTINGS = Settings("", "memory://", "", "", "a secret of the tests, long enough for HS256")
BY = {"id": "anna", "email": "anna@example.org", "locale": "en", "rights": RIGHTS}
KINDS = ("accounts", "contacts", "links")
#: What a record has in addition to its values.
FRAME = {
    "revision", "job", "jobs", "created_at", "updated_at", "linked_at", "same_as", "kept_for", "changed",
}  # fmt: skip


class Carried:
    """A job whose rows are kept in chunks of `size`, and that a test moves through its steps."""

    def __init__(
        self,
        db: Database[Record],
        firm: str,
        rows: Sequence[Sequence[str]],
        mapping: Record,
        size: int = 3,
        **settings: Any,
    ) -> None:
        self.db, self.firm, self.id = db, firm, new_job_id()
        self.jobs, self.tasks = JobStore(db, firm), TaskStore(db)
        self.rows = RowStore(db, firm, self.id)
        chunks = [[list(row) for row in rows[start : start + size]] for start in range(0, len(rows), size)]
        for n, part in enumerate(chunks):
            self.rows.write(chunk_of(Batch([2 + n * size + i for i in range(len(part))], part), n), 1)
        targets = mapping["columns"]
        sampler = Sampler(len(targets))
        sampler.add([list(row) for row in rows])
        column_list = [
            {"index": c["index"], "header": c["header"], **sampler.column(c["index"])} for c in targets
        ]
        source = {
            "name": "clients.csv", "bytes": 1, "sha256": "0", "revision": 1, "rows": len(rows),
            "columns": len(targets), "column_list": column_list, "chunks": [len(part) for part in chunks],
        }  # fmt: skip
        job = new_job(self.id, firm, "accounts_and_contacts", {}, source, BY, datetime.now(UTC))
        job |= {"status": Status.MAPPED.value, "mapping": mapping, "settings": settings_of(**settings)}
        self.jobs.add({**job, "options": {"max_invalid": {"share": 1.0}}})

    @property
    def job(self) -> Record:
        """The job as it is now."""
        return self.jobs.get(self.id)

    def checked(self) -> Carried:
        """Check, match and plan."""
        for step in ("check", "match", "plan"):
            self.run(step)
        return self.concluded("plan", Status.VALIDATED)

    def confirmed(self) -> Carried:
        """Confirm what was planned."""
        assert self.jobs.advance(self.job, Status.CONFIRMED, by="anna")
        return self

    def loaded(self, order: Sequence[int] | None = None) -> Carried:
        """Check, confirm and load, the chunks in the order given."""
        self.checked().confirmed().run("load", order)
        return self.concluded("load", Status.IMPORTED)

    def cancelled(self) -> Carried:
        """Stop at the present status."""
        assert self.jobs.advance(self.job, Status.CANCELLED, by="anna")
        return self

    def undoing(self) -> Carried:
        """Decide to undo it."""
        job = self.job
        undo = {"of": as_loaded(job)["revision"], "numbers": None, "names_kept": None}
        parts = {"undo": undo}
        assert self.jobs.go_back(job, Status.UNDOING, by="anna", service="importer", parts=parts)
        return self

    def undone(self, order: Sequence[int] | None = None, times: int = 1) -> Carried:
        """Undo it, the chunks in the order given, each `times` times."""
        self.undoing().run("undo", order, times)
        return self.concluded("undo", Status.UNDONE)

    def run(self, step: str, order: Sequence[int] | None = None, times: int = 1) -> None:
        """Do tasks of a step, all of them or those of some chunks."""
        for n in range(len(spans(self.job, STEPS[step]))) if order is None else order:
            for _ in range(times):
                counts = self.do(step, n)
            which = {"job": self.id, "revision": self.job["revision"], "step": step, "n": n}
            self.db.tasks.update_one(which, {"$set": {"state": "done", "counts": counts}})

    def do(self, step: str, n: int) -> Record:
        """Do one task; gives its counts."""
        done = HANDLERS[step].work(self.work(step, n))
        return in_transaction(self.db, done.also) if done.also else done.counts

    def work(self, step: str, n: int) -> Work:
        """One task of the present step."""
        job = self.job
        parts = spans(job, STEPS[step])
        self.tasks.open(job, STEPS[step], "main", parts)
        return Work(job, {"n": n, "rows": parts[n]["rows"]}, self.db, SETTINGS)

    def concluded(self, step: str, to: Status) -> Carried:
        """Add a step up and go on."""
        job, conclude, service = self.job, HANDLERS[step].conclude, STEPS[step].service
        assert conclude
        parts = conclude(self.db, job, self.tasks.totals(job, step)).parts
        assert self.jobs.advance(job, to, by=service, service=service, parts=parts)
        return self

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return len(self.job["source"]["chunks"])


def everything(db: Database[Record], firm: str) -> Firm:
    """All records and links of a firm as they are kept, by id."""
    return {kind: {record["_id"]: record for record in db[kind].find({"firm": firm})} for kind in KINDS}


def snapshot(db: Database[Record], firm: str) -> Record:
    """What a firm has, as far as anybody can see: values, links, reference data."""
    reference = DirectoryStore(db, firm).reference()
    kept = everything(db, firm)
    shown = {kind: {i: content(r) for i, r in records.items()} for kind, records in kept.items()}
    return {**shown, "reference": {name: part for name, part in reference.items() if name != "revision"}}


def content(record: Record) -> Record:
    """A record without what is only about it."""
    return {name: value for name, value in record.items() if name not in FRAME}
