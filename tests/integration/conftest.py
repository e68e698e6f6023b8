"""Fixtures: a firm with a job at every status where a job can stay, made by the real workers, which then stop."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import jwt
import pytest
from bson.codec_options import CodecOptions
from flask import Flask
from flask.testing import FlaskClient
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern
from werkzeug.test import TestResponse

from deploy.local import origin
from deploy.local.servers import MailCatcher, RabbitServer
from shared.plumbing.job_store import new_job_id
from shared.plumbing.mongo import connect, ensure_indexes
from shared.plumbing.settings import Settings
from tests.describing import Answered, Differences
from tests.integration.troubled_list import make_jobs_to_look_at
from tests.system import MAILS_TO_CLIENTS, SECRET, WORKERS, System, eventually
from tests.visiting import serve_pages

FIRM = "standing"
OTHER_FIRM = "standing0"  # sorts right behind, so that a range that is too wide would show its records
LIMIT = 20.0

CLIENTS = """Account name;Account type;First name;Last name;Email;Phone
Bakery Peeters;Company;An;Peeters;an@peeters.example;+32470123456
Garage Dubois;Company;Luc;Dubois;luc@dubois.example;+32470123457
Mia Jansen;Individual;Mia;Jansen;mia.jansen.example;+32470123458
"""


def token(firm: str | None = FIRM, role: str = "owner", secret: str = SECRET, **claims: Any) -> str:
    """A token of the platform."""
    whole = {"sub": "u1", "role": role, "exp": time.time() + 3600, "email": "u1@firm.example", **claims}
    return jwt.encode({**whole, **({"firm": firm} if firm else {})}, secret, algorithm="HS256")


#: What answers had in the present test that the description of their calls has not.
DIFFERENCES = Differences()


class Watched(FlaskClient):
    """A client that has every answer of the API compared with its description."""

    def open(self, *args: Any, **how: Any) -> TestResponse:
        """One request."""
        answer = super().open(*args, **how)
        if "Content-Length" in answer.headers or answer.status_code == 204:  # others are sent as they come
            request = answer.request
            DIFFERENCES.look_at(
                Answered(
                    request.method,
                    request.path,
                    answer.status_code,
                    answer.headers,
                    answer.data,
                    answer.get_json(silent=True) if answer.is_json else None,
                )
            )
        return answer


@pytest.fixture(autouse=True)
def described() -> Iterator[None]:
    """Every answer of a test is as the description says."""
    DIFFERENCES.found.clear()
    yield
    assert not DIFFERENCES.found, "\n".join(sorted(set(DIFFERENCES.found))[:20])


@dataclass
class Standing:
    """The application of all services, and the ids of what a firm has in it."""

    app: Flask
    db: Any
    jobs: dict[str, str] = field(default_factory=dict)
    accounts: list[str] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    webhook: str = ""
    delivery: str = ""
    sending: str = ""
    form_sending: str = ""
    #: of the firm that people look at pages of, by status
    looked_at: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, bearer: str | None = None, **how: Any) -> TestResponse:
        """One request, by the owner of the firm unless another token is given."""
        headers = {"Authorization": f"Bearer {bearer or token()}", **how.pop("headers", {})}
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **how)

    def good(self, method: str, path: str, **how: Any) -> Any:
        """What a request answers; fails on any problem."""
        answer = self.call(method, path, **how)
        assert answer.status_code < 300, answer.text
        return answer.get_json(silent=True)

    def upload(self, content: str = CLIENTS, **how: Any) -> str:
        """Upload a list; gives the id of the job."""
        file = (BytesIO(content.encode()), "clients.csv")
        return self.good("POST", "/jobs", data={"file": file}, **how)["id"]

    def bring(self, to: str, **how: Any) -> str:
        """A new job, brought to a status by the workers and the calls a person would make."""
        job = self.upload(**how)
        for status, call in (("proposed", "map"), ("validated", "confirm"), ("imported", "")):
            self.wait(job, status)
            if status == to:
                break
            self.good("POST", f"/jobs/{job}/{call}", **how)
        return job

    def anew(self, name: str, new_id: bool = False) -> str:
        """A job as it was left at the beginning; with a new id it has no file and no rows."""
        job = {**self.kept[name], **({"_id": new_job_id()} if new_id else {})}
        self.db.jobs.replace_one({"_id": job["_id"]}, job, upsert=True)
        return job["_id"]

    def another(self, kind: str, record: str) -> str:
        """One more record like another, that may be changed and removed; no row is taken to mean it."""
        identity = uuid.uuid4().hex[:24]
        like = self.db[kind].find_one({"_id": f"{FIRM}/{record}"})
        self.db[kind].insert_one({**like, "_id": f"{FIRM}/{identity}", "keys": []})
        return identity

    def copy(self, job: str) -> str:
        """A job like another, with its rows, that may be changed; they share the records that were loaded."""
        fresh = new_job_id()
        for name in set(self.db.list_collection_names()) - {"accounts", "contacts", "links", "jobs"}:
            for document in list(self.db[name].find({"job": job})):
                own = {**document, "_id": str(document["_id"]).replace(job, fresh), "job": fresh}
                self.db[name].insert_one(own)
        self.db.jobs.insert_one({**self.db.jobs.find_one({"_id": job}), "_id": fresh})
        return fresh

    def wait(self, job: str, status: str) -> None:
        """Wait until a job is at a status and no service owes it anything."""
        there = {"_id": job, "status": status, "owed": None}
        eventually(lambda: self.db.jobs.find_one(there), LIMIT, f"job at {status}")


@pytest.fixture(scope="session")
def standing(
    request: pytest.FixtureRequest, mail_server: MailCatcher, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Standing]:
    """Jobs at every status on real servers; the workers have ended, so nothing moves by itself."""
    url, client = request.getfixturevalue("_mongo_client")
    database = f"test_{uuid.uuid4().hex[:12]}"
    mongodb_url = urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
    system = System(
        tmp_path_factory.mktemp("workers"),
        mongodb_url,
        _broker(request),
        mail_server.url,
        {"CHUNK_ROWS": "2"},
    )
    settings = Settings(
        mongodb_url=mongodb_url,
        broker_url=system.env["BROKER_URL"],
        smtp_url=mail_server.url,
        public_url="http://carry.example",
        jwt_secret=SECRET,
        log_level="ERROR",
        webhook_networks=(ip_network("127.0.0.0/8"),),
        **{name.lower(): value for name, value in MAILS_TO_CLIENTS.items()},
    )
    app = origin.create_app(settings)
    app.test_client_class = Watched
    # as the services read: what is not yet with the majority is not yet there for them
    made = Standing(app, client.get_database(database, read_concern=ReadConcern("majority")))
    try:
        system.start(*WORKERS)
        _make_jobs(made)
        system.end()
        _leave_jobs_half_way(made)
        _make_webhook(made)
        _make_sendings(made)
        made.kept = {name: made.db.jobs.find_one({"_id": identity}) for name, identity in made.jobs.items()}
        yield made
    finally:
        system.end()
        servers = app.extensions["carryover"]
        servers.flow.publisher.discard()
        servers.db.client.close()
        client.drop_database(database)


@pytest.fixture(scope="session")
def looked_at(standing: Standing, tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """The same application, whose pages ask it without a socket, with jobs of one more firm to look at."""
    config = standing.app.extensions["carryover"].config
    servers = (config.mongodb_url, config.broker_url, config.smtp_url)
    system = System(tmp_path_factory.mktemp("more-workers"), *servers, {"CHUNK_ROWS": "500"})
    try:
        system.start(*WORKERS)
        make_jobs_to_look_at(standing)
    finally:
        system.end()
    serve_pages(standing.app)
    return standing


@pytest.fixture(scope="session")
def shared_db(request: pytest.FixtureRequest) -> Iterator[Any]:
    """One database for tests that each have a firm of their own; writes are not waited for until they are safe."""
    _url, client = request.getfixturevalue("_mongo_client")
    database = client.get_database(
        f"test_{uuid.uuid4().hex[:12]}",
        codec_options=CodecOptions(tz_aware=True),
        write_concern=WriteConcern(w=1, j=False),
    )
    ensure_indexes(database)
    yield database
    client.drop_database(database)


@pytest.fixture(scope="session")
def shared_database(request: pytest.FixtureRequest) -> Iterator[Any]:
    """One database, with the indexes, for tests that each have a firm of their own."""
    url, client = request.getfixturevalue("_mongo_client")
    database = f"test_{uuid.uuid4().hex[:12]}"
    connected = connect(urlunsplit(urlsplit(url)._replace(path=f"/{database}")))
    ensure_indexes(connected)
    yield connected
    connected.client.close()
    client.drop_database(database)


def _broker(request: pytest.FixtureRequest) -> str:
    given = os.environ.get("BROKER_URL")
    if given and not given.startswith("memory://"):  # that one joins no processes
        return given
    server: RabbitServer = request.getfixturevalue("rabbit_server")
    return server.add_vhost(f"test-{uuid.uuid4().hex[:12]}")


def _make_jobs(made: Standing) -> None:
    made.jobs = {status: made.bring(status) for status in ("proposed", "validated", "imported")}
    made.jobs |= {f"{status} to be": made.bring(before) for status, before in _ONWARDS.items()}
    made.jobs["purged"] = made.bring("imported")
    made.good("DELETE", f"/jobs/{made.jobs['purged']}")
    made.jobs["failed"] = made.upload("Name;Email\n")
    made.wait(made.jobs["failed"], "failed")
    made.jobs["cancelled"] = made.bring("validated")
    made.good("POST", f"/jobs/{made.jobs['cancelled']}/cancel")
    made.jobs["other firm's"] = made.bring("imported", bearer=token(OTHER_FIRM))
    for kind in ("accounts", "contacts"):
        setattr(made, kind, [record["id"] for record in made.good("GET", f"/{kind}")["items"]])


def _make_webhook(made: Standing) -> None:
    asked = {"url": "http://127.0.0.1:9/events", "events": ["job.imported"]}
    made.webhook = made.good("POST", "/webhooks", json=asked)["id"]
    made.delivery = made.good("POST", f"/webhooks/{made.webhook}/test")["id"]


def _make_sendings(made: Standing) -> None:
    """Sendings that no worker goes on with."""
    made.sending = made.good("POST", "/invitations", json={"contacts": made.contacts[:1]})["id"]
    made.form_sending = made.good("POST", "/questionnaires/send", json={"accounts": made.accounts[:1]})["id"]


_ONWARDS = {"mapped": "proposed", "confirmed": "validated"}


def _leave_jobs_half_way(made: Standing) -> None:
    """Statuses that a worker would move on from at once."""
    for status, call in (("mapped", "map"), ("confirmed", "confirm")):
        made.jobs[status] = made.jobs.pop(f"{status} to be")
        made.good("POST", f"/jobs/{made.jobs[status]}/{call}")
    made.jobs["uploaded"] = made.upload()
