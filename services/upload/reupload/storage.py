"""Fetches a returned list of skipped rows and the job that it belongs to, and stores what the list changes.

Before loading, the changes become a repair of that job. After loading, the rows are loaded by a job of their own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum
from pathlib import Path

from services.upload.model.source import Batch, Found, Overrides, ReadError
from services.upload.reupload.differences import LIMITS, MOST_BYTES, Changes, Difference, Layout, differences
from services.upload.sandbox.client import IsolatedSource, open_isolated
from shared.contract.documents.chunk import (
    Buckets,
    CellChange,
    ExtraCells,
    ReadProblems,
    RepairFrame,
    RowsOutcome,
    TouchedChunk,
)
from shared.contract.documents.job import Job, Source
from shared.contract.problems import VALUE_LEFT_OUT
from shared.contract.skipped_rows import ROW
from shared.plumbing import clock
from shared.plumbing.file_store import FileStore
from shared.plumbing.job_store import JobStore
from shared.plumbing.mongo import ClientSession, Database, in_transaction
from shared.plumbing.row_store import RowNumbers, RowStore

BATCH = 5_000
#: How a repair by file is called in the list of repairs.
WHAT = "file"


def read_changes(
    files: FileStore, rows: RowStore, repaired: Job, source: Source, file_id: str
) -> tuple[Found, Changes]:
    """Read a returned file; gives what was found in it and what it changes of the job `repaired`.

    `source` has the file's name, its size, and what a person chose for the reading. Raises ReadError.
    """
    if source["bytes"] > MOST_BYTES:
        raise ReadError("too_large", size=source["bytes"], max=MOST_BYTES)
    known = repaired["source"]
    with _opened(files, file_id, source) as file:
        layout = Layout.of(file.found, known["column_list"])
        numbers = RowNumbers.of(rows, known)
        return file.found, differences(rows, known["revision"], numbers, layout, file.batches())


@contextmanager
def _opened(files: FileStore, file_id: str, source: Source) -> Iterator[IsolatedSource]:
    with tempfile.TemporaryDirectory(prefix="carryover-") as folder:
        path = Path(folder) / "source"
        files.fetch(file_id, path)
        overrides = Overrides(**(source.get("overrides") or {}))
        file = open_isolated(path, source["name"], LIMITS, overrides, BATCH)
        if ROW not in file.found.names and overrides.header_row is None:
            file.close()
            file = _from_first_row(path, source["name"], overrides)
        try:
            yield file
        finally:
            file.close()


def _from_first_row(path: Path, name: str, overrides: Overrides) -> IsolatedSource:
    """Take the first row as the header: detection misses headers that look like values."""
    try:
        return open_isolated(path, name, LIMITS, replace(overrides, header_row=1), BATCH)
    except ReadError as error:
        if error.code == "no_header":
            raise ReadError("repair_without_rows") from error
        raise


def apply_changes(db: Database, rows: RowStore, job: Job, changes: Changes, by: str) -> Job | None:
    """Store the changes as one repair of a job before loading; all its rows are checked again.

    Gives the job, unchanged where nothing changes; None where the job has moved on in between.
    """
    touched = {n: TouchedChunk(cells=cells) for n, own in changes.items() if (cells := _cell_changes(own))}
    if not touched:
        return job
    number = job["repairs"] + 1
    about: RepairFrame = {"number": number, "at": clock.now(), "by": by, "what": WHAT, "undoes": None}
    jobs = JobStore(db, job["firm"])

    def write(session: ClientSession) -> Job | None:
        rows.write_repair(about, job["source"]["revision"], job["revision"], touched, session)
        moved = jobs.check_again(job, by, session)
        if moved is None:
            session.abort_transaction()
        return moved

    return in_transaction(db, write)


def _cell_changes(by_offset: Mapping[int, Sequence[Difference]]) -> list[CellChange]:
    return [CellChange(offset, *each) for offset, own in sorted(by_offset.items()) for each in own]


class RowState(Enum):
    """What a row is that comes back after loading."""

    WAITING = "it was skipped, and can be loaded"
    LEFT_OUT = "a person left it out"
    LOADED = "it was loaded before"


def states_of(rows: RowStore, repaired: Job, changes: Changes) -> dict[int, RowState]:
    """Give the state of each row of the file, by its number.

    A row that was loaded without a wrong value is loaded again, so that the corrected value reaches its client.
    """
    found: dict[int, RowState] = {}
    for n, own in sorted(changes.items()):
        outcomes = rows.read(RowsOutcome, repaired["revision"], n).outcomes
        buckets = rows.plan_of(Buckets, repaired["revision"], n).buckets
        cells = rows.read(ReadProblems, repaired["source"]["revision"], n)
        loaded_before = {problem.offset for problem in cells.problems if not problem.is_of_cells}
        loaded = {at for at in own if outcomes[at] != "skipped"}
        if loaded:
            problems = rows.problems_of(repaired["revision"], n)
            loaded -= {problem.offset for problem in problems if problem.code == VALUE_LEFT_OUT}
        for at in sorted(own):
            is_loaded = at in loaded or at in loaded_before
            waits = RowState.LEFT_OUT if buckets[at] == "unselected" else RowState.WAITING
            found[cells.number(at)] = RowState.LOADED if is_loaded else waits
    return found


def rows_to_load(rows: RowStore, repaired: Job, changes: Changes, size: int) -> Iterator[Batch]:
    """Give all rows of the file with their changes, whole and under their numbers, in batches of `size`."""
    batch = Batch()
    revision = repaired["source"]["revision"]
    for n, by_offset in sorted(changes.items()):
        offsets = sorted(by_offset)
        now = rows.edited_cells_at(revision, n, offsets)
        extra = rows.read(ExtraCells, revision, n).extra
        for at, number, row in zip(offsets, now.numbers or (), now.rows, strict=True):
            for change in by_offset[at]:
                row[change.column] = change.new
            if at in extra:
                batch.long[len(batch.rows)] = extra[at]
            batch.numbers.append(number)
            batch.rows.append(row)
        while len(batch.rows) >= size:
            full, batch = batch.split(size)
            yield full
    if batch.rows:
        yield batch
