"""Tests imports that other services ask for over RabbitMQ: each request is answered, and none makes two jobs."""

from __future__ import annotations

import base64
import gzip
import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pika
import pytest

from deploy.local.servers import RabbitServer
from deploy.rabbitmq.setup import REQUESTER, Management, set_up_requester
from shared.contract.events import EVENTS_EXCHANGE
from shared.contract.routes import EXCHANGE, REQUESTED, parked_queue
from tests.describing import message_of, refused_by
from tests.pipeline.conftest import LIMIT, Caller, records
from tests.system import Client, System, eventually, token

ROWS = [
    {"Account name": "Cedar NV", "First name": "Ann", "Last name": "Alder", "Email": "ann@cedar.example"},
    {"Account name": "Birch BV", "First name": "Bob", "Last name": "Beech", "Email": "bob@birch.example"},
]
CSV = "Account name;First name;Last name;Email\r\nElm Ltd;Cy;Cole;cy@elm.example\r\n"


class Requester:
    """Asks for imports over a connection of its own, and waits for the answers."""

    def __init__(self, url: str) -> None:
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()
        self.answers: dict[str, Any] = {}
        self.channel.basic_consume("amq.rabbitmq.reply-to", self.take, auto_ack=True)

    def take(self, _channel: Any, _method: Any, about: Any, body: bytes) -> None:
        """Keep an answer."""
        self.answers[about.correlation_id] = json.loads(body)

    def send(self, body: Any, bearer: str | None, reply_to: str | None = "amq.rabbitmq.reply-to") -> str:
        """Publish a request; gives its correlation id."""
        identity = uuid.uuid4().hex
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        about = pika.BasicProperties(
            headers=headers, reply_to=reply_to, correlation_id=identity, content_type="application/json"
        )
        self.channel.basic_publish(EXCHANGE, REQUESTED, raw, about, mandatory=True)
        return identity

    def ask(self, body: Any, bearer: str | None) -> Any:
        """Publish a request and give the answer."""
        return self.answer_to(self.send(body, bearer))

    def answer_to(self, identity: str) -> Any:
        """Wait for the answer of a request."""
        end = time.monotonic() + LIMIT
        while identity not in self.answers:
            assert time.monotonic() < end, "no answer"
            self.connection.process_data_events(time_limit=0.1)
        return self.answers[identity]


@pytest.fixture
def requester(system: System) -> Iterator[Requester]:
    made = Requester(system["upload"].env["BROKER_URL"])
    yield made
    made.connection.close()


def request_of(client: Client, **more: Any) -> dict[str, Any]:
    given = {"firm": client.firm, "idempotency_key": uuid.uuid4().hex, "options": {"autostart": True}, **more}
    return {name: value for name, value in given.items() if value is not None}


def jobs_of(client: Client) -> list[Any]:
    return list(client.every("/jobs"))


def packed(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode())).decode()


def test_rows_are_imported_and_the_answer_is_the_job(client: Client, requester: Requester) -> None:
    answer = requester.ask(request_of(client, rows=ROWS), token(client.firm))
    assert answer["status"] == "uploaded"
    job = client.wait_for(answer["id"], "imported", limit=LIMIT)
    assert (job["result"]["accounts_created"], job["result"]["contacts_created"]) == (2, 2)
    assert {account["name"] for account in records(client, "accounts")} == {"Cedar NV", "Birch BV"}


def test_the_same_request_again_gives_the_same_job_and_another_one_is_refused(
    client: Client, requester: Requester
) -> None:
    request = request_of(client, content=packed(CSV), name="elm.csv")
    first, second = (requester.ask(request, token(client.firm)) for _ in range(2))
    assert first["id"] == second["id"]
    other = requester.ask({**request, "content": packed(CSV + "x;y;z;\r\n")}, token(client.firm))
    assert (other["code"], other["status"]) == ("idempotency_conflict", 409)
    client.wait_for(first["id"], "imported", limit=LIMIT)
    assert len(jobs_of(client)) == 1
    assert len(records(client, "accounts")) == 1


