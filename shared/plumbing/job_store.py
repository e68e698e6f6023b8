"""The import jobs; the only user of the `jobs` collection.

`JobStore` is bound to one firm, which is part of every filter. `JobWatch` sees all firms and is for the
flow and the sweeper alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from bson import MinKey
from pymongo import ReturnDocument
from pymongo.errors import DocumentTooLarge, DuplicateKeyError, OperationFailure, WriteError

from shared.contract.documents.job import Job, Report
from shared.contract.documents.values import Reason
from shared.contract.events import history_line
from shared.contract.job import ENDS, PART_OWNERS, WAITS_FOR_PERSON, WAITS_ON_HOLD, Status, may_move
from shared.contract.routes import owed_by
from shared.plumbing import clock
from shared.plumbing.claims import UNCLAIMED, claimed
from shared.plumbing.log import log
from shared.plumbing.mongo import Database, Session, collection

LONG_AGO = timedelta(seconds=3)
#: Statuses that are not an end.
RUNNING = [status.value for status in Status if status not in ENDS]
#: what MongoDB answers to an update after which a document would be larger than it may be
TOO_LARGE = frozenset({10334, 17419, 17420})
#: Of a job with unpublished lines one of these is true; the second, where an earlier version wrote it.
#: Any `since` fits: MongoDB uses indexes for `$or` only with a condition on their keys.
UNPUBLISHED: list[dict[str, Any]] = [
    {name: True, "since": {"$gte": MinKey()}} for name in ("unpublished", "untold")
]


#: Parts of a job that can be large, and that an answer about the job does not show.
LARGE = (
    "mapping", "settings", "options.mapping", "options.settings", "source.column_list",
    "source.first_rows", "source.header", "source.problems", "source.encodings", "source.groups",
    *(f"report.{name}" for name in Report.__annotations__ if name != "without_value"),
)  # fmt: skip
BRIEF = dict.fromkeys(LARGE, 0)

#: What a change stream reports of jobs and tasks: their ids. That of a task begins with the id of its job.
_CHANGES: list[Mapping[str, Any]] = [
    {
        "$match": {
            "ns.coll": {"$in": ["jobs", "tasks"]},
            "operationType": {"$in": ["insert", "update", "replace", "delete"]},
        }
    },
    {"$project": {"documentKey": 1}},
]


class NoSuchJob(Exception):
    """No job of this firm has that id."""


class KeyTaken(Exception):
    """The idempotency key belongs to another request; `job` is the job it made."""

    def __init__(self, job: Job) -> None:
        super().__init__(job["_id"])
        self.job = job


def new_job_id() -> str:
    """Ids sort by the time they were made and cannot be guessed."""
    return f"{int(clock.now().timestamp() * 1000):012x}{secrets.token_hex(10)}"


class JobStore:
    """Jobs of one firm."""

    def __init__(self, db: Database, firm: str) -> None:
        self.jobs = collection(db, "jobs", Job)
        self.firm = firm

    def add(self, job: Job) -> None:
        """Keep a new job; raises `KeyTaken` when its idempotency key was used before, `DuplicateKeyError` its id."""
        try:
            self.jobs.insert_one({**job, "firm": self.firm})
        except DuplicateKeyError:
            taken = self.by_key(job["idempotency_key"]) if "idempotency_key" in job else None
            if taken is None:
                raise
            raise KeyTaken(taken) from None

    def by_key(self, key: str) -> Job | None:
        """The job made under an idempotency key."""
        return self.jobs.find_one({"firm": self.firm, "idempotency_key": key})

    def get(self, job_id: str, session: Session = None) -> Job:
        """One job; raises `NoSuchJob`, also where the job is another firm's."""
        return self._found(job_id, None, session)

    def has(self, job_id: str) -> bool:
        """Whether the firm has the job."""
        return self.jobs.find_one({"_id": job_id, "firm": self.firm}, {"_id": 1}) is not None

    def brief(self, job_id: str) -> Job:
        """One job without its `LARGE` parts; raises `NoSuchJob`."""
        return self._found(job_id, BRIEF, None)

    def _found(self, job_id: str, parts: dict[str, int] | None, session: Session) -> Job:
        job = self.jobs.find_one({"_id": job_id, "firm": self.firm}, parts, session=session)
        if job is None:
            raise NoSuchJob(job_id)
        return job

    def earlier(self, job: Job, like: Mapping[str, object]) -> Job | None:
        """The last job before this one that fits and was not given up or undone; one that is imported first."""
        given_up = [Status.FAILED.value, Status.CANCELLED.value, Status.UNDOING.value, Status.UNDONE.value]
        query = {"firm": self.firm, "_id": {"$lt": job["_id"]}, **like}
        imported = {**query, "status": Status.IMPORTED.value}
        newest = [("_id", -1)]
        return self.jobs.find_one(imported, sort=newest) or self.jobs.find_one(
            {**query, "status": {"$nin": given_up}}, sort=newest
        )

    def some(self, job_ids: Sequence[str]) -> list[Job]:
        """The jobs of some ids that there are, in brief, the earliest first."""
        query = {"_id": {"$in": list(job_ids)}, "firm": self.firm}
        return list(self.jobs.find(query, BRIEF).sort("_id", 1))

    def history(self, before: str | None, limit: int) -> list[Job]:
        """Jobs in brief, newest first, after the cursor."""
        query: dict[str, Any] = {"firm": self.firm}
        if before:
            query["_id"] = {"$lt": before}
        return list(self.jobs.find(query, BRIEF).sort("_id", -1).limit(limit))

    def write(self, job: Job, service: str, **parts: object) -> bool:
        """Write parts that the service owns, if the job has not moved on since it was read."""
        _check_owner(service, parts)
        written = self.jobs.update_one(
            {
                "_id": job["_id"],
                "firm": self.firm,
                "revision": job["revision"],
                "status": job["status"],
            },
            {"$set": {**parts, "touched_at": clock.now()}},
        )
        return written.matched_count == 1

    def repaired(self, job: Job, session: Session, **parts: object) -> bool:
        """Count a repair, with what it changes of the validator's parts; False when the job was changed meanwhile."""
        _check_owner("validator", parts)
        seen = {name: job[name] for name in ("_id", "revision", "status", "repairs")}
        changes = {"$inc": {"repairs": 1}, "$set": {**parts, "touched_at": clock.now()}}
        written = self.jobs.update_one({**seen, "firm": self.firm}, changes, session=session)
        return written.matched_count == 1

    def check_again(self, job: Job, by: str, session: Session) -> Job | None:
        """Count a repair that leaves all rows to be checked again; None when the job was changed meanwhile."""
        changes = {"repairs": job["repairs"] + 1, "reason": None, "hold": None}
        seen = {"repairs": job["repairs"]}
        revision = job["revision"] + 1
        return self._move(job, Status(job["status"]), Status.MAPPED, revision, by, changes, session, seen)

    # a job that loads skipped rows of another

    def repaired_chain(self, job: Job, session: Session = None) -> list[Job]:
        """The job whose skipped rows this one loads, the job whose skipped rows that one loaded, and so on."""
        chain: list[Job] = []
        while earlier := job.get("repaired_job"):
            found = self.jobs.find_one({"_id": earlier, "firm": self.firm}, session=session)
            if found is None:
                break
            chain.append(found)
            job = found
        return chain

    def same_repair(self, repaired: str, sha256: str) -> Job | None:
        """The job that is loading the same file of rows of a job, or has loaded all of it."""
        query = {"firm": self.firm, "repaired_job": repaired, "source.sha256": sha256}
        under_way = {"status": {"$nin": [status.value for status in (*ENDS, Status.UNDOING)]}}
        loaded = {"status": Status.IMPORTED.value, "result.rows_skipped": 0}
        return self.jobs.find_one({**query, "$or": [under_way, loaded]})

    def loaded_after_all(self, job_id: str, by_job: str, changes: dict[str, int], session: Session) -> None:
        """Add to the result of a job, inside a transaction, what another job made of rows that it had skipped."""
        added = {f"result.{name}": number for name, number in changes.items() if number}
        noted: dict[str, Any] = {"$push": {"repaired_by": by_job}, **({"$inc": added} if added else {})}
        self.jobs.update_one({"_id": job_id, "firm": self.firm}, noted, session=session)

    def skipped_again(
        self, job_id: str, by_job: str, changes: dict[str, int], stays: bool, session: Session
    ) -> None:
        """Take off the result of a job, inside a transaction, what another had made of its rows and undid.

        `stays` says whether some of them are loaded still; `returned_by` that it was done.
        """
        noted: dict[str, Any] = {"$push": {"returned_by": by_job}}
        if not stays:
            noted["$pull"] = {"repaired_by": by_job}
        added = {f"result.{name}": number for name, number in changes.items() if number}
        noted |= {"$inc": added} if added else {}
        self.jobs.update_one({"_id": job_id, "firm": self.firm}, noted, session=session)

    def note(self, job_id: str, service: str, **parts: object) -> None:
        """Write parts that do not depend on the status of the job (notices)."""
        _check_owner(service, parts)
        self.jobs.update_one({"_id": job_id, "firm": self.firm}, {"$set": parts})

    def advance(
        self,
        job: Job,
        to: Status,
        *,
        by: str,
        service: str | None = None,
        parts: Mapping[str, object] | None = None,
        reason: Reason | None = None,
        hold: Reason | None = None,
    ) -> Job | None:
        """Move a job in one conditional write; gives the job if it now is at `to`, by any process."""
        frm = Status(job["status"])
        parts = parts or {}
        _check_owner(service, parts)
        if may_move(frm, to):
            moved = self._move(job, frm, to, job["revision"], by, {**parts, "reason": reason, "hold": hold})
            if moved:
                return moved
        arrived = {"_id": job["_id"], "firm": self.firm, "status": to, "revision": job["revision"]}
        return self.jobs.find_one(arrived)

    def hold(self, job: Job, reason: Reason) -> None:
        """Put a job on hold at its status, with the reason, until a person decides; no service acts next."""
        seen = {name: job[name] for name in ("_id", "status", "revision")}
        self.jobs.update_one({**seen, "firm": self.firm}, {"$set": {"hold": reason, "owed": None}})

    def go_back(
        self,
        job: Job,
        to: Status,
        *,
        by: str,
        service: str,
        parts: Mapping[str, object],
        session: Session = None,
    ) -> Job | None:
        """Take a job to an earlier status; its revision grows, so that older messages no longer count."""
        _check_owner(service, parts)
        frm = Status(job["status"])
        revision = job["revision"] + 1
        return self._move(job, frm, to, revision, by, {**parts, "reason": None, "hold": None}, session)

    def _move(
        self,
        job: Job,
        frm: Status,
        to: Status,
        revision: int,
        by: str,
        changes: Mapping[str, object],
        session: Session = None,
        seen: Mapping[str, object] | None = None,
    ) -> Job | None:
        now = clock.now()
        line = history_line(to, now, by, revision, changes)
        autostart = bool(job["options"].get("autostart"))
        owed = None if changes["hold"] else owed_by(to, autostart)
        return self.jobs.find_one_and_update(
            {
                "_id": job["_id"],
                "firm": self.firm,
                "status": frm.value,
                "revision": job["revision"],
                "purged_at": None,  # its rows are gone, so this status is an end
                **(seen or {}),
            },
            {
                "$set": {
                    "status": to.value,
                    "since": now,
                    "revision": revision,
                    "owed": owed,
                    "unpublished": True,
                    "broke": 0,
                    **changes,
                },
                "$push": {"history": line},
            },
            return_document=ReturnDocument.AFTER,
            session=session,
        )

    def choose_events(self, job_id: str, step: str, choice: str) -> str:
        """Settle which events a step publishes about records, once for all its chunks; gives what was settled."""
        settled = {"$ifNull": [f"$events.{step}", {"$literal": choice}]}
        job = self.jobs.find_one_and_update(
            {"_id": job_id, "firm": self.firm},
            [{"$set": {f"events.{step}": settled}}],
            projection={"events": 1},
            return_document=ReturnDocument.AFTER,
        )
        settled_now = (job.get("events") or {}) if job else {}
        return settled_now.get(step, choice)

    def settle(self, job: Job) -> None:
        """Note that no service acts next on this job at its present status."""
        self.jobs.update_one(
            {"_id": job["_id"], "firm": self.firm, "status": job["status"], "revision": job["revision"]},
            {"$set": {"owed": None}},
        )

    # what is kept of a job, and for how long

    def older_with_rows(self, before: datetime) -> Iterator[Job]:
        """Jobs with file and rows that nobody has moved or changed since, where nobody owes them anything."""
        statuses = [status.value for status in (*ENDS, *WAITS_FOR_PERSON, *WAITS_ON_HOLD)]
        query: dict[str, Any] = {"firm": self.firm, "purged_at": None, "since": {"$lt": before}, "owed": None}
        query["$nor"] = UNPUBLISHED  # the event of its end may need the counts of its tasks
        untouched = {"touched_at": {"$not": {"$gte": before}}}
        yield from self.jobs.find({**query, **untouched, "status": {"$in": statuses}}).batch_size(50)

    def is_repaired_by_one_with_rows(self, job_id: str) -> bool:
        """Whether a job that loads skipped rows of this one has its own rows still, and so needs these."""
        query = {"firm": self.firm, "repaired_job": job_id, "purged_at": None}
        return self.jobs.find_one(query, {"_id": 1}) is not None

    def leave(self, job: Job, days: int, session: Session) -> Job | None:
        """Stop a job that waits for a person and was left alone for `days`; None when it was changed meanwhile."""
        reason = {"code": "left_alone", "params": {"days": days}}
        changes = {"reason": reason, "hold": None}
        seen = {"owed": None, "repairs": job["repairs"], "touched_at": job.get("touched_at")}
        frm, by = Status(job["status"]), "carryover"
        return self._move(job, frm, Status.CANCELLED, job["revision"], by, changes, session, seen)

    def purge(self, job: Job, parts: Mapping[str, object], session: Session) -> bool:
        """Mark a job whose file and rows go, and put what stays in the place of its parts, of all services.

        False when its status or revision has changed. `purge_finished` says when everything is gone.
        """
        seen = {name: job[name] for name in ("_id", "status", "revision")}
        mark = {"purged_at": clock.now(), "purge_open": True}
        query = {**seen, "firm": self.firm, "purged_at": None}
        return self.jobs.update_one(query, {"$set": {**parts, **mark}}, session=session).matched_count == 1

    def purge_finished(self, job_id: str) -> None:
        """Note that nothing is left of the rows of a purged job."""
        self.jobs.update_one({"_id": job_id, "firm": self.firm}, {"$unset": {"purge_open": ""}})


