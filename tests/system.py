"""Runs the whole system as processes that tests kill, pause and start again by name; and a client for it.

Nothing here is shared with the services: it knows their command lines, their environment and their HTTP.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self, TypeVar

import jwt
import requests

from deploy.local import children
from deploy.local.ports import free_port

REPOSITORY = Path(__file__).parents[1]
WORKERS = ("upload", "mapper", "validator", "importer", "notifier")
TEAM = [
    {"id": "anna", "name": "Anna Claes", "email": "anna@example.org"},
    {"id": "bruno", "name": "Bruno Lambert", "email": "bruno@example.org"},
]
SECRET = "a secret of the tests, long enough for HS256"
INVITATION_SECRET = "another secret, of the links in mails"
#: the environment in which mails to clients can be sent
MAILS_TO_CLIENTS = {
    "INVITATION_URL": "https://portal.example/welcome",
    "QUESTIONNAIRE_URL": "https://portal.example/forms",
    "INVITATION_SECRET": INVITATION_SECRET,
}
START_LIMIT = 60.0
STOP_LIMIT = 40.0
LOOK_EVERY = 0.02

Answer = TypeVar("Answer")


def eventually(look: Callable[[], Answer], limit: float, what: str) -> Answer:
    """Give the first true answer of `look`; fails after `limit` seconds with what was waited for."""
    end = time.monotonic() + limit
    while not (answer := look()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit:.0f} s: {what}")
        time.sleep(LOOK_EVERY)
    return answer


class Process:
    """One process of the system; the same name may be started again after it ended."""

    def __init__(self, name: str, command: list[str], env: dict[str, str], log: Path) -> None:
        self.name = name
        self.command = command
        self.env = env
        self.log = log
        self.child: subprocess.Popen[bytes] | None = None
        self._begins_at = 0

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self.child is not None, f"{self.name} was never started"
        return self.child.pid

    @property
    def running(self) -> bool:
        """Whether it lives."""
        return self.child is not None and self.child.poll() is None

    @property
    def struck(self) -> bool:
        """Whether it is a worker made to kill itself (`faulty_worker`), and did."""
        faulty = any(part.endswith(".faulty_worker") for part in self.command)
        return faulty and self.child is not None and self.child.poll() == -signal.SIGKILL

    def start(self) -> None:
        """Start it without waiting."""
        if not self.running:
            self._begins_at = self.log.stat().st_size if self.log.exists() else 0
            self.child = children.spawn(self.command, folder=REPOSITORY, log=self.log, env=self.env)

    def output(self) -> str:
        """What it wrote since it was last started."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(self._begins_at)
            return log.read().decode(errors="replace")

    def kill(self) -> None:
        """End it as a crash would (SIGKILL)."""
        if self.child is not None:
            children.kill(self.child)

    def signal(self, number: int) -> None:
        """Send it a signal."""
        if self.running:
            os.kill(self.pid, number)

    def stop(self) -> int:
        """Ask it to end (SIGTERM) and give its exit code."""
        assert self.child is not None, f"{self.name} was never started"
        self.child.terminate()
        return self.child.wait(STOP_LIMIT)


class System:
    """One web process for all routes and one worker for each service; `more` starts second workers.

    `settings` are environment variables over those that make leases and sweeps short enough for tests.
    """

    def __init__(
        self, folder: Path, mongodb_url: str, broker_url: str, smtp_url: str, settings: dict[str, str]
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CARRYOVER")},
            "MONGODB_URL": mongodb_url,
            "BROKER_URL": broker_url,
            "SMTP_URL": smtp_url,
            "PUBLIC_URL": self.url,
            "JWT_SECRET": SECRET,
            "PORT": str(self.port),
            "LEASE_SECONDS": "4",
            "SWEEP_SECONDS": "1",
            "CHUNK_ROWS": "500",
            "ATTEMPTS": "4",
            "PYTHONUNBUFFERED": "1",
            **settings,
        }
        web = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.py"]
        self.processes = {"web": self._process("web", [*web, "deploy.local.origin:create_app()"])}
        for service in WORKERS:
            self.add_worker(service)

    @property
    def url(self) -> str:
        """Where the web process answers."""
        return f"http://127.0.0.1:{self.port}"

    def add_worker(self, service: str, suffix: str = "", module: str | None = None) -> str:
        """Name one more worker of a service, to be started with `start`; gives the name."""
        name = service + suffix
        self.processes[name] = self._process(
            name, [sys.executable, "-m", module or f"services.{service}.worker"]
        )
        return name

    def _process(self, name: str, command: list[str]) -> Process:
        return Process(name, command, self.env, self.folder / f"{name}.log")

    def __getitem__(self, name: str) -> Process:
        return self.processes[name]

    def start(self, *names: str) -> Self:
        """Start the named processes, or all, and return when they take work."""
        chosen = [self.processes[name] for name in names or self.processes]
        for process in chosen:
            process.start()
        for process in chosen:
            eventually(
                lambda process=process: self._takes_work(process),  # type: ignore[misc]
                START_LIMIT,
                f"{process.name} takes work\n{process.output()[-2000:]}",
            )
        return self

    def _takes_work(self, process: Process) -> bool:
        if process.struck:
            return True  # at its first task or event, before anybody looked
        assert process.running, f"{process.name} ended:\n{process.output()[-4000:]}"
        if process.name != "web":
            return '"event": "consuming"' in process.output()
        try:
            return requests.get(f"{self.url}/health/ready", timeout=5).ok
        except requests.RequestException:
            return False

    def restart(self, *names: str) -> None:
        """Do what a supervisor does: start what has ended, and wait until it takes work."""
        self.start(*(name for name in names or self.processes if not self.processes[name].running))

    def end(self) -> None:
        """End all processes at once, paused ones too."""
        for process in self.processes.values():
            process.signal(signal.SIGCONT)
            process.kill()

    def logged(self, event: str, *names: str) -> list[dict[str, Any]]:
        """The log lines of an event, of all starts of the named processes, or of all."""
        lines: list[dict[str, Any]] = []
        for name in names or self.processes:
            log = self.processes[name].log
            for line in log.read_text(errors="replace").splitlines() if log.exists() else ():
                if f'"event": "{event}"' in line:
                    lines.append(json.loads(line))
        return lines


