"""Reads an uploaded file into chunks of rows."""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from services.upload.cutting import CHUNK_CHARACTERS, within
from services.upload.isolation import open_isolated
from services.upload.reading import Batch, Found, Limits, Overrides, ReadError
from services.upload.sampling import Sampler
from services.upload.taking_back import read_changes, repaired_rows
from shared.contract.date_order import merged_evidence
from shared.contract.job import Status
from shared.plumbing.flow import JobFails
from shared.plumbing.job_store import NoSuchJob
from shared.plumbing.row_store import RowStore
from shared.plumbing.worker import Done, Handler, Work


@dataclass
class Kept:
    """What was kept of a file: its columns with samples, the sizes of its chunks, how many rows were blank."""

    found: dict[str, Any]
    sampler: Sampler
    chunks: list[int] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    blank_rows: int = 0

    def add(self, work: Work, batch: Batch) -> None:
        """Keep a batch of rows."""
        self.sampler.add(batch.rows)
        for part in within(batch, CHUNK_CHARACTERS):
            work.rows.put("cells", work.job["revision"], len(self.chunks), _chunk(part))
            self.chunks.append(len(part.rows))
            self.firsts.append(part.numbers[0])
        work.go_on(self.sampler.rows)


def read(work: Work) -> Done:
    """Read the file: what it is, its columns with samples, its rows by the chunk."""
    try:
        kept = _read_repaired(work) if work.job.get("repaired_job") else _read_file(work)
    except KeyError:
        raise JobFails("file_missing") from None
    except ReadError as error:
        raise JobFails(error.code, **error.params) from error
    work.jobs.write(work.job, "upload", source=_source(work, kept))
    return Done({"rows": kept.sampler.rows})


def _read_file(work: Work) -> Kept:
    with tempfile.TemporaryDirectory(prefix="carryover-") as folder:
        path = Path(folder) / "source"
        work.files.fetch(work.job["_id"], path)
        limits = Limits(bytes=work.settings.max_upload_bytes)
        overrides = Overrides(**(work.job["source"].get("overrides") or {}))
        size = work.settings.chunk_rows
        source = open_isolated(path, work.job["source"]["name"], limits, overrides, size)
        found = asdict(source.found)
        names = found.pop("names")
        header = found.pop("header") or [""] * len(names)
        found["column_list"] = [
            {"index": index, "header": header[index], "name": name} for index, name in enumerate(names)
        ]
        kept = Kept(found, Sampler(len(names)))
        for batch in source.batches(size):
            kept.add(work, batch)
        _keep_problems(work, source.row_problems, kept.firsts)
        kept.blank_rows = source.blank_rows
        return kept


def _read_repaired(work: Work) -> Kept:
    """The rows that another job skipped, as the file has them now, in its columns and under its numbers."""
    try:
        repaired = work.jobs.get(work.job["repaired_job"])
    except NoSuchJob:
        raise JobFails("not_found") from None
    if repaired.get("purged_at"):
        raise JobFails("purged")
    if repaired["status"] != Status.IMPORTED:
        raise JobFails("wrong_state", standing=repaired["status"], allowed=Status.IMPORTED.value)
    rows = RowStore(work.db, repaired["firm"], repaired["_id"])
    found, changes = read_changes(work.files, rows, repaired, work.job["source"], work.job["_id"])
    columns = repaired["source"]["column_list"]
    kept = Kept(_as_in(repaired["source"], found), Sampler(len(columns)))
    for batch in repaired_rows(rows, repaired, changes, work.settings.chunk_rows):
        kept.add(work, batch)
    if not kept.chunks:
        raise JobFails("nothing_to_repair")
    return kept


def _as_in(source: dict[str, Any], found: Found) -> dict[str, Any]:
    """What was found in a repaired file, with the columns of the first and what all its dates say of their order."""
    own = {k: v for k, v in asdict(found).items() if k not in ("header", "names", "problems")}
    parts = ("index", "header", "name", "dates")
    columns = [{part: c[part] for part in parts if part in c} for c in source["column_list"]]
    return {**own, "problems": [], "column_list": columns}


def _keep_problems(work: Work, row_problems: dict[int, list[dict[str, Any]]], firsts: list[int]) -> None:
    """Note what is known only at the end of some cells, such as digits that a spreadsheet lost, in their chunks."""
    by_chunk: dict[int, list[list[Any]]] = {}
    for number, problems in sorted(row_problems.items()):
        n = bisect_right(firsts, number) - 1
        if n >= 0:
            by_chunk.setdefault(n, []).extend(
                [number, problem["place"]["column"], problem["code"], problem["params"]]
                for problem in problems
            )
    for n, found in by_chunk.items():
        cells = work.rows.get("cells", work.job["revision"], n, "first", "numbers", "problems")
        offset_of = {number: at for at, number in enumerate(cells["numbers"])} if cells["numbers"] else None
        placed = [
            [offset_of[number] if offset_of else number - cells["first"], *rest] for number, *rest in found
        ]
        work.rows.amend("cells", work.job["revision"], n, {"problems": [*cells["problems"], *placed]})


def _chunk(batch: Batch) -> dict[str, Any]:
    """The cells of one chunk; row numbers are kept only where they do not simply count on.

    `problems` of rows as they were read are (offset, column or None, code, params).
    """
    first, last = batch.numbers[0], batch.numbers[-1]
    counted = last - first + 1 == len(batch.numbers)
    return {
        "first": first,
        "numbers": None if counted else batch.numbers,
        "rows": {str(offset): row for offset, row in enumerate(batch.rows)},
        "extra": {str(offset): cells for offset, cells in batch.long.items()},
        "problems": [
            *([offset, None, "extra_cells", {"count": len(cells)}] for offset, cells in batch.long.items()),
            *([offset, None, "missing_cells", {}] for offset in batch.short),
        ],
    }


def _source(work: Work, kept: Kept) -> dict[str, Any]:
    columns = [_column(column, kept.sampler) for column in kept.found["column_list"]]
    return {
        **work.job["source"],
        **kept.found,
        "revision": work.job["revision"],
        "rows": kept.sampler.rows,
        "blank_rows": kept.blank_rows,
        "columns": len(columns),
        "column_list": columns,
        "first_rows": kept.sampler.first_rows,
        "chunks": kept.chunks,
    }


def _column(column: dict[str, Any], sampler: Sampler) -> dict[str, Any]:
    """A column with its samples; what was known before of the order of its dates counts as well."""
    own = sampler.column(column["index"])
    return {**column, **own, "dates": merged_evidence([column.get("dates", {}), own["dates"]])}


HANDLERS = {"read": Handler(read)}