class JobWatch:
    """Jobs of all firms, for the flow and the sweeper."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.jobs = collection(db, "jobs", Job)

    def find(self, job_id: str) -> Job | None:
        """One job of any firm."""
        return self.jobs.find_one({"_id": job_id})

    @contextmanager
    def changes(self) -> Iterator[Iterator[str | None]]:
        """The ids of jobs that change, or whose tasks do, from now on; None after a second without any."""
        with self.db.watch(_CHANGES, max_await_time_ms=1000) as stream:

            def ids() -> Iterator[str | None]:
                while stream.alive:
                    change = stream.try_next()
                    yield change["documentKey"]["_id"].partition(":")[0] if change else None

            yield ids()

    def brief(self, job_id: str) -> Job | None:
        """One job of any firm without its `LARGE` parts."""
        return self.jobs.find_one({"_id": job_id}, BRIEF)

    def not_ended(
        self, limit: int, firm: str | None = None, status: str | None = None, before: datetime | None = None
    ) -> list[Job]:
        """Up to `limit` jobs in brief that have not ended or that a service owes something.

        Those that a service owes come first, then the ones that moved the longest ago; `before` leaves out jobs that
        moved later.
        """
        given = {"firm": firm, "status": status, "since": {"$lt": before} if before else None}
        chosen = {name: value for name, value in given.items() if value is not None}
        both = ({"owed": {"$type": "string"}}, {"owed": None, "$and": [{"status": {"$in": RUNNING}}]})
        found: list[Job] = []
        for which in both:
            if len(found) < limit:
                some = self.jobs.find({**which, **chosen}, BRIEF).sort("since", 1)
                found += some.limit(limit - len(found))
        return found

    def is_where_it_was(self, job: Job) -> bool:
        """Whether a job has the status and the revision that it had when it was read."""
        which = {"_id": job["_id"], "status": job["status"], "revision": job["revision"]}
        return self.jobs.find_one(which, {"_id": 1}) is not None

    def without_job(self, pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
        """Which pairs of a firm and a job id belong to no job."""
        query = {"_id": {"$in": [job for _, job in pairs]}}
        return pairs - {(job["firm"], job["_id"]) for job in self.jobs.find(query, {"firm": 1})}

    def owed(self, service: str, limit: int = 200) -> list[Job]:
        """Jobs that have waited some seconds for their next move by a service, longest first."""
        waited: list[dict[str, Any]] = [
            {"since": {"$lt": clock.now() - LONG_AGO}},
            {"since": {"$not": {"$type": "date"}}},  # nobody knows since when: it must not be overlooked
        ]
        query = {"owed": service, "$or": waited}
        return list(self.jobs.find(query).sort("since", 1).limit(limit))

    # jobs that break what surrounds their tasks

    def broke(self, job_id: str) -> int:
        """Count that work around a job broke; gives how often it did since the job last moved, 0 for no job."""
        found = self.jobs.find_one_and_update(
            {"_id": job_id}, {"$inc": {"broke": 1}}, {"broke": 1}, return_document=ReturnDocument.AFTER
        )
        return found["broke"] if found else 0

    def end_by_force(self, job_id: str, reason: Reason) -> None:
        """End a job whose document cannot be worked with: only what ends it is written, and at least that.

        A document at its greatest size takes nothing more; then nobody owes it anything, and the log says why.
        """
        ends = [status.value for status in ENDS]
        running = {"_id": job_id, "status": {"$nin": ends}}
        ended = {"status": Status.FAILED.value, "reason": reason, "since": clock.now()}
        try:
            self.jobs.update_one(running, {"$set": ended, "$unset": {"hold": "", "report": ""}})
        except (WriteError, DocumentTooLarge):
            self.jobs.update_one(running, {"$set": {"status": Status.FAILED.value}})
        self.jobs.update_one({"_id": job_id}, {"$set": {"owed": None}})

    # events: the history of a job is its own outbox; `published` counts the lines that are published

    def claim_unpublished(self, token: str, seconds: float) -> Job | None:
        """Lease the job that moved the longest ago, has unpublished lines, and has no lease.

        A job whose document has no room for the claim is left out from then on: it would block all others.
        """
        which, oldest = {"$or": UNPUBLISHED, **UNCLAIMED}, [("since", 1)]
        claim = [{"$set": {"claim": claimed(token, seconds)}}]
        while True:
            try:
                return self.jobs.find_one_and_update(
                    which, claim, sort=oldest, return_document=ReturnDocument.AFTER
                )
            except OperationFailure as error:
                if error.code not in TOO_LARGE:
                    raise
                full = self.jobs.find_one_and_update(
                    which, {"$unset": {"unpublished": "", "untold": ""}}, {"_id": 1}, sort=oldest
                )
                log.critical(
                    "events of a job not published: its document is full", job_id=full and full["_id"]
                )

    def put_off(self, job_id: str, token: str, seconds: float) -> None:
        """Keep a job back for some seconds."""
        mine = {"_id": job_id, "claim.token": token}
        self.jobs.update_one(mine, [{"$set": {"claim": claimed("", seconds)}}])

    def mark_published(self, job_id: str, token: str, lines: int) -> None:
        """Note that so many lines of the history are published; a job that moved meanwhile has more of them."""
        more = {"$gt": [{"$size": "$history"}, lines]}
        self.jobs.update_one(
            {"_id": job_id, "claim.token": token},
            [
                {
                    "$set": {
                        "published": lines,
                        "unpublished": {"$cond": [more, True, "$$REMOVE"]},
                        "claim": "$$REMOVE",
                    }
                },
                {"$unset": ["told", "untold"]},
            ],
        )

    def publish_rest_later(self, job_id: str, token: str, lines: int, seconds: float) -> None:
        """Note how many lines are published, and keep the rest back for some seconds."""
        mine = {"_id": job_id, "claim.token": token}
        self.jobs.update_one(mine, [{"$set": {"published": lines, "claim": claimed("", seconds)}}])

    def release(self, token: str) -> None:
        """End the leases of a process, so that another one may publish the rest."""
        self.jobs.update_many({"$or": UNPUBLISHED, "claim.token": token}, {"$unset": {"claim": ""}})

    def unpublished(self) -> tuple[int, datetime | None]:
        """How many jobs have unpublished lines, and since when the oldest has."""
        oldest = self.jobs.find_one({"$or": UNPUBLISHED}, {"since": 1}, sort=[("since", 1)])
        return self.jobs.count_documents({"$or": UNPUBLISHED}), oldest["since"] if oldest else None

    def owed_longer_than(self, seconds: float) -> int:
        """How many jobs have waited that long for any service at the same status."""
        query = {
            "owed": {"$type": "string"},
            "since": {"$lt": clock.now() - timedelta(seconds=seconds)},
        }
        return self.jobs.count_documents(query)

    def firms_with_rows(self) -> list[str]:
        """The firms that have jobs with file and rows."""
        return list(self.jobs.distinct("firm", {"purged_at": None}))

    def half_purged(self, before: datetime) -> list[Job]:
        """Jobs that were marked before then, and of which something may be left."""
        query = {"purge_open": True, "purged_at": {"$lt": before}}
        return list(self.jobs.find(query, {"firm": 1, "purged_at": 1}))

    def by_status(self) -> dict[str, int]:
        """How many jobs have each status that is not an end."""
        pipeline: list[dict[str, Any]] = [
            {"$match": {"status": {"$in": RUNNING}}},
            {"$group": {"_id": "$status", "n": {"$sum": 1}}},
        ]
        return {g["_id"]: g["n"] for g in self.db.jobs.aggregate(pipeline)}


def _check_owner(service: str | None, parts: Mapping[str, object]) -> None:
    foreign = [name for name in parts if PART_OWNERS.get(name.split(".")[0]) != service]
    if foreign:
        raise PermissionError(f"{service} does not own {', '.join(foreign)} of the job")
