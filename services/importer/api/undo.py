"""GET /jobs/{id}/undo says what undo would do; POST starts it."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from services.importer.api.service import SERVICE, routes
from services.importer.undo.preview import foresee
from shared.contract.answers import JobAnswer, Reason, UndoNumbers
from shared.contract.documents.chunk import Outcomes
from shared.contract.documents.job import Job, Undo
from shared.contract.job import UNDO_NUMBERS, Status, as_loaded, loaded_at
from shared.contract.keeping import UNDOABLE
from shared.contract.moments import Moment
from shared.contract.problems import sentence
from shared.contract.requests import Input
from shared.plumbing import clock, web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.job_view import result_of, show, undo_of
from shared.plumbing.problem import Problem

#: Rows of the largest import for which undo is previewed; a larger one would take too long for a request.
MOST_FORESEEN = 20_000


class Kept(Schema):
    """Names among the firm's reference data that stay, because somebody uses them."""

    tags = fields.List(fields.String(), required=True)
    contact_tags = fields.List(fields.String(), required=True)
    custom_fields = fields.List(fields.Dict(), required=True)


class UndoAnswer(Schema):
    """Whether an import may be undone and until when, what that will do, and what it did."""

    may = fields.Boolean(required=True)
    why_not = fields.Nested(Reason, required=True, allow_none=True)
    days = fields.Integer(required=True)
    until = Moment(required=True, allow_none=True)
    will = fields.Nested(
        Schema.from_dict(
            {n: fields.Integer(required=True, allow_none=True) for n in UNDO_NUMBERS}, name="Will"
        ),
        required=True,
        allow_none=True,
        metadata={
            "description": "What it would do now; for large imports what was loaded, with null for what"
            " depends on changes since"
        },
    )
    done = fields.Nested(UndoNumbers, required=True, allow_none=True)
    names_kept = fields.Nested(Kept, required=True, allow_none=True)


class UndoQuery(Input):
    """How much the answer contains."""

    numbers = fields.Boolean(
        load_default=True,
        metadata={"description": "false: without what it would do now, which takes its time"},
    )


class UndoAsked(TypedDict):
    """The query that `UndoQuery` reads."""

    numbers: bool


def _undo_days() -> int:
    return web.directory().days("undo_days", web.settings().undo_days)


def _why_not(job: Job, days: int) -> Problem | None:
    """Why an import cannot be undone now; None where it can."""
    ended = loaded_at(job)
    if job["status"] not in UNDOABLE:
        return Problem("wrong_state", standing=job["status"], allowed=", ".join(UNDOABLE))
    if ended is None:
        return Problem("nothing_loaded")
    if clock.now() > ended + timedelta(days=days):
        return Problem("undo_expired", days=days)
    return Problem("purged") if job.get("purged_at") else None


@routes.on("GET", "/jobs/<job_id>/undo", may=MANAGE_CONTACTS, answer=UndoAnswer, query=UndoQuery)
def undo_shown(query: UndoAsked, job_id: str) -> ResponseReturnValue:
    """What the undo of the import will do, and whether it is possible; afterwards, what it did."""
    job, days = web.brief_job(job_id), _undo_days()
    why_not, ended = _why_not(job, days), loaded_at(job)
    message = sentence(why_not.code, web.caller().locale, **why_not.params) if why_not else None
    return {
        "may": why_not is None,
        "why_not": {"code": why_not.code, "message": message} if why_not else None,
        "days": days,
        "until": ended + timedelta(days=days) if ended else None,
        "will": _foreseen(job) if query["numbers"] and not why_not else None,
        "done": undo_of(job, web.servers().flow.tasks),
        "names_kept": job["undo"].get("names_kept") if job["undo"] else None,
    }


def _foreseen(job: Job) -> dict[str, int | None]:
    """The numbers that undo would give now; for a large import those that are known without a preview."""
    loaded = result_of(job, web.servers().flow.tasks)
    rows_read = job["source"]["rows"] or 0
    if rows_read > MOST_FORESEEN:
        unknown: dict[str, int | None] = dict.fromkeys(UNDO_NUMBERS)
        known = {
            f"{collection}_removed": loaded[f"{collection}_created"]
            for collection in ("accounts", "contacts", "links")
        }
        restored = {
            f"{collection}_restored": loaded[f"{collection}_updated"]
            for collection in ("accounts", "contacts")
        }
        return {**unknown, "rows_reversed": loaded["rows_loaded"], **known, **restored}
    revision, chunks = as_loaded(job)["revision"], len(job["source"]["chunks"])
    found = foresee(web.directory(), job["_id"], web.rows(job["_id"]).read_each(Outcomes, revision, chunks))
    numbers = {name: found.get(name, 0) for name in UNDO_NUMBERS}
    rows = sum(number for name, number in numbers.items() if name.startswith("rows_"))
    return {
        **numbers,
        "rows_nothing": numbers["rows_nothing"] + rows_read - rows,
        "tags_removed": None,
        "custom_fields_removed": None,
    }


@routes.on(
    "POST",
    "/jobs/<job_id>/undo",
    may=MANAGE_CONTACTS,
    answer=JobAnswer,
    status=202,
    problems=("wrong_state", "nothing_loaded", "undo_expired", web.OVERTAKEN, "purged"),
)
def undo(job_id: str) -> ResponseReturnValue:
    """Undo the import: remove what it made, give back the values it changed, keep what changed since.

    Repeated before the end, it answers with the job; afterwards it is refused with `wrong_state`.
    """
    job, flow = web.job(job_id), web.servers().flow
    if job["status"] != Status.UNDOING:
        why_not = _why_not(job, _undo_days())
        if why_not:
            raise why_not
        undone: Undo = {"of": as_loaded(job)["revision"], "numbers": None}
        kept = {**undone, "names_kept": None}
        parts = {"result": result_of(job, flow.tasks), "undo": kept}
        moved = web.jobs().go_back(job, Status.UNDOING, by=web.caller().id, service=SERVICE, parts=parts)
        job = moved or web.job(job_id)  # another request may have started it meanwhile
        if job["status"] != Status.UNDOING:
            raise _why_not(job, _undo_days()) or Problem("changed_meanwhile", status=409)
    return (
        show(flow.arrived(job), flow.tasks, web.PREFIX, web.caller().locale),
        202,
        web.located(f"/jobs/{job_id}"),
    )
