"""Tests that a key makes one job: of many requests at once, over HTTP and over RabbitMQ."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from pymongo.database import Database

from tests.pipeline.conftest import LIMIT
from tests.pipeline.test_requests import Requester, request_of, requester
from tests.system import Client, System, token

__all__ = ["requester"]
AT_ONCE = 12
ROWS = [{"Account name": "Cedar NV", "First name": "Ann", "Last name": "Alder", "Email": "ann@cedar.example"}]
OPTIONS = {"autostart": True}


def asked_at_once(client: Client, key: str, bodies: list[dict[str, Any]]) -> list[requests.Response]:
    """The answers to requests that are sent at once, each over a connection of its own."""
    headers = {"Authorization": client.session.headers["Authorization"], "Idempotency-Key": key}

    def ask(body: dict[str, Any]) -> requests.Response:
        return requests.post(f"{client.url}/jobs", json=body, headers=headers, timeout=LIMIT)

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(ask, bodies))


def kept_of(client: Client, database: Database[dict[str, Any]]) -> tuple[int, int]:
    """How many jobs and files a firm has."""
    files = database["files.files"].count_documents({"_id": {"$regex": f"^{client.firm}/[0-9a-f]+$"}})
    return database.jobs.count_documents({"firm": client.firm}), files


def test_the_same_request_many_times_at_once_makes_one_job(
    client: Client, database: Database[dict[str, Any]]
) -> None:
    answers = asked_at_once(client, "once", [{"rows": ROWS}] * AT_ONCE)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len({answer.headers["Location"] for answer in answers}) == 1
    replayed = [answer.headers.get("Idempotency-Replayed", "") for answer in answers]
    assert sorted(replayed) == ["", *["true"] * (AT_ONCE - 1)]
    assert kept_of(client, database) == (1, 1)


def test_of_different_requests_at_once_under_one_key_one_wins(
    client: Client, database: Database[dict[str, Any]]
) -> None:
    bodies = [{"rows": ROWS, "name": f"{n}.csv"} for n in range(AT_ONCE)]
    answers = asked_at_once(client, "one-of-them", bodies)
    assert sorted(answer.status_code for answer in answers) == [202, *[409] * (AT_ONCE - 1)]
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {problem["code"] for problem in refused} == {"idempotency_conflict"}
    assert kept_of(client, database) == (1, 1)


@pytest.mark.parametrize("first", ["HTTP", "RabbitMQ"])
def test_a_key_counts_over_http_and_over_rabbitmq_alike(
    system: System, client: Client, requester: Requester, first: str
) -> None:
    key = uuid.uuid4().hex
    message = request_of(client, rows=ROWS, idempotency_key=key, options=OPTIONS)

    def over_http() -> tuple[str, str]:
        (answer,) = asked_at_once(client, key, [{"rows": ROWS, "options": OPTIONS}])
        return answer.json()["id"], answer.headers.get("Idempotency-Replayed", "")

    def over_rabbitmq() -> tuple[str, str]:
        return requester.ask(message, token(client.firm))["id"], ""

    before, after = (over_http, over_rabbitmq) if first == "HTTP" else (over_rabbitmq, over_http)
    job, _ = before()
    assert after() == (job, "" if first == "HTTP" else "true")
    other = requester.ask({**message, "name": "another.csv"}, token(client.firm))
    assert (other["status"], other["code"]) == (409, "idempotency_conflict")
    assert json.loads(json.dumps(other))["request_id"]