def test_a_claim_of_an_upload_can_be_used_once(client: Client, requester: Requester) -> None:
    kept = client.call("POST", "/uploads", files={"file": ("elm.csv", CSV.encode())}).json()
    assert (kept["name"], kept["bytes"]) == ("elm.csv", len(CSV))
    request = request_of(client, claim=kept["claim"])
    first, again = (requester.ask(request, token(client.firm)) for _ in range(2))
    assert first["id"] == again["id"]
    client.wait_for(first["id"], "imported", limit=LIMIT)
    assert (
        requester.ask(request_of(client, claim=kept["claim"]), token(client.firm))["code"] == "unknown_claim"
    )
    assert requester.ask(request_of(client, claim="a" * 32), token(client.firm))["code"] == "unknown_claim"


def in_parts(client: Client, content: bytes) -> str:
    """The claim of a file that was sent in two parts."""
    tus = {"Tus-Resumable": "1.0.0"}
    made = client.call("POST", "/uploads", headers={**tus, "Upload-Length": str(len(content))})
    half = len(content) // 2
    for at, part in ((0, content[:half]), (half, content[half:])):
        about = {**tus, "Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        sent = client.call(
            "PATCH", made.headers["Location"].removeprefix("/api/v1"), headers=about, data=part
        )
        assert sent.status_code == 204, sent.text
    return str(made.json()["claim"])


def test_a_file_that_came_in_parts_is_imported_over_http_and_over_rabbitmq(
    client: Client, requester: Requester
) -> None:
    over_http = client.post(
        "/jobs", {"claim": in_parts(client, CSV.encode()), "options": {"autostart": True}}
    )
    client.wait_for(over_http["id"], "imported", limit=LIMIT)
    claim = in_parts(client, CSV.replace("Elm", "Fir").encode())
    asked = requester.ask(request_of(client, claim=claim), token(client.firm))
    client.wait_for(asked["id"], "imported", limit=LIMIT)
    assert {account["name"] for account in records(client, "accounts")} == {"Elm Ltd", "Fir Ltd"}


def test_a_service_asks_for_the_person_whom_it_names(client: Client, requester: Requester) -> None:
    bearer = token("another-firm", role="service", firms=["*"], sub="crm")
    request = request_of(client, rows=ROWS, requested_by="anna@example.org")
    job = client.get(f"/jobs/{requester.ask(request, bearer)['id']}")
    assert job["created_by"] == "anna@example.org"


