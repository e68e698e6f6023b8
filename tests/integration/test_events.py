"""Tests the events that another service gets about jobs and records, on a real broker and database."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pika
import pytest

from deploy.local.ports import free_port
from deploy.local.servers import RabbitServer
from services.importer import app as importer
from services.importer.handlers import load
from services.notifier import app as notifier
from shared.contract.events import CONTENT_TYPE, EVENTS_EXCHANGE
from shared.contract.job import Status
from shared.plumbing import bus
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.mongo import in_transaction
from shared.plumbing.relay import Relay, waiting
from shared.plumbing.settings import Settings
from tests.integration.carrying import SETTINGS, Carried, everything
from tests.integration.choosing import mapping_of
from tests.integration.conftest import token
from tests.system import eventually

COLUMNS = ("account.name", "contact.first_name", "contact.last_name", "contact.email")
ROWS = [
    ["Bakery Peeters", "An", "Peeters", "an@peeters.example"],
    ["Garage Dubois", "Luc", "Dubois", "luc@dubois.example"],
    ["Flowers Jansen", "Mia", "Jansen", "mia@jansen.example"],
    ["Bikes Maes", "Jan", "Maes", "jan@maes.example"],
]
PERSONAL = {cell.casefold() for row in ROWS for name in row for cell in (name, *name.split())} | {"anna"}


class Listener:
    """A queue of another service, bound to all events of Carryover."""

    def __init__(self, url: str) -> None:
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self.connection.channel()
        self.queue = self.channel.queue_declare("", exclusive=True).method.queue
        self.channel.queue_bind(self.queue, EVENTS_EXCHANGE, "#")
        self.properties: list[Any] = []

    def heard(self) -> list[dict[str, Any]]:
        """What came since it was last asked; events that were confirmed are on the queue."""
        events = []
        while True:
            method, properties, body = self.channel.basic_get(self.queue, auto_ack=True)
            if method is None:
                return events
            event = json.loads(body)
            assert (properties.content_type, properties.message_id) == (CONTENT_TYPE, event["id"])
            assert method.routing_key == event["type"]
            events.append(event)


@pytest.fixture(scope="module")
def broker(rabbit_server: RabbitServer) -> str:
    """A virtual host with the exchanges."""
    url = rabbit_server.add_vhost(f"events-{uuid.uuid4().hex[:8]}")
    bus.declare(url)
    return url


@pytest.fixture
def listener(broker: str) -> Iterator[Listener]:
    """Another service that listens from now on."""
    made = Listener(broker)
    yield made
    made.connection.close()


@pytest.fixture
def relay(shared_database: Any, broker: str) -> Iterator[Relay]:
    """The relay, which here goes a round when a test asks for it."""
    shared_database.jobs.update_many({}, {"$unset": {"unpublished": "", "claim": ""}})
    shared_database.outbox.delete_many({})
    made = relay_to(shared_database, broker)
    yield made
    made.publisher.discard()


def relay_to(db: Any, url: str) -> Relay:
    """A relay of its own for a broker."""
    return Relay(db, bus.EventPublisher(url), threading.Event(), replace(SETTINGS, relay_seconds=0.05))


def all_is_published(relay: Relay) -> int:
    """Go rounds until nothing is to be published; gives how many the broker was too slow for.

    The relay goes on after such a round, and what it publishes again may have been published before.
    """
    slow = 0

    def published() -> bool:
        nonlocal slow
        try:
            relay.publish()
        except bus.Unpublished:
            slow += 1
        return not relay.watch.unpublished()[0] and not relay.store.waiting()[0]

    eventually(published, 60, "everything is published")
    return slow


def carried(db: Any, events: str | None) -> Carried:
    """A job of a firm that chose so."""
    firm = f"firm-{uuid.uuid4().hex[:8]}"
    if events:
        DirectoryStore(db, firm).replace_reference({"events": events}, None)
    return Carried(db, firm, ROWS, mapping_of(*COLUMNS), size=2)


def types(events: list[dict[str, Any]]) -> list[str]:
    """What the events are."""
    return [event["type"] for event in events]


def records(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events about records alone."""
    return [event for event in events if not event["type"].startswith("job.")]


def is_silent_about_people(events: list[dict[str, Any]]) -> bool:
    """Whether no cell, nor anybody's name, is in any event."""
    text = json.dumps(events).casefold()
    return not [word for word in PERSONAL if re.search(rf"\b{re.escape(word)}\b", text)]


