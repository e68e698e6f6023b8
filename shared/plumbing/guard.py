"""Isolates failures of the work between two tasks of a job, so that all other jobs go on.

A task counts its own attempts. What follows the last task (adding up, moving the job, opening the next step) has no
task, so the job itself counts how often that broke. The sweeper tries again; after as many attempts as a task has,
the job fails with a reason and its message is parked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shared.contract.documents.job import Job
from shared.contract.documents.task import Announced
from shared.contract.documents.values import Reason
from shared.contract.messages import work_message
from shared.contract.routes import SERVICES
from shared.plumbing.bus import Publisher, Unpublished
from shared.plumbing.job_store import JobWatch
from shared.plumbing.log import log, named
from shared.plumbing.mongo import Database, is_passing
from shared.plumbing.task_store import task_id

TOO_MANY_FAILURES = "too_many_failures"
MOST_OF_REASON = 500


@contextmanager
def passed_over(what: str) -> Iterator[None]:
    """Log an error of one item of a loop, so that the loop goes on with the next."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, it is about this one alone
        if is_passing(error):
            log.warning("passed over: the database is unwell", what=what, error=named(error))
        else:
            log.exception("passed over", what=what)


class Guard:
    """Counts failures of the work between the tasks of a job, and fails the job after too many.

    `give_up(job, step, count)` ends a job as the flow does; where even that breaks, the job is ended by force.
    """

    def __init__(
        self,
        db: Database,
        publisher: Publisher,
        attempts: int,
        give_up: Callable[[Job, str, int], None],
    ) -> None:
        self.watch = JobWatch(db)
        self.publisher = publisher
        self.attempts = attempts
        self._give_up = give_up

    @contextmanager
    def around(self, job: Job, step: str, service: str) -> Iterator[None]:
        """Count failures inside. Passing errors of the database are raised, because the job does not cause them."""
        try:
            yield
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("what follows a task broke", job_id=job["_id"], step=step)
            count = self._count(job["_id"])
            if count >= self.attempts:
                self.park(_task(job, step), service, named(error))
                self.end(job["_id"], step, count)

    def _count(self, job_id: str) -> int:
        """How often work around the job failed at its present status; all attempts, where its document cannot count."""
        try:
            return self.watch.broke(job_id)
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("broken job not counted", job_id=job_id)
            return self.attempts

    def park(self, task: Announced, service: str, why: str) -> None:
        """Park the message of a task. A broker that is away only means that it is not listed."""
        service = service if service in SERVICES else SERVICES[0]
        try:
            self.publisher.park(service, work_message(task, service), why[:MOST_OF_REASON])
        except Unpublished as error:
            log.warning("parked task not announced", error=str(error))

    def end(self, job_id: str, step: str, count: int) -> None:
        """Fail a job, whatever its document contains."""
        try:
            job = self.watch.find(job_id)
            if job:
                self._give_up(job, step, count)
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("job ended by force", job_id=job_id)
            reason: Reason = {"code": TOO_MANY_FAILURES, "params": {"step": step, "count": count}}
            self.watch.end_by_force(job_id, reason)


def _task(job: Job, step: str) -> Announced:
    """The task that a message about a whole step of a job names."""
    revision = job.get("revision", 0)
    return {
        "_id": task_id(job["_id"], revision, step, 0),
        "job": job["_id"],
        "firm": job.get("firm", ""),
        "revision": revision,
        "step": step,
        "n": 0,
        "lane": "main",
    }
