"""Tests that no webhook is lost, and none comes under two ids, when the process that posts them is killed."""

from __future__ import annotations

import pytest

from tests.chaos.checker import ClientList
from tests.chaos.conftest import AUTOSTART, JOB_LIMIT, World
from tests.receiving import receiver
from tests.system import eventually

pytestmark = pytest.mark.chaos

BEFORE_THE_END = ("uploaded", "read", "proposed", "mapped", "validated", "confirmed")
COMING = [f"job.{status}" for status in (*BEFORE_THE_END, "imported")]


@pytest.mark.long
@pytest.mark.parametrize("point", ["posted", "posting", "published", "publishing"])
def test_a_sender_that_is_killed_loses_no_event_and_keeps_their_order(
    world: World, clients_100: ClientList, point: str
) -> None:
    client, system = world.firm(), world.system
    with receiver() as there:
        made = client.post("/webhooks", {"url": there.url, "events": COMING})
        system["notifier"].kill()
        faulty = world.fault("notifier", "notify", point, "KILL", 1 if point.startswith("publish") else 3)
        system.start(faulty)
        job = client.upload(clients_100.content, **AUTOSTART)
        client.wait_for(job, "imported", limit=JOB_LIMIT)
        eventually(lambda: not system[faulty].running, JOB_LIMIT, f"killed at {point}")
        system.start("notifier")
        path = f"/webhooks/{made['id']}/deliveries?state=delivered"
        eventually(lambda: len(client.get(path)["items"]) == len(COMING), JOB_LIMIT, "all deliveries")
        assert all(came.signed_by(made["secret"]) for came in there.came)
        first_of_each = dict.fromkeys(came.headers["webhook-id"] for came in there.came)
        by_id = {came.headers["webhook-id"]: came.event["type"] for came in there.came}
        assert [by_id[identity] for identity in first_of_each] == COMING
        doubled = len(there.came) - len(first_of_each)
        assert doubled == (1 if point == "posted" else 0)
