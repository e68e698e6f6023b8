"""Tests that a listener gets the events of the real system: each once, in order, after a cut and after a restart."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from carryover_client import Cursor, Requester, Unreachable, alisten, listen, remove_queue
from deploy.local.ports import free_port
from tests.pipeline.conftest import LIMIT
from tests.pipeline.test_client_requests import ROWS, Cutting
from tests.system import Client, System, eventually, token

STATUSES = ["uploaded", "read", "proposed", "mapped", "validated", "confirmed", "imported"]


@pytest.fixture
def broker(system: System) -> str:
    """The url of the system's broker."""
    return system["upload"].env["BROKER_URL"]


@pytest.fixture
def queue(broker: str, database: Any) -> Iterator[str]:
    """A durable queue that keeps the events of the test; those of earlier tests are published before."""
    eventually(lambda: database.jobs.find_one({"unpublished": True}) is None, LIMIT, "no event waits")
    name = f"requester.{uuid.uuid4().hex}"
    assert list(listen(broker, name, ["job.*"], idle=0)) == []
    yield name
    remove_queue(broker, name)


@pytest.fixture
def job(client: Client, broker: str, queue: str) -> str:
    """A job that went through while nobody listened."""
    with Requester(broker, token(client.firm), client.firm) as requester:
        made = requester.enqueue(ROWS, {"autostart": True})["id"]
    client.wait_for(made, "imported", limit=LIMIT)
    return made


def until_imported(broker: str, queue: str, job: str, cursor: Cursor) -> list[object]:
    """The statuses of a job, as a listener gets them until the last."""
    found = []
    for event in listen(broker, queue, ["job.*"], cursor, idle=LIMIT):
        found += [event["data"]["status"]] if event["subject"] == job else []
        if found and found[-1] == "imported":
            break
    return found


def test_the_events_of_a_job_come_in_order(broker: str, queue: str, job: str) -> None:
    assert until_imported(broker, queue, job, Cursor()) == STATUSES


def test_what_was_not_acknowledged_comes_again_and_what_was_handled_does_not(
    broker: str, queue: str, job: str
) -> None:
    for event in listen(broker, queue, ["job.*"], idle=LIMIT):
        if event["subject"] == job and event["data"]["status"] == "proposed":
            break  # it is not handled: it comes again
    cursor = Cursor()
    assert until_imported(broker, queue, job, cursor) == STATUSES[2:]
    again = Cursor.load(cursor.text())
    assert [
        one["data"]["status"]
        for one in listen(broker, queue, ["job.*"], again, idle=0.5)
        if one["subject"] == job
    ] == ["imported"]


def test_a_cut_in_the_middle_loses_and_doubles_nothing(broker: str, queue: str, job: str) -> None:
    with Cutting(broker, b"job.mapped", True, 1) as way:
        assert until_imported(way.url, queue, job, Cursor()) == STATUSES
    assert way.cuts == 1


def test_events_reach_a_program_with_asyncio(broker: str, queue: str, job: str) -> None:
    async def main() -> list[object]:
        found: list[object] = []
        async for event in alisten(broker, queue, ["job.validated", "job.imported"], idle=LIMIT):
            found += [event["data"]["status"]] if event["subject"] == job else []
            if len(found) == 2:
                break
        return found

    assert asyncio.run(main()) == ["validated", "imported"]


def test_without_a_queue_only_new_events_come(broker: str, queue: str, job: str) -> None:
    assert until_imported(broker, queue, job, Cursor()) == STATUSES
    assert list(listen(broker, types=["job.*"], idle=0.5)) == []


def test_a_broker_that_is_away_is_reported_after_the_patience() -> None:
    with pytest.raises(Unreachable):
        next(listen(f"amqp://a:b@127.0.0.1:{free_port()}/", patience=0.1))
