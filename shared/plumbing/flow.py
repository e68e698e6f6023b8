"""Moves jobs along the table of `shared.contract.routes`: opens tasks, announces them, follows up what is done.

Every method looks at the documents and does what is next, so each may be repeated, by redelivery or by the
sweeper, at any time. What breaks here is counted by the job (`Guard`) and never reaches the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from shared.contract.documents.job import Job
from shared.contract.documents.task import Announced, Counts, Span
from shared.contract.documents.values import Params, Reason
from shared.contract.job import Status, may_move
from shared.contract.routes import PERSON_MOVES, STEPS, Step, first_step, steps_at
from shared.plumbing.beat_store import BeatStore
from shared.plumbing.bus import Publisher, Unpublished
from shared.plumbing.guard import TOO_MANY_FAILURES, Guard
from shared.plumbing.job_store import JobStore, JobWatch
from shared.plumbing.log import log
from shared.plumbing.mongo import Database
from shared.plumbing.settings import Settings
from shared.plumbing.task_store import TaskStore

FAST_BYTES = 256 * 1024


class JobFails(Exception):
    """The job cannot go on; its reason is for a person to read; `code` is one of the catalogue's."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Conclusion:
    """What a step leaves on the job when all its tasks are done; `hold` keeps autostart from going on.

    With `stays` the job goes no further: it is on hold where it is, until a person decides otherwise.
    """

    parts: Mapping[str, object] = field(default_factory=dict)
    hold: Reason | None = None
    stays: bool = False


Conclude = Callable[[Job, Counts], Conclusion]


def spans(job: Job, step: Step) -> list[Span]:
    """The parts a step is done in: chunks of rows, or the whole job as one."""
    if not step.spread:
        return [{"n": 0, "rows": job["source"].get("rows") or 0}]
    return [{"n": n, "rows": rows} for n, rows in enumerate(job["source"]["chunks"])]


def lane_of(job: Job) -> str:
    """Jobs of one chunk have a lane of their own, so that they never queue behind a large one."""
    chunks = job["source"].get("chunks")
    small = len(chunks) <= 1 if chunks is not None else job["source"]["bytes"] <= FAST_BYTES
    return "fast" if small else "main"


class Flow:
    """Moves jobs; `conclude` has, per step of the own service, what to leave on the job at its end."""

    def __init__(
        self,
        db: Database,
        publisher: Publisher,
        settings: Settings,
        conclude: dict[str, Conclude] | None = None,
    ) -> None:
        self.db = db
        self.publisher = publisher
        self.settings = settings
        self.tasks = TaskStore(db)
        self.beats = BeatStore(db)
        self.watch = JobWatch(db)
        self.conclude = conclude or {}
        self.guard = Guard(db, publisher, settings.attempts, self.give_up)

    def jobs(self, job: Job) -> JobStore:
        """The store bound to the firm of a job."""
        return JobStore(self.db, job["firm"])

    def arrived(self, job: Job) -> Job:
        """Do what a job's status asks for: open its first step, or go on by itself; gives the job."""
        status = Status(job["status"])
        step = first_step(status)
        if step:
            self._open(job, step)
        elif status in PERSON_MOVES and job["owed"]:
            moved = self.jobs(job).advance(job, PERSON_MOVES[status], by="autostart")
            if moved:
                return self.arrived(moved)
        return job

    def follow(self, job: Job, step: Step) -> None:
        """After a task is done: admit the next of its firm, and when none is left, go on."""
        with self.guarded(job, step):
            self._follow(job, step)

    def guarded(self, job: Job, step: Step | None = None) -> AbstractContextManager[None]:
        """A guard around work on a job that belongs to no task; it counts the attempts."""
        if step:
            return self.guard.around(job, step.name, step.service)
        return self.guard.around(job, str(job.get("status")), str(job.get("owed")))

    def _follow(self, job: Job, step: Step) -> None:
        if self.tasks.unfinished(job, step.name):
            self.admit(job["firm"], step.service, lane_of(job))
            return
        if not self._is_current(job):
            log.info("nothing follows: the job has moved on", job_id=job["_id"])
        elif self.tasks.count(job, step.name) < len(spans(job, step)):
            self._open(job, step)
        elif step.then:
            self._open(job, STEPS[step.then])
        elif step.to:
            self._conclude(job, step, step.to)
        else:
            self.jobs(job).settle(job)
        self.admit(job["firm"], step.service, lane_of(job))

    def fail(self, job: Job, code: str, params: Params) -> None:
        """End a job with a reason that a person can read."""
        reason: Reason = {"code": code, "params": params}
        failed = self.jobs(job).advance(job, Status.FAILED, by="carryover", reason=reason)
        if failed:
            log.warning("job failed", job_id=job["_id"], code=code)
            self.tasks.drop_open(job["_id"])
            self.arrived(failed)

    def give_up(self, job: Job, step: str, count: int) -> None:
        """Fail a job on which a step failed too often; a job that had ended before only owes nothing any more."""
        if may_move(Status(job["status"]), Status.FAILED):
            self.fail(job, TOO_MANY_FAILURES, {"step": step, "count": count})
        else:
            self.jobs(job).settle(job)

    def resume(self, job: Job) -> None:
        """Find what is next for a job at its status, and do it; for the sweeper."""
        status = Status(job["status"])
        steps = steps_at(status)
        if not steps:
            self.arrived(job)
        for step in steps:
            if self.tasks.count(job, step.name) < len(spans(job, step)):
                self._open(job, step)
                return
            if self.tasks.unfinished(job, step.name):
                return
        if steps:
            self.follow(job, steps[-1])

    def admit(self, firm: str, service: str, lane: str) -> None:
        """Announce as many ready tasks of a firm as its window allows."""
        for task in self.tasks.admit(firm, service, lane, self.settings.window):
            self.ring(task)

    def ring(self, task: Announced) -> None:
        """Announce a task. Where the broker is away, the sweeper announces the task later."""
        try:
            self.publisher.ring(task)
        except Unpublished as error:
            log.warning("not announced", task=task["_id"], error=str(error))

    def _is_current(self, job: Job) -> bool:
        """Whether the job is still where it was when it was read; a stopped one must not be begun anew."""
        return self.watch.is_where_it_was(job)

    def _open(self, job: Job, step: Step) -> None:
        self.tasks.open(job, step, lane_of(job), spans(job, step))
        self.admit(job["firm"], step.service, lane_of(job))

    def _conclude(self, job: Job, step: Step, to: Status) -> None:
        conclude = self.conclude.get(step.name)
        job = self.watch.find(job["_id"]) or job  # with the parts that the tasks wrote meanwhile
        try:
            done = conclude(job, self.tasks.totals(job, step.name)) if conclude else Conclusion()
        except JobFails as failure:
            self.fail(job, failure.code, failure.params)
            return
        if done.stays and done.hold:
            self.jobs(job).hold(job, done.hold)
            log.info("job on hold", job_id=job["_id"], code=done.hold["code"])
            return
        moved = self.jobs(job).advance(
            job, to, by=f"{step.service}", service=step.service, parts=done.parts, hold=done.hold
        )
        if moved:
            log.info("job moved", job_id=job["_id"], status=to.value)
            self.arrived(moved)
