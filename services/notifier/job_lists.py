"""The list of a job's skipped rows, made from the stores: kept by the worker, or made for one answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from services.notifier.lists.skipped_book import write_book
from services.notifier.lists.skipped_rows import (
    SKIPPED,
    Columns,
    Line,
    SkippedChunk,
    lines,
    outcomes_before_loading,
    write_archive,
)
from shared.contract.custom_fields import Names
from shared.contract.documents.chunk import Buckets, RowsOutcome
from shared.contract.documents.job import Job
from shared.contract.job import Status, columns_by_field, mapping_of
from shared.plumbing.job_view import rows_listed, rows_to_skip
from shared.plumbing.row_store import RowStore


def skipped_id(job_id: str) -> str:
    """The id of the kept list of skipped rows."""
    return f"{job_id}.skipped"


def write_skipped(
    target: IO[bytes],
    rows: RowStore,
    job: Job,
    lang: str,
    go_on: Callable[[], None] = lambda: None,
) -> Counter[str]:
    """Write the zipped list of a job's skipped rows; gives how many there are for each reason.

    Before loading these are the rows that would be skipped. `go_on` is called for each chunk; it raises to stop the
    work.
    """
    columns, reasons = _columns(job), Counter[str]()
    counted = _counted(_lines(columns, rows, job, lang, go_on), reasons)
    write_archive(target, columns, job["source"].get("delimiter"), counted)
    return reasons


def _counted(listed: Iterable[Line], reasons: Counter[str]) -> Iterator[Line]:
    for line in listed:
        reasons.update(line.codes)
        yield line


def write_skipped_book(target: IO[bytes], rows: RowStore, job: Job, lang: str) -> int:
    """Write the list of a job's skipped rows as a workbook; gives how many there are."""
    columns = _columns(job)
    return write_book(target, columns, _lines(columns, rows, job, lang, lambda: None), lang)


def _columns(job: Job) -> Columns:
    return Columns([column["name"] for column in job["source"]["column_list"]])


def _lines(
    columns: Columns, rows: RowStore, job: Job, lang: str, go_on: Callable[[], None]
) -> Iterator[Line]:
    mapping = mapping_of(job)
    names = Names.of_job(job)
    column_of = {names.key(key): index for key, index in columns_by_field(mapping).items()}
    return lines(columns, _chunks_with_skipped(rows, job, names, go_on), column_of, lang)


def _chunks_with_skipped(
    rows: RowStore, job: Job, names: Names, go_on: Callable[[], None]
) -> Iterator[SkippedChunk]:
    revision, any_without = job["revision"], rows_listed(job) > rows_to_skip(job)
    for n, outcomes in _outcomes(rows, job):
        go_on()
        if any_without or SKIPPED in outcomes.outcomes:
            problems = rows.problems_of(revision, n)
            yield SkippedChunk(
                cells=rows.edited_cells(job["source"]["revision"], n),
                problems=[problem._replace(field=names.key(problem.field)) for problem in problems],
                buckets=rows.plan_of(Buckets, revision, n).buckets,
                outcomes=outcomes,
            )


def _outcomes(rows: RowStore, job: Job) -> Iterator[tuple[int, RowsOutcome]]:
    """The number of each chunk with the outcomes of its rows; before loading the outcomes that they would have."""
    revision, chunks = job["revision"], len(job["source"]["chunks"])
    if job["status"] in (Status.VALIDATED, Status.CONFIRMED):
        for n in range(chunks):
            yield n, outcomes_before_loading(rows.plan_of(Buckets, revision, n).buckets)
        return
    for outcomes in rows.read_each(RowsOutcome, revision, chunks):
        yield outcomes.n, outcomes
