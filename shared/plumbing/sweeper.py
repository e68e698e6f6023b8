"""Finds tasks and jobs that do not move, and sends their messages again.

Every repair is a guarded write, so that many processes may sweep at once.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from shared.contract.documents.job import Job
from shared.contract.documents.task import Task
from shared.plumbing import clock
from shared.plumbing.flow import Flow
from shared.plumbing.guard import passed_over
from shared.plumbing.log import log, named
from shared.plumbing.orphans import sweep_orphans
from shared.plumbing.purging import purge_what_is_over
from shared.plumbing.settings import Settings
from shared.plumbing.telemetry import REPAIRS, count

T = TypeVar("T")

ORPHANS_EVERY_SECONDS = 3600.0


class Sweeper(threading.Thread):
    """One for each worker process; looks after the steps of its own service."""

    def __init__(self, service: str, flow: Flow, stopping: threading.Event, settings: Settings) -> None:
        super().__init__(name="sweeper", daemon=True)
        self.service = service
        self.flow = flow
        self.stopping = stopping
        self.settings = settings
        self._orphans_at = time.monotonic() + random.uniform(0, ORPHANS_EVERY_SECONDS)
        self._purge_at = time.monotonic() + random.uniform(0, settings.purge_seconds)

    def run(self) -> None:
        """Sweep every few seconds, jittered, until the worker stops."""
        while not self.stopping.wait(self.settings.sweep_seconds * random.uniform(0.7, 1.3)):
            try:
                self.sweep()
            except Exception as error:  # noqa: BLE001 - servers come and go; the next round does the rest
                log.warning("sweep broke off", error=named(error))

    def sweep(self) -> None:
        """One round; an error over one task, firm or job does not delay the others."""
        self._repair(self.flow.tasks.silent, self._ring)
        self._repair(self.flow.tasks.waiting_firms, self._admit)
        self._repair(self.flow.watch.owed, self._resume)
        if time.monotonic() > self._orphans_at:
            self._orphans_at = time.monotonic() + ORPHANS_EVERY_SECONDS
            with passed_over("orphans"):
                self._count(sweep_orphans(self.flow.db))
        if time.monotonic() > self._purge_at:
            self._purge_at = time.monotonic() + self.settings.purge_seconds * random.uniform(0.7, 1.3)
            with passed_over("purge"):
                self._count(purge_what_is_over(self.flow.db, self.settings, self.stopping))

    def _repair(self, look: Callable[[str], list[T]], repair: Callable[[T], None]) -> None:
        with passed_over(look.__name__):
            for found in look(self.service):
                with passed_over(repair.__name__):
                    repair(found)

    def _ring(self, task: Task) -> None:
        count(REPAIRS, self.service, "rung_again")
        self.flow.ring(task)

    def _admit(self, waiting: tuple[str, str]) -> None:
        firm, lane = waiting
        self.flow.admit(firm, self.service, lane)

    def _count(self, done: dict[str, int]) -> None:
        for kind, number in done.items():
            count(REPAIRS, self.service, kind, by=number)

    def _resume(self, job: Job) -> None:
        with self.flow.guarded(job):
            self._resume_or_fail(job)

    def _resume_or_fail(self, job: Job) -> None:
        waited = (clock.now() - job["since"]).total_seconds()
        if waited > self.settings.deadline_seconds and not self._moving(job):
            count(REPAIRS, self.service, "deadline")
            self.flow.fail(job, "no_progress", {"minutes": int(waited // 60)})
            return
        self.flow.resume(job)

    def _moving(self, job: Job) -> bool:
        """Whether any task of the job has been done within the deadline."""
        last = self.flow.tasks.last_done(job)
        return last is not None and (clock.now() - last).total_seconds() < self.settings.deadline_seconds
