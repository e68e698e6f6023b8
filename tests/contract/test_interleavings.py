"""Tests that every chunk counts once, in whatever order workers claim, finish, die, sweep and cancel.

A model of leases is compared with the stores on a real MongoDB, over seeded random schedules: those of
Hypothesis are mostly short, and in too few of them does a late worker finish.
"""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.database import Database

from shared.contract.job import Status, new_job
from shared.contract.routes import STEPS
from shared.plumbing.flow import spans
from shared.plumbing.job_store import JobStore
from shared.plumbing.task_store import LeaseLost, TaskStore, task_id
from tests.contract.conftest import BY, FIRM

CHUNKS, WORKERS, WINDOW = 2, 2, 1
SCHEDULES, STEPS_EACH = 12, 40  # for each seed
LOAD = STEPS["load"]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
#: how often each thing happens
WEIGHTS = {
    "claim": 8,
    "finish": 4,
    "put_back": 1,
    "lapse": 4,
    "sweep": 2,
    "admit": 2,
    "conclude": 2,
    "cancel": 0.3,
}


class Model:
    """Who holds which chunk, and which chunks are done; each method does a thing and compares what came of it."""

    def __init__(self, db: Database[dict[str, Any]], chance: random.Random) -> None:
        self.db, self.chance = db, chance
        self.tasks, self.jobs = TaskStore(db), JobStore(db, FIRM)
        self.leased: dict[int, int] = {}
        self.lapsed: set[int] = set()
        self.done: dict[int, int] = {}
        self.dropped: set[int] = set()
        #: (chunk, worker, task) of who believes to hold a task, rightly or no longer
        self.claims: list[tuple[int, int, dict[str, Any]]] = []
        self.cancelled = False
        source = {"name": "a.csv", "bytes": 1, "rows": CHUNKS, "chunks": [1] * CHUNKS}
        job = new_job(uuid.uuid4().hex, FIRM, "accounts", {}, source, BY, datetime.now(UTC))
        self.job = {**job, "status": Status.CONFIRMED.value}
        db.jobs.insert_one(self.job)
        self.tasks.open(self.job, LOAD, "main", spans(self.job, LOAD))

    def claim(self) -> None:
        chunk, worker = self.chance.randrange(CHUNKS), self.chance.randrange(WORKERS)
        identity = task_id(self.job["_id"], 1, "load", chunk)
        task = self.tasks.claim(identity, f"w{worker}", "tests", 3600)
        free = chunk not in self.done and chunk not in self.dropped
        assert (task is not None) == (
            free and (self.leased.get(chunk) in (None, worker) or chunk in self.lapsed)
        )
        if task:
            self.leased[chunk] = worker
            self.lapsed.discard(chunk)
            self.claims.append((chunk, worker, task))

    def _of_claims(self) -> tuple[int, int, dict[str, Any]]:
        return self.claims.pop(self.chance.randrange(len(self.claims)))

    def finish(self) -> None:
        if not self.claims:
            return
        chunk, worker, task = self._of_claims()
        if self.leased.get(chunk) == worker:
            self.tasks.finish(task, {"rows_loaded": 1, "worker": worker})
            del self.leased[chunk]
            self.lapsed.discard(chunk)
            self.done[chunk] = worker
        else:
            with pytest.raises(LeaseLost):
                self.tasks.finish(task, {"rows_loaded": 1, "worker": worker})

    def put_back(self) -> None:
        if not self.claims:
            return
        chunk, worker, task = self._of_claims()
        self.tasks.put_back(task, 0, spent=self.chance.random() < 0.5, error="later")
        if self.leased.get(chunk) == worker:
            del self.leased[chunk]
            self.lapsed.discard(chunk)

    def lapse(self) -> None:
        """The time of all leases passes; their holders may be dead or only slow."""
        over = {"lease.until": LONG_AGO, "ring_at": LONG_AGO}
        self.db.tasks.update_many({"job": self.job["_id"], "state": "leased"}, {"$set": over})
        self.lapsed = set(self.leased)

    def sweep(self) -> None:
        swept = {task["n"] for task in self.tasks.silent("importer")}
        assert self.lapsed <= swept
        for chunk in self.lapsed:
            del self.leased[chunk]
        self.lapsed.clear()

    def admit(self) -> None:
        admitted = {task["n"] for task in self.tasks.admit(FIRM, "importer", "main", WINDOW)}
        assert not admitted & (set(self.leased) | set(self.done) | self.dropped)

    def cancel(self) -> None:
        moved = self.jobs.advance(self.job, Status.CANCELLED, by="anna")
        if moved:
            self.cancelled = True
            self.tasks.drop_open(self.job["_id"])
            self.dropped |= set(range(CHUNKS)) - set(self.leased) - set(self.done)

    def conclude(self) -> None:
        ready = not self.tasks.unfinished(self.job, "load") and self.tasks.count(self.job, "load") == CHUNKS
        assert ready == (len(self.done) == CHUNKS)
        if ready:
            moved = self.jobs.advance(self.job, Status.IMPORTED, by="importer")
            assert (moved is None) == self.cancelled

    def check(self) -> None:
        """Each chunk counts once, for the worker that leased it; the job came to each status once."""
        found = self.db.tasks.find({"job": self.job["_id"], "state": "done"})
        assert {task["n"]: task["counts"]["worker"] for task in found} == self.done
        history = [line["status"] for line in self.jobs.get(self.job["_id"])["history"]]
        assert len(history) == len(set(history))


@pytest.mark.parametrize("seed", range(5))
def test_no_interleaving_counts_a_chunk_twice_or_loses_one(db: Database[dict[str, Any]], seed: int) -> None:
    chance = random.Random(seed)
    late = 0
    for _ in range(SCHEDULES):
        model = Model(db, chance)
        happened = chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=STEPS_EACH)
        for name in happened:
            late += any(model.leased.get(chunk) not in (None, worker) for chunk, worker, _ in model.claims)
            getattr(model, name)()
            model.check()
        db.tasks.delete_many({})
    assert late > SCHEDULES, "the schedules have late workers in them"
