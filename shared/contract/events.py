"""The events for other services: CloudEvents 1.0 in the JSON format, for every status of a job and for records.

Ids follow from what they are about, so that an event that is published twice can be recognised. Data holds ids,
numbers and codes, never what is in a file or a record (https://github.com/cloudevents/spec).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from urllib.parse import quote

from marshmallow import EXCLUDE, Schema, fields, validate

from shared.contract.documents.job import HistoryLine, Job
from shared.contract.documents.task import OutboxEntry, RecordChange
from shared.contract.job import Status
from shared.contract.moments import rfc3339

EVENTS_EXCHANGE = "carryover.events"
CONTENT_TYPE = "application/cloudevents+json"
API = "/api/v1"

#: What a firm may choose for its records; the statuses of its jobs are always published.
NONE, SUMMARY, EACH = "none", "summary", "each"
CHOICES = (NONE, SUMMARY, EACH)

RECORDS_CHANGED = "records.changed"
INVITED = "contact.invited"
TEST = "webhook.test"
KINDS = ("accounts", "contacts")
CHANGES = ("created", "updated", "removed")
#: The numbers of a summary.
NUMBERS = (*(f"{kind}_{change}" for kind in KINDS for change in CHANGES), "links_created", "links_removed")

#: The part of the job that has the numbers of a status.
_NUMBERED = {Status.VALIDATED: "counts", Status.IMPORTED: "result", Status.UNDONE: "undo"}
#: The step that belongs to a status.
_CHANGING = {Status.CONFIRMED.value: "load", Status.UNDOING.value: "undo"}


class Event(TypedDict):
    """An event as it is published."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    data: Mapping[str, object]


#: A record that changed: type of the event, the job that made the record, its revision, its public id.
Changed = tuple[str, str | None, int, str]


class EventData(Schema):
    """Data of an event. A reader passes over names that it does not know, because more may come."""

    class Meta:
        unknown = EXCLUDE


class JobData(EventData):
    """A job came to a status; the job itself is at `link`."""

    job = fields.String(required=True)
    firm = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf([status.value for status in Status]))
    revision = fields.Integer(
        required=True,
        metadata={"description": "Grows when a person goes back and when an import is undone"},
    )
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it failed: a code of the catalogue"}
    )
    numbers = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={
            "description": "At `validated` the buckets, at `imported` the result, at `undone` its numbers"
        },
    )
    link = fields.String(required=True)


class RecordData(EventData):
    """A record was created, updated or removed; the record itself is at `link`."""

    record = fields.String(required=True)
    firm = fields.String(required=True)
    job = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The import that did it; null: through the API"},
    )
    revision = fields.Integer(
        required=True, metadata={"description": "Of the record; a higher one is newer. Removal counts as one"}
    )
    link = fields.String(required=True)


class InvitedData(EventData):
    """The mail server has taken an invitation of a contact; the contact itself is at `link`."""

    record = fields.String(required=True)
    firm = fields.String(required=True)
    sending = fields.String(
        required=True, metadata={"description": "What asked for it: `GET /api/v1/invitations/{id}`"}
    )
    mail = fields.Integer(
        required=True, metadata={"description": "1, and more where an earlier mail did not arrive"}
    )
    link = fields.String(required=True)


class ChangedData(EventData):
    """What a step of a job did to the firm's records, in numbers.

    A later one of the same job and step takes its place: a step that failed may be begun again.
    """

    job = fields.String(required=True)
    firm = fields.String(required=True)
    step = fields.String(required=True, validate=validate.OneOf(sorted(_CHANGING.values())))
    numbers = fields.Nested(
        EventData.from_dict({name: fields.Integer(required=True) for name in NUMBERS}, name="ChangedNumbers"),
        required=True,
    )
    link = fields.String(required=True)


#: Every type of event, which is also its routing key, with the schema of its data.
EVENTS: dict[str, type[EventData]] = {
    **{f"job.{status.value}": JobData for status in Status},
    **{f"{kind.removesuffix('s')}.{change}": RecordData for kind in KINDS for change in CHANGES},
    INVITED: InvitedData,
    RECORDS_CHANGED: ChangedData,
}


def history_line(
    status: Status, at: datetime, by: str, revision: int, changes: Mapping[str, Any]
) -> HistoryLine:
    """The history line of a move, with all numbers of its event, because the job may change later."""
    line: HistoryLine = {"status": status.value, "at": at, "by": by, "revision": revision}
    part: Any = changes.get(_NUMBERED.get(status, ""))
    numbers = part.get("numbers") if status is Status.UNDONE and part else part
    if numbers:
        line["numbers"] = dict(numbers)
    if changes.get("reason"):
        line["reason"] = changes["reason"]["code"]
    return line