WRONG: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "another firm": ({}, {"firm": "another-firm"}, "not_allowed"),
    "a service without the firm": ({}, {"role": "service", "firms": ["another-firm"]}, "not_allowed"),
    "an employee without the right": ({}, {"role": "employee", "permissions": []}, "not_allowed"),
    "a token that has ended": ({}, {"exp": 1}, "token_expired"),
    "an unknown version": ({"version": "9"}, {}, "unknown_version"),
    "an unknown field": ({"priority": 1}, {}, "invalid_content"),
    "no key": ({"idempotency_key": None}, {}, "invalid_content"),
    "rows and a file": ({"content": packed(CSV)}, {}, "invalid_content"),
    "neither": ({"rows": None}, {}, "invalid_content"),
    "no gzip": ({"rows": None, "content": base64.b64encode(CSV.encode()).decode()}, {}, "invalid_content"),
    "no base64": ({"rows": None, "content": "§"}, {}, "invalid_content"),
    "no list": ({"rows": None, "content": packed("%PDF-1.7\n")}, {}, "unsupported_format"),
    "wrong options": ({"options": {"autostart": "later"}}, {}, "invalid_content"),
    "repaired rows": ({"options": {"repairs": "a" * 32}}, {}, "invalid_content"),
    "a bomb": ({"rows": None, "content": packed(" " * 3_000_000)}, {}, "too_large"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_request_is_answered_with_its_problem(
    client: Client, requester: Requester, what: str
) -> None:
    change, claims, code = WRONG[what]
    bearer = token(**{"firm": client.firm, **claims})
    answer = requester.ask(request_of(client, **{"rows": ROWS, **change}), bearer)
    assert answer["code"] == code
    assert answer["detail"]
    assert jobs_of(client) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff\xfe", b"null", b'{"firm": 7}', b"[" * 100_000])
def test_what_is_no_request_is_answered_too(client: Client, requester: Requester, body: bytes) -> None:
    assert requester.ask(body, token(client.firm))["code"] in ("not_json", "invalid_content")
    assert requester.channel.basic_get(parked_queue("upload"))[0] is None


def test_without_a_token_nothing_is_made(client: Client, requester: Requester) -> None:
    assert requester.ask(request_of(client, rows=ROWS), None)["code"] == "token_missing"
    assert requester.ask(request_of(client, rows=ROWS), "x.y.z")["code"] == "not_authenticated"
    assert jobs_of(client) == []


def test_a_message_over_the_limit_is_answered(client: Client, requester: Requester) -> None:
    rows = [{**ROWS[0], "Notes": "x" * 30_000}] * 300
    answer = requester.ask(request_of(client, rows=rows), token(client.firm))
    assert (answer["code"], answer["status"]) == ("message_too_large", 413)


@pytest.mark.parametrize("reply_to", [None, "a-queue-that-is-gone"])
def test_a_refusal_that_nobody_waits_for_is_parked_and_a_good_request_is_loaded(
    client: Client, requester: Requester, reply_to: str | None
) -> None:
    key = uuid.uuid4().hex
    requester.send(request_of(client, rows=ROWS, surprise=key), token(client.firm), reply_to)
    found = eventually(lambda: parked_with(requester, key), LIMIT, "parked")
    assert found.headers["x-carryover-reason"] == "invalid_content"
    assert "authorization" not in found.headers
    requester.send(request_of(client, rows=ROWS), token(client.firm), reply_to)
    (job,) = eventually(lambda: jobs_of(client), LIMIT, "a job")
    client.wait_for(job["id"], "imported", limit=LIMIT)


@pytest.mark.parametrize("exclusive", [True, False])
def test_an_answer_arrives_in_a_queue_of_the_requesters_own(
    client: Client, requester: Requester, exclusive: bool
) -> None:
    queue = f"requester.{uuid.uuid4().hex}"
    requester.channel.queue_declare(queue, exclusive=exclusive, auto_delete=True)
    identity = requester.send(request_of(client, rows=ROWS), token(client.firm), queue)
    requester.channel.basic_consume(queue, requester.take, auto_ack=True)
    answer = requester.answer_to(identity)
    assert answer["status"] == "uploaded"


@pytest.fixture
def restricted(system: System, rabbit_server: RabbitServer) -> Iterator[Requester]:
    """A requester with the user that the set-up makes for such services, who may do nothing else."""
    url = urlsplit(system["upload"].env["BROKER_URL"])
    broker = Management(
        f"http://127.0.0.1:{rabbit_server.ports['management']}", str(url.username), str(url.password)
    )
    set_up_requester(broker, "secret", url.path[1:])
    made = Requester(f"amqp://{REQUESTER}:secret@{url.hostname}:{url.port}{url.path}")
    yield made
    if made.connection.is_open:
        made.connection.close()


def test_the_user_of_requesters_asks_and_listens_to_events(client: Client, restricted: Requester) -> None:
    events = f"requester.{uuid.uuid4().hex}"
    restricted.channel.queue_declare(events, exclusive=True)
    restricted.channel.queue_bind(events, EVENTS_EXCHANGE, "job.imported")
    answer = restricted.ask(request_of(client, rows=ROWS), token(client.firm))
    client.wait_for(answer["id"], "imported", limit=LIMIT)
    found = eventually(lambda: restricted.channel.basic_get(events, auto_ack=True)[2], LIMIT, "an event")
    assert json.loads(found)["type"] == "job.imported"


FORBIDDEN: dict[str, Callable[[Any], object]] = {
    "publish work": lambda channel: channel.basic_publish(EXCHANGE, "work.read.main", b"{}"),
    "publish events": lambda channel: channel.basic_publish(EVENTS_EXCHANGE, "job.imported", b"{}"),
    "read work": lambda channel: channel.basic_get("carryover.upload"),
    "read requests": lambda channel: channel.basic_get("carryover.requests"),
    "read parked messages": lambda channel: channel.basic_get(parked_queue("upload")),
    "bind work": lambda channel: channel.queue_bind("requester.x", EXCHANGE, "work.#"),
    "make a queue of ours": lambda channel: channel.queue_declare("carryover.mine"),
    "remove a queue": lambda channel: channel.queue_delete("carryover.upload"),
    "empty a queue": lambda channel: channel.queue_purge("carryover.requests"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_user_of_requesters_may_not(restricted: Requester, what: str) -> None:
    restricted.channel.queue_declare("requester.x", auto_delete=True)
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refused:
        FORBIDDEN[what](restricted.channel)
    assert refused.value.reply_code == 403


def parked_with(requester: Requester, text: str) -> Any:
    """The properties of the parked message that holds a text; it is taken away."""
    _, about, body = requester.channel.basic_get(parked_queue("upload"), auto_ack=True)
    return about if body and text.encode() in body else None


def test_a_request_during_a_restart_of_the_worker_makes_one_job(
    system: System, caller: Caller, requester: Requester
) -> None:
    client = caller()
    process = system["upload"]
    request = request_of(client, rows=ROWS)
    waiting = [requester.send(request, token(client.firm)) for _ in range(3)]
    process.kill()
    waiting += [requester.send(request, token(client.firm)) for _ in range(3)]
    system.start("upload")
    assert len({requester.answer_to(identity)["id"] for identity in waiting[3:]}) == 1
    assert len(jobs_of(client)) == 1


class Tap:
    """Hears every message of the system."""

    def __init__(self, url: str) -> None:
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self.connection.channel()
        self.queue = self.channel.queue_declare("", exclusive=True).method.queue
        for exchange in (EXCHANGE, EVENTS_EXCHANGE):
            self.channel.queue_bind(self.queue, exchange, "#")

    def heard(self) -> Iterator[tuple[str, dict[str, Any], bytes]]:
        """Routing key, headers and body of each message that has come since."""
        while True:
            method, about, body = self.channel.basic_get(self.queue, auto_ack=True)
            if method is None:
                return
            yield method.routing_key, about.headers or {}, body


def test_every_message_is_as_its_description_says(
    system: System, requester: Requester, client: Client
) -> None:
    client.put("/directory", {"events": "each"})
    tap = Tap(system["upload"].env["BROKER_URL"])
    asked = request_of(client, rows=ROWS)
    job = requester.ask(asked, token(client.firm))
    client.wait_for(job["id"], "imported", limit=LIMIT)
    client.put("/directory", {"events": "summary"})
    second = requester.ask(
        request_of(client, rows=[{**ROWS[0], "Phone": "+32470123456"}]), token(client.firm)
    )
    client.wait_for(second["id"], "imported", limit=LIMIT)
    client.call("POST", f"/jobs/{job['id']}/undo")
    client.wait_for(job["id"], "undone", limit=LIMIT)
    refusal = requester.ask({**asked, "rows": ROWS[:1]}, token(client.firm))
    expected = {
        *("job.requested", "job.uploaded", "job.imported", "job.undoing", "job.undone", "account.created"),
        *("contact.created", "records.changed", "work.read.fast", "work.load.fast", "work.undo.fast"),
    }
    seen: set[str] = set()

    def heard() -> bool:
        for key, headers, body in tap.heard():
            described = message_of(key)
            assert refused_by(described["payload"], json.loads(body)) == [], key
            assert refused_by(described.get("headers", {}), headers) == [], key
            seen.add(key)
        return expected <= seen

    try:
        eventually(heard, LIMIT, "all kinds of messages")
    finally:
        tap.connection.close()
        assert expected - seen == set()
    answers = {"job": job, "problem": refusal}
    assert {name: refused_by(message_of(name)["payload"], answer) for name, answer in answers.items()} == {
        "job": [],
        "problem": [],
    }
