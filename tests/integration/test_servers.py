"""Tests the private servers: they keep their data after a crash, run side by side and leave no process."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread
from typing import Any

import pika
import psutil
import pytest
from pymongo import MongoClient

from deploy.local.children import family, living
from deploy.local.servers import MailCatcher, MongoServer, RabbitServer, Server, ServerError

REPOSITORY = Path(__file__).parents[2]
PERSISTENT = pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent.value)


@pytest.fixture
def rabbit(rabbit_installed: None, tmp_path: Path) -> Iterator[RabbitServer]:
    server = RabbitServer(tmp_path / "rabbit").start()
    yield server
    server.kill()


@pytest.fixture
def mongo(tmp_path: Path) -> Iterator[MongoServer]:
    server = MongoServer(tmp_path / "mongo").start()
    yield server
    server.kill()


def processes_of(*servers: Server) -> list[psutil.Process]:
    return [process for server in servers for pid in server.pids() for process in family(pid)]


def eventually(condition: Callable[[], bool], limit: float = 20) -> bool:
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def client_of(url: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(url)


def channel_of(url: str) -> pika.adapters.blocking_connection.BlockingChannel:
    channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
    channel.confirm_delivery()
    return channel


def put(url: str, body: bytes) -> None:
    channel = channel_of(url)
    channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
    channel.basic_publish("", "kept", body, properties=PERSISTENT, mandatory=True)
    channel.connection.close()


def take(url: str) -> bytes | None:
    channel = channel_of(url)
    channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
    _, _, body = channel.basic_get("kept", auto_ack=True)
    channel.connection.close()
    return body


def knows_its_queue(rabbit: RabbitServer) -> bool:
    """Whether the list of quorum queues is on disk.

    RabbitMQ 3.10 writes it up to a second after the declaration; a kill before that leaves a queue without
    a leader, which answers nothing until it is deleted and declared again.
    """
    (directory,) = (rabbit.root / "data").glob("*/quorum/*/names.dets")
    return b"kept" in directory.read_bytes()


def test_mongodb_keeps_a_committed_transaction_over_a_kill(mongo: MongoServer) -> None:
    with client_of(mongo.url) as client, client.start_session() as session:
        records = client.get_default_database()["records"]
        session.with_transaction(lambda inside: records.insert_one({"_id": "a"}, session=inside))
    url = mongo.url
    mongo.kill()
    assert mongo.start().url == url
    with client_of(url) as client:
        assert client.get_default_database()["records"].find_one() == {"_id": "a"}


def test_mongodb_follows_its_data_to_another_port(mongo: MongoServer) -> None:
    with client_of(mongo.url) as client:
        client.get_default_database()["records"].insert_one({"_id": "a"})
    mongo.stop()
    (mongo.root / "ports.json").unlink()
    moved = MongoServer(mongo.root)
    assert moved.port != mongo.port
    with moved, client_of(moved.url) as client:
        assert client.get_default_database()["records"].find_one() == {"_id": "a"}


@pytest.mark.long
def test_rabbitmq_keeps_a_confirmed_message_over_a_kill(rabbit: RabbitServer) -> None:
    url = rabbit.url
    put(url, b"still here")
    assert eventually(lambda: knows_its_queue(rabbit))
    rabbit.kill()
    assert rabbit.start().url == url
    assert take(url) == b"still here"


@pytest.mark.long
def test_purge_all_empties_every_queue(rabbit: RabbitServer) -> None:
    put(rabbit.url, b"gone")
    rabbit.purge_all()
    assert take(rabbit.url) is None


@pytest.mark.long
def test_two_rabbitmq_nodes_run_side_by_side_and_stop_alone(rabbit: RabbitServer, tmp_path: Path) -> None:
    with RabbitServer(tmp_path / "second") as second:
        put(rabbit.url, b"first")
        put(second.url, b"second")
        assert take(second.url) == b"second"
    assert take(rabbit.url) == b"first"


@pytest.mark.long
def test_stopping_leaves_no_process_behind(rabbit: RabbitServer, mongo: MongoServer, tmp_path: Path) -> None:
    mail = MailCatcher(tmp_path / "mail").start()
    processes = processes_of(rabbit, mongo, mail)
    names = {process.name() for process in processes}
    assert {"beam.smp", "epmd", "mongod"} <= names
    for server in (rabbit, mongo, mail):
        server.stop()
    assert living(processes) == []


def test_killing_rabbitmq_takes_its_port_mapper_along(rabbit: RabbitServer) -> None:
    processes = processes_of(rabbit)
    rabbit.kill()
    assert living(processes) == []


def test_a_server_started_by_a_thread_outlives_the_thread(tmp_path: Path) -> None:
    mail = MailCatcher(tmp_path)
    starter = Thread(target=mail.start)
    starter.start()
    starter.join()
    try:
        assert mail.running
        assert not eventually(lambda: not mail.running, limit=0.5)
    finally:
        mail.stop()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_the_servers_die_with_the_process_that_started_them(tmp_path: Path, ending: signal.Signals) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from deploy.local.servers import MailCatcher, MongoServer\n"
        "servers = [kind(Path(sys.argv[1]) / kind.name).start() for kind in (MongoServer, MailCatcher)]\n"
        "print(*[pid for server in servers for pid in server.pids()], flush=True); time.sleep(120)"
    )
    command: Sequence[str] = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout is not None
        processes = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        assert len(processes) == 2
        os.kill(parent.pid, ending)
    assert eventually(lambda: living(processes) == [])


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    mongo = MongoServer(tmp_path)
    (tmp_path / "data").write_text("this is no folder")
    with pytest.raises((ServerError, FileExistsError)):
        mongo.start()
    assert not mongo.running


def test_the_mail_catcher_keeps_a_mail_as_a_file(mail_catcher: MailCatcher) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "carryover@example.org", "an@example.be", "Geïmporteerd"
    mail.set_content("Twee rijen.\n")
    with smtplib.SMTP("127.0.0.1", mail_catcher.port, timeout=10) as smtp:
        smtp.send_message(mail)
    (kept,) = mail_catcher.messages()
    read = message_from_bytes(kept.read_bytes(), policy=policy.default)
    assert (read["Subject"], read["X-Envelope-To"]) == ("Geïmporteerd", "an@example.be")
    assert read.get_content().splitlines() == ["Twee rijen."]


def test_each_test_gets_a_broker_and_a_database_of_its_own(
    rabbit_server: RabbitServer, mongo_server: MongoServer, broker_url: str, mongodb_url: str
) -> None:
    other = rabbit_server.add_vhost("other")
    put(other, b"not yours")
    assert take(broker_url) is None
    rabbit_server.remove_vhost("other")
    assert mongodb_url != mongo_server.url
    with client_of(mongodb_url) as client:
        assert client.get_default_database().list_collection_names() == []
