"""Repairs of rows over HTTP: single rows, all rows of a filter, all rows with one problem, and undoing repairs."""

from __future__ import annotations

from services.validator.api.repair_schemas import (
    ACCEPT,
    DROP,
    MOVE,
    TAKE,
    DecisionBody,
    DecisionRequest,
    FixBody,
    RepairedAnswer,
    RepairedJob,
    RepairsAnswer,
    RowChange,
    Selection,
    SelectionRequest,
)
from services.validator.api.service import checked_job, routes, shown_rows
from services.validator.repair.changes import Changes, FixRequest, RowRequest, by_chunk
from services.validator.repair.repairing import OvertakenError, Repairer
from services.validator.repair.requests import NoSuchRow
from services.validator.rows.grid import Grid, Wanted
from shared.contract.documents.job import Job
from shared.contract.edits import ROWS
from shared.contract.job import Status
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.problem import Problem
from shared.plumbing.task_store import TaskStore

MOST_CHANGES = 5_000
#: What every repair may be refused with.
REFUSED: tuple[web.Refusal, ...] = ("wrong_state", web.OVERTAKEN, "purged")
#: Of a repair that touched more rows, the page shows the first.
MOST_SHOWN = 500


def _repairer(job_id: str) -> tuple[Repairer, Job]:
    job = checked_job(job_id)
    web.must_have_status(job, Status.VALIDATED)
    return Repairer(web.servers().db, web.caller().firm, job_id), job


def _columns_of(changes: Changes) -> set[int]:
    return {column for cells in changes.cells.values() for column in cells}


def _repair(repairer: Repairer, changes: Changes, what: str, undoes: int | None = None) -> RepairedJob:
    """Make the changes and answer with what became of the job."""
    try:
        by, seen = web.caller(), web.seen().get(ROWS)
        done = repairer.repair(changes, by.id, what, undoes, email=by.email, seen=seen)
    except OvertakenError:
        raise Problem("changed_meanwhile", status=409) from None
    job, db = done.job, web.servers().db
    if done.again:
        web.servers().flow.arrived(job)
    rows = {} if done.again else by_chunk(done.positions[:MOST_SHOWN])
    return {
        "changed": done.changed,
        "status": job["status"],
        "revision": job["revision"],
        "counts": job["counts"],
        "items": shown_rows(Grid(TaskStore(db), repairer.rows, job), rows),
    }


@routes.on(
    "PATCH",
    "/jobs/<job_id>/rows",
    may=MANAGE_CONTACTS,
    as_seen=True,
    takes=RowChange(many=True),
    answer=RepairedAnswer,
    problems=REFUSED,
)
def repair_rows(body: list[RowRequest], job_id: str) -> RepairedJob:
    """Change cells of rows, tick and untick them, or decide whom they mean; they are checked again at once."""
    if len(body) > MOST_CHANGES:
        raise Problem("invalid_content", errors={"": [f"At most {MOST_CHANGES} rows at once."]})
    repairer, job = _repairer(job_id)
    try:
        changes = repairer.changing(job, body)
    except NoSuchRow as error:
        raise Problem("invalid_content", errors={"row": [error.place]}) from None
    web.must_have_rights(job, _columns_of(changes))
    return _repair(repairer, changes, _what(changes))


@routes.on(
    "POST",
    "/jobs/<job_id>/rows/decide",
    may=MANAGE_CONTACTS,
    as_seen=True,
    takes=DecisionBody,
    answer=RepairedAnswer,
    problems=REFUSED,
)
def decide_rows(body: DecisionRequest, job_id: str) -> RepairedJob:
    """Decide for all rows of a filter whether they mean the record in doubt, or somebody else.

    Repeated, it changes nothing more.
    """
    repairer, job = _repairer(job_id)
    changes = repairer.deciding(job, Wanted.of(body["where"]), {"is": body["decision"]})
    return _repair(repairer, changes, "decide")


@routes.on(
    "POST",
    "/jobs/<job_id>/rows/select",
    may=MANAGE_CONTACTS,
    as_seen=True,
    takes=Selection,
    answer=RepairedAnswer,
    problems=REFUSED,
)
def select_rows(body: SelectionRequest, job_id: str) -> RepairedJob:
    """Tick or untick all rows of a filter.

    Repeated, it changes nothing more.
    """
    repairer, job = _repairer(job_id)
    rows = repairer.matching(job, Wanted.of(body["where"]))
    changes = Changes(ticks=dict.fromkeys(rows, body["selected"]))
    return _repair(repairer, changes, "select" if body["selected"] else "unselect")


@routes.on(
    "POST",
    "/jobs/<job_id>/rows/fix",
    may=MANAGE_CONTACTS,
    as_seen=True,
    takes=FixBody,
    answer=RepairedAnswer,
    problems=(*REFUSED, "unknown_column"),
)
def fix_rows(body: FixRequest, job_id: str) -> RepairedJob:
    """Set, replace or clear the cells of all rows that have a problem, or decide what becomes of their values.

    Repeated, it changes the rows that have the problem still.
    """
    repairer, job = _repairer(job_id)
    if body.get("column", 0) >= job["source"]["columns"]:
        raise Problem("unknown_column", index=body["column"])
    changes = _fixing(repairer, job, body)
    web.must_have_rights(job, _columns_of(changes))
    return _repair(repairer, changes, body["action"])


def _what(changes: Changes) -> str:
    """What changes of single rows are called in the list of repairs."""
    if changes.cells or changes.ticks:
        return "edit"
    parts = {part for decision in changes.decisions.values() for part in decision}
    if parts == {"take"}:
        return "take"
    return DROP if parts == {"without"} else "decide"


def _fixing(repairer: Repairer, job: Job, body: FixRequest) -> Changes:
    """The changes that an action on all rows with a problem means."""
    if body["action"] == MOVE:
        return repairer.moving(job, body["problem"])
    if body["action"] == TAKE:
        return repairer.choosing(job, body, "take")
    if body["action"] == ACCEPT:
        return repairer.accepting(job, body)
    if body["action"] == DROP:
        return repairer.choosing(job, body, "without")
    return repairer.fixing(job, body)


@routes.on(
    "GET",
    "/jobs/<job_id>/repairs",
    may=MANAGE_CONTACTS,
    answer=RepairsAnswer,
    problems=("wrong_state", "purged"),
)
def repairs(job_id: str) -> dict[str, object]:
    """What was repaired, by whom, the latest first."""
    checked_job(job_id)
    found = web.rows(job_id).repair_list()
    undone = {repair["undoes"] for repair in found}
    return {"items": [{**repair, "undone": repair["number"] in undone} for repair in found]}


@routes.on(
    "POST",
    "/jobs/<job_id>/repairs/undo",
    may=MANAGE_CONTACTS,
    as_seen=True,
    answer=RepairedAnswer,
    problems=(*REFUSED, "nothing_to_undo"),
)
def undo_repair(job_id: str) -> RepairedJob:
    """Undo the latest repair that was not undone yet; cells changed again since stay as they are.

    Repeated, it undoes the repair before, and is refused with `nothing_to_undo` after the first one.
    """
    repairer, _ = _repairer(job_id)
    found = repairer.rows.repair_list()
    undone = {repair["undoes"] for repair in found}
    last = next((r for r in found if r["undoes"] is None and r["number"] not in undone), None)
    if last is None:
        raise Problem("nothing_to_undo")
    return _repair(repairer, repairer.undoing(last["number"]), "undo", undoes=last["number"])
