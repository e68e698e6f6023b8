"""Tests that an import is undone completely and reported once when workers and messages fail meanwhile."""

from __future__ import annotations

import pytest

from shared.contract.job import UNDO_NUMBERS
from tests.chaos.checker import ClientList
from tests.chaos.conftest import AUTOSTART, JOB_LIMIT, World
from tests.chaos.tap import Tap
from tests.system import Client, eventually

pytestmark = pytest.mark.chaos

MOMENTS = [
    ("claimed", 1), ("writing", 5), ("committing", 9), ("worked", 7), ("last", 1), ("concluded", 1), ("moved", 1),
]  # fmt: skip


def imported(world: World, client: Client, sent: ClientList) -> str:
    job = client.upload(sent.content, **AUTOSTART)
    world.ends_well(client, job, sent)
    return job


def is_undone(world: World, client: Client, job: str, sent: ClientList) -> None:
    """Nothing of the import is left, and the numbers say so everywhere."""
    client.wait_for(job, "undone", limit=JOB_LIMIT)
    notice = {"job": job, "step": "notify", "revision": 2, "state": "done"}
    eventually(lambda: world.db.tasks.find_one(notice), JOB_LIMIT, "the mail is sent")
    world.checker.quiet(job)
    expected = sent.expected
    shown = client.job(job)
    assert world.checker.loaded(client.firm) == {"accounts": 0, "contacts": 0, "links": 0}
    assert shown["undo"] == {
        **dict.fromkeys(UNDO_NUMBERS, 0),
        "rows_reversed": expected.valid,
        "rows_nothing": expected.invalid,
        "accounts_removed": expected.accounts,
        "contacts_removed": expected.contacts,
        "links_removed": expected.valid,
        "tags_removed": 3,
    }
    assert client.get("/directory")["tags"] == []
    assert len(world.checker.mails(job)) == 2, "one mail when it was imported, one when it was undone"
    assert [notice["status"] for notice in shown["notices"]] == ["imported", "undone"]
    lines = [(line["status"], line["revision"]) for line in shown["history"]]
    assert len(lines) == len(set(lines)), f"a status twice: {lines}"
    assert world.checker.parked() == 0


def test_an_undo_survives_the_importer_being_killed_at_every_point_of_its_work(
    world: World, clients_8k: ClientList
) -> None:
    client, system = world.firm(), world.system
    job = imported(world, client, clients_8k)
    system["importer"].kill()
    chain = [world.fault("importer", "undo", point, "KILL", nth) for point, nth in MOMENTS]
    system.start(chain[0])
    client.post(f"/jobs/{job}/undo")
    for faulty, then in zip(chain, [*chain[1:], "importer"], strict=True):
        eventually(
            lambda name=faulty: not system[name].running,  # type: ignore[misc]
            JOB_LIMIT,
            f"{system[faulty].command[3:]}",
        )
        system.start(then)
        world.recovers(job, struck=lambda name=then: not system[name].running)  # type: ignore[misc]
    is_undone(world, client, job, clients_8k)


@pytest.mark.long
def test_an_undo_survives_messages_that_come_again_and_messages_that_are_lost(
    world: World, clients_8k: ClientList
) -> None:
    client = world.firm()
    job = imported(world, client, clients_8k)
    with Tap(world.broker_url, 5):
        client.post(f"/jobs/{job}/undo")
        world.in_the_middle(job, "undo")
        world.rabbit.purge_all()
        client.wait_for(job, "undone", limit=JOB_LIMIT)
    is_undone(world, client, job, clients_8k)


@pytest.mark.long
def test_an_import_stopped_at_any_moment_is_undone_whole(world: World, clients_8k: ClientList) -> None:
    client = world.firm()
    job = client.upload(clients_8k.content, **AUTOSTART)
    world.in_the_middle(job, "load")
    client.post(f"/jobs/{job}/cancel")
    client.post(f"/jobs/{job}/undo")  # a chunk may still be on its way
    shown = client.wait_for(job, "undone", limit=JOB_LIMIT)
    world.checker.quiet(job)
    assert world.checker.loaded(client.firm) == {"accounts": 0, "contacts": 0, "links": 0}
    assert shown["undo"]["rows_reversed"] == shown["result"]["rows_loaded"] > 0


@pytest.mark.long
def test_an_undo_that_was_given_up_can_be_asked_for_again(world: World, clients_100: ClientList) -> None:
    client, system = world.firm(), world.system
    job = imported(world, client, clients_100)
    system["importer"].kill()
    broken = world.fault("importer", "undo", "", "RAISE", client.firm)
    system.start(broken)
    client.post(f"/jobs/{job}/undo")
    failed = client.wait_for(job, "failed", limit=JOB_LIMIT)
    assert failed["reason"]["code"] == "too_many_failures"
    assert failed["result"]["rows_loaded"] == clients_100.expected.valid
    notice = {"job": job, "step": "notify", "revision": 2, "state": "done"}
    eventually(lambda: world.db.tasks.find_one(notice), JOB_LIMIT, "the mail is sent")
    system[broken].kill()
    world.purge_parked()
    system.start("importer")
    client.post(f"/jobs/{job}/undo")
    client.wait_for(job, "undone", limit=JOB_LIMIT)
    world.checker.quiet(job)
    assert world.checker.loaded(client.firm) == {"accounts": 0, "contacts": 0, "links": 0}
    statuses = [line["status"] for line in client.job(job)["history"]]
    assert statuses[-5:] == ["imported", "undoing", "failed", "undoing", "undone"]
