"""The HTTP of the checking step: the report before the start, and the rows with their problems and plans."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

from flask import Flask
from marshmallow import Schema, ValidationError, fields, validates_schema

from services.validator.repair.repairing import Changes, NoSuchRow, OvertakenError, Repairer
from services.validator.report.summary import kind_in_system
from services.validator.row_steps import by_chunk
from services.validator.rows.grid import PAGE_SECONDS, Grid, Wanted
from services.validator.rows.view import show_record_left, show_rows
from shared.contract.bounded import MOST_CELL, Choice, Code, Count, Flag, Named, Text, Whole
from shared.contract.custom_fields import Names
from shared.contract.fields import label
from shared.contract.job import COUNTS, Status, as_loaded, columns_by_field
from shared.contract.problems import sentence
from shared.contract.records import public_id
from shared.contract.requests import MOST_COLUMNS, Input, column_index
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.row_store import RowNumbers
from shared.plumbing.settings import Settings
from shared.plumbing.task_store import TaskStore
from shared.plumbing.web import Problem, Routes

SERVICE = "validator"
ONLY_IN_SYSTEM = "only_in_system"
OUTCOMES = ("loaded", "unchanged", "skipped")
MOST_CHANGES = 5_000
MOVE = "move_to_account"
WITHOUT_RECORD = "value_without_record"
#: Of a repair that touched more rows, the page shows the first.
MOST_SHOWN = 500

routes = Routes(SERVICE)


def create_app(settings: Settings | None = None) -> Flask:
    """The web application of the validator."""
    return web.create_app(SERVICE, [routes], settings)


class Where(Input):
    """Which rows: all that is given must hold."""

    bucket = Choice(COUNTS)
    problem = Code(r"^[a-z_]{1,60}$")
    q = Text(100, 1, metadata={"description": "words that occur in the cells of the row"})


class RowsQuery(Where):
    """Which rows, and how many."""

    bucket = Choice((*COUNTS, ONLY_IN_SYSTEM))
    row = Code(
        r"^[0-9]{1,9}(,[0-9]{1,9}){0,99}$",
        metadata={
            "description": "only these rows, by their numbers, separated by commas; nothing else counts then"
        },
    )
    outcome = Choice(OUTCOMES)
    cursor = Code(r"^([0-9]{1,9}\.[0-9]{1,9}|[0-9a-f]{24})$")
    limit = Count(1, 500, load_default=50)


class RowAnswer(Schema):
    """One row of the file; `row` is null for a record of the firm that the file does not name."""

    row = fields.Integer(required=True, allow_none=True)
    cells = fields.List(fields.String(), required=True)
    bucket = fields.String(required=True)
    selected = fields.Boolean(required=True)
    problems = fields.List(fields.Dict(), required=True)
    fixes = fields.List(fields.Dict(), required=True)
    plan = fields.Dict(required=True)
    outcome = fields.String(required=True, allow_none=True)
    decision = fields.Dict(
        required=True,
        metadata={"description": "what a person decided: `decision`, `same_as`, `to_account`; empty before"},
    )


class RowsAnswer(Schema):
    """A page of rows; it may be short of the limit and still have a `next`."""

    items = fields.List(fields.Nested(RowAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class ReportAnswer(Schema):
    """What will happen, in numbers."""

    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    problems = fields.List(fields.Dict(), required=True)
    fixes = fields.List(fields.Dict(), required=True)
    columns = fields.List(fields.Dict(), required=True)
    records = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    asked = fields.Integer(
        required=True,
        metadata={"description": "rows that are invalid only until a person decides whom they mean"},
    )
    only_in_system = fields.Integer(required=True)
    new_tags = fields.List(fields.String(), required=True)
    custom_fields = fields.List(fields.Dict(), required=True)
    unknown_values = fields.List(fields.Dict(), required=True)
    settings = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    rules = fields.List(fields.Integer(), required=True)


CHECKED = (
    Status.VALIDATED,
    Status.CONFIRMED,
    Status.IMPORTED,
    Status.FAILED,
    Status.CANCELLED,
    Status.UNDOING,
    Status.UNDONE,
)


def _checked_job(job_id: str) -> dict[str, Any]:
    job = web.kept_job(job_id)
    if job["status"] not in CHECKED or job["report"] is None:
        raise Problem("wrong_state", standing=job["status"], allowed=Status.VALIDATED.value)
    return as_loaded(job)


@routes.on("GET", "/jobs/<job_id>/report", may=MANAGE_CONTACTS, answer=ReportAnswer, problems=(409, 410))
def report(job_id: str) -> Any:
    """Counts per bucket and per problem, with examples, before the start."""
    job, lang = _checked_job(job_id), web.caller().locale
    found, columns_of = job["report"], columns_by_field(job["mapping"])
    names = Names.of_mapping(job["mapping"])
    problems = []
    for problem in found["problems"]:
        examples = [
            {
                "row": example["row"],
                "column": columns_of.get(example["field"]),
                "message": sentence(
                    problem["code"],
                    lang,
                    **{"field": label(names.key(example["field"]), lang), **example["params"]},
                ),
            }
            for example in problem["examples"]
        ]
        problems.append({**problem, "examples": examples})
    columns = [{**c, "message": sentence(c["code"], lang, **c["params"])} for c in found["columns"]]
    unknown = [{**value, "field": names.key(value["field"])} for value in found["unknown_values"]]
    told = {"problems": problems, "columns": columns, "unknown_values": unknown}
    return {**found, **told, "counts": job["counts"]}


@routes.on(
    "GET", "/jobs/<job_id>/rows", may=MANAGE_CONTACTS, answer=RowsAnswer, query=RowsQuery, problems=(409, 410)
)
def rows(query: dict[str, Any], job_id: str) -> Any:
    """Rows by bucket, problem and text, with cells, problems, fixes and plan."""
    job = _checked_job(job_id)
    cursor = query.get("cursor", "0.0")
    if query.get("bucket") == ONLY_IN_SYSTEM:
        return _only_in_system(job, "" if "." in cursor else cursor, query["limit"])
    n, _, offset = cursor.partition(".")
    if not offset:
        raise Problem("invalid_content", errors={"cursor": ["Not a cursor of this list."]})
    grid = Grid(TaskStore(web.servers().db), web.rows(job_id), job)
    try:
        if "row" in query:
            return {"items": _shown(grid, _numbered(job, query["row"])), "next": None}
        found, following = grid.page(Wanted.of(query), (int(n), int(offset)), query["limit"])
        items = _shown(grid, found)
    except KeyError:
        raise Problem("purged") from None
    return {"items": items, "next": "{}.{}".format(*following) if following else None}


def _shown(grid: Grid, found: dict[int, list[int]]) -> list[dict[str, Any]]:
    lang = web.caller().locale
    return [
        row
        for n, offsets in found.items()
        for row in show_rows(offsets, grid.shown(n, offsets), grid.job["mapping"], lang)
    ]


def _numbered(job: dict[str, Any], wanted: str) -> dict[int, list[int]]:
    """The offsets of rows by chunk, from their numbers; numbers that the file does not have are left out."""
    numbers, found = RowNumbers.of(web.rows(job["_id"]), job["source"]), defaultdict[int, list[int]](list)
    for position in sorted(filter(None, map(numbers.position, {int(n) for n in wanted.split(",")}))):
        found[position[0]].append(position[1])
    return found


def _only_in_system(job: dict[str, Any], after: str, limit: int) -> dict[str, Any]:
    """Records of the firm, in the order of their ids, without those that the file names."""
    kind, store, until = kind_in_system(job), web.directory(), time.monotonic() + PAGE_SECONDS
    items: list[dict[str, Any]] = []
    names = Names(store.reference()["custom_fields"])
    while True:
        page = store.page(kind, after, limit, {})
        named = web.rows(job["_id"]).named(job["revision"], kind, [record["_id"] for record in page])
        for record in page:
            if record["_id"] not in named and record["job"] != job["_id"]:
                items.append(show_record_left(record, kind, names))
            after = public_id(record["_id"])
            if len(items) == limit:
                return {"items": items, "next": after}
        if len(page) < limit:
            return {"items": items, "next": None}
        if time.monotonic() > until:
            return {"items": items, "next": after}


# repairs


SAME_OR_NEW = ("same", "new")


class SameAs(Input):
    """Which record a row means: one of the firm, or that of another row."""

    id = Code(r"^[0-9a-f]{24}$")
    row = Whole(1)

    @validates_schema
    def one(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Refuse both, and none."""
        if len(data) != 1:
            raise ValidationError("Give either id or row.")


