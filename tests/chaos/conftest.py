"""Fixtures: one system for all faults; each test has a new firm, and every process runs when it begins."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pika
import pytest
from pymongo import MongoClient
from pymongo.database import Database

from deploy.local.servers import MailCatcher, MongoServer, RabbitServer
from tests.chaos.checker import Checker, ClientList
from tests.system import MAILS_TO_CLIENTS, Client, System, eventually
from tools.client_lists import TEAM, generate

SEED = 20
# a lease ends soon after its worker was killed, and each list has some forty chunks
SETTINGS = {
    "LEASE_SECONDS": "2.5",
    "SWEEP_SECONDS": "0.5",
    "CHUNK_ROWS": "200",
    "WEBHOOK_NETWORKS": "127.0.0.0/8",
    **MAILS_TO_CLIENTS,
    "INVITATIONS_PER_MINUTE": "6000",
}
RECOVERY_LIMIT = 30.0  # seconds from the part being back to the next sign of progress
JOB_LIMIT = 120.0
AUTOSTART: dict[str, Any] = {"autostart": True, "max_invalid": {"share": 0.1}}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all variants of a fault but the first as `long`: `make test` leaves them to `make chaos`."""
    seen: set[str] = set()
    for item in items:
        test = f"{item.path}::{item.originalname}" if isinstance(item, pytest.Function) else item.nodeid
        if "tests/chaos/" in item.path.as_posix() and test in seen:
            item.add_marker("long")
        seen.add(test)


@dataclass
class World:
    """The servers, the system on them and what looks at both from outside."""

    mongo: MongoServer
    rabbit: RabbitServer
    mail: MailCatcher
    system: System
    checker: Checker
    clients: list[Client]
    broken: bool = False

    @property
    def db(self) -> Database[dict[str, Any]]:
        """The system's database."""
        return self.checker.db

    @property
    def broker_url(self) -> str:
        """The system's virtual host."""
        return self.rabbit.url_of(self.checker.vhost)

    def purge_parked(self) -> None:
        """Throw away what was set aside."""
        with pika.BlockingConnection(pika.URLParameters(self.broker_url)) as connection:
            channel = connection.channel()
            for name in self.checker.queues():
                if name.endswith(".parked"):
                    channel.queue_purge(name)

    def firm(self, **claims: Any) -> Client:
        """A caller for a firm that nobody knows yet, with its team in its directory."""
        client = Client(self.system.url, f"firm-{uuid.uuid4().hex[:8]}", **claims)
        self.clients.append(client)
        members = [{"id": mail, "name": mail.split("@")[0], "email": mail} for mail in TEAM]
        client.put("/directory", {"team_members": members})
        return client

    def fault(self, name: str, step: str, point: str, what: str, nth: int | str = 1) -> str:
        """Name a worker that strikes at a point of a step; it is not started yet."""
        service = name.split("-")[0]
        faulty = self.system.add_worker(service, f"-{uuid.uuid4().hex[:4]}", "tests.chaos.faulty_worker")
        self.system[faulty].command += [service, step, point, what, str(nth)]
        return faulty

    def in_the_middle(self, job_id: str, step: str, done: int = 2, or_later: bool = False) -> None:
        """Wait until some chunks of a step are done, and one is leased; `or_later`: or the job is past that."""
        these = {"job": job_id, "step": step}

        def busy() -> bool:
            here = self.db.tasks.count_documents({**these, "state": "done"}) >= done
            if here and or_later:
                return True
            return here and self.db.tasks.find_one({**these, "state": "leased"}) is not None

        eventually(busy, JOB_LIMIT, f"{step} is under way")
        late = not self.db.tasks.find_one({**these, "state": {"$ne": "done"}})
        assert or_later or not late, "too late: the step is over"

    def recovers(self, job_id: str, struck: Callable[[], bool] = lambda: False) -> None:
        """Fail unless the job shows progress, or meets the next fault, within the limit from now on."""
        before = self._progress(job_id)
        eventually(
            lambda: self._progress(job_id) != before or self._is_over(job_id) or struck(),
            RECOVERY_LIMIT,
            f"progress after the fault; still {before}",
        )

    def _progress(self, job_id: str) -> tuple[Any, ...]:
        job = self.db.jobs.find_one({"_id": job_id}) or {}
        done = self.db.tasks.count_documents({"job": job_id, "state": "done"})
        return job["status"], job["revision"], done

    def _is_over(self, job_id: str) -> bool:
        job = self.db.jobs.find_one({"_id": job_id}) or {}
        return job["status"] == "imported" and not job["owed"]

    def mail_is_sent(self, job_id: str) -> None:
        """Wait until the notice of the job is out."""
        done = {"job": job_id, "step": "notify", "state": "done"}
        eventually(lambda: self.db.tasks.find_one(done), JOB_LIMIT, "the mail is sent")

    def ends_well(self, client: Client, job_id: str, sent: ClientList) -> None:
        """The job is imported and reported by mail, with exactly the expected numbers."""
        client.wait_for(job_id, "imported", limit=JOB_LIMIT)
        self.mail_is_sent(job_id)
        self.checker.imported(client, job_id, sent)


