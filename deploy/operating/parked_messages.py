"""What a parked message says: why it was parked, which job it names, and what of it may be shown.

In comes a message as the broker gives it, out go its facts. The body of a message about work holds ids alone. Any other
body may hold rows of clients, so only its size and the names in it are shown, unless somebody asks for the body.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypedDict

from shared.contract.documents.task import WorkData
from shared.contract.messages import MessageError, read_work
from shared.contract.routes import REQUESTS
from shared.plumbing.bus import DEATHS, PARKED_AT, REASON, ParkedMessage
from shared.plumbing.task_store import task_id

#: Headers that are secrets: the token of a request that the broker parked.
SECRET_HEADERS = frozenset({"authorization"})
#: Names of columns that are shown of a body.
MOST_NAMES = 50


class About(TypedDict):
    """A parked message in a list. `kind` is `work`, `request` (for an import) or `unknown`.

    `attempts` are those of its task; None where there is no such task. `since` is in ISO 8601.
    """

    id: str
    service: str
    kind: str
    reason: str
    since: str | None
    job: str | None
    firm: str | None
    step: str | None
    task: str | None
    attempts: int | None
    bytes: int


class Outline(TypedDict):
    """What is shown in place of a body: its size, the names at its top, and of its rows the number and the headers."""

    bytes: int
    names: list[str]
    rows: int | None
    headers: list[str]


def work_of(message: ParkedMessage) -> WorkData | None:
    """The work that a message announces; None where it cannot be understood."""
    try:
        return read_work(message.body)
    except MessageError:
        return None


def task_of(work: WorkData) -> str:
    """The id of the task that a message announces."""
    return task_id(work["job_id"], work["revision"], work["step"], work["chunk"])


def about(message: ParkedMessage) -> About:
    """The facts of a message."""
    work, death = work_of(message), _death(message.headers)
    found: About = {
        "id": message.id,
        "service": message.service,
        "kind": "work" if work else "unknown",
        "reason": _reason(message.headers, death),
        "since": _text(message.headers.get(PARKED_AT)) or _text(death.get("time")),
        "job": None,
        "firm": None,
        "step": None,
        "task": None,
        "attempts": None,
        "bytes": len(message.body),
    }
    if work:
        named: About = {**found, "job": work["job_id"], "firm": work["firm"], "step": work["step"]}
        return {**named, "task": task_of(work)}
    body = _object_in(message.body)
    if death.get("queue") == REQUESTS or "idempotency_key" in body:
        return {**found, "kind": "request", "firm": _text(body.get("firm"))}
    return found


def _death(headers: Mapping[str, object]) -> Mapping[str, object]:
    """Why the broker parked a message itself (https://www.rabbitmq.com/docs/dlx#effects); the latest comes first."""
    deaths = headers.get(DEATHS)
    first = deaths[0] if isinstance(deaths, list) and deaths else None
    return first if isinstance(first, dict) else {}


def _reason(headers: Mapping[str, object], death: Mapping[str, object]) -> str:
    if reason := _text(headers.get(REASON)):
        return reason
    return f"the broker gave it up: {death.get('reason')}" if death else "no reason is given"


def _text(value: object) -> str | None:
    return value[:500] if isinstance(value, str) and value else None


def _object_in(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def headers_shown(message: ParkedMessage) -> dict[str, object]:
    """The headers of a message without what is secret."""
    return {
        name: "(not shown)" if name.lower() in SECRET_HEADERS else value
        for name, value in message.headers.items()
    }


def outline(message: ParkedMessage) -> Outline:
    """What may be shown of any body."""
    body = _object_in(message.body)
    rows = body.get("rows")
    rows = rows if isinstance(rows, list) else None
    headers = dict.fromkeys(
        str(name)[:100] for row in (rows or [])[:MOST_NAMES] if isinstance(row, dict) for name in row
    )
    return {
        "bytes": len(message.body),
        "names": [str(name)[:100] for name in body][:MOST_NAMES],
        "rows": None if rows is None else len(rows),
        "headers": list(headers)[:MOST_NAMES],
    }


def body_shown(message: ParkedMessage) -> str | None:
    """The body where it holds ids alone; None for any other."""
    return message.body.decode("utf-8", "replace") if work_of(message) else None
