"""Tests workers that stop for a while or for good: by order, or because their machine pauses."""

from __future__ import annotations

import signal
import time

import psutil
import pytest

from tests.chaos.checker import ClientList
from tests.chaos.conftest import AUTOSTART, JOB_LIMIT, World
from tests.system import eventually

pytestmark = pytest.mark.chaos

CLOCK_LIMIT = 60.0  # seconds; leases and pauses of ten minutes would take longer
DRAIN_LIMIT = 25.0  # seconds; the setting is 20


@pytest.mark.long
@pytest.mark.parametrize(
    ("service", "step", "point"),
    [("importer", "load", "committing"), ("validator", "check", "writing"), ("validator", "plan", "worked")],
)
def test_what_a_worker_writes_after_its_lease_is_over_does_not_count(
    world: World, clients_8k: ClientList, service: str, step: str, point: str
) -> None:
    client, system = world.firm(), world.system
    paused = world.fault(service, step, point, "STOP", 3)
    system.start(paused)
    job = client.upload(clients_8k.content, **AUTOSTART)
    process = psutil.Process(system[paused].pid)
    eventually(lambda: process.status() == psutil.STATUS_STOPPED, JOB_LIMIT, "it stands still")
    world.recovers(job)
    client.wait_for(job, "imported", limit=JOB_LIMIT)
    assert process.status() == psutil.STATUS_STOPPED, "the others did its work"
    assert not system.logged("lease lost; another worker has it, or the job was stopped", paused)
    system[paused].signal(signal.SIGCONT)
    eventually(
        lambda: system.logged("lease lost; another worker has it, or the job was stopped", paused),
        JOB_LIMIT,
        "the late one is refused",
    )
    world.ends_well(client, job, clients_8k)


@pytest.mark.long
@pytest.mark.parametrize(("service", "step"), [("validator", "check"), ("importer", "load")])
def test_a_worker_that_gets_sigterm_ends_its_task_first(
    world: World, clients_8k: ClientList, service: str, step: str
) -> None:
    client, system = world.firm(), world.system
    job = client.upload(clients_8k.content, **AUTOSTART)
    world.in_the_middle(job, step)
    began = time.monotonic()
    assert system[service].stop() == 0
    assert time.monotonic() - began < DRAIN_LIMIT
    assert world.db.tasks.count_documents({"job": job, "step": step, "state": "leased"}) == 0
    system.restart(service)
    world.recovers(job)
    world.ends_well(client, job, clients_8k)
    attempts = {t["attempts"] for t in world.db.tasks.find({"job": job, "step": step}, {"attempts": 1})}
    assert attempts == {1}, "no task was begun twice"


@pytest.mark.long
def test_workers_whose_clocks_are_minutes_off_work_as_others_do(world: World, clients_8k: ClientList) -> None:
    client, system = world.firm(), world.system
    steps = {
        "upload": "read",
        "mapper": "propose",
        "validator": "check",
        "importer": "load",
        "notifier": "notify",
    }
    skewed = [
        world.fault(service, step, "", "CLOCK", ahead)
        for service, step in steps.items()
        for ahead in ("600", "-600")
    ]
    for service in steps:
        system[service].stop()
    system.start(*skewed)
    began = time.monotonic()
    job = client.upload(clients_8k.content, **AUTOSTART)
    world.ends_well(client, job, clients_8k)
    assert time.monotonic() - began < CLOCK_LIMIT
    times = [line["at"] for line in client.job(job)["history"]]
    assert times == sorted(times)
    assert world.db.tasks.count_documents({"job": job, "deaths": {"$gt": 0}}) == 0
    for name in skewed:
        system[name].stop()
    system.start(*steps)
