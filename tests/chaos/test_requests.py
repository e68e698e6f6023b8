"""Tests that a worker that is killed between any two steps of request and reply makes one job, and answers."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pika
import pytest

from shared.contract.routes import EXCHANGE, REQUESTED
from tests.chaos.conftest import JOB_LIMIT, World
from tests.system import eventually, token

pytestmark = pytest.mark.chaos

ROWS = [{"Account name": f"Client {n} BV", "Email": f"info@client{n}.example"} for n in range(40)]


@pytest.mark.parametrize("point", ["made", "asked", "kept", "replying", "replied"])
def test_a_request_survives_its_worker_being_killed(world: World, point: str) -> None:
    client, system = world.firm(), world.system
    faulty = world.fault("upload", "read", point, "KILL")
    system["upload"].kill()
    system.start(faulty)
    body = {"firm": client.firm, "idempotency_key": "once", "options": {"autostart": True}, "rows": ROWS}
    with pika.BlockingConnection(pika.URLParameters(world.broker_url)) as connection:
        channel = connection.channel()
        queue = channel.queue_declare("", exclusive=True).method.queue
        about = pika.BasicProperties(
            headers={"authorization": f"Bearer {token(client.firm)}"},
            reply_to=queue,
            correlation_id=uuid.uuid4().hex,
            delivery_mode=2,
        )
        channel.basic_publish(EXCHANGE, REQUESTED, json.dumps(body).encode(), about)
        eventually(lambda: not system[faulty].running, JOB_LIMIT, f"killed at {point}")
        system.start("upload")
        first = eventually(lambda: _answer(channel, queue), JOB_LIMIT, "an answer")
        job = client.wait_for(first["id"], "imported", limit=JOB_LIMIT)
        again = _answer(channel, queue)
    assert again is None or again["id"] == first["id"]
    assert [each["id"] for each in client.every("/jobs")] == [first["id"]]
    assert job["result"]["accounts_created"] == len(ROWS)


def _answer(channel: Any, queue: str) -> Any:
    body = channel.basic_get(queue, auto_ack=True)[2]
    return json.loads(body) if body else None
