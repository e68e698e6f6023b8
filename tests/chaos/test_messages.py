"""Tests that doubled, shuffled, outdated, lost or senseless messages change no number."""

from __future__ import annotations

import json

import pika
import pytest

from deploy.operating.parked_messages import about
from shared.plumbing.bus import ParkedMessage, ParkedQueues
from tests.chaos.checker import ClientList
from tests.chaos.conftest import AUTOSTART, JOB_LIMIT, World
from tests.chaos.tap import EXCHANGE, Tap
from tests.system import eventually

pytestmark = pytest.mark.chaos


def test_messages_delivered_again_shuffled_and_late_double_nothing(
    world: World, clients_8k: ClientList
) -> None:
    client = world.firm()
    with Tap(world.broker_url, 2) as tap:
        job = client.upload(clients_8k.content)
        client.wait_for(job, "proposed", limit=JOB_LIMIT)
        client.post(f"/jobs/{job}/map")
        world.in_the_middle(job, "check")
        mapping = client.get(f"/jobs/{job}/mapping")
        client.put(f"/jobs/{job}/mapping", {"columns": mapping["columns"]})  # revision 2 from here on
        client.post(f"/jobs/{job}/map")
        client.wait_for(job, "validated", limit=JOB_LIMIT)
        client.post(f"/jobs/{job}/confirm")
        client.wait_for(job, "imported", limit=JOB_LIMIT)
        world.mail_is_sent(job)
    assert {json.loads(body)["data"]["revision"] for _, body in tap.seen} == {1, 2}
    assert tap.repeated > 2 * len(tap.seen)
    world.ends_well(client, job, clients_8k)


@pytest.mark.long
def test_messages_lost_from_all_queues_are_sent_again(world: World, clients_8k: ClientList) -> None:
    client = world.firm()
    job = client.upload(clients_8k.content, **AUTOSTART)
    for step in ("check", "plan", "load"):
        world.in_the_middle(job, step)
        world.rabbit.purge_all()
        world.recovers(job)
    world.ends_well(client, job, clients_8k)


def parked(world: World, service: str) -> list[ParkedMessage]:
    """The messages that are parked for a service."""
    with ParkedQueues(world.broker_url) as queues:
        return list(queues.look(service, 100))


def a_message(job: str, firm: str, **changes: object) -> bytes:
    data = {"job_id": job, "firm": firm, "revision": 1, "step": "load", "chunk": 0, "lane": "main"}
    envelope = {
        "specversion": "1.0",
        "id": "1",
        "source": "/tests",
        "type": "carryover.work.v1",
        "time": "2026-01-01T00:00:00Z",
        "data": {**data, **changes},
    }
    return json.dumps(envelope).encode()


def test_messages_that_cannot_be_understood_are_parked_and_harm_no_other(
    world: World, clients_8k: ClientList
) -> None:
    client = world.firm()
    job = client.upload(clients_8k.content, **AUTOSTART)
    world.in_the_middle(job, "check")
    poison = {
        "not_json": [b"no json", b"\xff\xfe\x00", b"", b"[" * 50_000],
        "unknown_version": [a_message(job, client.firm).replace(b"work.v1", b"work.v9")],
        "invalid_message": [
            a_message(job, client.firm, step="bake"),
            a_message(job, client.firm, step="notify"),
            a_message(job, client.firm, chunk="0"),
            a_message(job, client.firm, more="than agreed"),
            a_message(job, client.firm, revision=2**70),
            b"[]",
            b"null",
            b"{}",
        ],
        "message_too_large": [b"x" * (1 << 20)],
    }
    expected = sorted(code for code, bodies in poison.items() for _ in bodies)
    connection = pika.BlockingConnection(pika.URLParameters(world.broker_url))
    channel = connection.channel()
    for bodies in poison.values():
        for body in bodies:
            channel.basic_publish(EXCHANGE, "work.load.main", body)
    # these can be understood, and name nothing that exists or is this firm's
    channel.basic_publish(EXCHANGE, "work.load.main", a_message("no-such-job", client.firm))
    channel.basic_publish(EXCHANGE, "work.load.main", a_message(job, "another-firm"))
    channel.basic_publish(EXCHANGE, "work.load.main", a_message(job, client.firm, revision=2**40))

    def reasons() -> list[str]:
        return sorted(about(message)["reason"] for message in parked(world, "importer"))

    eventually(lambda: reasons() == expected, 30, "every poison is parked with its reason")
    assert reasons() == expected, "looking takes nothing away"
    channel.queue_purge("carryover.importer.parked")
    connection.close()
    world.ends_well(client, job, clients_8k)


@pytest.mark.long
def test_a_handler_that_always_fails_ends_its_job_with_a_reason_and_harms_no_other(
    world: World, clients_8k: ClientList
) -> None:
    unlucky, lucky, system = world.firm(), world.firm(), world.system
    system["validator"].kill()
    system.start(world.fault("validator", "check", "", "RAISE", unlucky.firm))
    failing = unlucky.upload(clients_8k.content, **AUTOSTART)
    good = lucky.upload(clients_8k.content, **AUTOSTART)
    job = unlucky.wait_for(failing, "failed", limit=JOB_LIMIT)
    assert job["reason"]["code"] == "too_many_failures"
    assert job["reason"]["message"]
    world.mail_is_sent(failing)
    assert len(world.checker.mails(failing)) == 1
    assert world.checker.loaded(unlucky.firm) == {"accounts": 0, "contacts": 0, "links": 0}
    found = [about(message) for message in parked(world, "validator")]
    assert found
    assert all("Failure" in one["reason"] and one["job"] == failing for one in found)
    world.purge_parked()
    world.ends_well(lucky, good, clients_8k)
    world.checker.quiet(failing)
