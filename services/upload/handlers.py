"""Reads an uploaded file into chunks of rows."""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from dataclasses import asdict
from pathlib import Path
from typing import Any

from services.upload.bounds import bounds_for, limits_for
from services.upload.cutting import CHUNK_CHARACTERS, within
from services.upload.isolation import open_isolated
from services.upload.reading import Batch, Overrides, ReadError, Source
from services.upload.recognition import RowPrints, header_print
from services.upload.sampling import Sampler
from shared.contract.job import Status
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
            source, sampler, chunks, prints = _keep_rows(work, path)
        except ReadError as error:
            raise JobFails(error.code, **error.params) from error
    found = {**_found(work, source, sampler), "first_look": False, "chunks": chunks}
    found.update(_earlier(work, found, prints))
    work.jobs.write(work.job, "upload", source=found)
    return Done({"rows": source.rows})


def _keep_rows(work: Work, path: Path) -> tuple[Source, Sampler, list[int], RowPrints]:
    of_firm = work.directory.reference().get("limits") or {}
    source = open_isolated(
        path,
        work.job["source"]["name"],
        limits_for(of_firm, work.settings.max_upload_bytes),
        Overrides(**(work.job["source"].get("overrides") or {})),
        work.settings.chunk_rows,
        bounds_for(of_firm),
    )
    sampler, prints = Sampler(len(source.found.names)), RowPrints()
    chunks: list[int] = []
    firsts: list[int] = []
    for number, batch in enumerate(source.batches(work.settings.chunk_rows)):
        if number == 1:
            _show_first_look(work, source, sampler)
        sampler.add(batch.rows)
        prints.add(batch.rows)
        for part in within(batch, CHUNK_CHARACTERS):
            work.rows.put("cells", work.job["revision"], len(chunks), _chunk(part))
            chunks.append(len(part.rows))
            firsts.append(part.numbers[0])
        work.go_on(sum(chunks))
    _keep_problems(work, source, firsts)
    return source, sampler, chunks, prints


def _show_first_look(work: Work, source: Source, sampler: Sampler) -> None:
    """What the first rows tell is shown at once; what takes all rows to know is left open."""
    open_ends: dict[str, Any] = {"rows": None, "blank_rows": None, "first_look": True, "chunks": []}
    work.jobs.write(work.job, "upload", source={**_found(work, source, sampler), **open_ends})


def _earlier(work: Work, found: dict[str, Any], prints: RowPrints) -> dict[str, Any]:
    """The earlier job with the same file, or the last one with the same columns and how many rows differ.

    The prints of the rows are kept for the next file.
    """
    work.files.put(prints_file(work.job["_id"]), prints.packed())
    known = {"header_print": header_print(found["header"])} if found["header"] else {}
    same = work.jobs.earlier(work.job, {"source.sha256": found["sha256"]})
    if same:
        problems = [*found["problems"], *_same_file(same)]
        return {**known, "same_as": _named(same), "problems": problems}
    like = work.jobs.earlier(work.job, {"source.header_print": known["header_print"]}) if known else None
    return {**known, **(_like(work, like, prints) if like else {})}


def _like(work: Work, earlier: dict[str, Any], prints: RowPrints) -> dict[str, Any]:
    try:
        before = RowPrints.unpacked(work.files.open(prints_file(earlier["_id"])).read())
    except KeyError:
        return {}
    numbers = {"rows_before": len(before), "rows_now": len(prints), "differing": prints.others_than(before)}
    return {"like": {**_named(earlier), **numbers}}


def prints_file(job_id: str) -> str:
    """The id of the file with the prints of a job's rows."""
    return f"{job_id}.prints"


def _named(job: dict[str, Any]) -> dict[str, Any]:
    who = job["created_by_email"] or job["created_by"]
    named = {"job": job["_id"], "name": job["source"]["name"], "status": job["status"]}
    return {**named, "at": job["since"].isoformat(timespec="seconds"), "by": who}


def _same_file(job: dict[str, Any]) -> list[dict[str, Any]]:
    if job["status"] != Status.IMPORTED:
        return []
    who = job["created_by_email"] or job["created_by"]
    params = {"date": job["since"].date().isoformat(), "who": who}
    return [{"code": "same_file", "place": {}, "params": params}]


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


def _found(work: Work, source: Source, sampler: Sampler) -> dict[str, Any]:
    found = asdict(source.found)
    header = found["header"] or [""] * len(source.found.names)
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
    }


HANDLERS = {"read": Handler(read)}
