"""Tests the guards of tasks on MongoDB: one lease at a time, and no write under an old lease."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared.contract.routes import STEPS
from shared.plumbing.flow import spans
from shared.plumbing.task_store import SOON, LeaseLost, TaskStore, task_id
from tests.contract.conftest import FIRM, MakeJob
from tests.system import eventually

LOAD = STEPS["load"]
#: ENOUGH: to begin to finish a task, however busy the machine is
SHORT, ENOUGH, LONG = 0.2, 2.0, 60.0


@pytest.fixture
def job(make_job: MakeJob, tasks: TaskStore) -> dict[str, Any]:
    job = make_job()
    tasks.open(job, LOAD, "main", spans(job, LOAD))
    return job


@pytest.fixture
def first(job: dict[str, Any]) -> str:
    """The id of the job's first task."""
    return task_id(job["_id"], job["revision"], "load", 0)


def taken(tasks: TaskStore, identity: str, token: str, lease: float = LONG) -> dict[str, Any]:
    """The task, once it could be claimed."""
    return eventually(lambda: tasks.claim(identity, token, "tests", lease), 10, f"{token} claims the task")


def state(db: Database[dict[str, Any]], identity: str) -> dict[str, Any]:
    found = db.tasks.find_one({"_id": identity})
    assert found is not None
    return found


def test_only_one_of_many_who_claim_at_once_gets_the_task(tasks: TaskStore, first: str) -> None:
    start, got = threading.Barrier(8), []

    def claim(number: int) -> None:
        start.wait()
        if tasks.claim(first, f"token-{number}", "tests", LONG):
            got.append(number)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1


def test_a_leased_task_cannot_be_claimed_by_another_but_again_by_its_holder(
    tasks: TaskStore, first: str
) -> None:
    assert taken(tasks, first, "holder")["attempts"] == 1
    assert tasks.claim(first, "other", "tests", LONG) is None
    assert taken(tasks, first, "holder")["attempts"] == 1  # the same attempt, after a passing error


@pytest.mark.parametrize("seed", range(12))
def test_deaths_and_passing_errors_are_no_attempts(
    db: Database[dict[str, Any]], tasks: TaskStore, first: str, seed: int
) -> None:
    chance, attempts, deaths = random.Random(seed), 0, 0
    task = taken(tasks, first, "worker-0")
    for number in range(1, 15):
        happens = chance.choice(["unwell", "died", "found", "crashed", "later"])
        if happens == "unwell":
            task = taken(tasks, first, task["lease"]["token"])
        elif happens in ("died", "found"):
            deaths += 1
            long_ago = datetime(2020, 1, 1, tzinfo=UTC)
            db.tasks.update_one({"_id": first}, {"$set": {"lease.until": long_ago, "ring_at": long_ago}})
            if happens == "found":
                tasks.silent("importer")
            task = taken(tasks, first, f"worker-{number}")
        else:
            attempts += happens == "crashed"
            tasks.put_back(task, 0, spent=happens == "crashed", error="x")
            task = taken(tasks, first, f"worker-{number}")
        assert (task["attempts"], task["deaths"]) == (attempts + 1, deaths), happens


def test_a_task_at_which_many_workers_died_waits_before_it_is_tried_again(
    db: Database[dict[str, Any]], tasks: TaskStore, first: str
) -> None:
    announced = []
    for number in range(SOON + 3):
        taken(tasks, first, f"worker-{number}")
        db.tasks.update_one({"_id": first}, {"$set": {"ring_at": datetime(2020, 1, 1, tzinfo=UTC)}})
        announced.append(bool(tasks.silent("importer")))
    assert announced == [True] * SOON + [False] * 3
    assert state(db, first)["state"] == "ready"


def test_a_task_whose_lease_is_over_is_taken_over(tasks: TaskStore, first: str) -> None:
    taken(tasks, first, "holder", SHORT)
    assert taken(tasks, first, "other")["lease"]["token"] == "other"