def test_a_listener_hears_every_status_in_the_order_of_the_history_and_one_summary(
    shared_database: Any, relay: Relay, listener: Listener
) -> None:
    job = carried(shared_database, None)
    job.checked()
    all_is_published(relay)
    assert types(listener.heard()) == ["job.uploaded", "job.validated"]
    job.confirmed().run("load")
    job.concluded("load", Status.IMPORTED)
    all_is_published(relay)
    events = listener.heard()
    assert types(events) == ["job.confirmed", "records.changed", "job.imported"]
    assert [event["id"] for event in events] == [f"{job.id}.2", f"{job.id}.3.records", f"{job.id}.3"]
    numbers = events[1]["data"]["numbers"]
    assert {name: number for name, number in numbers.items() if number} == {
        "accounts_created": 4, "contacts_created": 4, "links_created": 4,
    }  # fmt: skip
    assert events[2]["data"]["numbers"]["rows_loaded"] == 4
    job.undone()
    all_is_published(relay)
    events = listener.heard()
    assert types(events) == ["job.undoing", "records.changed", "job.undone"]
    numbers = events[1]["data"]["numbers"]
    assert {name: number for name, number in numbers.items() if number} == {
        "accounts_removed": 4, "contacts_removed": 4, "links_removed": 4,
    }  # fmt: skip
    assert is_silent_about_people(events)
    all_is_published(relay)
    assert listener.heard() == []
    assert waiting(shared_database) == {"jobs": (0, 0.0), "records": (0, 0.0)}


def test_going_back_is_published_each_time(shared_database: Any, relay: Relay, listener: Listener) -> None:
    job = carried(shared_database, None).checked()
    assert job.jobs.go_back(job.job, Status.MAPPED, by="anna", service="mapper", parts={})
    job.checked()
    all_is_published(relay)
    events = listener.heard()
    assert [(event["type"], event["data"]["revision"]) for event in events] == [
        ("job.uploaded", 1), ("job.validated", 1), ("job.mapped", 2), ("job.validated", 2),
    ]  # fmt: skip
    assert len({event["id"] for event in events}) == 4


def test_a_firm_that_wants_each_record_hears_each_once_and_before_the_end_of_the_import(
    shared_database: Any, relay: Relay, listener: Listener
) -> None:
    job = carried(shared_database, "each").loaded(order=[1, 0])
    all_is_published(relay)
    events = listener.heard()
    assert types(events)[-1] == "job.imported"
    assert Counter(types(records(events))) == {"account.created": 4, "contact.created": 4}
    kept = everything(shared_database, job.firm)
    ids = {identity.rpartition("/")[2] for kind in ("accounts", "contacts") for identity in kept[kind]}
    assert {event["subject"] for event in records(events)} == ids
    assert len({event["id"] for event in events}) == len(events)
    assert is_silent_about_people(events)

    more = mapping_of(*COLUMNS, "contact.phone")
    second = Carried(shared_database, job.firm, [[*ROWS[0], "+32470123456"]], more).loaded()
    all_is_published(relay)
    updates = records(listener.heard())
    assert types(updates) == ["contact.updated"]
    for event in updates:
        record = kept_now(shared_database, job.firm, event)
        assert event["data"]["job"] == second.id
        assert event["data"]["revision"] == record["revision"]

    second.undone()
    all_is_published(relay)
    back = records(listener.heard())
    assert {event["subject"] for event in back} == {event["subject"] for event in updates}
    job.undone()
    all_is_published(relay)
    removed = records(listener.heard())
    assert Counter(types(removed)) == {"account.removed": 4, "contact.removed": 4}
    everything_published = [event["id"] for event in [*events, *updates, *back, *removed]]
    assert len(set(everything_published)) == len(everything_published)


def kept_now(db: Any, firm: str, event: dict[str, Any]) -> dict[str, Any]:
    """The record of an event as it is now; a removed one has no revision any more."""
    kind = event["type"].partition(".")[0]
    return db[f"{kind}s"].find_one({"_id": f"{firm}/{event['subject']}"}) or {"revision": None}


def test_a_firm_that_wants_nothing_of_records_hears_of_the_job_alone(
    shared_database: Any, relay: Relay, listener: Listener
) -> None:
    carried(shared_database, "none").loaded().undone()
    all_is_published(relay)
    assert types(listener.heard()) == [
        "job.uploaded", "job.validated", "job.confirmed", "job.imported", "job.undoing", "job.undone",
    ]  # fmt: skip


def test_only_each_costs_a_write_with_the_chunk(shared_database: Any, relay: Relay) -> None:
    for choice, documents in (("none", 0), ("summary", 0), ("each", 2)):
        carried(shared_database, choice).checked().confirmed().run("load")
        assert shared_database.outbox.count_documents({}) == documents


def test_what_was_chosen_when_loading_began_holds_to_its_end(
    shared_database: Any, relay: Relay, listener: Listener
) -> None:
    job = carried(shared_database, "each").checked().confirmed()
    job.run("load", [0])
    DirectoryStore(shared_database, job.firm).replace_reference({"events": "none"}, None)
    job.run("load", [1])
    job.concluded("load", Status.IMPORTED)
    all_is_published(relay)
    assert len(records(listener.heard())) == 8
    job.undone()
    all_is_published(relay)
    assert records(listener.heard()) == []


def test_a_chunk_whose_transaction_breaks_off_publishes_nothing(
    shared_database: Any, relay: Relay, listener: Listener
) -> None:
    job = carried(shared_database, "each").checked().confirmed()
    done = load(job.work("load", 0))

    def broken(session: Any) -> None:
        assert done.also
        done.also(session)
        raise RuntimeError("the worker ends here")

    with pytest.raises(RuntimeError, match="ends here"):
        in_transaction(shared_database, broken)
    all_is_published(relay)
    assert records(listener.heard()) == []


