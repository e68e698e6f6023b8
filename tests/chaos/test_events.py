"""Tests that every event is published when the relay fails; an event sent twice has the same id."""

from __future__ import annotations

import pytest

from tests.chaos.checker import ClientList
from tests.chaos.conftest import AUTOSTART, JOB_LIMIT, World
from tests.chaos.events import firm_that_wants_each, is_complete, listen
from tests.system import eventually

pytestmark = pytest.mark.chaos


@pytest.mark.long
@pytest.mark.parametrize("point", ["publishing", "published"])
def test_a_relay_killed_before_or_after_it_published_loses_nothing(
    world: World, clients_100: ClientList, point: str
) -> None:
    client, system = firm_that_wants_each(world), world.system
    listen(world)
    system["notifier"].kill()
    job = client.upload(clients_100.content, **AUTOSTART)
    client.wait_for(job, "imported", limit=JOB_LIMIT)
    for _ in range(
        2
    ):  # at the records first, and then, as these are still in the dead one's hand, at the job
        faulty = world.fault("notifier", "notify", point, "KILL")
        system.start(faulty)
        eventually(lambda name=faulty: not system[name].running, JOB_LIMIT, "it is killed")  # type: ignore[misc]
    system.start("notifier")
    published_again = is_complete(world, client, job, clients_100)
    assert published_again or point == "publishing"
    world.ends_well(client, job, clients_100)
