"""Runs the tasks of one service: claim → work → guarded finish → publish what follows → acknowledge."""

from __future__ import annotations

import gc
import signal
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeGuard

import structlog

from shared.contract.documents.job import Job
from shared.contract.documents.task import Announced, Counts, LeasedTask, WorkData
from shared.contract.messages import MessageError, read_work
from shared.contract.routes import PUBLISHES_EVENTS, STEPS, Step
from shared.plumbing import bus, clock
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.file_store import FileStore
from shared.plumbing.flow import Conclude, Conclusion, Flow, JobFails
from shared.plumbing.guard import passed_over
from shared.plumbing.job_store import JobStore, JobWatch
from shared.plumbing.log import log, named, set_up_logging
from shared.plumbing.mongo import (
    ClientSession,
    Database,
    PyMongoError,
    connect,
    ensure_indexes,
    is_passing,
    require_replica_set,
)
from shared.plumbing.patience import patiently
from shared.plumbing.relay import Relay
from shared.plumbing.row_store import RowStore
from shared.plumbing.settings import Settings, load_settings
from shared.plumbing.sweeper import Sweeper
from shared.plumbing.task_store import LeaseLost, TaskStore, task_id
from shared.plumbing.telemetry import TASK_SECONDS, TASKS, count, observe

PAUSE_AT_MOST = 600.0
#: how much longer than a lease the transaction at the end of a task may take
END_SECONDS = 8.0
#: how long the database may be unwell for one message while it answers others
UNWELL_SECONDS = 300.0


@dataclass(frozen=True)
class Done:
    """What a handler gives back: numbers to add up over the chunks, or what writes more and gives the numbers."""

    counts: Counts = field(default_factory=dict)
    also: Callable[[ClientSession], Counts] | None = None


@dataclass
class Work:
    """A leased task, with everything bound to its firm and job."""

    job: Job
    task: LeasedTask
    db: Database
    settings: Settings
    lost: threading.Event = field(default_factory=threading.Event)
    done_rows: int | None = None

    @property
    def n(self) -> int:
        """The number of the chunk."""
        return self.task["n"]

    @property
    def rows(self) -> RowStore:
        """The rows of the job."""
        return RowStore(self.db, self.job["firm"], self.job["_id"])

    @property
    def files(self) -> FileStore:
        """The files of the firm."""
        return FileStore(self.db, self.job["firm"])

    @property
    def directory(self) -> DirectoryStore:
        """The directory of the firm."""
        return DirectoryStore(self.db, self.job["firm"])

    @property
    def jobs(self) -> JobStore:
        """The jobs of the firm."""
        return JobStore(self.db, self.job["firm"])

    def go_on(self, done_rows: int | None = None) -> None:
        """Call between pieces of long work: notes progress, raises `LeaseLost` when the work no longer counts."""
        self.done_rows = done_rows
        if self.lost.is_set():
            raise LeaseLost(self.task["_id"])


#: What a step leaves on its job when all its tasks are done, from the job and the sum of their counts.
Conclusions = Callable[[Database, Job, Counts], Conclusion]


@dataclass(frozen=True)
class Handler:
    """What a service does at a step: the work of one task, and what it writes to the job at the end."""

    work: Callable[[Work], Done]
    conclude: Conclusions | None = None


#: What a worker does beside its tasks, in a thread of its own, until it stops.
Beside = Callable[["Worker"], None]


