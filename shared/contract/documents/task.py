"""Tasks (one step of a job on one chunk), and changes in the outbox that wait to be published. Workers write them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

State = Literal["ready", "queued", "leased", "done", "parked"]
#: What a task counted: a number, numbers in a group (`problems` by code), or a list of names.
Count = int | dict[str, int] | list[str]
Counts = dict[str, Count]


class Lease(TypedDict):
    """Who works on a task, until when; `session` is the database session that will finish it."""

    token: str
    owner: str
    until: datetime
    session: NotRequired[object]


class Announced(TypedDict):
    """What a message says of a task: one step on chunk `n`, or on the whole job (`n` is 0)."""

    _id: str
    job: str
    firm: str
    revision: int
    step: str
    n: int
    lane: str


class Task(Announced):
    """A task; its id is job, revision, step and `n`.

    `ring_at` is when its message is sent again. `attempts` counts claims that ended badly, `deaths` those
    whose worker died or was paused, `rings` repeated messages.
    Times are those of the database server.
    """

    service: str
    rows: int
    state: State
    attempts: int
    rings: int
    ring_at: datetime
    opened_at: datetime
    counts: Counts
    lease: NotRequired[Lease | None]
    done_rows: NotRequired[int]
    done_at: NotRequired[datetime]
    delays: NotRequired[int]
    deaths: NotRequired[int]
    error: NotRequired[str | None]


class LeasedTask(Task):
    """A task that a worker has leased."""

    lease: Lease  # type: ignore[misc]


class Span(TypedDict):
    """The part of a job that one task is for: chunk `n` with so many rows."""

    n: int
    rows: int


class WorkData(TypedDict):
    """The body of a message: look at this task."""

    job_id: str
    firm: str
    revision: int
    step: str
    chunk: int
    lane: str


class RecordChange(TypedDict):
    """Records that changed alike: the type of the event, who made them, their revision, their public ids."""

    type: str
    made_by: str | None
    revision: int
    ids: list[str]


class OutboxEntry(TypedDict):
    """Changes of one commit that are not published yet; `claim` is the lease of the relay that publishes them."""

    _id: str
    firm: str
    job: str | None
    at: datetime
    claim: dict[str, object] | None
    changes: list[RecordChange]
