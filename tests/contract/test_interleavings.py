"""Workers that claim, finish, die, sweep and cancel in any order count every chunk at most once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from pymongo.database import Database

from shared.contract.job import Status, new_job
from shared.contract.routes import STEPS
from shared.plumbing.flow import spans
from shared.plumbing.job_store import JobStore
from shared.plumbing.task_store import LeaseLost, TaskStore, task_id
from tests.contract.conftest import BY, FIRM

CHUNKS, WORKERS, WINDOW = 3, 3, 2
LOAD = STEPS["load"]
CHUNK, WORKER = st.integers(0, CHUNKS - 1), st.integers(0, WORKERS - 1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Interleavings(RuleBasedStateMachine):
    """The model: who holds which chunk (nobody, or a worker), and which chunks are done."""

    #: in a tuple, because a database takes every attribute it is asked for as the name of a collection
    where: tuple[Database[dict[str, Any]]]

    def __init__(self) -> None:
        super().__init__()
        (self.db,) = self.where
        self.tasks, self.jobs = TaskStore(self.db), JobStore(self.db, FIRM)
        self.held: dict[int, int] = {}
        self.lapsed: set[int] = set()
        self.done: dict[int, int] = {}
        self.in_hand: dict[tuple[int, int], dict[str, Any]] = {}
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

    @rule(chunk=CHUNK, worker=WORKER)
    def claim(self, chunk: int, worker: int) -> None:
        task = self.tasks.claim(self.identity(chunk), f"w{worker}", "tests", 3600)
        free = chunk not in self.done and chunk not in self.dropped
        may = free and (self.held.get(chunk) in (None, worker) or chunk in self.lapsed)
        assert (task is not None) == may
        if task:
            self.held[chunk] = worker
            self.lapsed.discard(chunk)
            self.in_hand[chunk, worker] = task

    @rule(chunk=CHUNK, worker=WORKER)
    def finish(self, chunk: int, worker: int) -> None:
        task = self.in_hand.pop((chunk, worker), None)
        if task is None:
            return
        try:
            self.tasks.finish(task, {"rows_loaded": 1, "worker": worker})
        except LeaseLost:
            assert self.held.get(chunk) != worker
        else:
            assert self.held.pop(chunk) == worker
            self.lapsed.discard(chunk)
            self.done[chunk] = worker

    @rule(chunk=CHUNK, worker=WORKER, spent=st.booleans())
    def put_back(self, chunk: int, worker: int, spent: bool) -> None:
        task = self.in_hand.pop((chunk, worker), None)
        if task is None:
            return
        self.tasks.put_back(task, 0, spent=spent, error="later")
        if self.held.get(chunk) == worker:
            del self.held[chunk]
            self.lapsed.discard(chunk)

    @rule(chunk=CHUNK)
    def lapse(self, chunk: int) -> None:
        """The time of a lease passes; its holder may be dead or only slow."""
        if chunk in self.held:
            over = {"lease.until": LONG_AGO, "ring_at": LONG_AGO}
            self.db.tasks.update_one({"_id": self.identity(chunk), "state": "leased"}, {"$set": over})
            self.lapsed.add(chunk)

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
            max_examples=150,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