def job_event(job: Job, n: int) -> Event:
    """The event of the nth line of a job's history."""
    line = job["history"][n]
    data = {
        "status": line["status"],
        "revision": line["revision"],
        "reason": line.get("reason"),
        "numbers": line.get("numbers", {}),
    }
    return _of_job(job, f"{job['_id']}.{n}", f"job.{line['status']}", line["at"], data)


@dataclass(frozen=True)
class Ended:
    """A step that changed records and came to its end with a line of the history."""

    step: str
    revision: int
    choice: str


def step_ended(job: Job, n: int) -> Ended | None:
    """The step that the nth line ends; None where it changed no records, or the firm wants no events about them."""
    step = _CHANGING.get(job["history"][n - 1]["status"]) if n else None
    choice = (job.get("events") or {}).get(step, NONE) if step else NONE
    return Ended(step, job["history"][n]["revision"], choice) if step and choice != NONE else None


def summary_event(job: Job, n: int, step: str, totals: Mapping[str, object]) -> Event | None:
    """The event of what a step did, at the nth line, its end; `totals` are its counts. None for no change."""
    renamed = {f"{kind}_updated": f"{kind}_restored" for kind in KINDS} if step == "undo" else {}
    numbers = {name: totals.get(renamed.get(name, name), 0) for name in NUMBERS}
    if not any(numbers.values()):
        return None
    at = job["history"][n]["at"]
    return _of_job(job, f"{job['_id']}.{n}.records", RECORDS_CHANGED, at, {"step": step, "numbers": numbers})


def record_events(document: OutboxEntry) -> Iterator[Event]:
    """The events of records that changed with one commit; `document` is as `outbox_store` keeps it."""
    firm = document["firm"]
    for change in document["changes"]:
        kind = change["type"].partition(".")[0]
        for identity in change["ids"]:
            if change["type"] == INVITED:
                yield _invited(document, change, identity)
                continue
            data: dict[str, object] = {
                "record": identity,
                "firm": firm,
                "job": document["job"],
                "revision": change["revision"],
                "link": f"{API}/{kind}s/{identity}",
            }
            # a record that was removed may be made again under its id, by another job
            event_id = f"{identity}.{change['made_by']}.{change['revision']}"
            yield _envelope(firm, event_id, change["type"], identity, document["at"], data)


def _invited(document: OutboxEntry, change: RecordChange, contact: str) -> Event:
    """The event of an invitation; of such a change `made_by` is the sending, and `revision` counts its mails."""
    firm, number = document["firm"], change["revision"]
    data = {
        "record": contact,
        "firm": firm,
        "sending": change["made_by"],
        "mail": number,
        "link": f"{API}/contacts/{contact}",
    }
    return _envelope(firm, f"{contact}.invited.{number}", INVITED, contact, document["at"], data)


def test_event(firm: str, identity: str, at: datetime) -> Event:
    """The event that a person has posted to try a webhook; it is never published."""
    return _envelope(firm, identity, TEST, firm, at, {"firm": firm})


def _of_job(job: Job, event_id: str, kind: str, at: datetime, data: Mapping[str, object]) -> Event:
    link = f"{API}/jobs/{job['_id']}"
    whole = {"job": job["_id"], "firm": job["firm"], **data, "link": link}
    return _envelope(job["firm"], event_id, kind, job["_id"], at, whole)


def _envelope(
    firm: str, event_id: str, kind: str, subject: str, at: datetime, data: Mapping[str, object]
) -> Event:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/carryover/firms/{quote(firm, safe='')}",
        "type": kind,
        "subject": subject,
        "time": rfc3339(at),
        "datacontenttype": "application/json",
        "data": data,
    }


def grouped(changes: Iterable[Changed]) -> list[RecordChange]:
    """Changes (type, the job that made the record, revision, id) brought together, so that a chunk stays small."""
    groups: dict[tuple[str, str | None, int], list[str]] = {}
    for kind, made_by, revision, identity in changes:
        groups.setdefault((kind, made_by, revision), []).append(identity)
    return [
        {"type": kind, "made_by": made_by, "revision": revision, "ids": ids}
        for (kind, made_by, revision), ids in groups.items()
    ]
