"""Publishes events from the outboxes: statuses of jobs, and changes of records.

An event is kept in the same transaction as the change. It leaves the outbox when the broker has confirmed it. So a
crash, or a broker that is away, loses nothing; at worst an event is published twice, with the same id. Before the
events of a job are published, their deliveries to the webhooks of the firm are written.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice

from shared.contract.documents.job import Job, JobAt
from shared.contract.documents.task import OutboxEntry
from shared.contract.events import SUMMARY, Event, job_event, record_events, step_ended, summary_event
from shared.contract.job import lines_published
from shared.plumbing import clock
from shared.plumbing.bus import EventPublisher, Unpublished
from shared.plumbing.job_store import JobWatch
from shared.plumbing.log import log
from shared.plumbing.mongo import Database, is_passing
from shared.plumbing.outbox_store import OutboxStore
from shared.plumbing.settings import Settings
from shared.plumbing.task_store import TaskStore
from shared.plumbing.telemetry import EVENTS_OLDEST, EVENTS_WAITING, set_to
from shared.plumbing.webhook_store import keep_deliveries

#: how many events are confirmed together: a fraction of a second
BATCH = 500
#: events of one line of the history: of what changed, and of the status
MOST_OF_LINE = 2
#: the pause before an entry that could not become an event is tried again
PUT_OFF_SECONDS = 60.0


class Relay(threading.Thread):
    """One for each worker of the service that publishes events; many may run at once."""

    def __init__(
        self, db: Database, publisher: EventPublisher, stopping: threading.Event, settings: Settings
    ) -> None:
        super().__init__(name="relay", daemon=True)
        self.db = db
        self.store = OutboxStore(db)
        self.watch = JobWatch(db)
        self.tasks = TaskStore(db)
        self.publisher = publisher
        self.stopping = stopping
        self.pause = settings.relay_seconds
        #: seconds of a lease on a job or an outbox entry
        self.lease = settings.lease_seconds
        self.token = uuid.uuid4().hex

    def run(self) -> None:
        """Publish what is in the outboxes, about every second, until the worker stops."""
        while not self.stopping.wait(self.pause * random.uniform(0.7, 1.3)):
            try:
                self.publish()
            except Unpublished as error:
                log.warning("events wait for the broker", error=str(error))
            except Exception as error:  # noqa: BLE001 - servers come and go; the outbox waits
                log.warning("relay broke off", error=repr(error))
        self.publisher.discard()

    def publish(self) -> None:
        """One round. Between the entries of a large import it publishes the jobs of everybody else."""
        try:
            self._publish_jobs()
            while not self.stopping.is_set() and (document := self.store.claim(self.token, self.lease)):
                with self._or_later(self.store, document):
                    self._publish_records(document)
                self._publish_jobs()
        except Unpublished:
            self.store.release(self.token)
            self.watch.release(self.token)
            raise

    @contextmanager
    def _or_later(self, store: OutboxStore | JobWatch, document: OutboxEntry | Job) -> Iterator[None]:
        """Put off what cannot become an event, so that the others are published; a minute later it is tried again."""
        try:
            yield
        except Unpublished:
            raise
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("not published; it is tried again later", of=document["_id"])
            store.put_off(document["_id"], self.token, PUT_OFF_SECONDS)

    def _publish_jobs(self) -> None:
        while not self.stopping.is_set() and (job := self.watch.claim_unpublished(self.token, self.lease)):
            with self._or_later(self.watch, job):
                self._publish_job(job)

    def _publish_records(self, document: OutboxEntry) -> None:
        for batch in _batches(record_events(document)):
            if not self.store.renew(document["_id"], self.token, self.lease):
                return  # it took too long, and another process publishes it
            self.publisher.publish(batch)
        self.store.remove(document["_id"])

    def _publish_job(self, job: Job) -> None:
        published, lines = lines_published(job), len(job["history"])
        events: list[tuple[int, Event]] = []
        while published < lines and (of_line := self._of_line(job, published)):
            events += [(published * MOST_OF_LINE + n, event) for n, event in enumerate(of_line)]
            published += 1
        if events:
            keep_deliveries(self.db, job, events)
            self.publisher.publish([event for _, event in events])
        if published == lines:
            self.watch.mark_published(job["_id"], self.token, published)
        else:
            self.watch.publish_rest_later(job["_id"], self.token, published, self.pause)

    def _of_line(self, job: Job, n: int) -> list[Event]:
        """The events of a line of the history; none yet where it ends a step whose chunks are not all finished.

        The line that ends a step is published after the events of all records that the step changed.
        """
        events = [job_event(job, n)]
        if ended := step_ended(job, n):
            at_work = self.tasks.any_leased(job["_id"], ended.revision, ended.step)
            if at_work or self.store.any_of(job["_id"]):
                return []
            if ended.choice == SUMMARY:
                at_end: JobAt = {"_id": job["_id"], "revision": ended.revision}
                counts: Mapping[str, object] = job["history"][n].get("numbers") or self.tasks.totals(
                    at_end, ended.step
                )
                summary = summary_event(job, n, ended.step, counts)
                events = [summary, *events] if summary else events
        return events


def waiting(db: Database) -> dict[str, tuple[int, float]]:
    """How many jobs and outbox entries are unpublished, and for how many seconds the oldest is."""
    found = {"jobs": JobWatch(db).unpublished(), "records": OutboxStore(db).waiting()}
    now = clock.now()
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
