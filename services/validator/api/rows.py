"""GET /jobs/{id}/rows: the rows of a checked job with cells, problems, fixes and plan."""

from __future__ import annotations

import time
from typing import TypedDict

from marshmallow import Schema, fields

from services.validator.api.service import (
    BLANK,
    OF_THE_COLUMN,
    RowAnswer,
    Where,
    checked_job,
    routes,
    shown_rows,
)
from services.validator.repair.changes import by_chunk
from services.validator.report.summary import kind_in_system
from services.validator.rows.grid import PAGE_SECONDS, Conditions, Grid, TooManyToSort, Wanted
from services.validator.rows.ordering import MOST_SORTED
from services.validator.rows.view import ShownRow, show_record_left
from shared.contract.bounded import Choice, Code, Count
from shared.contract.custom_fields import Names
from shared.contract.documents.job import Job
from shared.contract.job import COUNTS
from shared.contract.records import public_id
from shared.contract.requests import MOST_COLUMNS
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.problem import Problem
from shared.plumbing.row_store import RowNumbers
from shared.plumbing.task_store import TaskStore

ONLY_IN_SYSTEM = "only_in_system"
OUTCOMES = ("loaded", "unchanged", "skipped")


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
    cursor = Code(r"^([0-9]{1,9}\.[0-9]{1,9}|[0-9a-f]{24}|at[0-9]{1,9})$")
    column = Count(0, MOST_COLUMNS - 1, metadata=OF_THE_COLUMN)
    blank = fields.Boolean(metadata=BLANK)
    sort = Count(
        0,
        MOST_COLUMNS - 1,
        metadata={"description": f"in the order of this column; for lists of up to {MOST_SORTED} rows"},
    )
    descending = fields.Boolean(load_default=False)
    limit = Count(1, 500, load_default=50)


class RowsAnswer(Schema):
    """A page of rows; it may be short of the limit and still have a `next`."""

    items = fields.List(fields.Nested(RowAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class RowsRequest(Conditions, total=False):
    """What a request for rows asks."""

    row: str
    cursor: str
    limit: int
    sort: int
    descending: bool


class Page(TypedDict):
    """A page of rows, and the cursor of the next."""

    items: list[ShownRow]
    next: str | None


@routes.on(
    "GET",
    "/jobs/<job_id>/rows",
    may=MANAGE_CONTACTS,
    answer=RowsAnswer,
    query=RowsQuery,
    problems=("wrong_state", "purged", "too_many_to_sort"),
)
def rows(query: RowsRequest, job_id: str) -> Page:
    """Rows by bucket, problem and text, with cells, problems, fixes and plan."""
    job = checked_job(job_id)
    cursor = query.get("cursor", "0.0")
    if query.get("bucket") == ONLY_IN_SYSTEM:
        return _only_in_system(job, "" if "." in cursor else cursor, query["limit"])
    grid = Grid(TaskStore(web.servers().db), web.rows(job_id), job)
    if "sort" in query and "row" not in query:
        return _sorted(grid, query)
    n, _, offset = cursor.partition(".")
    if not offset:
        raise Problem("invalid_content", errors={"cursor": ["Not a cursor of this list."]})
    try:
        if "row" in query:
            return {"items": shown_rows(grid, _numbered(job, query["row"])), "next": None}
        found, following = grid.page(Wanted.of(query), (int(n), int(offset)), query["limit"])
        items = shown_rows(grid, found)
    except KeyError:
        raise Problem("purged") from None
    return {"items": items, "next": "{}.{}".format(*following) if following else None}


def _sorted(grid: Grid, query: RowsRequest) -> Page:
    """A page of rows in the order of a column."""
    start, column = query.get("cursor", "at0").removeprefix("at"), query["sort"]
    if not start.isdigit() or column >= (grid.job["source"].get("columns") or 0):
        raise Problem("invalid_content", errors={"cursor": ["Not a place in this list."]})
    try:
        found, following = grid.sorted_page(
            Wanted.of(query), column, query["descending"], int(start), query["limit"]
        )
        by_position = by_chunk(sorted(found))
        items = shown_rows(grid, by_position)
    except TooManyToSort:
        raise Problem("too_many_to_sort", max=MOST_SORTED) from None
    except KeyError:
        raise Problem("purged") from None
    places = {(n, at): item for (n, at), item in zip(sorted(found), items, strict=True)}
    return {
        "items": [places[position] for position in found],
        "next": None if following is None else f"at{following}",
    }


def _numbered(job: Job, wanted: str) -> dict[int, list[int]]:
    """The offsets of rows by chunk, from their numbers; numbers that the file does not have are left out."""
    numbers = RowNumbers.of(web.rows(job["_id"]), job["source"])
    found = map(numbers.position, {int(number) for number in wanted.split(",")})
    return by_chunk(sorted(position for position in found if position))


def _only_in_system(job: Job, after: str, limit: int) -> Page:
    """Records of the firm, in the order of their ids, without those that the file names."""
    kind, store, until = kind_in_system(job), web.directory(), time.monotonic() + PAGE_SECONDS
    items: list[ShownRow] = []
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