def test_an_import_stopped_half_way_is_published_with_what_was_loaded_once_the_last_chunk_has_ended(
    shared_database: Any, relay: Relay, listener: Listener
) -> None:
    job = carried(shared_database, "summary").checked().confirmed()
    job.run("load", [0])
    chunk = {"job": job.id, "step": "load", "n": 1}
    shared_database.tasks.update_one(chunk, {"$set": {"state": "leased"}})
    job.cancelled()
    relay.publish()
    assert types(listener.heard()) == ["job.uploaded", "job.validated", "job.confirmed"]
    shared_database.tasks.delete_one(chunk)
    all_is_published(relay)
    events = listener.heard()
    assert types(events) == ["records.changed", "job.cancelled"]
    assert events[0]["data"]["numbers"]["accounts_created"] == 2


def test_events_wait_for_a_broker_that_is_away(
    shared_database: Any, relay: Relay, listener: Listener
) -> None:
    away = relay_to(shared_database, f"amqp://nobody:nothing@127.0.0.1:{free_port()}/")
    carried(shared_database, "each").loaded()
    with pytest.raises(bus.Unpublished):
        away.publish()
    assert waiting(shared_database)["records"][0] == 2
    all_is_published(relay)
    events = listener.heard()
    assert len(records(events)) == 8
    assert types(events)[-1] == "job.imported"


def test_nobody_needs_to_listen(shared_database: Any, relay: Relay) -> None:
    carried(shared_database, "each").loaded()
    all_is_published(relay)
    assert waiting(shared_database) == {"jobs": (0, 0.0), "records": (0, 0.0)}


def test_what_waits_is_among_the_metrics(shared_database: Any, relay: Relay) -> None:
    carried(shared_database, "each").loaded()
    app = notifier.create_app(SETTINGS)
    app.extensions["carryover"]._db = shared_database
    shown = app.test_client().get("/metrics").text
    assert 'carryover_events_waiting{what="jobs"} 1.0' in shown
    assert 'carryover_events_waiting{what="records"} 2.0' in shown
    oldest = re.search(r'carryover_events_oldest_seconds\{what="records"\} (\S+)', shown)
    assert oldest
    assert float(oldest[1]) > 0


def test_two_relays_publish_everything_once(
    shared_database: Any, broker: str, relay: Relay, listener: Listener
) -> None:
    other = relay_to(shared_database, broker)
    jobs = [carried(shared_database, "each").loaded() for _ in range(4)]
    threads = [threading.Thread(target=one.publish) for one in (relay, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    all_is_published(relay)
    other.publisher.discard()
    events = listener.heard()
    ids = Counter(event["id"] for event in events)
    assert set(ids.values()) == {1}
    for job in jobs:
        own = [event["type"] for event in events if event["subject"] == job.id]
        assert own == ["job.uploaded", "job.validated", "job.confirmed", "job.imported"]


def test_thousands_of_events_are_confirmed_together(
    shared_database: Any, relay: Relay, listener: Listener
) -> None:
    rows = [[f"Firm {n}", "", "", ""] for n in range(1100)]
    job = Carried(shared_database, f"firm-{uuid.uuid4().hex[:8]}", rows, mapping_of(*COLUMNS), size=1100)
    DirectoryStore(shared_database, job.firm).replace_reference({"events": "each"}, None)
    job.loaded()
    slow = all_is_published(relay)
    ids = [event["id"] for event in records(listener.heard())]
    assert len(set(ids)) == 1100
    assert len(ids) == 1100 or slow


def test_an_edit_through_the_api_is_published_where_the_firm_wants_each_record(
    shared_database: Any, relay: Relay, listener: Listener
) -> None:
    job = carried(shared_database, "each").loaded()
    all_is_published(relay)
    account = next(e["subject"] for e in listener.heard() if e["type"] == "account.created")
    settings = Settings(
        "", "memory://", "", "http://carry.example", "a secret of the tests, long enough for HS256"
    )
    app = importer.create_app(settings)
    app.extensions["carryover"]._db = shared_database
    client, by = app.test_client(), {"Authorization": f"Bearer {token(job.firm)}"}
    path = f"/api/v1/accounts/{account}"
    assert client.patch(path, json={"name": "Anna's bakery"}, headers=by).status_code == 200
    assert client.delete(path, headers=by).status_code == 204
    assert client.delete(path, headers=by).status_code == 404
    all_is_published(relay)
    events = listener.heard()
    assert [(e["type"], e["data"]["revision"], e["data"]["job"]) for e in events] == [
        ("account.updated", 2, None), ("account.removed", 3, None),
    ]  # fmt: skip
    assert is_silent_about_people(events)
    answer = client.put("/api/v1/directory", json={"events": "loudly"}, headers=by)
    assert answer.status_code == 422
    assert client.put("/api/v1/directory", json={"events": "none"}, headers=by).json["events"] == "none"
