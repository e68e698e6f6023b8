"""The handler of the step `read`: reads an uploaded file into chunks of rows, and describes it on the job."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from services.upload.ingest.row_fingerprints import RowFingerprints, header_fingerprint
from services.upload.ingest.source_part import (
    RowTally,
    earlier_job,
    first_look,
    same_file_problems,
    with_found,
    with_found_as_in,
    with_rows,
)
from services.upload.model.source import Batch, Overrides, Problem, ReadError
from services.upload.reupload.storage import RowState, read_changes, rows_to_load, states_of
from services.upload.sandbox.client import IsolatedSource, open_isolated
from services.upload.sandbox.limits import bounds_for, limits_for
from shared.contract.documents.chunk import LOADED_BEFORE, Edits, ReadProblem
from shared.contract.documents.job import EarlierJob, Job, Source
from shared.contract.documents.task import Counts
from shared.contract.documents.values import ProblemAt, Reason
from shared.contract.fields.client_files import collection_of
from shared.contract.job import Status
from shared.contract.skipped_rows import unguarded
from shared.plumbing.flow import Conclusion, JobFails
from shared.plumbing.job_store import NoSuchJob
from shared.plumbing.mongo import Database
from shared.plumbing.row_store import RowNumbers, RowStore
from shared.plumbing.worker import Done, Handler, Work

#: The kind of an import for which nobody chose one.
BOTH_KINDS = "accounts_and_contacts"


@dataclass(frozen=True)
class Reading:
    """A file that was read: the job's source without what compares it with earlier jobs, and its fingerprints."""

    source: Source
    fingerprints: RowFingerprints


def read(work: Work) -> Done:
    """Read the file of a job into chunks, and write the job's source.

    A file that cannot be read fails the job. Where a person's choices may be the cause, the job is put on hold instead.
    """
    returned = work.job.get("repaired_job")
    try:
        reading = _read_returned(work, returned) if returned else _read_twice(work)
    except KeyError:
        raise JobFails("file_missing") from None
    except ReadError as error:
        if returned or not work.job["source"].get("overrides"):
            raise JobFails(error.code, **error.params) from error
        return _unread(work, error)
    source = reading.source if returned else _compared(work, reading)
    work.jobs.write(work.job, "upload", source=source, kind=_kind(work.job, source))
    return Done({"rows": source["rows"] or 0})


def _kind(job: Job, source: Source) -> str:
    """The kind of the import: a list of ours has accounts or contacts alone, unless a person chose another kind since.

    Without this, contacts that come back would get accounts of their own.
    """
    listed = collection_of(source.get("header") or ())
    first = not job["source"].get("overrides")
    return listed if listed and first and job["kind"] == BOTH_KINDS else job["kind"]


def _unread(work: Work, error: ReadError) -> Done:
    """Write why the file cannot be read under a person's choices; they may choose again."""
    reason: Reason = {"code": error.code, "params": error.params}
    problem: ProblemAt = {"code": error.code, "place": {}, "params": error.params}
    source: Source = {**work.job["source"], "unread": reason, "problems": [problem]}
    work.jobs.write(work.job, "upload", source=source)
    return Done()


def conclude(_db: Database, job: Job, _totals: Counts) -> Conclusion:
    """Hold a job whose file cannot be read under a person's choices until they choose again."""
    reason = job["source"].get("unread")
    return Conclusion(hold=reason, stays=reason is not None)


# a file as it was uploaded


def _read_twice(work: Work) -> Reading:
    """Read the file, and once more where the child that reads it was ended from outside: the file is not at fault.

    The second reading writes the same chunks again.
    """
    try:
        return _read_file(work)
    except ReadError as error:
        if error.code != "reading_stopped":
            raise
    return _read_file(work)


def _read_file(work: Work) -> Reading:
    with tempfile.TemporaryDirectory(prefix="carryover-") as folder:
        path = Path(folder) / "source"
        work.files.fetch(work.job["_id"], path)
        file = _opened(work, path)
        tally, revision = RowTally(len(file.found.names)), work.job["revision"]
        own = collection_of(file.found.header)
        for number, batch in enumerate(file.batches(work.settings.chunk_rows)):
            if number == 1:
                found = with_found(work.job["source"], file.found)
                work.jobs.write(work.job, "upload", source=first_look(found, tally, revision))
            _store_batch(work, tally, _unguarded(batch) if own else batch)
        _add_problems(work, file.row_problems, tally.chunks)
        _untick(work, file.unticked, tally.chunks)
        found = with_found(work.job["source"], file.found)  # some problems are known only at the end
        source = with_rows(found, tally, revision, file.blank_rows, file.last_row, file.hidden_rows)
        return Reading(source, tally.fingerprints)


def _opened(work: Work, path: Path) -> IsolatedSource:
    of_firm = work.directory.reference().get("limits") or {}
    source = work.job["source"]
    return open_isolated(
        path,
        source["name"],
        limits_for(of_firm, work.settings.max_upload_bytes),
        Overrides(**(source.get("overrides") or {})),
        work.settings.chunk_rows,
        bounds_for(of_firm),
    )


