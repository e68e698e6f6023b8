"""Finds and removes documents and files that belong to no job.

A file is kept before its job is, so a request that dies in between, or whose job is refused, leaves the file behind.
Rows and tasks come after their job; they are looked for all the same, as a database may have been restored in parts.
Outbox entries need no job: the relay publishes and removes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from shared.plumbing import clock
from shared.plumbing.file_store import FileStore, kept_before, sweep_pieces
from shared.plumbing.job_store import JobWatch
from shared.plumbing.mongo import Database
from shared.plumbing.row_store import RowStore, jobs_with_rows
from shared.plumbing.task_store import TaskStore

#: no upload takes so long
ORPHAN_AFTER = timedelta(hours=24)
BATCH = 1000


def sweep_orphans(db: Database, now: datetime | None = None) -> dict[str, int]:
    """One round over all firms; gives how many jobs that do not exist had files, pieces of files, rows or tasks."""
    before = (now or clock.now()) - ORPHAN_AFTER
    done = {"orphan_pieces": sweep_pieces(db, before), "orphan_files": 0, "orphan_rows": 0, "orphan_tasks": 0}
    for firm, job in _without_job(db, kept_before(db, before)):
        FileStore(db, firm).forget(job)
        done["orphan_files"] += 1
    for firm, job in _without_job(db, jobs_with_rows(db)):
        RowStore(db, firm, job).forget()
        done["orphan_rows"] += 1
    for _, job in _without_job(db, TaskStore(db).jobs_with_tasks()):
        TaskStore(db).forget(job)
        done["orphan_tasks"] += 1
    return done


def _without_job(db: Database, found: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Those of the pairs of firm and job that belong to no job, each once."""
    watch, rest = JobWatch(db), iter(found)
    seen: set[tuple[str, str]] = set()
    while batch := set(islice(rest, BATCH)):
        missing = watch.without_job(batch) - seen
        seen |= missing
        yield from missing
