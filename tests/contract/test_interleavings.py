"""Workers that claim, finish, die, sweep and cancel in any order count every chunk at most once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pymongo.database import Database

from shared.contract.job import Status, new_job
from shared.contract.routes import STEPS
from shared.plumbing.flow import spans
from shared.plumbing.job_store import JobStore
from shared.plumbing.task_store import LeaseLost, TaskStore, task_id
from tests.contract.conftest import BY, FIRM

CHUNKS, WORKERS, WINDOW = 2, 2, 1
LOAD = STEPS["load"]
CHUNK, WORKER = st.integers(0, CHUNKS - 1), st.integers(0, WORKERS - 1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Interleavings(RuleBasedStateMachine):
    """The model: who holds which chunk (nobody, or a worker), and which chunks are done."""

    #: in a tuple, because a database takes every attribute it is asked for as the name of a collection
    where: tuple[Database[dict[str, Any]]]
    #: (chunk, worker, task) of who believes to hold a task, rightly or no longer
    claims: Bundle[Any] = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        (self.db,) = self.where
        self.tasks, self.jobs = TaskStore(self.db), JobStore(self.db, FIRM)
        self.held: dict[int, int] = {}
        self.lapsed: set[int] = set()
        self.done: dict[int, int] = {}
        self.dropped: set[int] = set()
        self.cancelled = False

    @initialize()
    def begin(self) -> None:
        source = {"name": "a.csv", "bytes": 1, "rows": CHUNKS, "chunks": CHUNKS, "chunk_rows": 1}
        job = new_job(uuid.uuid4().hex, FIRM, "accounts", {}, source, BY, datetime.now(UTC))
        self.job = {**job, "status": Status.CONFIRMED.value}
        self.db.jobs.insert_one(self.job)
        self.tasks.open(self.job, LOAD, "main", spans(self.job, LOAD))

    def identity(self, chunk: int) -> str:
        return task_id(self.job["_id"], 1, "load", chunk)

    @rule(target=claims, chunk=CHUNK, worker=WORKER)
    def claim(self, chunk: int, worker: int) -> Any:
        task = self.tasks.claim(self.identity(chunk), f"w{worker}", "tests", 3600)
        free = chunk not in self.done and chunk not in self.dropped
        may = free and (self.held.get(chunk) in (None, worker) or chunk in self.lapsed)
        assert (task is not None) == may
        if task is None:
            return multiple()
        self.held[chunk] = worker
        self.lapsed.discard(chunk)
        return chunk, worker, task

    @rule(claimed=consumes(claims))
    def finish(self, claimed: tuple[int, int, dict[str, Any]]) -> None:
        chunk, worker, task = claimed
        try:
            self.tasks.finish(task, {"rows_loaded": 1, "worker": worker})
        except LeaseLost:
            assert self.held.get(chunk) != worker
        else:
            assert self.held.pop(chunk) == worker
            self.lapsed.discard(chunk)
            self.done[chunk] = worker

    @rule(claimed=consumes(claims), spent=st.booleans())
    def put_back(self, claimed: tuple[int, int, dict[str, Any]], spent: bool) -> None:
        chunk, worker, task = claimed
        self.tasks.put_back(task, 0, spent=spent, error="later")
        if self.held.get(chunk) == worker:
            del self.held[chunk]
            self.lapsed.discard(chunk)

    @precondition(lambda self: self.held)
    @rule()
    def lapse(self) -> None:
        """The time of all leases passes; their holders may be dead or only slow."""
        over = {"lease.until": LONG_AGO, "ring_at": LONG_AGO}
        self.db.tasks.update_many({"job": self.job["_id"], "state": "leased"}, {"$set": over})
        self.lapsed = set(self.held)

    @rule()
    def sweep(self) -> None:
        swept = {task["n"] for task in self.tasks.silent("importer") if task["job"] == self.job["_id"]}
        assert self.lapsed <= swept
        for chunk in swept & self.lapsed:
            del self.held[chunk]
        self.lapsed.clear()

    @rule()
    def admit(self) -> None:
        admitted = {task["n"] for task in self.tasks.admit(FIRM, "importer", "main", WINDOW)}
        assert not admitted & (set(self.held) | set(self.done) | self.dropped)

    @rule()
    def cancel(self) -> None:
        moved = self.jobs.advance(self.job, Status.CANCELLED, by="anna")
        if moved:
            self.cancelled = True
            self.tasks.drop_open(self.job["_id"])
            self.dropped |= set(range(CHUNKS)) - set(self.held) - set(self.done)

    @rule()
    def conclude(self) -> None:
        ready = not self.tasks.unfinished(self.job, "load") and self.tasks.count(self.job, "load") == CHUNKS
        assert ready == (len(self.done) == CHUNKS)
        if ready:
            moved = self.jobs.advance(self.job, Status.IMPORTED, by="importer")
            assert (moved is None) == self.cancelled

    @invariant()
    def every_chunk_counts_once(self) -> None:
        if not hasattr(self, "job"):
            return
        found = self.db.tasks.find({"job": self.job["_id"], "state": "done"})
        assert {task["n"]: task["counts"]["worker"] for task in found} == self.done
        assert self.tasks.totals(self.job, "load").get("rows_loaded", 0) == len(self.done)
        history = [line["status"] for line in self.jobs.get(self.job["_id"])["history"]]
        assert len(history) == len(set(history))

    def teardown(self) -> None:
        if hasattr(self, "job"):
            self.db.tasks.delete_many({"job": self.job["_id"]})


@pytest.fixture
def machine(db: Database[dict[str, Any]]) -> Iterator[type[Interleavings]]:
    """The machine on the test's database."""
    Interleavings.where = (db,)
    yield Interleavings
    del Interleavings.where


def test_no_interleaving_counts_a_chunk_twice_or_loses_one(machine: type[Interleavings]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=100,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
