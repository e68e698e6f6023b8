"""The messages between the services: a CloudEvents envelope around ids, never around row data."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import cast

from marshmallow import RAISE, Schema, ValidationError, fields

from shared.contract.bounded import Choice, Text, Whole
from shared.contract.documents.task import Announced, WorkData
from shared.contract.moments import rfc3339
from shared.contract.routes import LANES, STEPS

VERSION = 1
TYPE = f"carryover.work.v{VERSION}"
MAX_BYTES = 64 * 1024


class MessageError(Exception):
    """A message that can never be understood; `code` is one of the catalogue's."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


class Work(Schema):
    """The body of a message: which task to look at."""

    class Meta:
        unknown = RAISE

    job_id = Text(64, 1, required=True)
    firm = Text(64, 1, required=True)
    revision = Whole(required=True)
    step = Choice(list(STEPS), required=True)
    chunk = Whole(required=True)
    lane = Choice(LANES, required=True)


class Envelope(Schema):
    """CloudEvents 1.0, JSON format (https://github.com/cloudevents/spec)."""

    class Meta:
        unknown = RAISE

    specversion = Choice(["1.0"], required=True)
    id = Text(1000, required=True)
    source = Text(1000, required=True)
    type = Text(100, required=True)
    time = Text(100, required=True)
    datacontenttype = Text(100, load_default="application/json")
    data = fields.Nested(Work, required=True)


_ENVELOPE = Envelope()


def work_message(task: Announced, sender: str) -> dict[str, object]:
    """Announce a task; the id is the task's, so that a repeated message can be recognised."""
    return {
        "specversion": "1.0",
        "id": task["_id"],
        "source": f"/carryover/{sender}",
        "type": TYPE,
        "time": rfc3339(datetime.now(UTC)),
        "datacontenttype": "application/json",
        "data": {
            "job_id": task["job"],
            "firm": task["firm"],
            "revision": task["revision"],
            "step": task["step"],
            "chunk": task["n"],
            "lane": task["lane"],
        },
    }


def read_work(body: bytes | str) -> WorkData:
    """Give the data of a message.

    Raises `MessageError` with `message_too_large`, `not_json`, `unknown_version`, `unknown_type` or
    `invalid_message`.
    """
    if len(body) > MAX_BYTES:
        raise MessageError("message_too_large", f"{len(body)} bytes")
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MessageError("not_json", str(error)) from error
    kind = envelope.get("type") if isinstance(envelope, dict) else None
    if isinstance(kind, str) and kind.startswith("carryover.work.") and kind != TYPE:
        raise MessageError("unknown_version", kind)
    if isinstance(kind, str) and kind != TYPE:
        raise MessageError("unknown_type", kind)
    try:
        loaded = _ENVELOPE.load(envelope)
    except ValidationError as error:
        raise MessageError("invalid_message", json.dumps(error.messages)) from error
    return cast("WorkData", loaded["data"])