def _store_batch(work: Work, tally: RowTally, batch: Batch) -> None:
    for cells in tally.chunks_of(batch):
        work.rows.write(cells, work.job["revision"])
    work.go_on(tally.rows)


def _unguarded(batch: Batch) -> Batch:
    """Rows of a list of ours, without the sign that keeps a spreadsheet from running their cells."""
    return replace(batch, rows=[[unguarded(cell) for cell in row] for row in batch.rows])


def _add_problems(work: Work, by_row: Mapping[int, Sequence[Problem]], chunks: Sequence[int]) -> None:
    """Add problems of cells that are known only at the end, such as lost digits, to the chunks of their rows."""
    if not by_row:
        return
    revision = work.job["revision"]
    numbers = RowNumbers(work.rows, revision, chunks)
    by_chunk: dict[int, list[ReadProblem]] = {}
    for number, problems in sorted(by_row.items()):
        if position := numbers.position(number):
            n, offset = position
            by_chunk.setdefault(n, []).extend(
                ReadProblem(offset, each["place"].get("column"), each["code"], each["params"])
                for each in problems
            )
    for n, found in by_chunk.items():
        work.rows.add_read_problems(revision, n, found)


# a list of skipped rows that came back


def _read_returned(work: Work, repaired_id: str) -> Reading:
    """Read the rows that another job skipped as the file has them, in the columns and under the numbers of that job."""
    repaired = _imported(work, repaired_id)
    rows = RowStore(work.db, repaired["firm"], repaired["_id"])
    found, changes = read_changes(work.files, rows, repaired, work.job["source"], work.job["_id"])
    states = states_of(rows, repaired, changes)
    if RowState.WAITING not in states.values():
        raise JobFails("nothing_to_repair")
    tally = RowTally(len(repaired["source"]["column_list"]))
    for batch in rows_to_load(rows, repaired, changes, work.settings.chunk_rows):
        _store_batch(work, tally, batch)
    loaded: Problem = {"code": LOADED_BEFORE, "place": {"column": None}, "params": {}}
    _add_problems(
        work, {n: [loaded] for n, is_now in states.items() if is_now is RowState.LOADED}, tally.chunks
    )
    _untick(work, [n for n, is_now in states.items() if is_now is RowState.LEFT_OUT], tally.chunks)
    source = with_found_as_in(work.job["source"], found, repaired["source"])
    return Reading(with_rows(source, tally, work.job["revision"]), tally.fingerprints)


def _imported(work: Work, job_id: str) -> Job:
    """Give the job that skipped the rows; raises JobFails unless it is imported and has its rows still."""
    try:
        job = work.jobs.get(job_id)
    except NoSuchJob:
        raise JobFails("not_found") from None
    if job.get("purged_at"):
        raise JobFails("purged")
    if job["status"] != Status.IMPORTED:
        raise JobFails("wrong_state", standing=job["status"], allowed=Status.IMPORTED.value)
    return job


def _untick(work: Work, numbers: Sequence[int], chunks: Sequence[int]) -> None:
    """Untick rows: totals, or those that a person had unticked in the job that they come from."""
    revision = work.job["revision"]
    positions = map(RowNumbers(work.rows, revision, chunks).position, numbers)
    by_chunk: dict[int, list[int]] = {}
    for n, offset in filter(None, positions):
        by_chunk.setdefault(n, []).append(offset)
    for n, offsets in by_chunk.items():
        work.rows.write(Edits(n=n, left_out=sorted(offsets)), revision)


# earlier jobs


def _compared(work: Work, reading: Reading) -> Source:
    """Name the earlier job with the same file, or the last one with the same columns and how many rows differ.

    The fingerprints of the rows are stored for files to come.
    """
    source = reading.source
    work.files.put(fingerprints_file(work.job["_id"]), reading.fingerprints.packed())
    if source["header"]:
        source = {**source, "header_print": header_fingerprint(source["header"])}
    if same := work.jobs.earlier(work.job, {"source.sha256": source["sha256"]}):
        problems = [*source["problems"], *same_file_problems(same)]
        return {**source, "same_as": earlier_job(same), "problems": problems}
    if not source["header"]:
        return source
    like = work.jobs.earlier(work.job, {"source.header_print": source["header_print"]})
    compared = like and _rows_compared(work, like, reading.fingerprints)
    return {**source, "like": compared} if compared else source


def _rows_compared(work: Work, earlier: Job, now: RowFingerprints) -> EarlierJob | None:
    """Describe an earlier job with the number of rows that differ; None where its fingerprints are gone."""
    try:
        before = RowFingerprints.unpacked(work.files.open(fingerprints_file(earlier["_id"])).read())
    except KeyError:
        return None
    return {
        **earlier_job(earlier),
        "rows_before": len(before),
        "rows_now": len(now),
        "differing": now.others_than(before),
    }


def fingerprints_file(job_id: str) -> str:
    """The id of the file with the fingerprints of a job's rows."""
    return f"{job_id}.prints"


HANDLERS = {"read": Handler(read, conclude)}
