"""A job that moves, and what takes the place of the stores when it is followed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contract.job import WAITS_FOR_PERSON, Status, new_job
from shared.plumbing.beat_store import Beat
from shared.plumbing.following.followers import Follower
from shared.plumbing.following.picture import Picture

FIRM, JOB = "north", "0123456789abcdef"
BEGAN = datetime(2026, 11, 28, 9, 30, 0, 123_456, tzinfo=UTC)
SOURCE = {"name": "clients.csv", "bytes": 9, "sha256": "0" * 64, "rows": 30, "chunks": [30], "revision": 1}
BY = {"id": "an", "email": "an@office.example", "locale": "en", "rights": []}
#: A job on its way, by itself and to its end.
WAY = ("uploaded", "read", "proposed", "mapped", "validated", "confirmed", "imported")


class Tasks:
    """The tasks of a job, so many rows done."""

    def __init__(self, done: int = 0) -> None:
        self.done = done

    def rows_done(self, _job: Any) -> dict[str, int]:
        """Rows done by step."""
        return dict.fromkeys(("read", "propose", "check", "match", "plan", "load", "undo"), self.done)

    def has_begun(self, *_: Any) -> bool:
        """Whether a worker has had any."""
        return True

    def totals(self, *_: Any) -> dict[str, int]:
        """What was loaded."""
        return {"contacts_created": self.done}


class Beats:
    """Signs of life of the services."""

    def __init__(self) -> None:
        self.known: dict[str, Beat] = {}

    def all(self) -> dict[str, Beat]:
        """How each service is."""
        return self.known


class Work:
    """Where the work on jobs is."""

    def __init__(self, done: int = 0) -> None:
        self.tasks: Any = Tasks(done)
        self.beats: Any = Beats()


def job_after(statuses: Iterable[str], **more: Any) -> dict[str, Any]:
    """A job that had these statuses; a person is awaited only at the last."""
    way = list(statuses)
    job: dict[str, Any] = new_job(JOB, FIRM, "accounts_and_contacts", {}, SOURCE, BY, BEGAN)
    lines = [
        {"status": one, "at": BEGAN + timedelta(seconds=n), "by": "an", "revision": 1}
        for n, one in enumerate(way)
    ]
    owed = None if Status(way[-1]) in WAITS_FOR_PERSON else "importer"
    return {**job, "status": way[-1], "history": lines, "since": BEGAN, "owed": owed, **more}


def picture(*statuses: str, done: int = 0, **more: Any) -> Picture:
    """What is seen of it."""
    return Picture(job_after(statuses, **more), Work(done))


class Nobody:
    """A hub that nobody looks into; it counts."""

    def __init__(self) -> None:
        self.followers: list[Follower] = []

    def join(self, follower: Follower) -> None:
        """Count one more."""
        self.followers.append(follower)

    def leave(self, follower: Follower) -> None:
        """Count one less."""
        if follower in self.followers:
            self.followers.remove(follower)


def read_events(text: bytes) -> list[tuple[str, str, dict[str, Any]]]:
    """Id, name and content of each event of a stream, by the rules of the standard; comments are passed over."""
    found = []
    for block in text.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":") and line)
        if "data" in fields:
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found
