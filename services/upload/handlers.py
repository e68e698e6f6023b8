"""Reads an uploaded file into chunks of rows."""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from dataclasses import asdict
from pathlib import Path
from typing import Any

from services.upload.cutting import CHUNK_CHARACTERS, within
from services.upload.isolation import open_isolated
from services.upload.reading import Batch, Limits, Overrides, ReadError, Source
from services.upload.sampling import Sampler
from shared.plumbing.flow import JobFails
from shared.plumbing.worker import Done, Handler, Work


def read(work: Work) -> Done:
    """Read the file: what it is, its columns with samples, its rows by the chunk."""
    with tempfile.TemporaryDirectory(prefix="carryover-") as folder:
        path = Path(folder) / "source"
        try:
            work.files.fetch(work.job["_id"], path)
        except KeyError:
            raise JobFails("file_missing") from None
        try:
            source, sampler, chunks = _keep_rows(work, path)
        except ReadError as error:
            raise JobFails(error.code, **error.params) from error
    found = _found(work, source, sampler, chunks)
    work.jobs.write(work.job, "upload", source=found)
    return Done({"rows": source.rows})


def _keep_rows(work: Work, path: Path) -> tuple[Source, Sampler, list[int]]:
    limits = Limits(bytes=work.settings.max_upload_bytes)
    overrides = Overrides(**(work.job["source"].get("overrides") or {}))
    source = open_isolated(path, work.job["source"]["name"], limits, overrides, work.settings.chunk_rows)
    sampler = Sampler(len(source.found.names))
    chunks: list[int] = []
    firsts: list[int] = []
    for batch in source.batches(work.settings.chunk_rows):
        sampler.add(batch.rows)
        for part in within(batch, CHUNK_CHARACTERS):
            work.rows.put("cells", work.job["revision"], len(chunks), _chunk(part))
            chunks.append(len(part.rows))
            firsts.append(part.numbers[0])
        work.go_on(source.rows)
    _keep_problems(work, source, firsts)
    return source, sampler, chunks


def _keep_problems(work: Work, source: Source, firsts: list[int]) -> None:
    """Note what is known only at the end of some cells, such as digits that a spreadsheet lost, in their chunks."""
    by_chunk: dict[int, list[list[Any]]] = {}
    for number, problems in sorted(source.row_problems.items()):
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


def _found(work: Work, source: Source, sampler: Sampler, chunks: list[int]) -> dict[str, Any]:
    found = asdict(source.found)
    header = found.pop("header") or [""] * len(source.found.names)
    columns = [
        {"index": index, "header": header[index], "name": name, **sampler.column(index)}
        for index, name in enumerate(found.pop("names"))
    ]
    return {
        **work.job["source"],
        **found,
        "revision": work.job["revision"],
        "rows": source.rows,
        "blank_rows": source.blank_rows,
        "columns": len(columns),
        "column_list": columns,
        "first_rows": sampler.first_rows,
        "chunks": chunks,
    }


HANDLERS = {"read": Handler(read)}
