"""Tests the client package over RabbitMQ: requests, cuts at every place, refusals, time-outs, and the events."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pika
import pytest

from carryover_client import (
    AsyncRequester,
    CarryoverError,
    IdempotencyConflict,
    InvalidContent,
    NotAllowed,
    NotTaken,
    Requester,
    TimedOut,
    Unreachable,
    listed,
)
from carryover_client import Client as Carryover
from deploy.local.ports import free_port
from deploy.local.servers import RabbitServer
from tests.pipeline.conftest import LIMIT, people
from tests.system import Client, System, token

ROWS = [{"Account name": f"Client {n} NV", "Email": f"ann@client{n}.example"} for n in range(3)]


@pytest.fixture
def broker(system: System) -> str:
    """The url of the system's broker."""
    return system["upload"].env["BROKER_URL"]


@pytest.fixture
def requester(broker: str, client: Client) -> Iterator[Requester]:
    """A requester for the firm of `client`."""
    with Requester(broker, token(client.firm), client.firm) as made:
        yield made


def ids(client: Client) -> list[str]:
    return [job["id"] for job in client.every("/jobs")]


class Cutting(threading.Thread):
    """A way to the broker that is cut where a text passes: before it, or after it; each way once."""

    def __init__(self, url: str, mark: bytes, before: bool, times: int) -> None:
        super().__init__(daemon=True)
        parts = urlsplit(url)
        self.target = (parts.hostname or "", parts.port or 0)
        self.mark, self.before, self.left, self.cuts = mark, before, times, 0
        self.server = socket.create_server(("127.0.0.1", 0))
        port = self.server.getsockname()[1]
        self.url = urlunsplit(parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}"))

    def run(self) -> None:
        """Take connections until the server is closed."""
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            far = socket.create_connection(self.target)
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := one.recv(65536):
                found = self.left > 0 and self.mark in part
                if not (found and self.before):
                    other.sendall(part)
                if found:
                    self.left, self.cuts = self.left - 1, self.cuts + 1
                    break
        for each in (one, other):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def __enter__(self) -> Cutting:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.close()


def test_rows_a_path_and_bytes_are_imported(client: Client, requester: Requester, tmp_path: Path) -> None:
    path = tmp_path / "clients – été.csv"
    path.write_bytes(people(2))
    jobs = [requester.enqueue(each, {"autostart": True}) for each in (ROWS, path, str(path), people(4))]
    names = [job["source"]["name"] for job in jobs]
    assert names == ["rows.csv", path.name, path.name, "clients.csv"]
    loaded = [client.wait_for(job["id"], "imported", limit=LIMIT)["source"]["rows"] for job in jobs]
    assert loaded == [3, 2, 2, 4]


CUTS = {"the request": b"idempotency_key", "the answer": b'"history"', "the log-in": b"\x0a\x00\x0b"}


@pytest.mark.parametrize("mark", CUTS)
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_connection_that_is_cut_makes_one_job(client: Client, broker: str, mark: str, before: bool) -> None:
    with (
        Cutting(broker, CUTS[mark], before, 2) as way,
        Requester(way.url, token(client.firm), client.firm) as requester,
    ):
        job = requester.enqueue(ROWS, timeout=LIMIT)
    assert way.cuts >= 1
    assert ids(client) == [job["id"]]


def test_the_same_key_gives_the_same_job_through_message_and_upload(
    client: Client, system: System, broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        Carryover(system.url, token(client.firm)) as api,
        Requester(broker, token(client.firm), client.firm, api=api) as requester,
    ):
        first = requester.enqueue(ROWS, key="once")
        monkeypatch.setattr(listed, "MOST_BYTES", 10)
        sent: list[tuple[int, int]] = []
        again = requester.enqueue(ROWS, key="once", on_progress=lambda *how_far: sent.append(how_far))
        third = requester.enqueue(ROWS, key="once")
        with pytest.raises(IdempotencyConflict):
            requester.enqueue(ROWS[:1], key="once")
        large = requester.enqueue(people(3))
    assert first["id"] == again["id"] == third["id"]
    assert sent[-1][0] == sent[-1][1] > 0
    assert large["source"]["name"] == "clients.csv"
    assert sorted(ids(client)) == sorted([first["id"], large["id"]])


def test_a_large_list_without_the_api_is_refused_with_what_to_do(
    requester: Requester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listed, "MOST_BYTES", 10)
    with pytest.raises(CarryoverError, match="`api`"):
        requester.enqueue(ROWS)


