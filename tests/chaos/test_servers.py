"""Tests crashes and restarts of RabbitMQ and MongoDB in the middle of a job."""

from __future__ import annotations

import pytest

from tests.chaos.checker import ClientList
from tests.chaos.conftest import AUTOSTART, JOB_LIMIT, World
from tests.chaos.events import firm_that_wants_each, is_complete, listen
from tests.system import WORKERS, eventually

pytestmark = pytest.mark.chaos
#: seconds within which a job says that its work cannot begin
DELAY_SHOWN = 10.0


@pytest.mark.long
def test_jobs_and_events_survive_a_crash_of_the_broker_and_files_sent_meanwhile(
    world: World, clients_8k: ClientList, clients_100: ClientList
) -> None:
    under_way, meanwhile = world.firm(), firm_that_wants_each(world)
    listen(world)
    job = under_way.upload(clients_8k.content, **AUTOSTART)
    world.in_the_middle(job, "check")
    waits = "events wait for the broker"
    before = len(world.system.logged(waits, "notifier"))
    world.rabbit.kill()
    sent = meanwhile.upload(clients_100.content, **AUTOSTART)
    eventually(
        lambda: len(world.system.logged(waits, "notifier")) > before, JOB_LIMIT, "the relay finds nobody"
    )
    eventually(
        lambda: (meanwhile.job(sent)["waiting_for"]["delay"] or {}).get("code") == "messages_away",
        DELAY_SHOWN,
        "the job says what it waits for",
    )
    world.rabbit.start()
    world.recovers(job)
    world.recovers(sent)
    meanwhile.wait_for(sent, "imported", limit=JOB_LIMIT)
    is_complete(world, meanwhile, sent, clients_100)
    world.ends_well(meanwhile, sent, clients_100)
    world.ends_well(under_way, job, clients_8k)


@pytest.mark.long
def test_a_job_survives_a_stop_of_the_broker(world: World, clients_8k: ClientList) -> None:
    client, system = world.firm(), world.system
    job = client.upload(clients_8k.content, **AUTOSTART)
    world.in_the_middle(job, "load")
    before = {name: len(system.logged("broker connection lost", name)) for name in WORKERS}
    world.rabbit.stop()
    eventually(
        lambda: all(len(system.logged("broker connection lost", n)) >= before[n] + 4 for n in WORKERS),
        JOB_LIMIT,
        "every worker has tried to connect several times",
    )
    world.rabbit.start()
    world.recovers(job)
    assert all(system[name].running for name in WORKERS)
    world.ends_well(client, job, clients_8k)


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
