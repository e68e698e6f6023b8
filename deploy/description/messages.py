"""Examples of the messages, made by the functions that make the messages, of one import."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from deploy.description import refusals
from deploy.description.whole import kept_examples
from shared.contract.documents.task import Announced, OutboxEntry, RecordChange
from shared.contract.events import (
    INVITED,
    RECORDS_CHANGED,
    Event,
    history_line,
    job_event,
    record_events,
    summary_event,
)
from shared.contract.job import COUNTS, RESULTS, UNDO_NUMBERS, Status, new_job
from shared.contract.messages import work_message
from shared.contract.moments import rfc3339

JOB, RECORD, FIRM, PERSON = "019cad110001edcf068a29144f66d3c8", "3f9a52b01c7d4e6688a0b1c2", "demo", "anna"
SENDING = "7c1e5a90b3d24f68a1c7e2d4"
BEGAN = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
BEARER = "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjcm0ifQ.c2lnbmF0dXJl"
REQUEST: dict[str, object] = {
    "version": "1",
    "firm": FIRM,
    "requested_by": "anna@firm.example",
    "idempotency_key": "export-2026-03-02",
    "options": {"autostart": True},
    "name": "clients of March",
    "rows": [{"Account name": "Cedar NV", "First name": "Ann", "Email": "ann@cedar.example"}],
}
#: What a status writes beside it, where its event has numbers or a reason.
_CHANGES: Mapping[Status, Mapping[str, Any]] = {
    Status.VALIDATED: {"counts": {**dict.fromkeys(COUNTS, 0), "new": 2, "invalid": 1}},
    Status.IMPORTED: {"result": {**dict.fromkeys(RESULTS, 0), "accounts_created": 2, "rows_loaded": 2}},
    Status.UNDONE: {"undo": {"numbers": {**dict.fromkeys(UNDO_NUMBERS, 0), "accounts_removed": 2}}},
    Status.FAILED: {"reason": {"code": "no_rows", "params": {}}},
}


def of_event(kind: str) -> list[dict[str, Event]]:
    """The example of a type of event; none of a type that no function below makes."""
    return [{"payload": _events()[kind]}] if kind in _events() else []


@cache
def _events() -> dict[str, Event]:
    source: Any = {"name": "clients.csv", "bytes": 255, "sha256": "2579026b"}
    by: Any = {"id": PERSON, "email": "anna@firm.example", "locale": "en", "rights": []}
    job = new_job(JOB, FIRM, "accounts_and_contacts", {}, source, by, BEGAN)
    job["history"] = [
        history_line(status, BEGAN + timedelta(seconds=n), PERSON, 1, _CHANGES.get(status, {}))
        for n, status in enumerate(Status)
    ]
    found = [job_event(job, n) for n in range(len(job["history"]))]
    types = [
        f"{kind}.{change}" for kind in ("account", "contact") for change in ("created", "updated", "removed")
    ]
    changes = [RecordChange(type=kind, made_by=JOB, revision=1, ids=[RECORD]) for kind in types]
    entry = OutboxEntry(_id=f"{JOB}.load.0", firm=FIRM, job=JOB, at=BEGAN, claim=None, changes=changes)
    invited = RecordChange(type=INVITED, made_by=SENDING, revision=1, ids=[RECORD])
    changes.append(invited)
    summary = summary_event(job, list(Status).index(Status.IMPORTED), "load", {"accounts_created": 2})
    whole = {each["type"]: each for each in [*found, *record_events(entry)]}
    return {**whole, **({RECORDS_CHANGED: summary} if summary else {})}


def job() -> object:
    """The job of a request, as it is answered."""
    return kept_examples()["post_jobs"]["answer"]


def problem() -> object:
    """The refusal of a request."""
    return refusals.examples(409, ["idempotency_conflict"])["idempotency_conflict"]["value"]


def work() -> dict[str, object]:
    """A task to look at."""
    task: Announced = {
        "_id": f"{JOB}.1.check.0",
        "job": JOB,
        "firm": FIRM,
        "revision": 1,
        "step": "check",
        "n": 0,
        "lane": "fast",
    }
    return {**work_message(task, "validator"), "time": rfc3339(BEGAN)}