class Client:
    """A caller of the HTTP API for one firm; `look_at` sees each answer that has come as a whole."""

    look_at: Callable[[requests.Response], None] | None = None

    def __init__(self, url: str, firm: str, **claims: Any) -> None:
        self.url = f"{url}/api/v1"
        self.firm = firm
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token(firm, **claims)}"

    def close(self) -> None:
        """Close its connections."""
        self.session.close()

    def call(self, method: str, path: str, **how: Any) -> requests.Response:
        """One request as it is answered."""
        answer = self.session.request(method, f"{self.url}{path}", timeout=60, **how)
        if Client.look_at and not how.get("stream"):
            Client.look_at(answer)
        return answer

    def get(self, path: str, **query: Any) -> Any:
        """What a path answers; fails on any problem."""
        return self._good(self.call("GET", path, params=query))

    def post(self, path: str, body: Any = None) -> Any:
        """Send JSON; fails on any problem."""
        return self._good(self.call("POST", path, json=body))

    def put(self, path: str, body: Any) -> Any:
        """Put JSON in place; fails on any problem."""
        return self._good(self.call("PUT", path, json=body))

    @staticmethod
    def _good(answer: requests.Response) -> Any:
        assert answer.ok, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:2000]}"
        return answer.json()

    def send(self, content: bytes, name: str, key: str | None = None, **options: Any) -> requests.Response:
        """Upload bytes under a name; the answer as it comes."""
        return self.call(
            "POST",
            "/jobs",
            files={"file": (name, content)},
            data={"options": json.dumps(options)},
            headers={"Idempotency-Key": key} if key else {},
        )

    def upload(self, content: bytes, name: str = "clients.csv", **options: Any) -> str:
        """Upload bytes under a name; gives the id of the job."""
        return self._good(self.send(content, name, **options))["id"]

    def job(self, job_id: str) -> dict[str, Any]:
        """The job now."""
        return self.get(f"/jobs/{job_id}")

    def wait_for(self, job_id: str, *statuses: str, limit: float) -> dict[str, Any]:
        """The job once it is at one of the statuses; fails at once where it has ended elsewhere."""
        seen: dict[str, Any] = {}

        def arrived() -> bool:
            seen.update(self._job_or_nothing(job_id))
            ended = seen.get("status") in {"imported", "failed", "cancelled"} - set(statuses)
            assert not ended, f"{seen['status']} {seen['reason']} while waiting for {statuses}"
            return seen.get("status") in statuses

        eventually(arrived, limit, f"job {job_id} at {' or '.join(statuses)}")
        return seen

    def _job_or_nothing(self, job_id: str) -> dict[str, Any]:
        """The job, or nothing while the servers behind the API are away (503)."""
        answer = self.call("GET", f"/jobs/{job_id}")
        assert answer.status_code in (200, 503), answer.text
        return answer.json() if answer.ok else {}

    def every(self, path: str, **query: Any) -> Iterable[dict[str, Any]]:
        """All items of a list, page after page."""
        cursor = None
        while True:
            page = self.get(path, **query, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return


def token(firm: Any, *, secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    """A token of the platform for an owner of the firm; `claims` go over the usual ones, None leaves one out."""
    usual = {
        "sub": f"owner@{firm}",
        "firm": firm,
        "role": "owner",
        "permissions": ["manage_contacts"],
        "email": f"owner@{firm}.example.org",
        "locale": "en",
        "exp": int(time.time()) + 3600,
    }
    whole = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode(whole, secret, algorithm=algorithm)
