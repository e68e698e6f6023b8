"""Private servers for development, tests and the demo: own ports, own data, started and stopped by id.

No service of the system is touched. All three die with the process that started them.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import smtplib
import subprocess
import sys
import time
import urllib.request
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pika
from pika.exceptions import AMQPError
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local import packages
from deploy.local.children import end, family, kill, spawn
from deploy.local.ports import answers, kept_ports
from deploy.rabbitmq.setup import REQUESTER
from deploy.topology import VHOST, requester_permissions

PAUSE = 0.05  # seconds between two looks at a server that starts
IDENTITY = "identity.json"
NOT_YET_INITIALIZED = 94  # MongoDB's error code of a replica set without a configuration


class ServerError(RuntimeError):
    """A server did not start; the message has the end of its log."""


class Server(ABC):
    """One server with its data under ``root``; the same root gives the same data, ports and url again."""

    name: str
    port_names: tuple[str, ...] = ("port",)
    start_limit = 60.0
    stop_limit = 30.0

    def __init__(self, root: Path) -> None:
        self.root = Path(root).resolve()
        self.root.mkdir(parents=True, exist_ok=True)
        self.ports = kept_ports(self.root / "ports.json", self.port_names)
        self._children: list[subprocess.Popen[bytes]] = []

    @property
    @abstractmethod
    def url(self) -> str:
        """What clients connect to."""

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        return self.ports["port"]

    @property
    def log(self) -> Path:
        """What the server wrote to its standard output, of all its starts."""
        return self.root / f"{self.name}.log"

    @property
    def running(self) -> bool:
        """Whether its main process lives."""
        return bool(self._children) and self._children[-1].poll() is None

    def pids(self) -> list[int]:
        """The ids of all its processes."""
        return [process.pid for child in self._children for process in family(child.pid)]

    def start(self) -> Self:
        """Start it, also after stop() or kill(), and return when it takes work. Raises ServerError."""
        self.launch()
        self.wait_ready()
        return self

    def launch(self) -> None:
        """Start its processes without waiting, so that several servers can start side by side."""
        if self.running:
            return
        self.kill()
        self._launch()

    def wait_ready(self) -> None:
        """Return when it takes work. Raises ServerError."""
        try:
            self._wait_ready()
        except ServerError:
            self.kill()
            raise

    def stop(self) -> None:
        """Ask it to end and wait until none of its processes is left."""
        while self._children:
            end(self._children.pop(), self.stop_limit)

    def kill(self) -> None:
        """End it as a crash would (SIGKILL)."""
        while self._children:
            kill(self._children.pop())

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @abstractmethod
    def _launch(self) -> None: ...

    @abstractmethod
    def _wait_ready(self) -> None: ...

    def _spawn(self, *command: str | Path, env: dict[str, str] | None = None) -> None:
        self._children.append(spawn(command, folder=self.root, log=self.log, env=env))

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until the condition holds; ServerError when the limit passes or the server ends."""
        limit = time.monotonic() + self.start_limit
        while not condition():
            if not self.running or time.monotonic() > limit:
                tail = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
                raise ServerError(f"{self.name} did not start ({what}). The end of {self.log}:\n{tail}")
            time.sleep(PAUSE)


