"""Tests crashes and restarts of RabbitMQ and MongoDB in the middle of a job."""

from __future__ import annotations

import pytest

from tests.chaos.checker import ClientList
from tests.chaos.conftest import AUTOSTART, JOB_LIMIT, World
from tests.system import WORKERS, eventually

pytestmark = pytest.mark.chaos


def test_a_job_survives_a_crash_and_a_stop_of_the_broker(world: World, clients_8k: ClientList) -> None:
    client, system = world.firm(), world.system
    job = client.upload(clients_8k.content, **AUTOSTART)
    world.in_the_middle(job, "check")
    world.rabbit.kill()
    world.rabbit.start()
    world.recovers(job)
    world.in_the_middle(job, "load")
    before = {name: len(system.logged("broker connection lost", name)) for name in WORKERS}
    world.rabbit.stop()
    eventually(  # so many attempts take some ten seconds
        lambda: all(len(system.logged("broker connection lost", n)) >= before[n] + 6 for n in WORKERS),
        JOB_LIMIT,
        "every worker has tried to connect several times",
    )
    world.rabbit.start()
    world.recovers(job)
    assert all(system[name].running for name in WORKERS)
    world.ends_well(client, job, clients_8k)


def test_a_file_sent_while_the_broker_is_away_is_imported_when_it_is_back(
    world: World, clients_100: ClientList
) -> None:
    client = world.firm()
    world.rabbit.kill()
    job = client.upload(clients_100.content, **AUTOSTART)
    world.rabbit.start()
    world.recovers(job)
    world.ends_well(client, job, clients_100)


@pytest.mark.parametrize("step", ["check", "load"])
def test_a_job_survives_a_crash_of_the_database(world: World, clients_8k: ClientList, step: str) -> None:
    client = world.firm()
    job = client.upload(clients_8k.content, **AUTOSTART)
    world.in_the_middle(job, step)
    world.mongo.kill()
    world.mongo.start()
    world.recovers(job)
    assert all(world.system[name].running for name in WORKERS)
    world.ends_well(client, job, clients_8k)
