"""Takes a repaired list of skipped rows back: into the job itself, or as a job that loads what was skipped."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from services.upload.model.source import Batch, Found, Overrides, ReadError
from services.upload.reupload.differences import LIMITS, MOST_BYTES, Changes, Layout, differences
from services.upload.sandbox.client import IsolatedSource, open_isolated
from shared.contract.rows import is_of_cells, row_number
from shared.contract.skipped_rows import ROW
from shared.plumbing.file_store import FileStore
from shared.plumbing.job_store import JobStore
from shared.plumbing.mongo import Database, in_transaction
from shared.plumbing.row_store import RowNumbers, RowStore

BATCH = 5_000
WHAT = "file"


def read_changes(
    files: FileStore, rows: RowStore, repaired: Mapping[str, Any], source: Mapping[str, Any], file_id: str
) -> tuple[Found, Changes]:
    """What was found in a repaired file, and what it changes of a job; raises ReadError.

    `source` has the file's name, its size, and what a person decided of it.
    """
    if source["bytes"] > MOST_BYTES:
        raise ReadError("too_large", size=source["bytes"], max=MOST_BYTES)
    known = repaired["source"]
    with _opened(files, file_id, source) as file:
        layout = Layout.of(file.found, known["column_list"])
        numbers = RowNumbers.of(rows, known)
        return file.found, differences(rows, known["revision"], numbers, layout, file.batches())


@contextmanager
def _opened(files: FileStore, file_id: str, source: Mapping[str, Any]) -> Iterator[IsolatedSource]:
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
    """Headers that look like values hide from the search; in our own list the first row has them."""
    try:
        return open_isolated(path, name, LIMITS, replace(overrides, header_row=1), BATCH)
    except ReadError as error:
        if error.code == "no_header":
            raise ReadError("repair_without_rows") from error
        raise


def keep_changes(
    db: Database, rows: RowStore, job: dict[str, Any], changes: Changes, by: str
) -> dict[str, Any] | None:
    """Keep the changes as one repair of a job that was not loaded yet; all its rows are checked again.

    Gives the job, as it was where nothing changes, and None when anything came in between.
    """
    touched = {n: {"cells": cells} for n, own in changes.items() if (cells := list(_entries(own)))}
    if not touched:
        return job
    about = {"at": datetime.now(UTC), "by": by, "what": WHAT, "undoes": None}
    jobs = JobStore(db, job["firm"])

    def write(session: Any) -> dict[str, Any] | None:
        number, source = job["repairs"] + 1, job["source"]["revision"]
        rows.keep_repair(number, source, job["revision"], touched, about, session)
        moved = jobs.check_again(job, by, session)
        if moved is None:
            session.abort_transaction()
        return moved

    return in_transaction(db, write)


def changed_columns(changes: Changes) -> set[int]:
    """The columns in which the file changes anything."""
    return {column for own in changes.values() for cells in own.values() for column, _, _ in cells}


def _entries(by_offset: Mapping[int, list[tuple[int, str, str]]]) -> Iterator[list[Any]]:
    for offset, cells in sorted(by_offset.items()):
        for column, old, new in cells:
            yield [offset, column, old, new]


class Now(Enum):
    """What a row is that comes back after loading."""

    WAITING = "it was skipped, and can be loaded"
    LEFT_OUT = "a person left it out"
    LOADED = "it was loaded before"


def returned(rows: RowStore, repaired: Mapping[str, Any], changes: Changes) -> dict[int, Now]:
    """What each row of the file is now, by its number."""
    found: dict[int, Now] = {}
    for n, own in sorted(changes.items()):
        outcomes = rows.get("outcomes", repaired["revision"], n, "outcomes")["outcomes"]
        buckets = rows.plan(repaired["revision"], n, "buckets")["buckets"]
        cells = rows.get("cells", repaired["source"]["revision"], n, "first", "numbers", "problems")
        before = {problem[0] for problem in cells["problems"] if not is_of_cells(problem)}
        for at in sorted(own):
            loaded = outcomes[at] != "skipped" or at in before
            left_out = Now.LEFT_OUT if buckets[at] == "unselected" else Now.WAITING
            found[row_number(cells, at)] = Now.LOADED if loaded else left_out
    return found


def repaired_rows(
    rows: RowStore, repaired: Mapping[str, Any], changes: Changes, size: int
) -> Iterator[Batch]:
    """All rows of the file with their changes, whole and under their numbers, in batches of `size`."""
    batch = Batch()
    revision = repaired["source"]["revision"]
    for n, by_offset in sorted(changes.items()):
        offsets = sorted(by_offset)
        now = rows.cells_at(revision, n, offsets)
        extra = rows.get("cells", revision, n, "extra").get("extra", {})
        for at, number, row in zip(offsets, now["numbers"], now["rows"], strict=True):
            for column, _, new in by_offset[at]:
                row[column] = new
            if str(at) in extra:
                batch.long[len(batch.rows)] = extra[str(at)]
            batch.numbers.append(number)
            batch.rows.append(row)
        while len(batch.rows) >= size:
            full, batch = batch.split(size)
            yield full
    if batch.rows:
        yield batch
