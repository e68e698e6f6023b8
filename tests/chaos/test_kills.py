"""Tests that a worker that is killed at any moment of its work loses nothing and doubles nothing."""

from __future__ import annotations

import random

import pytest

from tests.chaos.checker import ClientList
from tests.chaos.conftest import AUTOSTART, JOB_LIMIT, World
from tests.system import WORKERS, eventually

pytestmark = pytest.mark.chaos

MANY_DEATHS = 8  # a task has five attempts

MOMENTS = {
    "upload": [("read", "writing", 7), ("read", "worked", 1), ("read", "moved", 1)],
    "mapper": [("propose", "worked", 1), ("propose", "moved", 1)],
    "validator": [
        ("check", "worked", 7),
        ("check", "last", 1),
        ("match", "worked", 1),
        ("plan", "worked", 7),
        ("plan", "moved", 1),
    ],
    "importer": [("load", "committing", 40), ("load", "concluded", 1), ("load", "moved", 1)],
    "notifier": [("notify", "claimed", 1), ("notify", "worked", 1)],
}


@pytest.mark.parametrize(
    "services", [("importer", "notifier"), ("validator",), ("upload", "mapper")], ids=" and ".join
)
def test_a_job_survives_its_workers_being_killed_at_every_point_of_their_work(
    world: World, clients_8k: ClientList, services: tuple[str, ...]
) -> None:
    client, system = world.firm(), world.system
    chains = {
        service: [world.fault(service, step, point, "KILL", nth) for step, point, nth in MOMENTS[service]]
        for service in services
    }
    for service, chain in chains.items():
        system[service].kill()
        system.start(chain[0])
    job = client.upload(clients_8k.content, **AUTOSTART)
    for place, (service, chain) in enumerate(chains.items()):
        # a service further on may have been struck meanwhile; it is started again when its turn has come
        later = [waiting[0] for waiting in list(chains.values())[place + 1 :]]
        for faulty, then in zip(chain, [*chain[1:], service], strict=True):
            eventually(
                lambda name=faulty: not system[name].running,  # type: ignore[misc]
                JOB_LIMIT,
                f"{system[faulty].command[3:]}",
            )
            system.start(then)
            world.recovers(
                job,
                struck=lambda names=(then, *later): any(not system[name].running for name in names),  # type: ignore[misc]
            )
    world.ends_well(client, job, clients_8k)


@pytest.mark.long
def test_a_job_survives_workers_being_killed_at_random(world: World, clients_8k: ClientList) -> None:
    client, system, chance = world.firm(), world.system, random.Random(1)
    job = client.upload(clients_8k.content, **AUTOSTART)
    for step in ("check", "check", "plan", "load", "load"):
        world.in_the_middle(job, step, chance.randrange(1, 6), or_later=True)
        victims = chance.sample(WORKERS, 3)
        for name in victims:
            system[name].kill()
        system.restart()
        world.recovers(job)
    world.ends_well(client, job, clients_8k)


@pytest.mark.long
def test_a_job_survives_more_deaths_of_the_workers_of_one_task_than_it_has_attempts(
    world: World, clients_100: ClientList
) -> None:
    client, system = world.firm(), world.system
    system["importer"].stop()
    job = client.upload(clients_100.content, **AUTOSTART)
    client.wait_for(job, "confirmed", limit=JOB_LIMIT)
    for death in range(1, MANY_DEATHS + 1):
        dying = world.fault("importer", "load", "committing", "KILL", 1)
        system[dying].start()
        eventually(lambda dying=dying: not system[dying].running, JOB_LIMIT, f"death {death}")  # type: ignore[misc]
    system.start("importer")
    world.ends_well(client, job, clients_100)
    (task,) = world.db.tasks.find({"job": job, "step": "load"})
    assert (task["attempts"], task["deaths"]) == (1, MANY_DEATHS)
