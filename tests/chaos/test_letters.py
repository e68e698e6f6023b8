"""Tests that no letter to a client is lost, and none goes out twice under two ids, when its sender is killed."""

from __future__ import annotations

import email
import email.policy
from collections import Counter

import pytest

from tests.chaos.checker import ClientList
from tests.chaos.conftest import AUTOSTART, JOB_LIMIT, RECOVERY_LIMIT, World
from tests.system import Client, eventually

pytestmark = pytest.mark.chaos

INVITE = {"contacts": {"contact.email": {"send_invitation": True}}}


@pytest.mark.parametrize("point", ["mailed", "mailing", "noted", "searched", "searching"])
def test_a_sender_that_is_killed_loses_no_letter_and_sends_none_under_two_ids(
    world: World, clients_100: ClientList, point: str
) -> None:
    client, system = world.firm(), world.system
    system["notifier"].kill()
    faulty = world.fault("notifier", "notify", point, "KILL", 1 if point.startswith("search") else 3)
    system.start(faulty)
    job = client.upload(clients_100.content, **AUTOSTART, settings=INVITE)
    client.wait_for(job, "imported", limit=JOB_LIMIT)
    eventually(lambda: not system[faulty].running, JOB_LIMIT, f"killed at {point}")
    before = states(client)["sent"]
    system.start("notifier")
    eventually(lambda: states(client)["sent"] > before, RECOVERY_LIMIT, "another letter is sent")
    eventually(lambda: set(states(client)) <= {"sent", "not_sent"}, JOB_LIMIT, "all letters are sent")
    mails = letters(world)
    assert len(mails) == states(client)["sent"] > 50
    assert sum(mails.values()) - len(mails) == (1 if point == "mailed" else 0)
    addresses = Counter(address for address, _ in mails)
    assert set(addresses.values()) == {1}


def states(client: Client) -> Counter[str]:
    """What became of the invitations of all contacts that have an address and may log in."""
    found = client.every("/contacts")
    return Counter(each["invitation"]["status"] for each in found)


def letters(world: World) -> Counter[tuple[str, str]]:
    """The letters that the mail server took, by address and Message-ID."""
    messages = [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in world.mail.messages()
    ]
    ours = [each for each in messages if ".invitation." in each["Message-ID"]]
    return Counter((str(each["To"]), str(each["Message-ID"])) for each in ours)