class RowChange(Input):
    """What to change of one row: cells by index of their column, whether it is selected, and whom it means."""

    row = Whole(1, required=True)
    cells = Named(Code(r"^[0-9]{1,4}$"), Text(MOST_CELL), MOST_COLUMNS)
    selected = Flag()
    decision = Choice(
        SAME_OR_NEW,
        allow_none=True,
        metadata={
            "description": "where nobody can tell: `same` as the candidate, or somebody `new`; null: undecided"
        },
    )
    same_as = fields.Nested(SameAs, metadata={"description": "which of several candidates is the same"})
    to_account = Flag(
        metadata={"description": "values of a person whom the row does not name go to its account"}
    )

    @validates_schema
    def something(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a change that changes nothing, and a candidate that is not said to be the same."""
        if not data.keys() & {"cells", "selected", "decision", "to_account"}:
            raise ValidationError("Give cells, selected, decision or to_account.")
        if "same_as" in data and data.get("decision") != "same":
            raise ValidationError("Only with the decision same.", "same_as")


class Selection(Input):
    """Tick or untick all rows of a filter."""

    where = fields.Nested(Where, load_default=dict)
    selected = Flag(required=True)


class Decision(Input):
    """One decision for all rows of a filter about which nobody can tell."""

    where = fields.Nested(Where, load_default=dict)
    decision = Choice(SAME_OR_NEW, required=True, allow_none=True)


class FixBody(Input):
    """The same repair on all rows that have a problem, in the column that has it."""

    problem = Code(r"^[a-z_]{1,60}$", required=True)
    column = column_index(metadata={"description": "only this column; default: that of the problem"})
    action = Choice(["set", "replace", "clear", MOVE], required=True)
    value = Text(
        MOST_CELL,
        load_default="",
        metadata={"description": "what to set, or what to put in the place of `find`"},
    )
    find = Text(1000, 1)

    @validates_schema
    def replaced(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Replacing needs something to find."""
        if data.get("action") == "replace" and "find" not in data:
            raise ValidationError("Give what to find.", "find")
        if data.get("action") == MOVE and data.get("problem") != WITHOUT_RECORD:
            raise ValidationError(f"Only values with {WITHOUT_RECORD} can be moved.", "action")


class RepairedAnswer(Schema):
    """The job after a repair; `items` are the rows that were asked for, as they are now."""

    changed = fields.Integer(required=True, metadata={"description": "rows that changed"})
    status = fields.String(
        required=True, metadata={"description": "`mapped` where the whole file is being checked again"}
    )
    revision = fields.Integer(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    items = fields.List(fields.Nested(RowAnswer), required=True)


class RepairAnswer(Schema):
    """One repair."""

    number = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True)
    what = fields.String(required=True)
    cells = fields.Integer(required=True)
    ticks = fields.Integer(required=True)
    decisions = fields.Integer(required=True)
    undone = fields.Boolean(required=True)
    undoes = fields.Integer(required=True, allow_none=True)


class RepairsAnswer(Schema):
    """The repairs of a job, the latest first."""

    items = fields.List(fields.Nested(RepairAnswer), required=True)


def _repairer(job_id: str) -> tuple[Repairer, dict[str, Any]]:
    job = _checked_job(job_id)
    web.must_stand_at(job, Status.VALIDATED)
    return Repairer(web.servers().db, web.caller().firm, job_id), job


def _columns_of(changes: Changes) -> set[int]:
    return {column for cells in changes.cells.values() for column in cells}


def _repair(repairer: Repairer, changes: Changes, what: str, undoes: int | None = None) -> dict[str, Any]:
    """Make the changes and answer with what became of the job."""
    try:
        done = repairer.repair(changes, web.caller().id, what, undoes)
    except OvertakenError:
        raise Problem("changed_meanwhile", status=409) from None
    items: list[dict[str, Any]] = []
    if done.again:
        web.servers().flow.arrived(done.job)
    else:
        grid = Grid(TaskStore(web.servers().db), repairer.rows, done.job)
        items = _shown(grid, by_chunk(done.positions[:MOST_SHOWN]))
    job = done.job
    return {
        "changed": done.changed,
        "status": job["status"],
        "revision": job["revision"],
        "counts": job["counts"],
        "items": items,
    }


@routes.on(
    "PATCH",
    "/jobs/<job_id>/rows",
    may=MANAGE_CONTACTS,
    takes=RowChange(many=True),
    answer=RepairedAnswer,
    problems=(409, 410, 422),
)
def repair_rows(body: list[dict[str, Any]], job_id: str) -> Any:
    """Change cells of rows, tick and untick them, or decide whom they mean; they are checked again at once."""
    if len(body) > MOST_CHANGES:
        raise Problem("invalid_content", errors={"": [f"At most {MOST_CHANGES} rows at once."]})
    repairer, job = _repairer(job_id)
    try:
        changes = repairer.changing(job, body)
    except NoSuchRow as error:
        raise Problem("invalid_content", errors={"row": [error.place]}) from None
    web.must_have_rights(job, _columns_of(changes))
    return _repair(repairer, changes, "edit" if changes.cells or changes.ticks else "decide")


@routes.on(
    "POST",
    "/jobs/<job_id>/rows/decide",
    may=MANAGE_CONTACTS,
    takes=Decision,
    answer=RepairedAnswer,
    problems=(409, 410),
)
def decide_rows(body: dict[str, Any], job_id: str) -> Any:
    """Decide for all rows of a filter whether they mean the record in doubt, or somebody else."""
    repairer, job = _repairer(job_id)
    changes = repairer.deciding(job, Wanted.of(body["where"]), {"is": body["decision"]})
    return _repair(repairer, changes, "decide")


@routes.on(
    "POST",
    "/jobs/<job_id>/rows/select",
    may=MANAGE_CONTACTS,
    takes=Selection,
    answer=RepairedAnswer,
    problems=(409, 410),
)
def select_rows(body: dict[str, Any], job_id: str) -> Any:
    """Tick or untick all rows of a filter."""
    repairer, job = _repairer(job_id)
    rows = repairer.matching(job, Wanted.of(body["where"]))
    changes = Changes(ticks=dict.fromkeys(rows, body["selected"]))
    return _repair(repairer, changes, "select" if body["selected"] else "unselect")


@routes.on(
    "POST",
    "/jobs/<job_id>/rows/fix",
    may=MANAGE_CONTACTS,
    takes=FixBody,
    answer=RepairedAnswer,
    problems=(409, 410),
)
def fix_rows(body: dict[str, Any], job_id: str) -> Any:
    """Set, replace or clear the cells of all rows that have a problem, or give their values to the account."""
    repairer, job = _repairer(job_id)
    if body.get("column", 0) >= job["source"]["columns"]:
        raise Problem("unknown_column", index=body["column"])
    moves = body["action"] == MOVE
    changes = repairer.moving(job, body["problem"]) if moves else repairer.fixing(job, body)
    web.must_have_rights(job, _columns_of(changes))
    return _repair(repairer, changes, body["action"])


@routes.on("GET", "/jobs/<job_id>/repairs", may=MANAGE_CONTACTS, answer=RepairsAnswer, problems=(409, 410))
def repairs(job_id: str) -> Any:
    """What was repaired, by whom, the latest first."""
    _checked_job(job_id)
    found = web.rows(job_id).repairs()
    undone = {repair["undoes"] for repair in found}
    return {"items": [{**repair, "undone": repair["number"] in undone} for repair in found]}


@routes.on(
    "POST", "/jobs/<job_id>/repairs/undo", may=MANAGE_CONTACTS, answer=RepairedAnswer, problems=(409, 410)
)
def undo_repair(job_id: str) -> Any:
    """Take the latest repair back that was not taken back yet; cells changed again since stay as they are."""
    repairer, _ = _repairer(job_id)
    found = repairer.rows.repairs()
    undone = {repair["undoes"] for repair in found}
    last = next((r for r in found if r["undoes"] is None and r["number"] not in undone), None)
    if last is None:
        raise Problem("nothing_to_undo")
    return _repair(repairer, repairer.undoing(last["number"]), "undo", undoes=last["number"])
