"""A person who brings client lists to a running system, over HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import requests
from containers import TestError

from tools.client_lists import TEAM

LOOK_SECONDS = 0.1
PAGE = 500
OPTIONS = {"autostart": True, "max_invalid": {"share": 0.2}}
#: An event that waits comes when the job is done, which takes longer.
EVENT_SECONDS = 3.0

Job = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """The owner of one firm."""

    url: str
    secret: str
    firm: str

    def call(self, method: str, path: str, **more: Any) -> Any:
        """Ask the API and give the JSON of its answer."""
        return self.ask(method, path, **more).json()

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """Ask the API; raises `TestError` with what it answered."""
        headers = {"Authorization": f"Bearer {self.token()}", **more.pop("headers", {})}
        answer = requests.request(
            method, f"{self.url}/api/v1{path}", headers=headers, **{"timeout": 120, **more}
        )
        if not answer.ok:
            raise TestError(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer

    def token(self, name: str = "owner") -> str:
        """What the platform gives them, or a colleague."""
        claims: dict[str, Any] = {
            "sub": f"{name}@{self.firm}",
            "firm": self.firm,
            "role": "owner",
            "locale": "en",
        }
        claims |= {"email": f"owner@{self.firm}.example.org", "exp": int(time.time()) + 3600}
        return jwt.encode(claims, self.secret, algorithm="HS256")

    def sees(self, path: str) -> str:
        """Sign in by the platform's link and give the page that it leads to; raises `TestError`."""
        signing_in = {"token": self.token(), "next": path}
        with requests.Session() as browser:
            answer = browser.get(f"{self.url}/signin", params=signing_in, timeout=30)
        if not answer.ok:
            raise TestError(f"the page {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer.text

    def introduce_team(self) -> None:
        """Make the people known that the lists name."""
        team = [{"id": f"t{n}", "name": email.split("@")[0], "email": email} for n, email in enumerate(TEAM)]
        self.call("PUT", "/directory", json={"team_members": team})

    def upload(self, path: Path) -> str:
        """Bring a list, to be imported without a person; gives the job's id."""
        with path.open("rb") as file:
            files = {"file": (path.name, file, "text/csv")}
            job = self.call("POST", "/jobs", files=files, data={"options": json.dumps(OPTIONS)})
        return str(job["id"])

    def job(self, job_id: str) -> Job:
        """The job as it is now."""
        found: Job = self.call("GET", f"/jobs/{job_id}")
        return found

    def first_event(self, job_id: str) -> Job:
        """What the stream of events begins with; raises `TestError` when nothing comes at once."""
        try:
            with self.ask("GET", f"/jobs/{job_id}/events", stream=True, timeout=EVENT_SECONDS) as stream:
                data = next(line for line in stream.iter_lines() if line.startswith(b"data: "))
        except (requests.RequestException, StopIteration) as error:
            raise TestError(f"no event of the running job came through: {error!r}") from error
        event: Job = json.loads(data.removeprefix(b"data: "))
        return event

    def last_event(self, job_id: str, colleague: int) -> str | None:
        """Follow a job as a colleague until the stream ends, and give the status that its last event has."""
        bearer = {"Authorization": f"Bearer {self.token(f'colleague{colleague}')}"}
        url, last = f"{self.url}/api/v1/jobs/{job_id}/events", None
        with requests.get(url, headers=bearer, stream=True, timeout=120) as stream:
            for line in stream.iter_lines():
                if line.startswith(b"data: "):
                    last = json.loads(line.removeprefix(b"data: ")).get("status", last)
        return last

    def wait(self, job_id: str, until: Callable[[Job], bool], what: str, limit: float) -> Job:
        """The job as soon as `until` holds; raises `TestError` when it cannot any more or not in time."""
        deadline = time.monotonic() + limit
        while True:
            job = self.job(job_id)
            if until(job):
                return job
            place = f"{job['status']}, {job['progress']['done']} of {job['progress']['total']} rows"
            if job["status"] in ("failed", "cancelled", "imported") or _waits_for_person(job):
                raise TestError(f"{what}: the job is at {place}; {job['reason'] or job['hold'] or ''}")
            if time.monotonic() > deadline:
                raise TestError(f"{what}: not within {limit:.0f} s; the job is at {place}")
            time.sleep(LOOK_SECONDS)

    def records(self, kind: str) -> Iterator[dict[str, Any]]:
        """All accounts or contacts of the firm."""
        cursor: str | None = None
        while True:
            page = self.call(
                "GET", f"/{kind}", params={"limit": PAGE, **({"cursor": cursor} if cursor else {})}
            )
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return


def _waits_for_person(job: Job) -> bool:
    return bool(job["waiting_for"]) and job["waiting_for"]["who"] == "person" and bool(job["hold"])
