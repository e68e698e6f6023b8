"""Tests `carryover-ops` on real servers: messages that are parked, and jobs in every situation that stops one.

Nothing is swept, so what waits goes on waiting; workers run only where a test starts them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pika
import pytest
from click.testing import CliRunner, Result
from pymongo import MongoClient
from pymongo.database import Database

from deploy.local.servers import MailCatcher, MongoServer, RabbitServer
from deploy.operating import options
from deploy.operating.main import cli
from deploy.rabbitmq.setup import Management, set_up_operator
from deploy.topology import EXCHANGE
from shared.contract.routes import SERVICES, parked_queue, queue_name
from shared.plumbing.bus import ParkedQueues, Publisher, declare
from tests.system import Client, System, eventually

LIMIT = 30.0
LIST = b"Account name,First name,Last name,Email\n" + b"".join(
    b"Bakery %d,Jan,Peeters %d,jan%d@example.be\n" % (n, n, n) for n in range(7)
)


class Operated:
    """A system, its database and broker, and the command line of operators on both."""

    def __init__(self, system: System, db: Database[dict[str, Any]], broker_url: str) -> None:
        self.system = system
        self.db = db
        self.broker_url = broker_url
        self.publisher = Publisher(broker_url, "tests")
        self.clients: list[Client] = []

    def firm(self) -> Client:
        """A caller of a new firm."""
        self.clients.append(Client(self.system.url, f"firm-{uuid.uuid4().hex[:8]}"))
        return self.clients[-1]

    def run(self, *args: str, code: int | None = 0, given: str | None = None, **env: str) -> Result:
        """Run `carryover-ops` in this process; fails on another exit code than `code`, unless that is None."""
        names = {**self.env, **env}
        done = CliRunner().invoke(cli, args, input=given, env=names, prog_name="carryover-ops")
        assert code in (None, done.exit_code), (args, done.output, done.exception)
        return done

    def answer(self, *args: str, code: int | None = 0) -> Any:
        """What a command prints for programs."""
        return json.loads(self.run(*args, "--json", code=code).stdout)

    @property
    def env(self) -> dict[str, str]:
        """The settings of an operator."""
        names = ("MONGODB_URL", "BROKER_URL", "JWT_SECRET")
        return {name: self.system.env[name] for name in names}

    def parked(self, service: str) -> list[str]:
        """The ids of what is parked for a service."""
        return [one["id"] for one in self.answer("parked", service, code=None)["messages"]]

    def waiting(self, queue: str) -> int:
        """The messages on a queue."""
        with pika.BlockingConnection(pika.URLParameters(self.broker_url)) as connection:
            declared = connection.channel().queue_declare(queue, passive=True)
            return int(declared.method.message_count)

    def publish(self, key: str, body: bytes, **properties: Any) -> None:
        """Publish as somebody else would."""
        with pika.BlockingConnection(pika.URLParameters(self.broker_url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_publish(EXCHANGE, key, body, pika.BasicProperties(**properties), mandatory=True)

    def park_work_of(self, job: str, service: str, why: str = "a test") -> str:
        """Park the message that a job waits for; gives its id."""
        queue = queue_name(service, "fast")
        with pika.BlockingConnection(pika.URLParameters(self.broker_url)) as connection:
            channel = connection.channel()
            seen = []
            while not seen or job.encode() not in seen[-1]:
                _, _, body = eventually(
                    lambda: (got := channel.basic_get(queue, auto_ack=True))[2] and got,
                    LIMIT,
                    f"work of {job}",
                )
                seen.append(body)
        before = set(self.parked(service))
        self.publisher.park(service, seen[-1], why)
        (fresh,) = set(self.parked(service)) - before
        return fresh

    def purge(self) -> None:
        """Empty all queues."""
        with pika.BlockingConnection(pika.URLParameters(self.broker_url)) as connection:
            channel = connection.channel()
            for service in SERVICES:
                for name in (queue_name(service), queue_name(service, "fast"), parked_queue(service)):
                    channel.queue_purge(name)

    def records(self, firm: str) -> dict[str, int]:
        """The records of a firm, counted in the database."""
        return {kind: self.db[kind].count_documents({"firm": firm}) for kind in ("accounts", "contacts")}


@pytest.fixture(scope="module")
def running(
    mongo_server: MongoServer,
    rabbit_server: RabbitServer,
    mail_server: MailCatcher,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Operated]:
    """The web process and no worker."""
    name = f"operated-{uuid.uuid4().hex[:8]}"
    broker_url = rabbit_server.add_vhost(name)
    settings = {"SWEEP_SECONDS": "3600", "ATTEMPTS": "2"}
    folder = tmp_path_factory.mktemp("operated")
    system = System(folder, mongo_server.url_of(name), broker_url, mail_server.url, settings)
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_server.url, tz_aware=True)
    declare(broker_url)
    with client:
        operated = Operated(system.start("web"), client[name], broker_url)
        yield operated
        operated.publisher.discard()
        for one in operated.clients:
            one.close()
        system.end()


@pytest.fixture
def operated(running: Operated) -> Iterator[Operated]:
    """The same, with empty queues and without workers, before and after."""
    running.purge()
    yield running
    for service in SERVICES:
        running.system[service].kill()
    running.purge()


def body(**changes: object) -> bytes:
    data = {"job_id": "j", "firm": "f", "revision": 1, "step": "check", "chunk": 0, "lane": "fast"}
    envelope = {"specversion": "1.0", "id": "1", "source": "/t", "type": "carryover.work.v1", "time": "now"}
    return json.dumps({**envelope, "data": {**data, **changes}}).encode()


def test_parked_messages_are_listed_and_shown_and_stay_where_they_are(operated: Operated) -> None:
    assert operated.answer("parked") == {"messages": [], "number": 0}
    operated.publisher.park("validator", body(job_id="one"), "not good")
    operated.publisher.park("importer", b"no json", "not_json")
    request = {
        "firm": "cedar",
        "idempotency_key": "k",
        "rows": [{"Client": "Secret NV", "Mail": "x@y.example"}],
    }
    operated.publisher.park("upload", json.dumps(request).encode(), "token_missing")
    for _ in range(3):
        found = operated.answer("parked", code=1)
        assert [one["service"] for one in found["messages"]] == ["upload", "validator", "importer"]
    by_service = {one["service"]: one for one in found["messages"]}
    work = by_service["validator"]
    assert (work["kind"], work["job"], work["firm"], work["step"]) == ("work", "one", "f", "check")
    assert (work["reason"], work["attempts"], work["since"][:2]) == ("not good", None, "20")
    assert [one["id"] for one in operated.answer("parked", "validator", code=1)["messages"]] == [work["id"]]
    shown = operated.answer("show", work["id"])
    assert json.loads(shown["body"])["data"]["job_id"] == "one"
    assert shown["headers"]["x-carryover-service"] == "validator"
    assert shown["job_now"] == "there is no such job"
    asked = by_service["upload"]
    assert (asked["kind"], asked["firm"]) == ("request", "cedar")
    plain = operated.run("show", asked["id"]).stdout
    assert "Secret" not in plain
    assert "Client" in plain
    assert "Secret NV" in operated.run("show", asked["id"], "--body").stdout
    assert "Secret NV" in operated.answer("show", asked["id"], "--body")["body"]
    assert "Secret" not in json.dumps(operated.answer("show", asked["id"]))
    missing = operated.run("show", "0" * 12, "--json", code=1)
    assert json.loads(missing.stderr)["error"] == "no_such_message"


def test_a_message_that_the_broker_parks_shows_why_and_no_token(operated: Operated) -> None:
    death = {"queue": "carryover.requests", "reason": "delivery_limit", "count": 1, "exchange": "carryover"}
    headers = {"x-death": [death], "authorization": "Bearer secret", "n": 3, "x-first-death-queue": "q"}
    operated.publish("parked.upload", b'{"firm": "cedar"}', headers=headers, message_id="m")
    (one,) = operated.answer("parked", "upload", code=1)["messages"]
    assert (one["kind"], one["reason"]) == ("request", "the broker gave it up: delivery_limit")
    shown = operated.run("show", one["id"], "--body").stdout
    assert "Bearer" not in shown
    assert "(not shown)" in shown


def test_one_is_discarded_and_the_others_stay_in_their_order(operated: Operated) -> None:
    for service in ("mapper", "validator"):
        for n in range(5):
            operated.publisher.park(service, body(job_id=f"{service}-{n}"), f"reason {n}")
    before = {service: operated.parked(service) for service in ("mapper", "validator")}
    gone = before["validator"][2]
    operated.run("discard", gone, code=2)
    operated.run("discard", gone, "--reason", " ", code=2)
    operated.run("discard", gone, "--reason", "no use", code=1, given="n\n")
    assert operated.parked("validator") == before["validator"]
    script = [
        sys.executable,
        "-m",
        "deploy.operating",
        "discard",
        gone,
        "--yes",
        "--reason",
        "no use",
        "--by",
        "ann",
    ]
    done = subprocess.run(
        script, env={**operated.system.env}, capture_output=True, text=True, check=True, timeout=60
    )
    assert gone in done.stdout
    (line,) = [json.loads(each) for each in done.stderr.splitlines()]
    assert (line["by"], line["why"], line["message"], line["job_id"]) == (
        "ann",
        "no use",
        gone,
        "validator-2",
    )
    left = [one for one in before["validator"] if one != gone]
    assert operated.parked("validator") == left
    assert operated.parked("mapper") == before["mapper"]
    operated.run("discard", left[0], gone, "--reason", "again", "--yes", code=1)
    assert operated.parked("validator") == left, "where one is missing, none is removed"


def test_replayed_by_id_a_job_goes_on_to_its_end(operated: Operated) -> None:
    client = operated.firm()
    operated.system.start("upload", "mapper")
    job = client.upload(LIST, autostart=True)
    message = operated.park_work_of(job, "validator")
    other = operated.park_work_of(
        client.upload(LIST.replace(b"Bakery", b"Butcher"), autostart=True), "validator"
    )
    (sent,) = operated.answer("replay", message)["messages"]
    assert (sent["outcome"], sent["job"], sent["note"]) == ("sent", job, None)
    assert operated.parked("validator") == [other]
    operated.system.start("validator", "importer", "notifier")
    assert client.wait_for(job, "imported", limit=LIMIT)["result"]["rows_loaded"] == 7
    assert operated.records(client.firm) == {"accounts": 7, "contacts": 7}
    sent_again = operated.answer("replay", "--all")
    assert (sent_again["sent"], sent_again["kept"]) == (1, 0)


@pytest.mark.long
def test_a_kill_after_the_confirm_doubles_a_message_and_no_number(operated: Operated) -> None:
    client = operated.firm()
    operated.system.start("upload", "mapper")
    job = client.upload(LIST, autostart=True)
    message = operated.park_work_of(job, "validator")
    program = (
        "import os, signal; from shared.plumbing.bus import ParkedQueues; from deploy.operating.main import main\n"
        "ParkedQueues.remove = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\nmain()"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program, "replay", message], env=operated.system.env, check=False, timeout=60
    )
    assert killed.returncode == -9
    eventually(lambda: operated.parked("validator") == [message], LIMIT, "the message is parked again")
    assert operated.waiting(queue_name("validator", "fast")) == 1
    operated.run("replay", message)
    assert operated.waiting(queue_name("validator", "fast")) == 2
    operated.system.start("validator", "importer", "notifier")
    done = client.wait_for(job, "imported", limit=LIMIT)
    assert (done["result"]["rows_loaded"], done["result"]["accounts_created"]) == (7, 7)
    assert operated.records(client.firm) == {"accounts": 7, "contacts": 7}


def test_what_cannot_be_understood_stays_and_limits_hold(operated: Operated) -> None:
    for n in range(3):
        operated.publisher.park("validator", b"nothing %d" % n, "not_json")
        operated.publisher.park("validator", body(job_id=f"j{n}"), "crashed")
        operated.publisher.park("notifier", body(job_id=f"n{n}", step="notify"), "crashed")
    done = operated.answer("replay", "--service", "validator", "--limit", "2", code=1)
    assert (done["sent"], done["kept"]) == (2, 2)
    assert {one["note"] for one in done["messages"] if one["outcome"] == "sent"} == {
        "there is no such job, so nothing follows"
    }
    rest = operated.answer("replay", "--all", code=1)
    assert (rest["sent"], rest["kept"]) == (4, 3)
    assert len(operated.parked("validator")) == 3
    operated.run("replay", code=2)
    operated.run("replay", "--all", "--service", "mapper", code=2)
    operated.run("replay", "0" * 12, code=1)
    operated.run("replay", "--service", "mapper", code=1)
    assert "1 shown" in operated.run("parked", "validator", "--limit", "1", code=1).stdout


@pytest.mark.long
def test_a_parked_mail_is_sent_when_its_message_is_replayed(
    operated: Operated, mail_server: MailCatcher
) -> None:
    client, system = operated.firm(), operated.system
    system.start("upload", "mapper", "validator", "importer")
    away = {**system["notifier"].env, "SMTP_URL": "smtp://127.0.0.1:1", "PATIENCE_SECONDS": "0"}
    usual, system["notifier"].env = system["notifier"].env, away
    system.start("notifier")
    job = client.upload(LIST, autostart=True)
    (message,) = eventually(lambda: operated.parked("notifier"), LIMIT, "the mail is parked")
    assert message in operated.run("why", job, code=1).stdout
    system["notifier"].kill()
    system["notifier"].env = usual
    operated.run("replay", message)
    system.start("notifier")
    notices = eventually(
        lambda: [one for one in client.job(job)["notices"] if one["sent_at"]], LIMIT, "the mail is sent"
    )
    assert len(notices) == 1
    assert client.job(job)["status"] == "imported"


def test_why_a_job_waits_for_a_person_a_worker_or_nobody(operated: Operated) -> None:
    client = operated.firm()
    first = client.upload(LIST)
    away = operated.run("why", first, code=1).stdout
    assert "Service upload acts next" in away
    assert "No worker takes messages from carryover.upload.fast" in away
    assert "Task read 0 was announced" in away
    operated.system.start("upload", "mapper")
    client.wait_for(first, "proposed", limit=LIMIT)
    eventually(
        lambda: operated.db.jobs.find_one({"_id": first, "owed": None}), LIMIT, "nobody owes it anything"
    )
    person = operated.answer("why", first)
    assert (person["who"], person["what"], person["status"]) == ("person", "map", "proposed")
    assert any("A person acts next" in one["text"] for one in person["findings"])
    assert [line["status"] for line in person["history"]] == ["uploaded", "read", "proposed"]
    client.post(f"/jobs/{first}/cancel")
    assert "It has ended, and nothing follows." in operated.run("why", first).stdout
    failed = client.upload(b"a,b\n", autostart=True)
    eventually(lambda: client.job(failed)["status"] == "failed", LIMIT, "an empty list fails")
    assert "It stopped: " in operated.run("why", failed, code=1).stdout
    nobody = operated.answer("why", "f" * 32, code=1)
    assert (nobody["found"], nobody["findings"][0]["wrong"]) == (False, True)


def test_why_a_job_waits_for_a_next_try_or_has_a_parked_message(operated: Operated) -> None:
    client = operated.firm()
    operated.system.start("upload", "mapper")
    job = client.upload(LIST, autostart=True)
    message = operated.park_work_of(job, "validator", "unknown_version")
    found = operated.answer("why", job, code=1)
    assert [one["id"] for one in found["parked"]] == [message]
    assert any(
        f"Message {message} about it is parked for validator" in one["text"] for one in found["findings"]
    )
    error = {"state": "ready", "attempts": 1, "error": "KeyError (x)", "ring_at": _soon()}
    operated.db.tasks.update_one({"job": job, "step": "check"}, {"$set": error})
    later = operated.run("why", job, code=1, COLUMNS="1000").stdout
    assert "waits for its next try in" in later
    assert "The last error: KeyError (x)" in later
    narrow = operated.run("why", job, code=1, COLUMNS="40").stdout
    assert max(map(len, narrow.splitlines())) <= 44


def _soon() -> Any:
    return datetime.now(UTC) + timedelta(minutes=5)


def test_jobs_that_are_owed_come_first_and_can_be_chosen(operated: Operated) -> None:
    client, other = operated.firm(), operated.firm()
    operated.system.start("upload", "mapper")
    waiting = client.upload(LIST)
    client.wait_for(waiting, "proposed", limit=LIMIT)
    owed = client.upload(LIST.replace(b"Bakery", b"Butcher"), autostart=True)
    eventually(lambda: client.job(owed)["status"] == "mapped", LIMIT, "it waits for the validator")
    elsewhere = other.upload(LIST)
    firm = ("--firm", client.firm)
    listed = operated.answer("jobs", *firm)["jobs"]
    assert [(one["job"], one["who"], one["what"]) for one in listed] == [
        (owed, "validator", "check"),
        (waiting, "person", "map"),
    ]
    assert [one["job"] for one in operated.answer("jobs", *firm, "--status", "proposed")["jobs"]] == [waiting]
    assert operated.answer("jobs", *firm, "--waiting", "3600")["jobs"] == []
    short = operated.answer("jobs", *firm, "--limit", "1")
    assert ([one["job"] for one in short["jobs"]], short["more"]) == ([owed], True)
    assert elsewhere in {one["job"] for one in operated.answer("jobs")["jobs"]}
    table = operated.run("jobs", *firm).stdout
    assert "validator check" in table
    assert "jobs proposed" in table
    old = {"$set": {"since": _soon().replace(year=2020)}}
    operated.db.jobs.update_one({"_id": owed}, old)
    assert operated.answer("jobs", code=1)["totals"]["late"] >= 1
    operated.db.jobs.delete_many({})


def test_queues_show_messages_and_consumers_and_what_is_wrong(operated: Operated) -> None:
    found = {one["queue"]: one for one in operated.answer("queues", code=1)["queues"]}
    assert found["carryover.validator"]["problem"] == "no worker takes its messages"
    operated.system.start("mapper")
    operated.publisher.park("mapper", b"x", "y")
    found = {one["queue"]: one for one in operated.answer("queues", code=1)["queues"]}
    assert (found["carryover.mapper"]["consumers"], found["carryover.mapper"]["problem"]) == (1, None)
    assert (found["carryover.mapper.parked"]["messages"], found["carryover.mapper.parked"]["problem"]) == (
        1,
        "messages are parked",
    )
    assert "carryover.mapper.parked" in operated.run("queues", code=1).stdout


def test_the_user_of_operators_can_do_all_of_this_and_nothing_else(
    operated: Operated, rabbit_server: RabbitServer
) -> None:
    vhost = operated.db.name
    identity, port = rabbit_server.identity, rabbit_server.ports["management"]
    broker = Management(f"http://127.0.0.1:{port}", identity["user"], identity["password"])
    set_up_operator(broker, "parked", vhost)
    url = pika.URLParameters(operated.broker_url)
    own = f"amqp://operator:parked@127.0.0.1:{url.port}/{vhost}"
    operated.publisher.park("validator", body(), "a test")
    (one,) = json.loads(operated.run("parked", "--json", code=1, BROKER_URL=own).stdout)["messages"]
    operated.run("queues", code=1, BROKER_URL=own)
    operated.run("replay", one["id"], BROKER_URL=own)
    operated.publisher.park("validator", b"x", "not_json")
    (left,) = operated.parked("validator")
    operated.run("discard", left, "--yes", "--reason", "a test", BROKER_URL=own)
    with pika.BlockingConnection(pika.URLParameters(own)) as connection:
        for name in ("carryover.validator", "carryover.requests"):
            with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
                connection.channel().basic_get(name)


COMMANDS = [("parked",), ("queues",), ("replay", "--all"), ("show", "x"), ("why", "x")]


@pytest.mark.parametrize("command", COMMANDS, ids=str)
@pytest.mark.parametrize("url", ["memory://", "http://127.0.0.1/", "nonsense"])
def test_a_broker_that_cannot_be_used_has_an_exit_code(
    running: Operated, command: tuple[str, ...], url: str
) -> None:
    done = running.run(*command, code=3, BROKER_URL=url)
    assert "broker is away" in done.output


def test_servers_that_are_away_have_an_exit_code(running: Operated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "REQUEST_MS", 500)
    done = running.run("parked", "--json", code=3, BROKER_URL="amqp://127.0.0.1:1/")
    assert json.loads(done.stderr)["error"] == "broker_away"
    done = running.run("jobs", "--json", code=3, MONGODB_URL="mongodb://127.0.0.1:1/x")
    assert json.loads(done.stderr)["error"] == "database_away"
    running.run("jobs", code=2, JWT_SECRET="short")


def test_a_look_at_a_part_of_a_queue_leaves_its_order(operated: Operated) -> None:
    for n in range(9):
        operated.publisher.park("validator", body(job_id=f"j{n}"), "x")
    before = operated.parked("validator")
    for one in (before[2], before[5], before[0]):
        operated.run("show", one)
        operated.run("parked", "--limit", "2", code=1)
    with ParkedQueues(operated.broker_url) as queues:
        assert [message.id for message in queues.look("validator", 100)] == before
    sent = operated.answer("replay", "--service", "validator", "--limit", "4")["messages"]
    assert [one["id"] for one in sent] == before[:4]
    assert operated.parked("validator") == before[4:]
