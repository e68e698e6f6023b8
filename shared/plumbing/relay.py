"""Tells other services what happened, after it was written: statuses of jobs, and changes of records.

What is told was kept with the fact itself, and is let go of only when the broker has confirmed it; so a crash or a
broker that is away loses nothing, and at worst an event is told twice, under the same id.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice

from shared.contract.documents.job import Job, JobAt
from shared.contract.documents.task import OutboxEntry
from shared.contract.events import SUMMARY, Event, job_event, record_events, step_ended, summary_event
from shared.plumbing.bus import Teller, Unpublished
from shared.plumbing.event_store import EventStore
from shared.plumbing.job_store import JobWatch
from shared.plumbing.log import log
from shared.plumbing.mongo import Database, is_passing
from shared.plumbing.settings import Settings
from shared.plumbing.task_store import TaskStore
from shared.plumbing.telemetry import EVENTS_OLDEST, EVENTS_WAITING, set_to

#: how many events are confirmed together: a fraction of a second
BATCH = 500
#: after which what could not be made an event of is tried again
PUT_OFF_SECONDS = 60.0


class Relay(threading.Thread):
    """One for each worker of the service that tells; many may relay at once."""

    def __init__(self, db: Database, teller: Teller, stopping: threading.Event, settings: Settings) -> None:
        super().__init__(name="relay", daemon=True)
        self.store = EventStore(db)
        self.watch = JobWatch(db)
        self.tasks = TaskStore(db)
        self.teller = teller
        self.stopping = stopping
        self.pause = settings.relay_seconds
        #: how long it has a job or a commit in hand before another one may take it over
        self.held = settings.lease_seconds
        self.token = uuid.uuid4().hex

    def run(self) -> None:
        """Tell what there is, every second or so, until told to stop."""
        while not self.stopping.wait(self.pause * random.uniform(0.7, 1.3)):
            try:
                self.tell()
            except Unpublished as error:
                log.warning("events wait for the broker", error=str(error))
            except Exception as error:  # noqa: BLE001 - servers come and go; what is not told waits
                log.warning("relay broke off", error=repr(error))
        self.teller.discard()

    def tell(self) -> None:
        """One round; between the commits of a large import the jobs of everybody else are told."""
        try:
            self._tell_jobs()
            while not self.stopping.is_set() and (document := self.store.claim(self.token, self.held)):
                with self._or_later(self.store, document):
                    self._tell_records(document)
                self._tell_jobs()
        except Unpublished:
            self.store.tell_again(self.token)
            self.watch.tell_again(self.token)
            raise

    @contextmanager
    def _or_later(self, store: EventStore | JobWatch, document: OutboxEntry | Job) -> Iterator[None]:
        """Put off what cannot become an event, so that the others are published; try it again a minute later."""
        try:
            yield
        except Unpublished:
            raise
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("not told; it is tried again later", of=document["_id"])
            store.put_off(document["_id"], self.token, PUT_OFF_SECONDS)

    def _tell_jobs(self) -> None:
        while not self.stopping.is_set() and (job := self.watch.claim_untold(self.token, self.held)):
            with self._or_later(self.watch, job):
                self._tell_job(job)

    def _tell_records(self, document: OutboxEntry) -> None:
        for batch in _batches(record_events(document)):
            if not self.store.renew(document["_id"], self.token, self.held):
                return  # it took too long, and another one tells it
            self.teller.tell(batch)
        self.store.told(document["_id"])

    def _tell_job(self, job: Job) -> None:
        told, lines = job.get("told", 0), len(job["history"])
        events: list[Event] = []
        while told < lines and (of_line := self._of_line(job, told)):
            events += of_line
            told += 1
        if events:
            self.teller.tell(events)
        if told == lines:
            self.watch.told(job["_id"], self.token, told)
        else:
            self.watch.tell_later(job["_id"], self.token, told, self.pause)

    def _of_line(self, job: Job, n: int) -> list[Event]:
        """The events of a line of the history; none yet where it ends a step that has not come to rest.

        The line that ends a step comes after all that is told of the records that the step changed.
        """
        events = [job_event(job, n)]
        if ended := step_ended(job, n):
            at_work = self.tasks.in_hand(job["_id"], ended.revision, ended.step)
            if at_work or self.store.any_of(job["_id"]):
                return []
            if ended.choice == SUMMARY:
                at_end: JobAt = {"_id": job["_id"], "revision": ended.revision}
                told: Mapping[str, object] = job["history"][n].get("numbers") or self.tasks.totals(
                    at_end, ended.step
                )
                summary = summary_event(job, n, ended.step, told)
                events = [summary, *events] if summary else events
        return events


def waiting(db: Database) -> dict[str, tuple[int, float]]:
    """How many jobs and how many commits of records are to be told, and since how many seconds the oldest is."""
    found = {"jobs": JobWatch(db).untold(), "records": EventStore(db).waiting()}
    now = datetime.now(UTC)
    return {
        what: (number, (now - oldest).total_seconds() if oldest else 0.0)
        for what, (number, oldest) in found.items()
    }


def measure(db: Database) -> None:
    """Bring the gauges up to date."""
    for what, (number, seconds) in waiting(db).items():
        set_to(EVENTS_WAITING, number, what)
        set_to(EVENTS_OLDEST, seconds, what)


def _batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    rest = iter(events)
    while batch := list(islice(rest, BATCH)):
        yield batch
