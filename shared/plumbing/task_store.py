"""Tasks: one step of a job on one chunk (or on the whole job), with lease, attempts, and the time of the next message.

A task is its own outbox: `queued` with `ring_at` in the past means that its message should be sent again.
All times are the server's (`$$NOW`), so that clocks of workers do not matter.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, cast

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError, OperationFailure

from shared.contract.counting import added_up, group_of, number_of
from shared.contract.documents.job import Job, JobAt
from shared.contract.documents.task import Counts, LeasedTask, Span, Task
from shared.contract.routes import Step
from shared.plumbing import clock
from shared.plumbing.log import log
from shared.plumbing.mongo import Database, Session, collection, in_transaction

RING_AGAIN_SECONDS = 8.0
#: work must go on within 30 s of a broker coming back, however long it was away
RING_AT_MOST_SECONDS = 20.0
#: Workers of a task that may die before it waits longer each time.
SOON = 3
DUPLICATE_KEY = 11000


class LeaseLost(Exception):
    """Another worker has leased the task; the work of this one must not count."""


def task_id(job: str, revision: int, step: str, n: int) -> str:
    """The id of a task follows from what it is, so that opening it twice is harmless."""
    return f"{job}:{revision}:{step}:{n}"


def _after(seconds: float) -> dict[str, Any]:
    return {"$add": ["$$NOW", int(seconds * 1000)]}


def _after_doubled(seconds: float, times: object) -> dict[str, Any]:
    """So many seconds from now, doubled some times, and `RING_AT_MOST_SECONDS` at most."""
    doubled = {"$multiply": [int(seconds * 1000), {"$pow": [2, {"$min": [times, 8]}]}]}
    return {"$add": ["$$NOW", {"$min": [int(RING_AT_MOST_SECONDS * 1000), doubled]}]}


#: Workers that died at a task; those of an earlier version have no number.
_DEATHS = {"$ifNull": ["$deaths", 0]}


class TaskStore:
    """The only user of the `tasks` collection."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.tasks = collection(db, "tasks", Task)

    def open(self, job: Job, step: Step, lane: str, spans: Iterable[Span]) -> None:
        """Create the tasks of a step, one per span `{n, first, rows}`; those that exist stay as they are."""
        now = clock.now()
        documents: list[Task] = [
            {
                "_id": task_id(job["_id"], job["revision"], step.name, span["n"]),
                "job": job["_id"],
                "firm": job["firm"],
                "revision": job["revision"],
                "step": step.name,
                "service": step.service,
                "lane": lane,
                "n": span["n"],
                "rows": span["rows"],
                "state": "ready",
                "attempts": 0,
                "rings": 0,
                "ring_at": now,
                "opened_at": now,
                "counts": {},
            }
            for span in spans
        ]
        if not documents:
            return
        try:
            self.tasks.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            if any(e["code"] != DUPLICATE_KEY for e in error.details["writeErrors"]):
                raise

    def admit(self, firm: str, service: str, lane: str, window: int) -> list[Task]:
        """Put ready tasks of a firm on the queue while fewer than `window` are there; gives them.

        Two admitting at once may overshoot by one or two, which does no harm.
        """
        here = {"firm": firm, "service": service, "lane": lane}
        busy = self.tasks.count_documents({**here, "state": {"$in": ["queued", "leased"]}}, limit=window)
        admitted: list[Task] = []
        while busy + len(admitted) < window:
            task = self.tasks.find_one_and_update(
                {**here, "state": "ready", "$expr": {"$lte": ["$ring_at", "$$NOW"]}},
                [{"$set": {"state": "queued", "rings": 0, "ring_at": _after(RING_AGAIN_SECONDS)}}],
                sort=[("opened_at", 1), ("n", 1)],
                return_document=ReturnDocument.AFTER,
            )
            if task is None:
                break
            admitted.append(task)
        return admitted

    def claim(
        self, identity: str, token: str, owner: str, lease: float, session_id: object = None
    ) -> LeasedTask | None:
        """Take a task for `lease` seconds; None when it is done, gone, or leased by another worker.

        `session_id` is the database session in which the task will be finished. Where a lease is over, its worker
        died: that counts as a death and not as an attempt. The same token again is the same attempt.
        """
        overdue = {"$or": [{"lease.token": token}, {"$expr": {"$lt": ["$lease.until", "$$NOW"]}}]}
        self._end_left_open({"_id": identity, **overdue})
        lease_now = {"token": token, "owner": owner, "until": _after(lease), "session": session_id}
        is_leased = {"$eq": ["$state", "leased"]}
        died = {"$and": [is_leased, {"$ne": ["$lease.token", token]}]}
        leased = self.tasks.find_one_and_update(
            {
                "_id": identity,
                "$or": [
                    {"state": {"$in": ["ready", "queued"]}},
                    {"state": "leased", "lease.token": token},
                    {"state": "leased", "$expr": {"$lt": ["$lease.until", "$$NOW"]}},
                ],
            },
            [
                {
                    "$set": {
                        "state": "leased",
                        "attempts": {"$add": ["$attempts", {"$cond": [is_leased, 0, 1]}]},
                        "deaths": {"$add": [_DEATHS, {"$cond": [died, 1, 0]}]},
                        "lease": lease_now,
                        "ring_at": _after(lease),
                    }
                }
            ],
            return_document=ReturnDocument.AFTER,
        )
        return cast("LeasedTask | None", leased)

    def _end_left_open(self, which: dict[str, Any]) -> None:
        """End the transactions of workers that died or were paused while they had leased these tasks.

        The server would keep each for a minute (transactionLifetimeLimitSeconds), and every write to its
        task would wait so long.
        """
        leased = {**which, "state": "leased", "lease.session": {"$type": "binData"}}
        leases = (task["lease"] for task in self.tasks.find(leased, {"lease.session": 1}))
        sessions = [{"id": lease["session"]} for lease in leases if lease]
        if not sessions:
            return
        try:
            self.db.client.admin.command("killSessions", sessions)
        except OperationFailure as error:  # not allowed here, say: then the server ends them in a minute
            log.warning("transactions of the worker before not ended", error=repr(error))

    def renew(self, identity: str, token: str, lease: float, done_rows: int | None = None) -> bool:
        """Renew the lease of a task, noting progress where it is known; False when the lease is lost."""
        more = {} if done_rows is None else {"done_rows": done_rows}
        renewed = self.tasks.update_one(
            {"_id": identity, "state": "leased", "lease.token": token},
            [{"$set": {"lease.until": _after(lease), "ring_at": _after(lease), **more}}],
        )
        return renewed.matched_count == 1

    def finish(
        self,
        task: LeasedTask,
        counts: Counts,
        also: Callable[[ClientSession], Counts] | None = None,
        session: ClientSession | None = None,
    ) -> None:
        """Record that a task is done, once, with its counts.

        `also(session)` writes more, gives the counts, and commits with it or not at all; the transaction runs
        in `session`, the one the task was claimed with. Raises `LeaseLost` when another worker holds the task.
        """

        def write(session: Session) -> None:
            numbers = also(session) if also and session else counts
            end = {"state": "done", "done_at": "$$NOW", "lease": None}
            # write the task last: after a crash between the two writes the next worker can still claim it
            done = self.tasks.update_one(
                {"_id": task["_id"], "state": "leased", "lease.token": task["lease"]["token"]},
                [{"$set": {**end, "counts": {"$literal": numbers}}}],
                session=session,
            )
            if done.matched_count != 1:
                raise LeaseLost(task["_id"])

        if also is None:
            write(None)
        else:
            in_transaction(self.db, write, session)

    def put_back(self, task: LeasedTask, delay: float, *, spent: bool, error: str | None = None) -> None:
        """Give a task back, to be announced again after `delay` seconds; `spent` counts the attempt."""
        attempts: Any = "$attempts" if spent else {"$max": [0, {"$subtract": ["$attempts", 1]}]}
        self.tasks.update_one(
            {"_id": task["_id"], "state": "leased", "lease.token": task["lease"]["token"]},
            [
                {
                    "$set": {
                        "state": "ready",
                        "lease": None,
                        "attempts": attempts,
                        "delays": {"$add": [{"$ifNull": ["$delays", 0]}, 0 if spent else 1]},
                        "error": {"$literal": error},
                        "ring_at": _after(delay * random.uniform(0.8, 1.2)),
                    }
                }
            ],
        )

    def park(self, task: LeasedTask, error: str) -> None:
        """Park a task, for the team of the platform; raises `LeaseLost` when another worker holds it."""
        parked = self.tasks.update_one(
            {"_id": task["_id"], "state": "leased", "lease.token": task["lease"]["token"]},
            {"$set": {"state": "parked", "lease": None, "error": error}},
        )
        if parked.matched_count != 1:
            raise LeaseLost(task["_id"])

    def park_by_force(self, identity: str) -> None:
        """Park a task, even if a worker has leased it, whatever its document contains."""
        self.tasks.update_one(
            {"_id": identity, "state": {"$ne": "done"}}, {"$set": {"state": "parked", "lease": None}}
        )

    def unpark(self, identity: str) -> bool:
        """Make a parked task ready again, with all its attempts; False where it is not parked."""
        anew: dict[str, Any] = {"state": "ready", "attempts": 0, "deaths": 0, "delays": 0, "rings": 0}
        unparked = self.tasks.update_one(
            {"_id": identity, "state": "parked"},
            [{"$set": {**anew, "lease": None, "ring_at": "$$NOW", "opened_at": "$$NOW"}}],
        )
        return unparked.matched_count == 1

    def find(self, identities: Iterable[str]) -> dict[str, Task]:
        """Those tasks of some ids that exist, without their counts."""
        found = self.tasks.find({"_id": {"$in": list(identities)}}, {"counts": 0})
        return {task["_id"]: task for task in found}

    def not_done(self, job: JobAt, limit: int) -> list[Task]:
        """Up to `limit` tasks of a job at its present revision that are not done, without their counts."""
        waiting = {"job": job["_id"], "revision": job["revision"], "state": {"$ne": "done"}}
        return list(self.tasks.find(waiting, {"counts": 0}).sort([("step", 1), ("n", 1)]).limit(limit))

    def states_by_step(self, job: JobAt) -> dict[str, dict[str, int]]:
        """How many tasks of a job, at its present revision, are in each state, by step."""
        pipeline: list[dict[str, object]] = [
            {"$match": {"job": job["_id"], "revision": job["revision"]}},
            {"$group": {"_id": {"step": "$step", "state": "$state"}, "n": {"$sum": 1}}},
        ]
        found: dict[str, dict[str, int]] = {}
        for group in self.db.tasks.aggregate(pipeline):
            found.setdefault(group["_id"]["step"], {})[group["_id"]["state"]] = group["n"]
        return found

    def find_done(self, identity: str) -> Task | None:
        """A task that is done; None where it is not, or there is none."""
        return self.tasks.find_one({"_id": identity, "state": "done"})

    def unfinished(self, job: Job, step: str) -> bool:
        """Whether any task of the step is not done yet."""
        states = ["ready", "queued", "leased", "parked"]
        return (
            self.tasks.find_one(
                {
                    "job": job["_id"],
                    "revision": job["revision"],
                    "step": step,
                    "state": {"$in": states},
                },
                {"_id": 1},
            )
            is not None
        )

    def is_open(self, job: Job, step: str, n: int) -> bool:
        """Whether a task of the job waits for a worker or has one."""
        which = {"_id": task_id(job["_id"], job["revision"], step, n)}
        begun = {"state": {"$in": ["ready", "queued", "leased"]}}
        return self.tasks.find_one({**which, **begun}, {"_id": 1}) is not None

    def any_leased(self, job_id: str, revision: int, step: str) -> bool:
        """Whether a worker has a task of the step, and so may still finish."""
        here = {"job": job_id, "revision": revision, "step": step, "state": "leased"}
        return self.tasks.find_one(here, {"_id": 1}) is not None

    def count(self, job: Job, step: str) -> int:
        """How many tasks of the step exist."""
        return self.tasks.count_documents(
            {"job": job["_id"], "revision": job["revision"], "step": step},
        )

    def totals(self, job: JobAt, step: str, session: Session = None) -> Counts:
        """Sum the counts of all tasks that are done: numbers add up, also in groups; lists are united."""
        done = {"job": job["_id"], "revision": job["revision"], "step": step, "state": "done"}
        return added_up(task["counts"] for task in self.tasks.find(done, {"counts": 1}, session=session))

    def chunks_with(self, job: Job, step: str, group: str) -> dict[str, int]:
        """The first chunk in which each name of a group of counts occurs."""
        first: dict[str, int] = {}
        done = {"job": job["_id"], "revision": job["revision"], "step": step, "state": "done"}
        for task in self.tasks.find(done, {f"counts.{group}": 1, "n": 1}).sort("n", 1):
            for name in group_of(task.get("counts", {}), group):
                first.setdefault(name, task["n"])
        return first

    def counts_by_chunk(self, job: Job, step: str, group: str) -> dict[int, dict[str, int]]:
        """A group of the counts of every chunk that is done at a step."""
        done = {"job": job["_id"], "revision": job["revision"], "step": step, "state": "done"}
        found = self.tasks.find(done, {f"counts.{group}": 1, "n": 1})
        return {task["n"]: group_of(task["counts"], group) for task in found}

    def numbers_by_chunk(self, job: Job, step: str, name: str) -> dict[int, int]:
        """A number that every chunk counted that is done at a step."""
        done = {"job": job["_id"], "revision": job["revision"], "step": step, "state": "done"}
        found = self.tasks.find(done, {f"counts.{name}": 1, "n": 1})
        return {task["n"]: number_of(task["counts"], name) for task in found}

    def counts_of_chunk(self, job: Job, n: int, steps: Sequence[str]) -> dict[str, dict[str, int]]:
        """The counts in groups of one chunk, added up over some steps."""
        identities = [task_id(job["_id"], job["revision"], step, n) for step in steps]
        found = self.tasks.find({"_id": {"$in": identities}}, {"counts": 1})
        whole = added_up(task["counts"] for task in found)
        return {name: group_of(whole, name) for name in ("buckets", "problems")}

    def rows_done(self, job: Job) -> dict[str, int]:
        """Rows finished per step at the job's present revision, for progress."""
        pipeline: list[dict[str, object]] = [
            {"$match": {"job": job["_id"], "revision": job["revision"]}},
            {
                "$group": {
                    "_id": "$step",
                    "rows": {
                        "$sum": {
                            "$cond": [{"$eq": ["$state", "done"]}, "$rows", {"$ifNull": ["$done_rows", 0]}]
                        }
                    },
                }
            },
        ]
        return {group["_id"]: group["rows"] for group in self.db.tasks.aggregate(pipeline)}

    def drop_open(self, job: str) -> None:
        """Take the tasks that nobody has begun off the list: the job was stopped."""
        self.tasks.delete_many({"job": job, "state": {"$in": ["ready", "queued", "parked"]}})

    def forget(self, job: str, session: Session = None) -> None:
        """Remove all tasks of a job; a worker that has one cannot end it any more."""
        self.tasks.delete_many({"job": job}, session=session)

    def jobs_with_tasks(self) -> Iterator[tuple[str, str]]:
        """The firm and the id of every job that has tasks."""
        for found in self.db.tasks.aggregate([{"$group": {"_id": {"firm": "$firm", "job": "$job"}}}]):
            yield found["_id"]["firm"], found["_id"]["job"]

    def last_done(self, job: Job) -> datetime | None:
        """When a task of the job was last done."""
        done = {"job": job["_id"], "revision": job["revision"], "state": "done"}
        last = self.tasks.find_one(done, {"done_at": 1}, sort=[("done_at", -1)])
        return last["done_at"] if last else None

    # what the sweeper looks for

    def silent(self, service: str, limit: int = 200) -> list[Task]:
        """Tasks announced or leased whose time is over, put back on the queue, to be announced again.

        The worker of a leased one has died, or was paused for long. After `SOON` deaths the task is ready again only
        after a while, so that what kills its workers does not keep all of them from other work.
        """
        self._end_left_open({"service": service, "$expr": {"$lt": ["$ring_at", "$$NOW"]}})
        soon = {"$lt": [_DEATHS, SOON]}
        queued = {
            "state": "queued",
            "rings": {"$add": ["$rings", 1]},
            "ring_at": _after_doubled(RING_AGAIN_SECONDS, "$rings"),
        }
        died = {
            "state": {"$cond": [soon, "queued", "ready"]},
            "deaths": {"$add": [_DEATHS, 1]},
            "attempts": {"$max": [0, {"$subtract": ["$attempts", 1]}]},
            "ring_at": _after_doubled(RING_AGAIN_SECONDS, {"$max": [0, {"$subtract": [_DEATHS, SOON]}]}),
        }
        overdue: list[Task] = []
        for state, changes in (("queued", queued), ("leased", died)):
            over = {"service": service, "state": state, "$expr": {"$lt": ["$ring_at", "$$NOW"]}}
            again: list[dict[str, Any]] = [{"$set": {"lease": None, **changes}}]
            for _ in range(limit):
                task = self.tasks.find_one_and_update(over, again, return_document=ReturnDocument.AFTER)
                if task is None:
                    break
                if task["state"] == "queued":
                    overdue.append(task)
        return overdue

    def waiting_firms(self, service: str) -> list[tuple[str, str]]:
        """The (firm, lane) pairs that have ready tasks of this service."""
        pipeline: list[dict[str, object]] = [
            {"$match": {"service": service, "state": "ready", "$expr": {"$lte": ["$ring_at", "$$NOW"]}}},
            {"$group": {"_id": {"firm": "$firm", "lane": "$lane"}}},
        ]
        return [(g["_id"]["firm"], g["_id"]["lane"]) for g in self.db.tasks.aggregate(pipeline)]

    def states(self, service: str | None = None) -> dict[str, int]:
        """How many tasks are in each state, for metrics."""
        match = {"service": service} if service else {}
        pipeline: list[dict[str, object]] = [
            {"$match": match},
            {"$group": {"_id": "$state", "n": {"$sum": 1}}},
        ]
        return {g["_id"]: g["n"] for g in self.db.tasks.aggregate(pipeline)}