@pytest.mark.parametrize(
    "fault", [AttributeError("None"), AssertionError(), IndexError("pop"), OSError("reset")]
)
def test_a_fault_of_the_library_makes_one_job_too(
    client: Client, requester: Requester, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    real, faults = pika.BlockingConnection.process_data_events, [fault, fault]

    def process(*args: Any, **named: Any) -> Any:
        if faults:
            raise faults.pop()
        return real(*args, **named)

    monkeypatch.setattr(pika.BlockingConnection, "process_data_events", process)
    job = requester.enqueue(ROWS, timeout=LIMIT)
    assert (ids(client), faults) == ([job["id"]], [])


def test_many_threads_share_one_connection(client: Client, requester: Requester) -> None:
    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(lambda n: requester.enqueue(ROWS, key=f"k{n % 4}")["id"], range(16)))
    assert len(set(jobs)) == 4
    assert jobs[:4] * 4 == jobs


def test_a_program_with_asyncio_asks_too(client: Client, broker: str) -> None:
    async def main() -> list[str]:
        async with AsyncRequester(broker, lambda: token(client.firm), client.firm) as requester:
            jobs = await asyncio.gather(*(requester.enqueue(ROWS, key="k") for _ in range(5)))
        return [job["id"] for job in jobs]

    assert len(set(asyncio.run(main()))) == 1


def test_refusals_are_the_errors_of_http(client: Client, broker: str, requester: Requester) -> None:
    with pytest.raises(InvalidContent) as wrong:
        requester.enqueue(ROWS, {"autostart": "later"})
    assert [one["place"] for one in wrong.value.errors] == ["options.autostart"]
    with Requester(broker, token(client.firm), "another") as other, pytest.raises(NotAllowed) as refused:
        other.enqueue(ROWS)
    assert (refused.value.code, refused.value.status) == ("not_allowed", 403)


def test_a_service_asks_for_a_person(client: Client, broker: str) -> None:
    bearer = token("another", role="service", firms=["*"])
    with Requester(broker, bearer, client.firm) as requester:
        assert requester.enqueue(ROWS, requested_by="an@office.example")["created_by"] == "an@office.example"


@pytest.fixture
def empty_broker(rabbit_server: RabbitServer) -> Iterator[str]:
    """A virtual host that nobody has set up."""
    name = f"empty-{uuid.uuid4().hex[:8]}"
    yield rabbit_server.add_vhost(name)
    rabbit_server.remove_vhost(name)


def test_a_broker_without_the_queues_is_reported_at_once(empty_broker: str) -> None:
    with Requester(empty_broker, "t", "f") as requester, pytest.raises(NotTaken):
        requester.enqueue(ROWS)
    with pika.BlockingConnection(pika.URLParameters(empty_broker)) as connection:
        connection.channel().exchange_declare("carryover", "topic")
    with Requester(empty_broker, "t", "f") as requester, pytest.raises(NotTaken, match="no queue"):
        requester.enqueue(ROWS)


def test_what_is_not_answered_in_time_can_be_asked_again(empty_broker: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(empty_broker)) as connection:
        channel = connection.channel()
        channel.exchange_declare("carryover", "topic")
        channel.queue_declare("q")
        channel.queue_bind("q", "carryover", "job.requested")
        with Requester(empty_broker, "t", "f") as requester:
            with pytest.raises(TimedOut, match="the broker has the request") as late:
                requester.enqueue(ROWS, timeout=0.5)
            _, about, body = channel.basic_get("q", auto_ack=True)
    assert json.loads(body)["idempotency_key"] == late.value.key
    assert about.delivery_mode == 2


def test_a_broker_that_is_away_or_refuses_is_reported(broker: str) -> None:
    parts = urlsplit(broker)
    away = f"amqp://a:b@127.0.0.1:{free_port()}/"
    with Requester(away, "t", "f") as requester, pytest.raises(TimedOut, match="did not take it") as late:
        requester.enqueue(ROWS, timeout=0.6)
    assert late.value.key
    for wrong in (
        urlunsplit(parts._replace(netloc=f"{parts.username}:wrong@{parts.hostname}:{parts.port}")),
        urlunsplit(parts._replace(path="/no-such-vhost")),
    ):
        began = time.monotonic()
        with Requester(wrong, "t", "f") as requester, pytest.raises(Unreachable, match="refuses us"):
            requester.enqueue(ROWS, timeout=LIMIT)
        assert time.monotonic() - began < LIMIT / 2


def test_a_closed_requester_says_so(broker: str) -> None:
    requester: Any = Requester(broker, "t", "f")
    requester.close()
    with pytest.raises(CarryoverError, match="closed"):
        requester.enqueue(ROWS)
