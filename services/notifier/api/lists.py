"""The lists of skipped rows, and of the rows of an import that was undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, TypedDict

from flask.typing import ResponseReturnValue
from marshmallow import fields

from services.notifier.api.files import FILE, XLSX, ZIP, attached, made
from services.notifier.api.service import routes
from services.notifier.job_lists import skipped_id, write_skipped, write_skipped_book
from services.notifier.lists.undone_rows import write_undone
from shared.contract.custom_fields import Names
from shared.contract.documents.chunk import EditedCells, Undone, UndoReason
from shared.contract.documents.job import Job
from shared.contract.job import Status, as_loaded, undo_of_job
from shared.contract.requests import Input
from shared.contract.skipped_rows import MOST_ROWS
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.job_view import rows_listed
from shared.plumbing.problem import Problem
from shared.plumbing.row_store import RowStore

PLANNED = (Status.VALIDATED, Status.CONFIRMED)
LOADED = (Status.IMPORTED, Status.UNDOING, Status.UNDONE)


@routes.on(
    "GET",
    "/jobs/<job_id>/skipped.zip",
    may=MANAGE_CONTACTS,
    answer=FILE,
    content_type=ZIP,
    problems=("wrong_state", "purged"),
)
def skipped(job_id: str) -> ResponseReturnValue:
    """The rows that were not loaded, or will not be, with the reasons, as a zipped CSV."""
    job = _job_with_skipped(job_id)
    return attached(_archive(job), "skipped-rows.zip", ZIP)


@routes.on(
    "GET",
    "/jobs/<job_id>/skipped.xlsx",
    may=MANAGE_CONTACTS,
    answer=FILE,
    content_type=XLSX,
    problems=("wrong_state", "purged", "too_many_rows_for_a_workbook"),
)
def skipped_book(job_id: str) -> ResponseReturnValue:
    """The same rows as a workbook, the wrong cells marked; at most 200,000 of them."""
    job = _job_with_skipped(job_id)
    if rows_listed(job) > MOST_ROWS:
        raise Problem("too_many_rows_for_a_workbook", count=rows_listed(job), max=MOST_ROWS)
    return attached(_skipped(write_skipped_book, job), "skipped-rows.xlsx", XLSX)


def _job_with_skipped(job_id: str) -> Job:
    job = web.kept_job(job_id)
    web.must_have_status(job, *PLANNED, *LOADED)
    if not rows_listed(job):
        raise Problem("not_found")
    return job


def _archive(job: Job) -> IO[bytes]:
    """The kept list; one made now for another language, or where the worker has not made it yet."""
    if job["status"] in LOADED and job["locale"] == web.caller().locale:
        with suppress(KeyError):  # not made yet
            return web.files().open(skipped_id(job["_id"]))
    return _skipped(write_skipped, job)


def _skipped(write: Callable[[IO[bytes], RowStore, Job, str], object], job: Job) -> IO[bytes]:
    return made(lambda target: write(target, web.rows(job["_id"]), as_loaded(job), web.caller().locale))


class UndoneQuery(Input):
    """Which rows."""

    all = fields.Boolean(load_default=False, metadata={"description": "also those that nothing stays of"})


class UndoneAsked(TypedDict):
    """The query that `UndoneQuery` reads."""

    all: bool


@routes.on(
    "GET",
    "/jobs/<job_id>/undone.zip",
    may=MANAGE_CONTACTS,
    answer=FILE,
    content_type=ZIP,
    query=UndoneQuery,
    problems=("wrong_state", "purged"),
)
def undone(query: UndoneAsked, job_id: str) -> ResponseReturnValue:
    """The rows of an undone import of which something was kept or failed, with the reasons, as a zipped CSV."""
    job = web.kept_job(job_id)
    if job.get("undo") is None:
        raise Problem("wrong_state", standing=job["status"], allowed=Status.UNDONE.value)
    source, lang = job["source"], web.caller().locale
    headers = [column["header"] for column in source["column_list"]]

    def write(target: IO[bytes]) -> None:
        write_undone(target, headers, source.get("delimiter"), _undone(job), lang, every=query["all"])

    return attached(made(write), "undone.zip", ZIP)


def _undone(job: Job) -> Iterator[tuple[EditedCells, Undone]]:
    rows, source = web.rows(job["_id"]), job["source"]
    names = Names.of_job(job)
    for chunk in rows.read_each(Undone, undo_of_job(job)["of"], len(source["chunks"])):
        chunk.reasons = {
            offset: [_with_names(reason, names) for reason in reasons]
            for offset, reasons in chunk.reasons.items()
        }
        yield rows.edited_cells(source["revision"], chunk.n), chunk


def _with_names(reason: UndoReason, names: Names) -> UndoReason:
    """A reason that names custom fields instead of their ids."""
    record = reason.collection.removesuffix("s")
    return reason._replace(fields=[names.part(record, name) for name in reason.fields])
