"""POST /jobs/{id}/confirm starts loading; GET /jobs/{id}/result says what it did."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from services.importer.api.service import routes
from shared.contract.answers import JobAnswer, Notice, UndoNumbers
from shared.contract.documents.job import Job
from shared.contract.job import Status
from shared.contract.problems import sentence
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.job_view import result_of, show
from shared.plumbing.problem import Problem


@routes.on(
    "POST",
    "/jobs/<job_id>/confirm",
    may=MANAGE_CONTACTS,
    as_seen=True,
    answer=JobAnswer,
    status=202,
    problems=("wrong_state", web.OVERTAKEN),
)
def confirm(job_id: str) -> ResponseReturnValue:
    """Start loading what the plan shows.

    Repeated before the end, it answers with the job; afterwards it is refused with `wrong_state`. Nothing is loaded
    twice.
    """
    job = web.job(job_id)
    web.must_have_status(job, Status.VALIDATED, Status.CONFIRMED)
    moved = web.jobs().advance(job, Status.CONFIRMED, by=web.caller().id, as_read=True)
    if moved is None:
        raise Problem("changed_meanwhile", status=409)
    flow = web.servers().flow
    return (
        show(flow.arrived(moved), flow, web.PREFIX, web.caller().locale),
        202,
        web.located(f"/jobs/{job_id}"),
    )


class LeftOut(Schema):
    """How many of the rows that were skipped have a problem; a row may have several."""

    code = fields.String(required=True)
    rows = fields.Integer(required=True)
    message = fields.String(required=True)


class ResultAnswer(Schema):
    """The numbers of an import, and where to go from there."""

    status = fields.String(required=True)
    rows = fields.Integer(required=True, allow_none=True)
    result = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    undo = fields.Nested(UndoNumbers, required=True, allow_none=True)
    balanced = fields.Boolean(required=True)
    left_out = fields.List(
        fields.Nested(LeftOut),
        required=True,
        allow_none=True,
        metadata={"description": "Why rows were skipped; null until the list of them is made"},
    )
    notices = fields.List(fields.Nested(Notice), required=True)
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


@routes.on(
    "GET", "/jobs/<job_id>/result", may=MANAGE_CONTACTS, answer=ResultAnswer, problems=("wrong_state",)
)
def result(job_id: str) -> ResponseReturnValue:
    """What became of the rows; while loading, what was done so far."""
    job = web.brief_job(job_id)
    web.must_have_status(
        job, Status.CONFIRMED, Status.IMPORTED, Status.CANCELLED, Status.FAILED, Status.UNDOING, Status.UNDONE
    )
    shown = show(job, web.servers().flow, web.PREFIX, web.caller().locale)
    numbers = result_of(job, web.servers().flow.tasks)
    done = sum(numbers[name] for name in ("rows_loaded", "rows_unchanged", "rows_skipped"))
    return {
        "status": job["status"],
        "rows": job["source"].get("rows"),
        "result": numbers,
        "undo": shown["undo"],
        "balanced": done == job["source"].get("rows"),
        "left_out": _left_out(job, numbers["rows_skipped"]),
        "notices": job["notices"],
        "links": shown["links"],
    }


def _left_out(job: Job, skipped: int) -> list[dict[str, object]] | None:
    if not skipped:
        return []
    counted = job.get("left_out")
    if counted is None:
        return None
    lang = web.caller().locale
    ranked = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return [{"code": code, "rows": rows, "message": sentence(code, lang)} for code, rows in ranked]