def test_a_lease_that_is_renewed_is_not_over(tasks: TaskStore, first: str) -> None:
    taken(tasks, first, "holder", SHORT)
    assert tasks.renew(first, "holder", LONG, 5)
    assert tasks.claim(first, "other", "tests", LONG) is None


def test_a_lost_lease_cannot_be_renewed(tasks: TaskStore, first: str) -> None:
    taken(tasks, first, "holder", SHORT)
    taken(tasks, first, "other")
    assert not tasks.renew(first, "holder", LONG)


def test_who_lost_the_lease_cannot_finish_the_task(
    db: Database[dict[str, Any]], tasks: TaskStore, first: str
) -> None:
    late = taken(tasks, first, "holder", SHORT)
    now = taken(tasks, first, "other")
    with pytest.raises(LeaseLost):
        tasks.finish(late, {"rows_loaded": 1})
    tasks.finish(now, {"rows_loaded": 2})
    with pytest.raises(LeaseLost):
        tasks.finish(late, {"rows_loaded": 1})
    assert state(db, first)["counts"] == {"rows_loaded": 2}


def test_what_a_late_worker_writes_with_its_task_is_undone(
    db: Database[dict[str, Any]], tasks: TaskStore, first: str
) -> None:
    late = taken(tasks, first, "holder", SHORT)
    taken(tasks, first, "other")

    def also(session: Any) -> dict[str, Any]:
        db.accounts.insert_one({"_id": "late", "firm": FIRM}, session=session)
        return {}

    with pytest.raises(LeaseLost):
        tasks.finish(late, {}, also)
    assert db.accounts.count_documents({}) == 0


def test_what_a_dead_worker_left_uncommitted_does_not_hold_up_the_next(
    db: Database[dict[str, Any]], tasks: TaskStore, first: str
) -> None:
    """MongoDB keeps a transaction that nobody ends for a minute, with all its locks."""
    written, over = threading.Event(), threading.Event()

    def hang(session: Any) -> dict[str, Any]:
        db.accounts.insert_one({"_id": "same", "firm": FIRM, "by": "dead"}, session=session)
        written.set()
        over.wait(90)
        return {}

    def work(session: Any) -> dict[str, Any]:
        db.accounts.insert_one({"_id": "same", "firm": FIRM, "by": "next"}, session=session)
        return {"rows_loaded": 1}

    def die() -> None:
        with db.client.start_session() as session, pytest.raises((LeaseLost, DuplicateKeyError)):
            tasks.finish(claimed(session, "dead", ENOUGH), {}, hang, session)

    def claimed(session: Any, token: str, lease: float) -> dict[str, Any]:
        identity = session.session_id["id"]
        return eventually(
            lambda: tasks.claim(first, token, "tests", lease, identity), 30, f"{token} claims the task"
        )

    dead = threading.Thread(target=die, daemon=True)
    dead.start()
    assert written.wait(30)
    with db.client.start_session() as session:
        task = claimed(session, "next", LONG)
        done = threading.Thread(target=tasks.finish, args=(task, {}, work, session), daemon=True)
        done.start()
        done.join(30)
        assert not done.is_alive(), "held up by the transaction of the dead worker"
    over.set()
    dead.join()
    assert [account["by"] for account in db.accounts.find()] == ["next"]
    assert state(db, first)["counts"] == {"rows_loaded": 1}


def test_a_firm_has_no_more_tasks_on_the_queue_than_its_window(tasks: TaskStore, make_job: MakeJob) -> None:
    job, other = make_job(chunks=10), make_job(chunks=10, firm="firm-b")
    for one in (job, other):
        tasks.open(one, LOAD, "main", spans(one, LOAD))
    admitted = tasks.admit(FIRM, "importer", "main", 4)
    assert [task["n"] for task in admitted] == [0, 1, 2, 3], "in the order of the file"
    assert tasks.admit(FIRM, "importer", "main", 4) == []
    assert len(tasks.admit("firm-b", "importer", "main", 4)) == 4, "each firm has its own"
    first = taken(tasks, admitted[0]["_id"], "holder")
    assert tasks.admit(FIRM, "importer", "main", 4) == [], "what is in hand counts"
    tasks.finish(first, {})
    assert [task["n"] for task in tasks.admit(FIRM, "importer", "main", 4)] == [4]


