"""Tests that a request of the client package survives a restart of the broker between publish and answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from carryover_client import Requester
from tests.chaos.conftest import JOB_LIMIT, World
from tests.system import eventually, token

pytestmark = pytest.mark.chaos

ROWS = [{"Account name": f"Client {n} BV", "Email": f"info@client{n}.example"} for n in range(40)]


@pytest.mark.long
def test_a_request_survives_a_restart_of_the_broker(world: World) -> None:
    client, system = world.firm(), world.system
    with (
        Requester(world.broker_url, token(client.firm), client.firm) as requester,
        ThreadPoolExecutor(3) as pool,
    ):
        requester.enqueue(ROWS[:1], key="before")  # the connection is made
        system["upload"].kill()
        asked = [
            pool.submit(requester.enqueue, ROWS, {"autostart": True}, key="once", timeout=JOB_LIMIT)
            for _ in range(3)
        ]
        link = requester._links._link
        assert link is not None
        eventually(
            lambda: len(link.waiting) == 3 and all(one.confirmed for one in link.waiting.values()),
            JOB_LIMIT,
            "confirmed",
        )
        world.rabbit.kill()
        world.rabbit.start()
        system.restart()
        jobs = {one.result(JOB_LIMIT)["id"] for one in asked}
    assert len(jobs) == 1
    (job,) = jobs
    done = client.wait_for(job, "imported", limit=JOB_LIMIT)
    assert done["result"]["accounts_created"] == len(ROWS)
    assert len(list(client.every("/jobs"))) == 2
