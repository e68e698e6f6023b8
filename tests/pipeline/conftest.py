"""Fixtures: one system for all tests of the pipeline, with chunks so small that every file has several."""

from __future__ import annotations

import csv
import email
import email.policy
import io
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from pymongo import MongoClient
from pymongo.database import Database

from deploy.local.servers import MailCatcher, MongoServer, RabbitServer
from tests.describing import Answered, Differences
from tests.system import MAILS_TO_CLIENTS, TEAM, Client, System, eventually

LIMIT = 30.0
CHUNK_ROWS, MAX_BYTES = 20, 200_000

Caller = Callable[..., Client]


@pytest.fixture(scope="session")
def database(mongo_server: MongoServer) -> Iterator[Database[dict[str, Any]]]:
    """The database of the pipeline's system."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_server.url, tz_aware=True)
    with client:
        yield client[f"pipeline-{uuid.uuid4().hex[:8]}"]


@pytest.fixture(scope="package")
def system(
    database: Database[dict[str, Any]],
    mongo_server: MongoServer,
    rabbit_server: RabbitServer,
    mail_server: MailCatcher,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """All processes, running."""
    system = System(
        tmp_path_factory.mktemp("pipeline"),
        mongo_server.url_of(database.name),
        rabbit_server.add_vhost(database.name),
        mail_server.url,
        {
            "CHUNK_ROWS": str(CHUNK_ROWS),
            "MAX_UPLOAD_BYTES": str(MAX_BYTES),
            "LEASE_SECONDS": "10",
            "PURGE_SECONDS": "1",
            "LOG_LEVEL": "DEBUG",
            "WEBHOOK_NETWORKS": "127.0.0.0/8",
            **MAILS_TO_CLIENTS,
            "QUESTIONNAIRE_URL": "https://portal.example/forms?token={token}",
            "INVITATIONS_PER_MINUTE": "6000",
        },
    )
    yield system.start()
    system.end()


#: What answers had in the present test that the description of their calls has not.
DIFFERENCES = Differences()


def _look_at(answer: requests.Response) -> None:
    kind = answer.headers.get("Content-Type", "")
    parsed = answer.json() if kind.partition(";")[0].endswith("json") and answer.content else None
    method, path = str(answer.request.method), urlsplit(answer.url).path
    DIFFERENCES.look_at(Answered(method, path, answer.status_code, answer.headers, answer.content, parsed))


@pytest.fixture(autouse=True)
def described(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every answer of a test is as the description says."""
    monkeypatch.setattr(Client, "look_at", staticmethod(_look_at))
    DIFFERENCES.found.clear()
    yield
    assert not DIFFERENCES.found, "\n".join(sorted(set(DIFFERENCES.found))[:20])


@pytest.fixture
def caller(system: System) -> Iterator[Caller]:
    """Makes callers; without a firm each acts for a new one, whose team is known."""
    made: list[Client] = []

    def make(firm: str | None = None, **claims: Any) -> Client:
        client = Client(system.url, firm or f"firm-{uuid.uuid4().hex[:8]}", **claims)
        made.append(client)
        if firm is None:
            client.put("/directory", {"team_members": TEAM})
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(caller: Caller) -> Client:
    """A caller for a firm of the test's own."""
    return caller()


def table(
    header: Sequence[str], *rows: Sequence[str], delimiter: str = ",", encoding: str = "utf-8"
) -> bytes:
    """Rows as the bytes of a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([header, *rows])
    return text.getvalue().encode(encoding)


HEADER = ("Account name", "Client code", "Account tags", "First name", "Last name", "Email")


def people(count: int, bad: int = 0) -> bytes:
    """A client list of that many rows under HEADER; the last `bad` of them have no usable address."""
    rows = [
        (
            f"Bakery {n}",
            f"C{n:03d}",
            "vip",
            "Jan",
            f"Peeters {n}",
            f"jan{n}@{'' if n >= count - bad else 'example.be'}",
        )
        for n in range(count)
    ]
    return table(HEADER, *rows)


def columns(*targets: str) -> dict[str, Any]:
    """A mapping of the columns in their order."""
    return {"columns": [{"index": n, "action": "sync", "target": t} for n, t in enumerate(targets)]}


def carried(client: Client, content: bytes, name: str = "clients.csv", **options: Any) -> dict[str, Any]:
    """The job of a file that went through without a person."""
    job = client.upload(content, name, autostart=True, **options)
    return client.wait_for(job, "imported", limit=LIMIT)


def records(client: Client, kind: str) -> list[dict[str, Any]]:
    """The values of all accounts or contacts of the caller's firm."""
    return [record["fields"] for record in client.every(f"/{kind}")]


def mails_about(mail: MailCatcher, job_id: str) -> list[str]:
    """The texts of the mails that name a job, once one has come."""

    def texts() -> list[str]:
        found = []
        for path in mail.messages():
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            body = message.get_body(preferencelist=("plain",))
            text = body.get_content() if body else ""
            found += [text] if job_id in text else []
        return found

    return eventually(texts, LIMIT, f"a mail about job {job_id}")