@pytest.fixture(scope="session")
def clients_8k(tmp_path_factory: pytest.TempPathFactory) -> ClientList:
    """A client list of 8,000 rows, 40 chunks; 3 in 100 rows are invalid."""
    path = tmp_path_factory.mktemp("lists") / "clients.csv"
    return ClientList.of(path, generate(8_000, SEED, path), SEED)


@pytest.fixture(scope="session")
def clients_20k(tmp_path_factory: pytest.TempPathFactory) -> ClientList:
    """A client list of 20,000 rows: checking them takes longer than a small import."""
    path = tmp_path_factory.mktemp("lists") / "many.csv"
    return ClientList.of(path, generate(20_000, SEED, path), SEED)


@pytest.fixture(scope="session")
def clients_100(tmp_path_factory: pytest.TempPathFactory) -> ClientList:
    """A client list of 100 rows."""
    path = tmp_path_factory.mktemp("lists") / "few.csv"
    return ClientList.of(path, generate(100, SEED, path), SEED)


@pytest.fixture(scope="package")
def new_world(
    mongo_server: MongoServer,
    rabbit_server: RabbitServer,
    mail_server: MailCatcher,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[], World]]:
    """Gives the world of the run; a test that failed leaves it to be made anew."""
    worlds: list[World] = []
    mongo_client: MongoClient[dict[str, Any]] = MongoClient(
        mongo_server.url, tz_aware=True, retryReads=True, serverSelectionTimeoutMS=30_000
    )

    def make(folder: Path) -> World:
        name = f"chaos-{uuid.uuid4().hex[:8]}"
        broker_url = rabbit_server.add_vhost(name)
        system = System(folder, mongo_server.url_of(name), broker_url, mail_server.url, SETTINGS)
        checker = Checker(mongo_client[name], rabbit_server, name, mail_server)
        return World(mongo_server, rabbit_server, mail_server, system, checker, [])

    def current() -> World:
        for server in (mongo_server, rabbit_server, mail_server):
            server.start()
        if worlds and worlds[-1].broken:
            worlds[-1].system.end()
        if not worlds or worlds[-1].broken:
            worlds.append(make(tmp_path_factory.mktemp("system")))
        worlds[-1].system.restart(*("web", "upload", "mapper", "validator", "importer", "notifier"))
        return worlds[-1]

    yield current
    for world in worlds:
        world.system.end()
    mongo_client.close()


@pytest.fixture
def world(new_world: Callable[[], World], request: pytest.FixtureRequest) -> Iterator[World]:
    """The whole system, every process of it running and idle."""
    world = new_world()
    world.mail.clear()
    world.broken = True  # until the test has ended
    yield world
    for client in world.clients:
        client.close()
    world.clients.clear()
    world.broken = request.node.stash.get(FAILED, False)
    for name in [name for name in world.system.processes if "-" in name]:
        world.system[name].kill()
        del world.system.processes[name]


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember for the fixture whether the test failed."""
    report = yield
    if report.when == "call":  # type: ignore[attr-defined]
        item.stash[FAILED] = report.failed  # type: ignore[attr-defined]
    return report
