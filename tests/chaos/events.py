"""Another service that listens to all events, and what it must have heard in the end."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pika

from shared.contract.events import EVENTS_EXCHANGE
from tests.chaos.checker import ClientList
from tests.chaos.conftest import JOB_LIMIT, World
from tests.system import Client, eventually

QUEUE = "another-service"
STATUSES = ("uploaded", "read", "proposed", "mapped", "validated", "confirmed", "imported")


def listen(world: World) -> None:
    """Bind a queue of another service, which outlives the broker, to all events; it is empty."""
    with pika.BlockingConnection(pika.URLParameters(world.broker_url)) as connection:
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True)
        channel.queue_bind(QUEUE, EVENTS_EXCHANGE, "#")
        channel.queue_purge(QUEUE)


def heard(world: World, firm: str) -> list[dict[str, Any]]:
    """The events that the other service got about a firm, in order; it listens no longer."""
    events = []
    with pika.BlockingConnection(pika.URLParameters(world.broker_url)) as connection:
        channel = connection.channel()
        while (got := channel.basic_get(QUEUE, auto_ack=True))[0] is not None:
            events.append(json.loads(got[2]))
        channel.queue_delete(QUEUE)
    return [event for event in events if event["data"]["firm"] == firm]


def all_published(world: World, firm: str) -> bool:
    """Whether nothing of a firm is to be published any more."""
    return not world.db.jobs.count_documents({"firm": firm, "unpublished": True}) and not (
        world.db.outbox.count_documents({"firm": firm})
    )


def firm_that_wants_each(world: World) -> Client:
    """A caller for a firm that wants to hear of each record."""
    client = world.firm()
    client.put("/directory", {"events": "each"})
    return client


def is_complete(world: World, client: Client, job: str, sent: ClientList) -> list[str]:
    """Fail unless everything was published, in order where it has one; gives the ids of what was published again."""
    eventually(lambda: all_published(world, client.firm), JOB_LIMIT, "everything is published")
    events = heard(world, client.firm)
    once = {event["id"]: event for event in events}
    kinds = Counter(event["type"] for event in once.values())
    assert [event["data"]["status"] for event in once.values() if event["subject"] == job] == list(STATUSES)
    assert kinds["account.created"] == sent.expected.accounts
    assert kinds["contact.created"] == sent.expected.contacts
    assert set(kinds) == {f"job.{status}" for status in STATUSES} | {"account.created", "contact.created"}
    assert all(once[event["id"]] == event for event in events), "what is published again is the same"
    return [identity for identity, n in Counter(event["id"] for event in events).items() if n > 1]
