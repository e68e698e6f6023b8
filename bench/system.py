"""Starts a private system to measure: own servers, ports and folder; removes everything at the end."""

from __future__ import annotations

import contextlib
import http
import http.client
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from pymongo import MongoClient

from deploy.local.ports import free_port
from deploy.local.state import State
from deploy.local.supervisor import Supervisor, is_ready, prepare
from deploy.local.system import START_LIMIT, token
from tools.client_lists import TEAM

OPTIONS = {"autostart": True, "max_invalid": {"share": 0.2}}
PAUSE = 0.01  # seconds between two looks for a mail
ASK = 2.0  # seconds between two requests for the status of the job
BOUNDARY = "carryover-bench-boundary"
BLOCK = 1 << 18  # bytes
NOT_OURS = ("MONGODB_URL", "BROKER_URL", "SMTP_URL", "PROCFILE", "PROMETHEUS_MULTIPROC_DIR")


class BenchError(RuntimeError):
    """The measurement has no value; the message says why."""


@dataclass(frozen=True)
class Posted:
    """A job on its way: when its POST began and was answered (seconds since the epoch)."""

    job_id: str
    began: float
    answered: float


@dataclass(frozen=True)
class Carried:
    """A job whose mail has come: seconds from the begin of the POST, and the job as answered."""

    posted: Posted
    seconds: float
    job: dict[str, Any]


class System:
    """The running system; made by `running`."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.supervisor = supervisor
        self.url = supervisor.state.url
        self.mongodb_url = supervisor.servers["MONGODB_URL"].url
        client: MongoClient[dict[str, Any]] = MongoClient(self.mongodb_url, tz_aware=True)
        self.client = client
        self.db = client.get_default_database()
        self._mails = supervisor.state.folder / "mail" / "mails"
        self._read: dict[str, bytes] = {}

    def firm(self, name: str) -> Firm:
        """A firm with the team that generated lists name."""
        firm = Firm(self, name, token(self.supervisor.state, name, "owner", "en"))
        members = [{"id": mail, "name": mail.split("@")[0], "email": mail} for mail in TEAM]
        firm.call("PUT", "/directory", json={"team_members": members})
        return firm

    def mailed_at(self, job_id: str) -> float | None:
        """When the mail about a job was caught (seconds since the epoch); None while it has not come."""
        for entry in os.scandir(self._mails):
            if entry.name.endswith(".eml") and entry.name not in self._read:
                self._read[entry.name] = Path(entry.path).read_bytes().replace(b"=\r\n", b"")
        found = (name for name, text in self._read.items() if job_id.encode() in text)
        return next((int(name.split("-")[0]) / 1e9 for name in found), None)

    def assert_runs(self) -> None:
        """Raises BenchError when its processes have ended."""
        processes = self.supervisor.processes
        if processes is None or processes.poll() is not None:
            raise BenchError("the processes of the system have ended")


@dataclass(frozen=True)
class Firm:
    """The owner of one firm, calling the API."""

    system: System
    name: str
    token: str

    def call(self, method: str, path: str, **more: Any) -> Any:
        """What the API answers. Raises BenchError when that is a problem."""
        bearer = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(
            method, f"{self.system.url}/api/v1{path}", headers=bearer, timeout=60, **more
        )
        if not answer.ok:
            raise BenchError(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer.json()

    def job(self, job_id: str) -> dict[str, Any]:
        """The job as it is now."""
        answer: dict[str, Any] = self.call("GET", f"/jobs/{job_id}")
        return answer

    def answers(self, path: str) -> bool:
        """Whether the API has something at a path yet; 409 says that the job is not so far."""
        bearer = {"Authorization": f"Bearer {self.token}"}
        answer = requests.get(f"{self.system.url}/api/v1{path}", headers=bearer, timeout=60)
        if not answer.ok and answer.status_code != http.HTTPStatus.CONFLICT:
            raise BenchError(f"GET {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer.ok

    def until(self, job_id: str, status: str, limit: float) -> dict[str, Any]:
        """The job once it has a status. Raises BenchError after ``limit`` seconds, or where it failed."""
        end = time.time() + limit
        while (job := self.job(job_id))["status"] != status:
            if job["reason"] or time.time() > end:
                raise BenchError(f"job {job_id} is {job['status']} and not {status}: {job['reason']}")
            time.sleep(PAUSE * 10)
        return job

    def post(self, path: Path, options: dict[str, Any] = OPTIONS) -> Posted:
        """Send a file, a block at a time, so that its size costs this process no memory."""
        before, after = _around(path.name, options)
        length = len(before) + path.stat().st_size + len(after)
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(length),
        }
        began = time.time()
        place = self.system.url.removeprefix("http://")
        with contextlib.closing(http.client.HTTPConnection(place, timeout=600)) as connection:
            connection.request("POST", "/api/v1/jobs", _body(before, path, after), headers)
            answer = connection.getresponse()
            text = answer.read()
        if answer.status != 202:
            raise BenchError(f"POST /jobs answered {answer.status}: {text[:500]!r}")
        return Posted(json.loads(text)["id"], began, time.time())

    def wait(self, posted: Posted, limit: float) -> Carried:
        """Wait until the mail of a job has come. Raises BenchError after ``limit`` seconds."""
        asked = time.time()
        while (came := self.system.mailed_at(posted.job_id)) is None:
            now = time.time()
            if now - asked > ASK:
                asked = now
                self._assert_goes_on(posted, now - posted.began > limit)
            time.sleep(PAUSE)
        return Carried(posted, came - posted.began, self.job(posted.job_id))

    def _assert_goes_on(self, posted: Posted, too_late: bool) -> None:
        self.system.assert_runs()
        job = self.job(posted.job_id)
        waits = (job["waiting_for"] or {}).get("who") == "person" and job["hold"]
        if too_late or waits:
            standing = {name: job[name] for name in ("status", "waiting_for", "hold", "reason", "progress")}
            raise BenchError(f"no mail about job {posted.job_id} of {self.name}: {json.dumps(standing)}")


def _around(name: str, options: dict[str, Any]) -> tuple[bytes, bytes]:
    """What is before and after the file in the body of the request."""
    before = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="options"\r\n\r\n{json.dumps(options)}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    return before.encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


def _body(before: bytes, path: Path, after: bytes) -> Iterator[bytes]:
    yield before
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
    yield after


@contextlib.contextmanager
def running(folder: Path) -> Iterator[System]:
    """A system that takes work, with all its state in ``folder``; stopped on leaving, whatever the reason."""
    for name in NOT_OURS:
        os.environ.pop(name, None)
    prepare()
    state = State(folder, free_port())
    supervisor = Supervisor(state)
    with supervisor.up():
        if "BROKER_URL" not in supervisor.servers:
            raise BenchError("the figures need RabbitMQ (Debian: apt install rabbitmq-server)")
        limit = time.monotonic() + START_LIMIT
        supervisor.watch(until=lambda: is_ready(state) or time.monotonic() > limit)
        if not is_ready(state):
            raise BenchError(f"the system did not come up:\n{state.log.read_text(errors='replace')[-3000:]}")
        system = System(supervisor)
        try:
            yield system
        except BenchError as error:
            log = state.log.read_text(errors="replace")
            raise BenchError(f"{error}\nThe end of its log:\n{log[-3000:]}") from error
        finally:
            system.client.close()
