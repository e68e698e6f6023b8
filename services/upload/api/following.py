"""Watches a job while it moves, for answers that stream its progress."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from shared.contract.documents.job import Job
from shared.contract.job import ENDS, Status, waits_for
from shared.plumbing.job_store import JobStore

EVERY_SECONDS = 0.5
AT_MOST_SECONDS = 600.0


def snapshots(store: JobStore, job_id: str) -> Iterator[Job]:
    """Give the job now and every half second, until it waits for a person or has ended.

    Stops after ten minutes, so that no watcher holds a thread for longer; browsers connect again by themselves.
    """
    never = threading.Event()
    until = time.monotonic() + AT_MOST_SECONDS
    while time.monotonic() < until:
        job = store.brief(job_id)
        yield job
        if Status(job["status"]) in ENDS or (waits_for(job) and not job["owed"]):
            return
        never.wait(EVERY_SECONDS)
