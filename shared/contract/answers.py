"""What several services answer over HTTP: the job and its parts, as marshmallow schemas."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.contract.edits import PARTS
from shared.contract.job import COUNTS, KINDS, RESULTS, UNDO_NUMBERS, Status
from shared.contract.moments import Moment
from shared.contract.sendings import STATUSES


class Delay(Schema):
    """What keeps a service from its work, and since when."""

    code = fields.String(
        required=True,
        metadata={
            "description": "`service_away`: no worker of the service is alive; `messages_away`: its workers cannot"
            " reach the broker; `in_queue`: it has other work to do first"
        },
    )
    message = fields.String(required=True)
    since = Moment(required=True)


class WaitingFor(Schema):
    """Who acts next, on what, and since when."""

    who = fields.String(required=True, metadata={"description": "`person` or the name of a service"})
    what = fields.String(required=True)
    since = Moment(required=True)
    delay = fields.Nested(
        Delay,
        required=True,
        allow_none=True,
        metadata={"description": "why the work has not begun; null where it goes on, or a person acts next"},
    )


class SourceBrief(Schema):
    """The uploaded file in short."""

    name = fields.String(required=True)
    bytes = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    format = fields.String(allow_none=True)
    encoding = fields.String(allow_none=True)
    delimiter = fields.String(allow_none=True)
    sheet = fields.String(allow_none=True)
    header_row = fields.Integer(allow_none=True)
    rows = fields.Integer(allow_none=True)
    columns = fields.Integer(allow_none=True)


class Progress(Schema):
    """How far the work of the present status is; `total` is null while it is not known."""

    step = fields.String(required=True)
    done = fields.Integer(required=True)
    total = fields.Integer(required=True, allow_none=True)
    rows_per_second = fields.Integer(required=True)
    eta_seconds = fields.Integer(required=True, allow_none=True)


class Reason(Schema):
    """Why a job failed."""

    code = fields.String(required=True)
    message = fields.String(required=True)


class HistoryLine(Schema):
    """One status a job came to."""

    status = fields.String(required=True)
    at = Moment(required=True)
    by = fields.String(required=True)
    revision = fields.Integer(required=True)


class Notice(Schema):
    """One mail about the job."""

    to = fields.String(required=True)
    status = fields.String(required=True)
    sent_at = Moment(required=True, allow_none=True)


UndoNumbers = Schema.from_dict({n: fields.Integer(required=True) for n in UNDO_NUMBERS}, name="UndoNumbers")


class EditAnswer(Schema):
    """The latest change that a person made of a part of a job: the how manyth it was, by whom, and when."""

    number = fields.Integer(required=True)
    by = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    at = Moment(required=True)


class JobAnswer(Schema):
    """An import job."""

    id = fields.String(required=True)
    firm = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": list(KINDS)})
    status = fields.String(required=True, metadata={"enum": [s.value for s in Status]})
    revision = fields.Integer(required=True)
    version = fields.String(
        required=True,
        metadata={
            "description": "changes whenever the job as answered does, but for the rate and the time left"
        },
    )
    waiting_for = fields.Nested(WaitingFor, required=True, allow_none=True)
    edits = fields.Dict(
        keys=fields.String(validate=validate.OneOf(PARTS)),
        values=fields.Nested(EditAnswer),
        required=True,
        metadata={"description": "what people changed, by part; the numbers are for `If-Match`"},
    )
    source = fields.Nested(SourceBrief, required=True)
    progress = fields.Nested(Progress, required=True)
    counts = fields.Nested(
        Schema.from_dict({c: fields.Integer(required=True) for c in COUNTS}, name="Counts")
    )
    result = fields.Nested(
        Schema.from_dict({r: fields.Integer(required=True) for r in RESULTS}, name="Result")
    )
    undo = fields.Nested(
        UndoNumbers,
        required=True,
        allow_none=True,
        metadata={"description": "what the undo of the import did; null where nobody undid it"},
    )
    reason = fields.Nested(Reason, required=True, allow_none=True)
    hold = fields.Nested(Reason, required=True, allow_none=True)
    created_by = fields.String(required=True)
    created_by_email = fields.String(
        allow_none=True, metadata={"description": "the address of who made the job, where the token had one"}
    )
    created_at = Moment(required=True)
    history = fields.List(fields.Nested(HistoryLine), required=True)
    notices = fields.List(fields.Nested(Notice), required=True)
    notify = fields.List(
        fields.String(), metadata={"description": "who gets a mail when it has come to an end"}
    )
    purged_at = Moment(allow_none=True)
    repairs = fields.String(
        allow_none=True, metadata={"description": "the job whose skipped rows this one loads"}
    )
    repaired_by = fields.List(
        fields.String(), metadata={"description": "jobs that loaded rows which this one had skipped"}
    )
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class JobList(Schema):
    """A page of the history."""

    items = fields.List(fields.Nested(JobAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class InvitationOfContact(Schema):
    """What became of the invitation of a contact to the portal."""

    status = fields.String(
        required=True, metadata={"description": ", ".join(f"`{each}`" for each in STATUSES)}
    )
    at = Moment(required=True, allow_none=True)
    address = fields.String(
        required=True, allow_none=True, metadata={"description": "where the last mail went"}
    )
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "why it failed: the answer of the mail server (5xx), or `put_off` for a day"
        },
    )
