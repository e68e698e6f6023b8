"""Finds what stands still and rings again; every repair is a guarded write, so that many may sweep at once."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime
from typing import Any

from shared.plumbing.file_store import sweep_orphans
from shared.plumbing.flow import Flow
from shared.plumbing.log import log, named
from shared.plumbing.purging import purge_what_is_over
from shared.plumbing.settings import Settings
from shared.plumbing.telemetry import REPAIRS

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
        """Sweep every few seconds, jittered, until told to stop."""
        while not self.stopping.wait(self.settings.sweep_seconds * random.uniform(0.7, 1.3)):
            try:
                self.sweep()
            except Exception as error:  # noqa: BLE001 - servers come and go; the next round repairs the rest
                log.warning("sweep broke off", error=named(error))

    def sweep(self) -> None:
        """One round."""
        for task in self.flow.tasks.silent(self.service):
            REPAIRS.labels(self.service, "rung_again").inc()
            self.flow.ring(task)
        for firm, lane in self.flow.tasks.waiting_firms(self.service):
            self.flow.admit(firm, self.service, lane)
        for job in self.flow.watch.owed(self.service):
            self._resume(job)
        if time.monotonic() > self._orphans_at:
            self._orphans_at = time.monotonic() + ORPHANS_EVERY_SECONDS
            sweep_orphans(self.flow.db)
        if time.monotonic() > self._purge_at:
            self._purge_at = time.monotonic() + self.settings.purge_seconds * random.uniform(0.7, 1.3)
            self._purge()

    def _purge(self) -> None:
        for kind, number in purge_what_is_over(self.flow.db, self.settings, self.stopping).items():
            REPAIRS.labels(self.service, kind).inc(number)

    def _resume(self, job: dict[str, Any]) -> None:
        waited = (datetime.now(UTC) - job["since"]).total_seconds()
        if waited > self.settings.deadline_seconds and not self._moving(job):
            REPAIRS.labels(self.service, "deadline").inc()
            self.flow.fail(job, "no_progress", {"minutes": int(waited // 60)})
            return
        self.flow.resume(job)

    def _moving(self, job: dict[str, Any]) -> bool:
        """Whether any task of the job has been done within the deadline."""
        last = self.flow.tasks.last_done(job)
        return (
            last is not None and (datetime.now(UTC) - last).total_seconds() < self.settings.deadline_seconds
        )
