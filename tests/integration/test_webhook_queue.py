"""Tests in which order deliveries are claimed, on a real database."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contract.documents.webhook import Attempt, Delivery
from shared.contract.job import new_job
from shared.contract.webhooks import WAITING
from shared.plumbing.auth import Caller
from shared.plumbing.webhook_store import DeliveryQueue, WebhookStore, keep_deliveries

TYPES = ["job.uploaded", "job.read", "job.imported"]
SOURCE = {"name": "a.csv", "bytes": 1, "sha256": "0" * 64}
BY = {"id": "an", "email": None, "locale": "en", "rights": []}
TAKEN: Attempt = {"at": datetime.now(UTC), "ms": 1, "status": 200, "error": None}
LEASE = 25.0


@pytest.fixture
def firm(shared_database: Any) -> str:
    """A firm with one webhook, and nothing of others that is due."""
    shared_database.deliveries.delete_many({})
    name = f"firm-{uuid.uuid4().hex[:8]}"
    WebhookStore(shared_database, name).add("https://a.example/", TYPES, "", Caller("an", name, "owner"))
    return name


def keep(db: Any, firm: str, number: int = len(TYPES)) -> str:
    """A job with the deliveries of its first events; gives its id."""
    job = new_job(uuid.uuid4().hex, firm, "accounts", {}, SOURCE, BY, datetime.now(UTC))
    events = [
        (n, {"id": f"{job['_id']}.{n}", "type": kind, "data": {"job": job["_id"]}})
        for n, kind in enumerate(TYPES[:number])
    ]
    for _ in range(2):  # the relay may do it twice
        keep_deliveries(db, job, events)
    return job["_id"]


def claim(queue: DeliveryQueue) -> Delivery | None:
    return queue.claim("me", LEASE, [])


def test_one_that_waits_for_an_attempt_under_way_is_looked_at_again_soon(
    shared_database: Any, firm: str
) -> None:
    """When the first ends between the look at it and the putting off of the next, nobody wakes the next."""
    queue = DeliveryQueue(shared_database)
    keep(shared_database, firm)
    assert claim(queue)["order"] == 0
    assert claim(queue) is None
    soon = datetime.now(UTC) + timedelta(seconds=LEASE / 2)
    behind = list(shared_database.deliveries.find({"order": {"$gt": 0}}))
    assert len(behind) == 2
    assert all(each["due"] < soon for each in behind)


def test_deliveries_of_a_job_come_in_order_and_those_of_two_jobs_side_by_side(
    shared_database: Any, firm: str
) -> None:
    queue = DeliveryQueue(shared_database)
    jobs = {keep(shared_database, firm) for _ in range(2)}
    for order in range(len(TYPES)):
        claimed = [claim(queue), claim(queue)]
        assert {each["job"] for each in claimed} == jobs
        assert [each["order"] for each in claimed] == [order, order]
        assert claim(queue) is None
        for each in claimed:
            queue.delivered(each, TAKEN)
    assert claim(queue) is None
    assert shared_database.deliveries.count_documents({"state": WAITING}) == 0


def test_one_that_is_tried_again_later_keeps_back_its_job_alone(shared_database: Any, firm: str) -> None:
    queue = DeliveryQueue(shared_database)
    failing, other = keep(shared_database, firm), keep(shared_database, firm, 1)
    claimed = {each["job"]: each for each in (claim(queue), claim(queue))}
    queue.failed(claimed[failing], {**TAKEN, "status": 500}, 3600.0)
    queue.delivered(claimed[other], TAKEN)
    behind = {"job": failing, "order": {"$gt": 0}}
    shared_database.deliveries.update_many(behind, {"$set": {"due": datetime.now(UTC)}})
    assert claim(queue) is None
    waiting = list(shared_database.deliveries.find({"state": WAITING}))
    assert {each["job"] for each in waiting} == {failing}
    assert all(each["due"] > datetime.now(UTC) + timedelta(minutes=59) for each in waiting)


def test_what_waits_for_a_job_is_found_in_its_order_by_an_index_and_of_no_other_firm(
    shared_database: Any, firm: str
) -> None:
    store, queue = WebhookStore(shared_database, firm), DeliveryQueue(shared_database)
    job, _another = keep(shared_database, firm), keep(shared_database, firm)
    assert [each["order"] for each in store.waiting_of(job)] == [0, 1, 2]
    queue.delivered(claim(queue), TAKEN)  # type: ignore[arg-type]
    assert [each["order"] for each in store.waiting_of(job)] == [1, 2]
    assert WebhookStore(shared_database, "another").waiting_of(job) == []
    asked = {"lane": {"$in": [f"{store.all()[0]['_id']}|{job}"]}, "state": WAITING}
    plan = str(shared_database.deliveries.find(asked).sort([("lane", 1), ("order", 1)]).explain())
    assert "'indexName': 'lane'" in plan
    assert "COLLSCAN" not in plan
