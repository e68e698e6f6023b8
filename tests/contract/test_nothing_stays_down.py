"""Tests that workers, sweeper and relay go on for all other jobs, whatever one job contains or does.

A real MongoDB; the test hands messages to the worker, and what it parks is written down in place of a broker.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from bson import BSON
from bson.errors import InvalidDocument
from pymongo.database import Database
from pymongo.errors import DocumentTooLarge, OperationFailure, WriteError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.contract.job import Status
from shared.contract.messages import work_message
from shared.contract.routes import STEPS, Step
from shared.plumbing import bus
from shared.plumbing.flow import Conclusion
from shared.plumbing.log import named
from shared.plumbing.relay import Relay
from shared.plumbing.settings import Settings
from shared.plumbing.sweeper import Sweeper
from shared.plumbing.task_store import TaskStore, task_id
from shared.plumbing.worker import Done, Handler, Leases, Worker
from tests.contract.conftest import MakeJob

ATTEMPTS = 2
LUCKY, UNLUCKY = "lucky", "unlucky"
MOST_BYTES = 16 << 20
ERRORS = [
    DocumentTooLarge("too large"),
    InvalidDocument("no document"),
    WriteError("the server refuses it", 17419),
    OperationFailure("the server refuses it", 2),
    KeyError("rows"),
    RecursionError("too deep"),
    MemoryError(),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
]
MOVING = [step for step in STEPS.values() if step.to]
Job = dict[str, Any]


class Desk(bus.Publisher):
    """Takes what is published in place of a broker."""

    def __init__(self) -> None:
        super().__init__("memory://", "tests")
        self.parked: list[tuple[str, str]] = []

    def send(
        self, key: str, body: Any, message_id: str | None, headers: dict[str, str] | None = None
    ) -> None:
        """Keep what is parked; the test delivers what is sent."""
        if key.startswith("parked.") and headers:
            text = body if isinstance(body, str) else json.dumps(body)
            self.parked.append((headers["x-carryover-reason"], text))


class Shop:
    """A worker of one service with its sweeper; `handlers` do nothing, except for what a test breaks."""

    def __init__(
        self, db: Database[Job], url: str, service: str, handlers: dict[str, Handler], desk: Desk
    ) -> None:
        self.db, self.service = db, service
        self.settings = Settings(
            url, "memory://", "", "", "a secret of the tests, long enough for HS256", attempts=ATTEMPTS
        )
        self.worker = Worker(service, handlers, self.settings)
        self.desk = self.worker.publisher = desk
        self.worker.flow.publisher = self.worker.flow.guard.publisher = desk
        self.worker.leases = Leases(self.worker.db, 30)
        self.sweeper = Sweeper(service, self.worker.flow, threading.Event(), self.settings)

    def close(self) -> None:
        assert self.worker.leases
        self.worker.leases.stop()

    def deliver(self) -> None:
        """Hand the messages of tasks to the worker."""
        for task in list(
            self.db.tasks.find({"service": self.service, "state": {"$in": ["ready", "queued"]}})
        ):
            self.worker.handle(json.dumps(work_message(task, "tests")))

    def sweep(self, rounds: int = 1) -> None:
        for _ in range(rounds):
            self.sweeper.sweep()
            self.deliver()

    def parked(self) -> list[tuple[str, str]]:
        return self.desk.parked


OpenShop = Callable[..., Shop]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Hundreds of mistakes are made here; printing them with their traces would take minutes."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def db(db: Database[Job]) -> Database[Job]:
    """Writes are not waited for until they are safe."""
    return db.client.get_database(
        db.name, write_concern=WriteConcern(w=1, j=False), read_concern=ReadConcern("local")
    )


@pytest.fixture
def open_shop(db: Database[Job], mongodb_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenShop]:
    """Opens shops whose handlers conclude with `conclude`."""
    opened: list[Shop] = []
    monkeypatch.setattr("shared.plumbing.worker.connect", lambda _url: db)

    def open_one(service: str, conclude: Any = lambda *_: Conclusion()) -> Shop:
        own = {
            name: Handler(lambda _: Done(), conclude)
            for name, step in STEPS.items()
            if step.service == service
        }
        opened.append(Shop(db, mongodb_url, service, own, Desk()))
        return opened[-1]

    yield open_one
    for shop in opened:
        shop.close()


def owed_job(make_job: MakeJob, step: Step, firm: str, ago: float = 10, **more: Any) -> Job:
    """A job that has waited some seconds for a step."""
    at = sorted(step.at)[0]
    since = datetime.now(UTC) - timedelta(seconds=ago)
    return make_job(at, 2, firm, **{"owed": step.service, "since": since, **more})


def now(db: Database[Job], job: Job) -> Job:
    found = db.jobs.find_one({"_id": job["_id"]})
    assert found
    return found


@pytest.mark.parametrize("step", MOVING, ids=lambda step: step.name)
def test_what_breaks_at_the_end_of_a_step_fails_its_job_and_no_other(
    db: Database[Job], make_job: MakeJob, open_shop: OpenShop, step: Step
) -> None:
    firms = {f"unlucky-{n}": error for n, error in enumerate(ERRORS)}

    def conclude(_db: Any, job: Job, _totals: Any) -> Conclusion:
        if job["firm"] in firms:
            raise firms[job["firm"]]
        return Conclusion()

    shop = open_shop(step.service, conclude)
    unlucky = {firm: owed_job(make_job, step, firm, 20) for firm in firms}
    lucky = owed_job(make_job, step, LUCKY)
    shop.sweep(3 + ATTEMPTS)
    assert now(db, lucky)["status"] == step.to
    for firm, job in unlucky.items():
        failed = now(db, job)
        assert (failed["status"], failed["owed"]) == (Status.FAILED, "notifier")
        assert failed["reason"] == {
            "code": "too_many_failures",
            "params": {"step": step.name, "count": ATTEMPTS},
        }
        assert [reason for reason, body in shop.parked() if job["_id"] in body] == [named(firms[firm])]


@pytest.mark.parametrize("step", STEPS.values(), ids=lambda step: step.name)
def test_what_breaks_in_between_ends_what_is_owed_to_its_job_alone(
    db: Database[Job], make_job: MakeJob, open_shop: OpenShop, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(step.service)
    unfinished = TaskStore.unfinished

    def broken(self: TaskStore, job: Job, name: str) -> bool:
        if job["firm"] == UNLUCKY:
            raise KeyError(name)
        return unfinished(self, job, name)

    monkeypatch.setattr(TaskStore, "unfinished", broken)
    unlucky, lucky = owed_job(make_job, step, UNLUCKY, 20), owed_job(make_job, step, LUCKY)
    shop.sweep(4 + 2 * ATTEMPTS)
    assert now(db, unlucky)["owed"] != step.service
    assert now(db, lucky)["owed"] != step.service
    assert any(unlucky["_id"] in body for _, body in shop.parked())
    assert not any(lucky["_id"] in body for _, body in shop.parked())


def test_a_task_that_breaks_outside_its_handler_is_parked_and_fails_its_job(
    db: Database[Job], make_job: MakeJob, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, step = open_shop("importer"), STEPS["load"]
    claim = TaskStore.claim

    def broken(self: TaskStore, identity: str, *more: Any) -> Job | None:
        if identity.startswith(unlucky["_id"]):
            raise RecursionError
        return claim(self, identity, *more)

    monkeypatch.setattr(TaskStore, "claim", broken)
    unlucky, lucky = owed_job(make_job, step, UNLUCKY, 20), owed_job(make_job, step, LUCKY)
    monkeypatch.setattr("shared.plumbing.patience.FIRST_PAUSE", 0.001)
    shop.sweep()
    assert now(db, unlucky)["reason"]["code"] == "too_many_failures"
    assert now(db, lucky)["status"] == step.to
    assert any(unlucky["_id"] in body for _, body in shop.parked())


SENSELESS: dict[str, dict[str, Any]] = {
    "surrogates": {"job_id": "\ud800", "firm": "\udfff"},
    "no such job": {"job_id": "none"},
    "huge": {"revision": 10**30, "chunk": -(10**30)},
    "null byte": {"job_id": "a\0b", "firm": "\0"},
}


@pytest.mark.parametrize("how", SENSELESS)
def test_a_senseless_message_ends_no_worker(
    make_job: MakeJob, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    shop = open_shop("importer")
    monkeypatch.setattr("shared.plumbing.patience.FIRST_PAUSE", 0.001)
    job = owed_job(make_job, STEPS["load"], LUCKY)
    task = {**job, "job": job["_id"], "_id": task_id(job["_id"], 1, "load", 0), "step": "load", "n": 0}
    message = work_message({**task, "lane": "main"}, "tests")
    message["data"].update(SENSELESS[how])
    shop.worker.handle(json.dumps(message))
    shop.sweep(2)
    assert now(shop.db, job)["status"] == Status.IMPORTED


WRONG: tuple[Any, ...] = (None, 5, "x", [None], {"x": None})
KEPT = ("_id", "firm", "owed", "unpublished", "published")


def corrupted(db: Database[Job], make_job: MakeJob, step: Step) -> list[Job]:
    """A job for each part of the document and each wrong value, all of them owed before any good one."""
    whole = owed_job(make_job, step, UNLUCKY, 1000)
    db.jobs.delete_one({"_id": whole["_id"]})
    jobs = [
        {**whole, "_id": uuid.uuid4().hex, part: wrong}
        for part in whole
        if part not in KEPT
        for wrong in WRONG
    ]
    for spare in (0, 20, 100, 200):  # a document with only a few bytes left
        job = {**whole, "_id": uuid.uuid4().hex, "filler": ""}
        jobs.append({**job, "filler": "x" * (MOST_BYTES - spare - len(BSON.encode(job)))})
    db.jobs.insert_many(jobs)
    return jobs


@pytest.mark.parametrize("step", [STEPS["read"], STEPS["load"]], ids=lambda step: step.name)
def test_a_job_that_holds_anything_at_all_is_owed_nothing_in_the_end(
    db: Database[Job], make_job: MakeJob, open_shop: OpenShop, step: Step
) -> None:
    shop = open_shop(step.service)
    broken = corrupted(db, make_job, step)
    good = owed_job(make_job, step, LUCKY)
    shop.sweep(2)
    assert now(db, good)["owed"] != step.service, "the others have their turn at once"
    shop.sweep(3 * ATTEMPTS)
    owed = {"_id": {"$in": [job["_id"] for job in broken]}, "owed": step.service}
    waiting = [job["revision"] for job in db.jobs.find(owed)]
    assert not any(isinstance(revision, int) for revision in waiting), "no message can name these"
    db.jobs.update_many(owed, {"$set": {"since": datetime.now(UTC) - timedelta(days=2)}})
    shop.sweep(ATTEMPTS)
    assert db.jobs.count_documents(owed) == 0


class Ears:
    """Takes events in place of a broker, and makes JSON of them as that would."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []

    def publish(self, events: Sequence[dict[str, Any]]) -> None:
        for event in events:
            json.dumps(event)
        self.published += events

    def discard(self) -> None:
        """Nothing to throw away."""


def test_the_relay_puts_off_what_it_cannot_publish_and_publishes_all_others(
    db: Database[Job], make_job: MakeJob, mongodb_url: str
) -> None:
    for step in (STEPS["load"], STEPS["notify"]):
        corrupted(db, make_job, step)
    for n in range(3):
        db.outbox.insert_one(
            {
                "_id": f"bad{n}",
                "firm": UNLUCKY,
                "job": None,
                "at": datetime(2020, 1, 1, tzinfo=UTC),
                "claim": None,
                "changes": WRONG[n],
            }
        )
    good = make_job(Status.UPLOADED, firm=LUCKY)
    ears = Ears()
    relay = Relay(db, ears, threading.Event(), Settings(mongodb_url, "memory://", "", "", ""))  # type: ignore[arg-type]
    relay.publish()
    assert any(good["_id"] in json.dumps(event) for event in ears.published)
    assert "unpublished" not in now(db, good)
    assert db.outbox.count_documents({}) == 3, "what could not be published is kept"
