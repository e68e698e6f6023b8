"""Removes the file, the rows and the before-images of jobs whose time is over; numbers and history stay.

A job is marked first, in one transaction with the end of its tasks: from then on nobody undoes it, and no
worker can end what it has begun for it. Then everything is removed, and once more some minutes later, which
finishes what was cut off and catches what a late worker still wrote.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from shared.contract.documents.job import Job
from shared.contract.job import waits_for
from shared.contract.keeping import kept_until, what_stays
from shared.plumbing import clock
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.file_store import FileStore
from shared.plumbing.guard import passed_over
from shared.plumbing.job_store import JobStore, JobWatch
from shared.plumbing.job_view import result_of, undo_of
from shared.plumbing.log import log
from shared.plumbing.mongo import Database, Session, in_transaction
from shared.plumbing.row_store import RowStore
from shared.plumbing.settings import Settings
from shared.plumbing.task_store import TaskStore

#: after this time every worker has seen the mark: many times a lease
AGAIN_AFTER = timedelta(minutes=10)


def purge(db: Database, job: Job) -> bool:
    """Remove what is kept of a job that has ended; False where it has moved on meanwhile.

    Repeating it is harmless.
    """
    if not job.get("purged_at"):
        marked = in_transaction(db, lambda session: _mark(db, job, session))
        if not marked and not JobStore(db, job["firm"]).get(job["_id"]).get("purged_at"):
            return False
    _remove(db, job)
    return True


def _mark(db: Database, seen: Job, session: Session) -> bool:
    """Note that the job is purged, with the numbers that its tasks had; the tasks go with it."""
    jobs, tasks = JobStore(db, seen["firm"]), TaskStore(db)
    job = jobs.get(seen["_id"], session)
    parts = {**what_stays(job), "result": result_of(job, tasks, session)}
    if undo := job.get("undo"):
        parts["undo"] = {**undo, "names_kept": None, "numbers": undo_of(job, tasks, session)}
    marked = jobs.purge({**job, "status": seen["status"], "revision": seen["revision"]}, parts, session)
    if marked:
        tasks.forget(job["_id"], session)
    return marked


def _remove(db: Database, job: Job) -> None:
    RowStore(db, job["firm"], job["_id"]).forget()
    FileStore(db, job["firm"]).forget(job["_id"])


def purge_what_is_over(
    db: Database, settings: Settings, stopping: threading.Event | None = None, now: datetime | None = None
) -> dict[str, int]:
    """One round over all firms: gives how many jobs were purged, left alone, and finished purging."""
    now, watch = now or clock.now(), JobWatch(db)
    done = {"purged": 0, "left_alone": 0, "purge_finished": 0}
    for job in watch.half_purged(now - AGAIN_AFTER):
        with passed_over("half_purged"):
            _remove(db, job)
            JobStore(db, job["firm"]).purge_finished(job["_id"])
            done["purge_finished"] += 1
    for firm in watch.firms_with_rows():
        if stopping and stopping.is_set():
            break
        with passed_over("purge_firm"):
            _purge_firm(db, firm, settings, now, done)
    return done


def _purge_firm(db: Database, firm: str, settings: Settings, now: datetime, done: dict[str, int]) -> None:
    directory, jobs = DirectoryStore(db, firm), JobStore(db, firm)
    keep, undo = (
        directory.days("keep_days", settings.keep_days),
        directory.days("undo_days", settings.undo_days),
    )
    for job in jobs.older_with_rows(now - timedelta(days=keep)):
        with passed_over("purge_job"):  # go on with the other jobs; this one is tried again
            until = kept_until(job, keep, undo)
            if until is None or until > now or jobs.is_repaired_by_one_with_rows(job["_id"]):
                continue
            waits = waits_for(job) is not None
            if _give_up(db, job, keep) if waits else purge(db, job):
                log.info("job purged", job_id=job["_id"], left_alone=waits)
                done["left_alone" if waits else "purged"] += 1


def _give_up(db: Database, job: Job, days: int) -> bool:
    """Stop and purge a job that waits for a person and that nobody has touched."""

    def write(session: Session) -> bool:
        stopped = JobStore(db, job["firm"]).leave(job, days, session)
        return bool(stopped and _mark(db, stopped, session))

    purged = bool(in_transaction(db, write))
    if purged:
        _remove(db, job)
    return purged