def test_opening_tasks_again_leaves_those_that_are_there_as_they_are(
    db: Database[dict[str, Any]], tasks: TaskStore, job: dict[str, Any], first: str
) -> None:
    tasks.finish(taken(tasks, first, "holder"), {"rows_loaded": 10})
    tasks.open(job, LOAD, "main", spans(job, LOAD))
    assert tasks.count(job, "load") == 3
    assert (state(db, first)["state"], state(db, first)["counts"]) == ("done", {"rows_loaded": 10})


def test_what_is_put_back_waits_its_time_and_counts_only_where_it_was_our_mistake(
    db: Database[dict[str, Any]], tasks: TaskStore, first: str
) -> None:
    tasks.put_back(taken(tasks, first, "a"), 0, spent=False, error="mail server away")
    assert (state(db, first)["attempts"], state(db, first)["delays"]) == (0, 1)
    tasks.put_back(taken(tasks, first, "b"), 3600, spent=True, error="$crash")
    found = state(db, first)
    assert (found["attempts"], found["error"], found["lease"]) == (1, "$crash", None)
    assert [t["_id"] for t in tasks.admit(FIRM, "importer", "main", 9) if t["_id"] == first] == []


def test_only_the_holder_puts_a_task_back_or_parks_it(
    db: Database[dict[str, Any]], tasks: TaskStore, first: str
) -> None:
    late = taken(tasks, first, "holder", SHORT)
    taken(tasks, first, "other")
    tasks.put_back(late, 0, spent=True, error="late")
    with pytest.raises(LeaseLost):
        tasks.park(late, "late")
    assert (state(db, first)["state"], state(db, first)["lease"]["token"]) == ("leased", "other")


def test_the_sweeper_finds_what_is_overdue_once(
    db: Database[dict[str, Any]], tasks: TaskStore, first: str
) -> None:
    taken(tasks, first, "dead", SHORT)
    assert [task["_id"] for task in eventually(lambda: tasks.silent("importer"), 10, "overdue")] == [first]
    assert tasks.silent("importer") == []
    assert tasks.silent("importer") == []
    assert (state(db, first)["state"], state(db, first)["lease"]) == ("queued", None)


def test_counts_of_chunks_add_up_and_lists_unite(tasks: TaskStore, job: dict[str, Any]) -> None:
    given = [
        {"rows_loaded": 9, "problems": {"invalid_email": 1}, "tags": ["vip"]},
        {"rows_loaded": 8, "problems": {"invalid_email": 1, "invalid_rrn": 1}, "tags": ["late", "vip"]},
        {"rows_loaded": 10},
    ]
    for n, counts in enumerate(given):
        tasks.finish(taken(tasks, task_id(job["_id"], 1, "load", n), f"t{n}"), counts)
    assert tasks.totals(job, "load") == {
        "rows_loaded": 27,
        "problems": {"invalid_email": 2, "invalid_rrn": 1},
        "tags": ["vip", "late"],
    }
    assert tasks.rows_done(job) == {"load": 30}
    assert not tasks.unfinished(job, "load")
    assert tasks.totals({**job, "revision": 2}, "load") == {}


def test_a_stopped_jobs_tasks_go_except_those_leased_and_done(
    tasks: TaskStore, job: dict[str, Any], first: str
) -> None:
    tasks.finish(taken(tasks, first, "a"), {})
    taken(tasks, task_id(job["_id"], 1, "load", 1), "b")
    tasks.drop_open(job["_id"])
    assert tasks.count(job, "load") == 2
    assert tasks.unfinished(job, "load"), "one is still in hand"
