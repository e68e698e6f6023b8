"""Tests what `carryover-ops why` says, over all statuses and over the states of tasks, queues and messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.operating.diagnosis import Facts, explain
from deploy.operating.jobs import looked_at, next_of
from shared.contract.job import ENDS, WAITS_FOR_PERSON, Status
from shared.contract.problems import KINDS
from shared.contract.routes import first_step
from shared.plumbing.bus import QueueState

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
QUIET = QueueState("carryover.validator", 0, 1)


def job(status: str = "mapped", owed: str | None = "validator", minutes: float = 0.1, **more: Any) -> Any:
    return {
        "_id": "abc",
        "firm": "cedar",
        "status": status,
        "owed": owed,
        "revision": 1,
        "hold": None,
        "reason": None,
        "since": NOW - timedelta(minutes=minutes),
        "history": [],
        **more,
    }


def task(state: str, **more: Any) -> Any:
    known = {"_id": "abc:1:check:3", "step": "check", "n": 3, "rows": 2000, "attempts": 0, "rings": 0}
    return {**known, "state": state, "ring_at": NOW - timedelta(seconds=1), **more}


def explained(found: Any, **facts: Any) -> tuple[str, bool]:
    findings = explain(Facts("abc", found, NOW, **facts))
    return "\n".join(one.text for one in findings), any(one.wrong for one in findings)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("is_owed", [False, True])
def test_every_status_says_who_acts_next(status: Status, is_owed: bool) -> None:
    step = first_step(status)
    owed = (step.service if step else "validator") if is_owed else None
    text, wrong = explained(job(status.value, owed), queues=[QUIET])
    assert f"is {status.value} (" in text
    if owed:
        assert f"Service {owed} acts next" in text
        assert not wrong
    elif status in WAITS_FOR_PERSON:
        assert "A person acts next: they look at" in text
        assert not wrong
    elif status in ENDS:
        assert "It has ended, and nothing follows." in text
        assert not wrong
    else:
        assert "Nobody acts next." in text
        assert wrong


@pytest.mark.parametrize("code", sorted(KINDS))
def test_every_reason_is_a_sentence_with_its_code(code: str) -> None:
    text, wrong = explained(job("failed", None, reason={"code": code, "params": {}}))
    assert "It stopped: " in text
    assert f"[{code}]" in text
    assert wrong
    on_hold, wrong = explained(job("uploaded", None, hold={"code": code, "params": {}}))
    assert "It is on hold: " in on_hold
    assert "choose how the file is read" in on_hold
    assert not wrong


LEASE = {"token": "t", "owner": "host:7", "until": NOW + timedelta(seconds=8)}
TASKS: list[tuple[dict[str, Any], str, bool]] = [
    (task("ready"), "is ready and waits for its turn", False),
    (task("ready", ring_at=NOW + timedelta(seconds=90)), "waits for its next try in 1 min 30 s", False),
    (
        task("ready", error="KeyError", attempts=2),
        "next try at once, after 2 attempts. The last error: KeyError",
        True,
    ),
    (task("ready", error="refused", delays=5, ring_at=NOW + timedelta(hours=2)), "in 2 h 0 min", True),
    (task("queued"), "was announced 1 times and waits for a worker.", False),
    (task("queued", rings=4, ring_at=NOW + timedelta(seconds=9)), "announced 5 times", False),
    (task("queued", error="OSError"), "The last error: OSError", True),
    (task("leased", lease=LEASE, attempts=1), "is at work at host:7, attempt 1, leased for 8 s more", False),
    (task("leased", lease=LEASE, attempts=1, done_rows=300), "300 of 2000 rows done", False),
    (
        task("leased", lease={**LEASE, "until": NOW - timedelta(seconds=61)}),
        "the lease of host:7 ended 1 min 1 s ago",
        True,
    ),
    (task("leased", lease=None), "is leased by nobody", True),
    (
        task("parked", attempts=5, error="ValueError"),
        "is parked after 5 attempts. The last error: ValueError",
        True,
    ),
    (task("ready", ring_at="never"), "is ready", False),
]


@pytest.mark.parametrize(("one", "sentence", "is_wrong"), TASKS, ids=lambda one: str(one)[:30])
def test_a_task_has_a_sentence_for_each_state(one: Any, sentence: str, is_wrong: bool) -> None:
    text, wrong = explained(job(), tasks=[one], states={"check": {one["state"]: 1}}, queues=[QUIET])
    assert "Task check 3 " in text
    assert sentence in text
    assert wrong is is_wrong


@pytest.mark.parametrize(
    ("queue", "sentence", "is_wrong"),
    [
        (QueueState("carryover.validator", 3, 2), "has 3 messages and 2 consumers", False),
        (
            QueueState("carryover.validator", 3, 0),
            "No worker takes messages from carryover.validator, which has 3",
            True,
        ),
        (QueueState("carryover.validator", 0, 0), "Start a worker of validator", True),
        (QueueState("carryover.validator", None, None), "is missing", True),
    ],
)
def test_a_queue_without_a_worker_is_wrong(queue: QueueState, sentence: str, is_wrong: bool) -> None:
    text, wrong = explained(job(), queues=[queue], tasks=[task("queued")], states={"check": {"queued": 1}})
    assert sentence in text
    assert wrong is is_wrong


def test_many_tasks_are_counted_and_some_named() -> None:
    text, _ = explained(
        job(),
        tasks=[task("ready")] * 10,
        states={"check": {"ready": 30, "done": 5}, "match": {}},
        queues=[QUIET],
    )
    assert "Tasks of the step check: 5 done, 30 ready." in text
    assert "20 more tasks are not done." in text
    done, _ = explained(job(), states={"check": {"done": 5}}, queues=[QUIET])
    assert "All tasks are done, and the job is about to move on." in done


def test_what_was_never_begun_broke_or_is_not_published_is_wrong_after_a_minute() -> None:
    assert "No task was opened" in explained(job(minutes=2), queues=[QUIET])[0]
    assert explained(job(minutes=2), queues=[QUIET])[1]
    text, wrong = explained(job(broke=3), queues=[QUIET])
    assert "broke 3 times" in text
    assert wrong
    lines = {"history": [{}, {}, {}], "published": 1, "unpublished": True}
    assert explained(job("imported", None, minutes=0.5, **lines))[1] is False
    text, wrong = explained(job("imported", None, minutes=5, **lines), entries=2)
    assert "2 lines of its history" in text
    assert "2 groups of changed records" in text
    assert wrong


def test_a_broker_that_is_away_is_a_finding_for_any_job() -> None:
    for one in (job(), job("proposed", None), job("imported", None), None):
        text, wrong = explained(one, broker_away="refused")
        assert "The broker is away" in text
        assert wrong


def delivery(webhook: str, order: int, seconds: float = 0, *attempts: dict[str, Any]) -> Any:
    return {
        "webhook": f"cedar/{webhook}",
        "lane": f"cedar/{webhook}|abc",
        "order": order,
        "event": {"type": f"job.{order}"},
        "url": "https://crm.example/?key=secret",
        "due": NOW + timedelta(seconds=seconds),
        "made": len(attempts),
        "attempts": list(attempts),
    }


def test_events_that_wait_for_webhooks_are_named_by_the_one_in_front() -> None:
    refused = {"at": NOW, "ms": 3, "status": 503, "error": None}
    away = {"at": NOW, "ms": 3, "status": None, "error": "ConnectError"}
    waiting = [
        delivery("a1", 2, 90, refused, away),
        delivery("a1", 3),
        delivery("a1", 4),
        delivery("b2", 2, -1),
    ]
    text, wrong = explained(job("imported", None), deliveries=waiting)
    assert "Event job.2 waits for webhook a1: 2 attempts failed, the last with ConnectError" in text
    assert "the next is made in 1 min 30 s. 2 more events of the job wait behind it." in text
    assert "Event job.2 waits for webhook b2: the next is due now." in text
    assert "secret" not in text
    assert wrong
    assert not explained(job("imported", None), deliveries=waiting[3:])[1]
    assert "the last with 503" in explained(job(), deliveries=[delivery("a1", 2, 5, refused)])[0]


DAMAGED: list[dict[str, Any]] = [
    {"status": "baked"},
    {"status": None},
    {"since": None},
    {"since": "yesterday"},
    {"since": datetime(2026, 1, 1)},
    {"since": NOW + timedelta(days=1)},
    {"owed": "baker"},
    {"history": []},
    {"hold": {"code": "no_such_code"}},
    {"reason": {"code": "no_such_code", "params": {"rows": object()}}},
]


@pytest.mark.parametrize("damage", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_job_is_explained_all_the_same(damage: dict[str, Any]) -> None:
    assert explained({**job(), **damage}, queues=[QUIET])[0]
    assert looked_at({**job(), **damage}, NOW)["job"] == "abc"


@pytest.mark.parametrize("name", ["firm", "status", "owed", "hold", "reason", "since", "history", "revision"])
def test_a_job_that_lacks_something_is_explained_all_the_same(name: str) -> None:
    lacking = {key: value for key, value in job().items() if key != name}
    assert explained(lacking)[0]
    assert looked_at(lacking, NOW)["job"] == "abc"  # type: ignore[arg-type]


def test_a_service_that_owes_the_start_is_named() -> None:
    assert next_of(job("validated", "importer")) == ("importer", "start")
    assert "which goes on by itself" in explained(job("validated", "importer"), queues=[QUIET])[0]
