"""Repairs rows of a checked job: only what a repair touches, and what depends on it, is checked again.

The number of repairs that a person saw shows that two people repair at once: the second repair is tried again on the
result of the first.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.validator.repair.changes import Changes, by_chunk, difference
from services.validator.repair.rechecking import Rechecked, Rechecker
from services.validator.repair.requests import Requests
from services.validator.report.job_report import examples_in
from services.validator.rows.grid import Grid
from shared.contract.documents.chunk import RepairFrame, TouchedChunk
from shared.contract.documents.job import Job, Report
from shared.contract.documents.values import Position
from shared.contract.job import Status
from shared.plumbing import clock
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.mongo import ClientSession, Database, in_transaction
from shared.plumbing.task_store import TaskStore

#: More rows than this are checked again by the workers, with the whole file.
MOST_AT_ONCE = 2_000
TRIES = 5


class OvertakenError(Exception):
    """Others kept changing the job."""


@dataclass
class Repaired:
    """The job after a repair, the rows that were asked for, and whether the workers check the file again."""

    job: Job
    positions: list[Position]
    again: bool = False
    changed: int = 0


class Repairer(Requests):
    """Repairs one job."""

    def __init__(self, db: Database, firm: str, job_id: str) -> None:
        super().__init__(db, firm, job_id)
        self.directory = DirectoryStore(db, firm)

    def repair(self, changes: Changes, by: str, what: str, undoes: int | None = None) -> Repaired:
        """Make the changes, check again what they touch; raises `OvertakenError` when others keep coming first."""
        for _ in range(TRIES):
            job = self.jobs.get(self.job_id)
            if job["status"] != Status.VALIDATED:
                raise OvertakenError
            about: RepairFrame = {
                "number": job["repairs"] + 1,
                "at": clock.now(),
                "by": by,
                "what": what,
                "undoes": undoes,
            }
            done = _Attempt(self, job, changes, about).run()
            if done is not None:
                return done
        raise OvertakenError


class _Attempt:
    """One try at a repair, on the job as it was read."""

    def __init__(self, repairer: Repairer, job: Job, changes: Changes, about: RepairFrame) -> None:
        self.db, self.rows, self.jobs = repairer.db, repairer.rows, repairer.jobs
        self.directory = repairer.directory
        self.job, self.changes, self.about = job, changes, about
        self.revision, self.source_revision = job["revision"], job["source"]["revision"]

    def run(self) -> Repaired | None:
        """Do it; None when somebody else came first."""
        asked = self.changes.positions()
        touched = self._touched(asked)
        if not touched:
            return Repaired(self.job, asked)
        edited = [(n, offset) for n, own in touched.items() for offset in own.offsets()]
        if len(edited) <= MOST_AT_ONCE:
            rechecker = Rechecker(self.db, self.rows, self.directory, self.job)
            checked = rechecker.affected(edited, touched, MOST_AT_ONCE)
            if checked is not None:
                return self._write(touched, asked, len(edited), rechecker.recheck(checked, touched))
        return self._leave_to_workers(touched, asked, len(edited))

    def _touched(self, asked: list[Position]) -> dict[int, TouchedChunk]:
        """By chunk, the cells, ticks and decisions that really change."""
        touched: dict[int, TouchedChunk] = {}
        for n, offsets in by_chunk(asked).items():
            now = self.rows.edited_cells_at(self.source_revision, n, offsets)
            own = difference(self.changes, n, offsets, now)
            if own.offsets():
                touched[n] = own
        return touched

    def _write(
        self, touched: dict[int, TouchedChunk], asked: list[Position], changed: int, now: Rechecked
    ) -> Repaired | None:
        """Write the repair with the new counts and report."""

        def write(session: ClientSession) -> bool:
            self.rows.write_repair(self.about, self.source_revision, self.revision, touched, session)
            for kind, (more, fewer) in now.named.items():
                self.rows.amend_named(self.revision, kind, more, fewer, session)
            self._add_examples(now.report, session)
            if not self.jobs.repaired(self.job, session, counts=now.counts, report=now.report):
                session.abort_transaction()
                return False
            return True

        if not in_transaction(self.db, write):
            return None
        return Repaired(self.jobs.get(self.job["_id"]), asked, changed=changed)

    def _add_examples(self, report: Report, session: ClientSession) -> None:
        """Written with the repair: the report of a moment later may be another repair's already."""
        first = Grid(TaskStore(self.db), self.rows, self.job).first_with(session)
        for problem in report["problems"]:
            n = first.get(problem["code"])
            problem["examples"] = examples_in(self.rows, self.job, problem["code"], n, session)

    def _leave_to_workers(
        self, touched: dict[int, TouchedChunk], asked: list[Position], changed: int
    ) -> Repaired | None:
        """Keep the changes and have the whole file checked again."""

        def write(session: ClientSession) -> Job | None:
            self.rows.write_repair(self.about, self.source_revision, self.revision, touched, session)
            moved = self.jobs.check_again(self.job, self.about["by"], session)
            if moved is None:
                session.abort_transaction()
            return moved

        moved = in_transaction(self.db, write)
        return Repaired(moved, asked, again=True, changed=changed) if moved else None