class Leases:
    """Keeps the leases of running tasks alive from a thread of its own."""

    def __init__(self, db: Database, seconds: float) -> None:
        self.tasks = TaskStore(db)
        self.watch = JobWatch(db)
        self.seconds = seconds
        self.leased: dict[str, Work] = {}
        self.turned_at = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop renewing leases."""
        self._stop.set()

    def settle(self, work: Work) -> None:
        """Renew once more, for the end of the task, and then no longer; raises `LeaseLost`.

        A renewal writes to the task, and so would break the transaction that ends it.
        """
        self.leased.pop(work.task["_id"], None)
        if not self.tasks.renew(work.task["_id"], work.task["lease"]["token"], self.seconds + END_SECONDS):
            raise LeaseLost(work.task["_id"])

    def _run(self) -> None:
        while not self._stop.wait(self.seconds / 3):
            self.turned_at = time.monotonic()
            for work in list(self.leased.values()):
                try:
                    self._keep(work)
                except Exception as error:  # noqa: BLE001 - the lease runs out by itself if this goes on
                    log.warning("lease not renewed", task=work.task["_id"], error=repr(error))

    def _keep(self, work: Work) -> None:
        token = work.task["lease"]["token"]
        renewed = self.tasks.renew(work.task["_id"], token, self.seconds, work.done_rows)
        if not (renewed and self.watch.is_where_it_was(work.job)) and work.task["_id"] in self.leased:
            work.lost.set()


class Worker:
    """One process of a service: takes messages, runs handlers, keeps leases, sweeps."""

    def __init__(
        self, service: str, handlers: dict[str, Handler], settings: Settings, *beside: Beside
    ) -> None:
        self.service = service
        self.beside = beside
        self.handlers = handlers
        self.settings = settings
        self.db = connect(settings.mongodb_url)
        self.publisher = bus.Publisher(settings.broker_url, service)
        self.flow = Flow(self.db, self.publisher, settings, self._conclusions())
        self.tasks = self.flow.tasks
        self.consumer = bus.Consumer(settings.broker_url, service, self.handle)
        self.stopping = self.consumer.stopping
        self.leases: Leases | None = None

    def _conclusions(self) -> dict[str, Conclude]:
        def bound(conclude: Conclusions) -> Conclude:
            return lambda job, totals: conclude(self.db, job, totals)

        return {name: bound(h.conclude) for name, h in self.handlers.items() if h.conclude}

    def run(self) -> int:
        """Work until `stop` is called; gives the exit code."""
        self._prepare()
        self.leases = Leases(self.db, self.settings.lease_seconds)
        sweeper = Sweeper(self.service, self.flow, self.stopping, self.settings)
        sweeper.start()
        if self.service == PUBLISHES_EVENTS:
            Relay(self.db, bus.EventPublisher(self.settings.broker_url), self.stopping, self.settings).start()
        for beside in self.beside:
            threading.Thread(target=beside, args=(self,), name="beside", daemon=True).start()
        self._watch_health()
        self.consumer.run(self.settings.drain_seconds)
        for work in list(self.leases.leased.values()):
            self.tasks.put_back(work.task, 0, spent=False, error="worker stopped")
        self.leases.stop()
        log.info("stopped", broken=self.consumer.broken)
        return 1 if self.consumer.broken else 0

    def stop(self) -> None:
        """Take nothing new, end what runs, then return from `run`."""
        self.stopping.set()

    def _prepare(self) -> None:
        def servers_are_there() -> None:
            require_replica_set(self.db)
            ensure_indexes(self.db)
            if self.settings.broker_declare:
                bus.declare(self.settings.broker_url)

        def are_away(error: BaseException) -> bool:
            log.warning("waiting for servers", error=repr(error))
            return is_passing(error) or isinstance(error, OSError)

        patiently(self.stopping, are_away)(servers_are_there)

    def _watch_health(self) -> None:
        """Touch the heartbeat file while the loop turns and the lease thread lives."""
        if not self.settings.heartbeat_file:
            return
        path = Path(self.settings.heartbeat_file)

        def beat() -> None:
            while not self.stopping.wait(2):
                turned = time.monotonic() - (self.leases.turned_at if self.leases else 0)
                if self.consumer.consuming.is_set() and turned < 3 * self.settings.lease_seconds:
                    path.touch()

        threading.Thread(target=beat, name="heartbeat", daemon=True).start()

    # one message

    def handle(self, body: bytes | str) -> None:
        """Handle one message; returns when it may be acknowledged, whatever the result."""
        try:
            data = read_work(body)
            if data["step"] not in self.handlers:
                raise MessageError("invalid_message", f"step {data['step']} is not of {self.service}")
        except MessageError as error:
            self._park_message(body, error.code)
            return
        self._to_its_end(task_id(data["job_id"], data["revision"], data["step"], data["chunk"]), data)

    def _to_its_end(self, identity: str, data: WorkData) -> None:
        """Try a task again while the database is unwell; one that fails outside its handler is parked."""
        token, began, broke = uuid.uuid4().hex, time.monotonic(), 0

        def again(error: BaseException) -> bool:
            nonlocal broke
            if not isinstance(error, Exception):
                return False
            if is_passing(error) and not self._is_of_the_task(began):
                log.warning("database unwell, trying again", task=identity, error=repr(error))
            else:
                broke += 1
                log.error("task broke outside its handler", task=identity, attempt=broke, exc_info=error)
            return True

        def enough(_: object) -> bool:
            return broke >= self.settings.attempts

        patiently(self.stopping, again, enough)(
            self._task, identity, data["firm"], STEPS[data["step"]], token
        )
        if enough(None):
            with passed_over("set_aside"):
                self._set_aside(identity, data)

    def _is_of_the_task(self, began: float) -> bool:
        """Whether the database has failed this message for too long, while it answered others."""
        if time.monotonic() - began < UNWELL_SECONDS:
            return False
        try:
            self.db.command("ping")
        except PyMongoError:
            return False
        return True

    def _set_aside(self, identity: str, data: WorkData) -> None:
        """Park a message whose task cannot even be taken or given up; its job ends with a reason."""
        task: Announced = {
            "_id": identity,
            "job": data["job_id"],
            "firm": data["firm"],
            "revision": data["revision"],
            "step": data["step"],
            "n": data["chunk"],
            "lane": data["lane"],
        }
        self.flow.guard.park(task, self.service, "broken outside its handler")
        job = self.flow.watch.find(data["job_id"])
        if job and job.get("firm") == data["firm"]:
            self.tasks.park_by_force(identity)
            self.flow.guard.end(job["_id"], data["step"], self.settings.attempts)

    def _park_message(self, body: bytes | str, code: str) -> None:
        log.error("message parked", code=code)
        while not self.stopping.is_set():
            try:
                self.publisher.park(self.service, body, code)
                return
            except bus.Unpublished as error:
                log.warning("not parked yet", error=str(error))
                self.stopping.wait(1)

    def _task(self, identity: str, firm: str, step: Step, token: str) -> None:
        with (
            structlog.contextvars.bound_contextvars(task=identity),
            self.db.client.start_session() as session,
        ):
            lease, me = self.settings.lease_seconds, self.settings.process
            task = self.tasks.claim(identity, token, me, lease, session.session_id["id"])
            if task is None:
                self._again(identity, firm, step)
                return
            job = self.flow.watch.find(task["job"])
            if not _counts(job, task, firm, step):
                self.tasks.finish(task, {})
                log.info("dropped: the job has moved on")
                self.flow.admit(task["firm"], task["service"], task["lane"])
                return
            if (deaths := task.get("deaths", 0)) > self.settings.deaths:
                self._give_up(job, task, step, f"{deaths} workers died at it")
                return
            self._work(job, task, step, session)

    def _again(self, identity: str, firm: str, step: Step) -> None:
        """A message for a task that is done or leased: if done, make sure that what follows was begun."""
        task = self.tasks.find_done(identity)
        job = self.flow.watch.find(task["job"]) if task else None
        if task and _counts(job, task, firm, step):
            self.flow.follow(job, step)

    def _work(self, job: Job, task: LeasedTask, step: Step, session: ClientSession) -> None:
        assert self.leases is not None
        work = Work(job, task, self.db, self.settings)
        self.leases.leased[task["_id"]] = work
        began = time.perf_counter()
        outcome = "done"
        try:
            done = self.handlers[step.name].work(work)
            self.leases.settle(work)
            self.tasks.finish(task, done.counts, done.also, session)
        except LeaseLost:
            outcome = "lease_lost"
            log.info("lease lost; another worker has it, or the job was stopped")
            return
        except JobFails as failure:
            outcome = "job_failed"
            self.flow.fail(job, failure.code, failure.params)
            return
        except bus.TryLater as error:
            outcome = "later"
            self._later(job, task, step, error)
            return
        except Exception as error:
            if is_passing(error):
                raise
            outcome = "crashed"
            self._crashed(job, task, step, error)
            return
        finally:
            self.leases.leased.pop(task["_id"], None)
            count(TASKS, self.service, step.name, outcome)
            observe(TASK_SECONDS, time.perf_counter() - began, self.service, step.name)
        self.flow.follow(job, step)

    def _later(self, job: Job, task: LeasedTask, step: Step, error: Exception) -> None:
        waited = (clock.now() - task["opened_at"]).total_seconds()
        if waited > self.settings.patience_seconds:
            self._give_up(job, task, step, str(error))
            return
        delay = min(2.0 ** task.get("delays", 0), PAUSE_AT_MOST)
        log.warning("later", error=str(error), delay=delay)
        self.tasks.put_back(task, delay, spent=False, error=str(error))

    def _crashed(self, job: Job, task: LeasedTask, step: Step, error: Exception) -> None:
        log.exception("handler failed", attempt=task["attempts"])
        if isinstance(error, bus.BadMessage) or task["attempts"] >= self.settings.attempts:
            self._give_up(job, task, step, named(error))
        else:
            self.tasks.put_back(task, 0.5 * 2 ** task["attempts"], spent=True, error=named(error))

    def _give_up(self, job: Job, task: LeasedTask, step: Step, error: str) -> None:
        """Set a task aside for a person; its job ends with a reason, unless it had ended before (a notice)."""
        try:
            self.tasks.park(task, error)
        except LeaseLost:
            log.info("lease lost; another worker tries it")
            return
        log.error("task parked", error=error)
        self.flow.guard.park(task, self.service, error)
        self.flow.give_up(job, step.name, task["attempts"])


def _counts(job: Job | None, task: Announced, firm: str, step: Step) -> TypeGuard[Job]:
    """Whether the work of a task still counts: same firm, same revision, the status that the step needs."""
    return (
        job is not None
        and job["firm"] == task["firm"] == firm
        and job["revision"] == task["revision"]
        and job["status"] in step.at
    )


#: A chunk of rows is a hundred thousand small lists and dicts that live as long as it does: looking through them
#: for cycles after every few hundred new ones costs a third of the time, and there are none.
GC_THRESHOLD = (200_000, 20, 100)


def main(service: str, handlers: dict[str, Handler], *beside: Beside) -> int:
    """Run a worker process: `python -m services.<name>.worker`."""
    gc.set_threshold(*GC_THRESHOLD)
    settings = load_settings()
    set_up_logging(service, settings.log_level, settings.log_format)
    worker = Worker(service, handlers, settings, *beside)

    def on_signal(number: int, _frame: object) -> None:
        if worker.stopping.is_set():
            raise SystemExit(1)  # a second signal ends the process at once
        log.info("stopping", signal=number)
        worker.stop()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return worker.run()
