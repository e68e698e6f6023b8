"""Fixtures: real servers, started at first use, once for a run, in a temporary folder.

Servers named by MONGODB_URL or BROKER_URL are used instead. Where RabbitMQ cannot be had, the broker is
``memory://`` and the run says so.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from pymongo import MongoClient
from xdist.remote import Producer

from deploy.local.servers import MailCatcher, MongoServer, RabbitServer
from tests.groups import Groups, turn_of

TESTS = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests whose systems take longest, so that processes side by side end together."""
    items.sort(key=lambda item: turn_of(item.path.relative_to(TESTS)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups:
    """Share the tests out by `Groups`, whatever ``--dist`` says."""
    return Groups(config, log)


@pytest.fixture(scope="session")
def mongo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """The run's own MongoDB, a replica set of one node."""
    server = MongoServer(tmp_path_factory.mktemp("mongod")).start()
    yield server
    server.kill()  # its data is thrown away; a polite stop writes all of it first


@pytest.fixture(scope="session")
def rabbit_installed() -> None:
    """RabbitMQ is installed; tests that need it are skipped, with the reason, where it cannot be had."""
    if not RabbitServer.available() and not RabbitServer.install():
        pytest.skip("RabbitMQ cannot be had here: not installed, and no root to install it")


@pytest.fixture(scope="session")
def rabbit_server(rabbit_installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitServer]:
    """The run's own RabbitMQ."""
    server = RabbitServer(tmp_path_factory.mktemp("rabbitmq"), management=True).start()
    yield server
    server.kill()  # nothing is worth a polite stop, which takes 6 s


@pytest.fixture(scope="session")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailCatcher]:
    """The run's own mail catcher."""
    with MailCatcher(tmp_path_factory.mktemp("mail")) as server:
        yield server


@pytest.fixture(scope="session")
def _mongo_client(request: pytest.FixtureRequest) -> Iterator[tuple[str, MongoClient[dict[str, Any]]]]:
    """The url of the run's MongoDB and a client to drop databases with."""
    url = os.environ.get("MONGODB_URL") or request.getfixturevalue("mongo_server").url
    client: MongoClient[dict[str, Any]] = MongoClient(url)
    with client:
        yield url, client


@pytest.fixture
def mongodb_url(_mongo_client: tuple[str, MongoClient[dict[str, Any]]]) -> Iterator[str]:
    """The url of a database that is this test's alone and is dropped after it."""
    url, client = _mongo_client
    database = f"test_{uuid.uuid4().hex[:12]}"
    yield urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
    client.drop_database(database)


@pytest.fixture
def broker_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The url of a broker that is this test's alone: a virtual host of its own, removed after it.

    A broker given by BROKER_URL is used as it is.
    """
    given = os.environ.get("BROKER_URL")
    if given or not (RabbitServer.available() or RabbitServer.install()):
        yield given or "memory://"
        return
    server: RabbitServer = request.getfixturevalue("rabbit_server")
    vhost = f"test-{uuid.uuid4().hex[:12]}"
    yield server.add_vhost(vhost)
    if server.running:  # a test may end with the broker down
        server.remove_vhost(vhost)


@pytest.fixture
def mail_catcher(mail_server: MailCatcher) -> MailCatcher:
    """The mail catcher, empty."""
    mail_server.clear()
    return mail_server


def pytest_report_header() -> list[str]:
    """Say where the servers come from."""
    given = [name for name in ("MONGODB_URL", "BROKER_URL") if os.environ.get(name)]
    broker = "private" if RabbitServer.available() else "memory:// unless it can be installed"
    return [f"servers: given {', '.join(given) or 'none'}; RabbitMQ {broker}"]