class RabbitServer(Server):
    """The distribution's RabbitMQ as one private node, which takes some 6 s to start and 150 MB of memory.

    With ``management`` its HTTP API listens too: that gives virtual hosts in milliseconds (rabbitmqctl takes
    half a second for each step), but makes a polite stop take 6 s instead of 1 s.
    """

    name = "rabbitmq"
    port_names = ("port", "distribution", "epmd", "management")

    def __init__(self, root: Path, *, management: bool = False) -> None:
        super().__init__(root)
        self.management = management
        self.identity = self._kept_identity()

    @staticmethod
    def available() -> bool:
        """Whether RabbitMQ is on this machine."""
        return packages.find_rabbitmq() is not None

    @staticmethod
    def install() -> bool:
        """Install RabbitMQ with apt when root, its service not started nor enabled; False when that fails."""
        return packages.install_rabbitmq()

    @property
    def url(self) -> str:
        return self.url_of("")

    def url_of(self, vhost: str) -> str:
        """The url of a virtual host; an empty name is the default one."""
        return f"amqp://{self.identity['user']}:{self.identity['password']}@127.0.0.1:{self.port}/{vhost}"

    @property
    def requester_url(self) -> str:
        """The url for services that ask for imports, once `add_requester` has made their user."""
        return self.as_requester(self.root, self.url)

    @staticmethod
    def as_requester(root: Path, url: str) -> str:
        """The url of the node of a folder for its user `requester`; the url of any other broker as it is.

        This reads the folder alone: a second `RabbitServer` of a folder whose node runs would take other ports.
        """
        identity = _identity(root)
        parts = urlsplit(url)
        if parts.password != identity.get("password"):
            return url
        login = f"{REQUESTER}:{identity['requester_password']}"
        return parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}").geturl()

    def add_requester(self) -> None:
        """Make the user `requester`, with the rights that it has in containers, in one call of rabbitmqctl."""
        rights, of_topic = requester_permissions()
        whose = {"user": REQUESTER, "vhost": VHOST}
        user = {"name": REQUESTER, "password": self.identity["requester_password"], "tags": ""}
        wanted = {
            "users": [user],
            "permissions": [{**whose, **rights}],
            "topic_permissions": [{**whose, **of_topic}],
        }
        file = self.root / "requester.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(wanted))
        self.ctl("import_definitions", str(file))

    def add_vhost(self, name: str) -> str:
        """Make a virtual host (needs ``management``) and give its url."""
        rights = {"configure": ".*", "write": ".*", "read": ".*"}
        self._api("PUT", f"vhosts/{name}", {})
        self._api("PUT", f"permissions/{name}/{self.identity['user']}", rights)
        return self.url_of(name)

    def remove_vhost(self, name: str) -> None:
        """Remove a virtual host with all that is in it (needs ``management``)."""
        self._api("DELETE", f"vhosts/{name}")

    def purge_all(self) -> None:
        """Empty all queues of all virtual hosts."""
        self.ctl("eval", "[rabbit_amqqueue:purge(Queue) || Queue <- rabbit_amqqueue:list()].")

    def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl against this node (about half a second) and give its output."""
        command = [str(self._scripts() / "rabbitmqctl"), "--quiet", *arguments]
        answer = subprocess.run(command, env=self._env(), capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise ServerError(f"rabbitmqctl {' '.join(arguments)}: {answer.stderr or answer.stdout}")
        return answer.stdout

    def _kept_identity(self) -> dict[str, str]:
        """Node name, user and passwords, made once: the data folder's layout depends on the node name."""
        made = {
            "node": f"carryover-{secrets.token_hex(4)}@localhost",
            "user": "carryover",
            "password": secrets.token_hex(12),
            "requester_password": secrets.token_hex(12),
        }
        identity = made | _identity(self.root)
        file = self.root / IDENTITY
        file.touch(mode=0o600)
        file.write_text(json.dumps(identity))
        return identity

    @staticmethod
    def _scripts() -> Path:
        scripts = packages.find_rabbitmq()
        if scripts is None:
            raise ServerError("RabbitMQ is not installed (Debian: apt install rabbitmq-server).")
        return scripts

    def _launch(self) -> None:
        scripts, epmd = self._scripts(), packages.find_epmd()
        assert epmd is not None  # find_rabbitmq() asks for it
        self._configure()
        # A port mapper of our own: otherwise the node would start one for the whole machine that outlives it.
        self._spawn(epmd, "-port", str(self.ports["epmd"]), "-address", "127.0.0.1")
        self._until(lambda: answers(self.ports["epmd"]), "port mapper")
        self._spawn(scripts / "rabbitmq-server", env=self._env())

    def _configure(self) -> None:
        for folder in ("data", "log"):
            (self.root / folder).mkdir(exist_ok=True)
        (self.root / "env.conf").touch()
        (self.root / "enabled_plugins").write_text("[rabbitmq_management]." if self.management else "[].")
        settings = {
            "listeners.tcp.1": f"127.0.0.1:{self.port}",
            "default_user": self.identity["user"],
            "default_pass": self.identity["password"],
            "vm_memory_high_watermark.absolute": "1GiB",
            "disk_free_limit.absolute": "100MB",
            "raft.wal_max_size_bytes": "67108864",
        }
        if self.management:
            settings |= {
                "management.tcp.ip": "127.0.0.1",
                "management.tcp.port": str(self.ports["management"]),
            }
        lines = [f"{key} = {value}\n" for key, value in settings.items()]
        (self.root / "rabbitmq.conf").write_text("".join(lines))

    def _env(self) -> dict[str, str]:
        """Everything named, so that nothing of /etc/rabbitmq or /var/lib/rabbitmq is read or written."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RABBITMQ_")}
        return inherited | {
            "HOME": str(self.root),  # the Erlang cookie
            "ERL_CRASH_DUMP_SECONDS": "0",
            # Should our port mapper die, the node must not start a new one, which would outlive it.
            "ERL_FLAGS": "-start_epmd false",
            "ERL_EPMD_PORT": str(self.ports["epmd"]),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self.identity["node"],
            "RABBITMQ_DIST_PORT": str(self.ports["distribution"]),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CONF_ENV_FILE": str(self.root / "env.conf"),
            "RABBITMQ_CONFIG_FILE": str(self.root / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.root / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.root / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.root / "data"),
            "RABBITMQ_LOG_BASE": str(self.root / "log"),
            # The script then becomes the server instead of staying above it: one process id to stop.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _wait_ready(self) -> None:
        self._until(lambda: answers(self.port), "port")
        self._until(self._takes_connections, "AMQP connection")
        if self.management:
            self._until(lambda: answers(self.ports["management"]), "HTTP API")

    def _takes_connections(self) -> bool:
        try:
            pika.BlockingConnection(pika.URLParameters(self.url)).close()
        except (AMQPError, OSError):
            return False
        return True

    def _api(self, method: str, path: str, body: dict[str, str] | None = None) -> None:
        login = b64encode(f"{self.identity['user']}:{self.identity['password']}".encode()).decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports['management']}/api/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()


def _identity(root: Path) -> dict[str, str]:
    """What a RabbitMQ of a folder keeps for its next start; empty before the first."""
    file = root / IDENTITY
    kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    return kept


class MongoServer(Server):
    """MongoDB as a replica set of one node, which transactions need. Ready in about 2 s."""

    name = "mongod"

    @staticmethod
    def available() -> bool:
        """Whether a server binary is on this machine; start() fetches one otherwise."""
        return packages.find_mongod() is not None

    @property
    def url(self) -> str:
        return self.url_of("carryover")

    def url_of(self, database: str) -> str:
        """The url with this database as the default one."""
        return f"mongodb://127.0.0.1:{self.port}/{database}?replicaSet=rs0"

    def _launch(self) -> None:
        program = packages.obtain_mongod()
        data = self.root / "data"
        data.mkdir(exist_ok=True)
        options = [
            "--dbpath",
            str(data),
            "--port",
            str(self.port),
            "--bind_ip",
            "127.0.0.1",
            "--nounixsocket",
        ]
        options += ["--replSet", "rs0", "--oplogSize", "512", "--wiredTigerCacheSizeGB", "3", "--quiet"]
        # Without the second, a primary that is asked to stop waits 15 s for another node to take over.
        for setting in (
            "diagnosticDataCollectionEnabled=false",
            "shutdownTimeoutMillisForSignaledShutdown=100",
        ):
            options += ["--setParameter", setting]
        self._spawn(program.path, *options, env=program.env)

    def _wait_ready(self) -> None:
        self._until(lambda: answers(self.port), "port")
        client: MongoClient[dict[str, Any]] = MongoClient(
            "127.0.0.1", self.port, directConnection=True, serverSelectionTimeoutMS=2000
        )
        with client:
            self._until(lambda: self._belongs_to_set(client), "replica set")
            self._until(lambda: _is_primary(client), "primary")

    def _belongs_to_set(self, client: MongoClient[dict[str, Any]]) -> bool:
        """Make the set at the first start, and move it when the port had to change."""
        members = [{"_id": 0, "host": f"127.0.0.1:{self.port}"}]
        try:
            config = client.admin.command("replSetGetConfig")["config"]
            if config["members"][0]["host"] != members[0]["host"]:
                moved = {**config, "members": members, "version": config["version"] + 1}
                client.admin.command("replSetReconfig", moved, force=True)
        except OperationFailure as error:
            if error.code != NOT_YET_INITIALIZED:
                return False
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
        except PyMongoError:
            return False
        return True


def _is_primary(client: MongoClient[dict[str, Any]]) -> bool:
    try:
        return bool(client.admin.command("hello")["isWritablePrimary"])
    except PyMongoError:
        return False


class MailCatcher(Server):
    """An SMTP server that keeps each mail as a file and sends none on."""

    name = "mail"
    stop_limit = 5.0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def folder(self) -> Path:
        """Where the mails are kept."""
        return self.root / "mails"

    def messages(self) -> list[Path]:
        """The kept mails (.eml), oldest first."""
        return sorted(self.folder.glob("*.eml"))

    def clear(self) -> None:
        """Throw the kept mails away."""
        for message in self.messages():
            message.unlink()

    def _launch(self) -> None:
        self.folder.mkdir(exist_ok=True)
        catcher = Path(__file__).with_name("mail_catcher.py")
        self._spawn(sys.executable, catcher, "--port", str(self.port), "--folder", self.folder)

    def _wait_ready(self) -> None:
        self._until(self._greets, "greeting")

    def _greets(self) -> bool:
        with (
            contextlib.suppress(OSError, smtplib.SMTPException),
            smtplib.SMTP("127.0.0.1", self.port, timeout=5),
        ):
            return True
        return False
