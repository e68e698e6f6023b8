"""Reads an uploaded file into chunks of rows."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from services.upload.ingest.chunking import CHUNK_CHARACTERS, within
from services.upload.ingest.reader import Batch, Found, Overrides, ReadError, Source
from services.upload.ingest.row_prints import RowPrints, header_print
from services.upload.reupload.changes import Now, read_changes, repaired_rows, returned
from services.upload.sandbox.client import open_isolated
from services.upload.sandbox.limits import bounds_for, limits_for
from services.upload.table.samples import Sampler
from shared.contract.bounded import MOST_NAME
from shared.contract.date_order import merged_evidence
from shared.contract.job import Status
from shared.contract.skipped_rows import LOADED_BEFORE
from shared.plumbing.flow import Conclusion, JobFails
from shared.plumbing.job_store import NoSuchJob
from shared.plumbing.mongo import Database
from shared.plumbing.row_store import RowNumbers, RowStore
from shared.plumbing.worker import Done, Handler, Work

# What a doubt about a row is called at the row, where that is not its name in the file.
_OF_ROWS = {"unclosed_quote": "quotes_repaired"}


@dataclass
class Kept:
    """What was kept of a file: its columns with samples, the sizes of its chunks, how many rows were blank."""

    found: dict[str, Any]
    sampler: Sampler
    chunks: list[int] = field(default_factory=list)
    blank_rows: int = 0
    last_row: int | None = None
    prints: RowPrints = field(default_factory=RowPrints)

    def add(self, work: Work, batch: Batch) -> None:
        """Keep a batch of rows."""
        self.sampler.add(batch.rows)
        self.prints.add(batch.rows)
        for part in within(batch, CHUNK_CHARACTERS):
            work.rows.put("cells", work.job["revision"], len(self.chunks), _chunk(part))
            self.chunks.append(len(part.rows))
        work.go_on(self.sampler.rows)


def read(work: Work) -> Done:
    """Read the file: what it is, its columns with samples, its rows by the chunk."""
    try:
        kept = _read_repaired(work) if work.job.get("repaired_job") else _read_file(work)
    except KeyError:
        raise JobFails("file_missing") from None
    except ReadError as error:
        if work.job.get("repaired_job") or not work.job["source"].get("overrides"):
            raise JobFails(error.code, **error.params) from error
        return _unread(work, error)
    found = {**_source(work, kept), "first_look": False}
    if not work.job.get("repaired_job"):
        found.update(_earlier(work, found, kept.prints))
    work.jobs.write(work.job, "upload", source=found)
    return Done({"rows": kept.sampler.rows})


def _unread(work: Work, error: ReadError) -> Done:
    """Show why the file cannot be read under a person's choices; they may choose otherwise."""
    reason = {"code": error.code, "params": error.params}
    source = {**work.job["source"], "unread": reason, "problems": [{**reason, "place": {}}]}
    work.jobs.write(work.job, "upload", source=source)
    return Done()


def conclude(_db: Database, job: dict[str, Any], _totals: dict[str, Any]) -> Conclusion:
    """A file that cannot be read as a person chose waits for another choice."""
    reason = job["source"].get("unread")
    return Conclusion(hold=reason, stays=reason is not None)


def _read_file(work: Work) -> Kept:
    with tempfile.TemporaryDirectory(prefix="carryover-") as folder:
        path = Path(folder) / "source"
        work.files.fetch(work.job["_id"], path)
        source = _opened(work, path)
        kept = Kept(_found(source), Sampler(len(source.found.names)))
        for number, batch in enumerate(source.batches(work.settings.chunk_rows)):
            if number == 1:
                _show_first_look(work, kept)
            kept.add(work, batch)
        _keep_problems(work, source.row_problems, kept.chunks)
        kept.found = _found(source)  # some is only known at the end
        kept.blank_rows = source.blank_rows
        kept.last_row = source.last_row
        return kept


def _opened(work: Work, path: Path) -> Source:
    of_firm = work.directory.reference().get("limits") or {}
    return open_isolated(
        path,
        work.job["source"]["name"],
        limits_for(of_firm, work.settings.max_upload_bytes),
        Overrides(**(work.job["source"].get("overrides") or {})),
        work.settings.chunk_rows,
        bounds_for(of_firm),
    )


def _found(source: Source) -> dict[str, Any]:
    found = asdict(source.found)
    names = [_short(name, index) for index, name in enumerate(found.pop("names"))]
    found["header"] = [header[:MOST_NAME] for header in found["header"]]
    found["groups"] = [group[:MOST_NAME] for group in found["groups"]]
    header = found["header"] or [""] * len(names)
    found["column_list"] = [
        {"index": index, "header": header[index], "name": name} for index, name in enumerate(names)
    ]
    return found


def _short(name: str, index: int) -> str:
    """A name that the job has room for a thousand times; its number keeps a name that was cut apart from others."""
    return name if len(name) <= MOST_NAME else f"{name[: MOST_NAME - 7]} ({index + 1})"


def _show_first_look(work: Work, kept: Kept) -> None:
    """What the first rows tell is shown at once; what takes all rows to know is left open."""
    open_ends: dict[str, Any] = {"rows": None, "blank_rows": None, "first_look": True, "chunks": []}
    work.jobs.write(work.job, "upload", source={**_source(work, kept), **open_ends})


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
    now = returned(rows, repaired, changes)
    if Now.WAITING not in now.values():
        raise JobFails("nothing_to_repair")
    columns = repaired["source"]["column_list"]
    kept = Kept(_as_in(repaired["source"], found), Sampler(len(columns)))
    for batch in repaired_rows(rows, repaired, changes, work.settings.chunk_rows):
        kept.add(work, batch)
    loaded = [{"place": {"column": None}, "code": LOADED_BEFORE, "params": {}}]
    _keep_problems(work, {n: loaded for n, is_now in now.items() if is_now is Now.LOADED}, kept.chunks)
    _leave_out(work, [n for n, is_now in now.items() if is_now is Now.LEFT_OUT], kept.chunks)
    return kept


def _leave_out(work: Work, numbers: list[int], chunks: list[int]) -> None:
    """Keep rows unticked that a person had left out of the job they come from."""
    revision = work.job["revision"]
    where = RowNumbers(work.rows, revision, chunks)
    by_chunk: dict[int, list[int]] = {}
    for position in filter(None, map(where.position, numbers)):
        by_chunk.setdefault(position[0], []).append(position[1])
    for n, offsets in by_chunk.items():
        work.rows.put("edits", revision, n, {"cells": {}, "left_out": sorted(offsets)})


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
    named = {"job": job["_id"], "name": job["source"]["name"], "status": job["status"]}
    return {**named, "at": job["since"].isoformat(timespec="seconds"), "by": _who(job)}


def _same_file(job: dict[str, Any]) -> list[dict[str, Any]]:
    if job["status"] != Status.IMPORTED:
        return []
    params = {"date": job["since"].date().isoformat(), "who": _who(job)}
    return [{"code": "same_file", "place": {}, "params": params}]


def _who(job: dict[str, Any]) -> str:
    """Who made a job, as a person knows them."""
    return job["created_by_email"] or job["created_by"]


def _as_in(source: dict[str, Any], found: Found) -> dict[str, Any]:
    """What was found in a repaired file, with the columns of the first and what all its dates say of their order."""
    own = {k: v for k, v in asdict(found).items() if k not in ("header", "names", "problems")}
    parts = ("index", "header", "name", "dates")
    columns = [{part: c[part] for part in parts if part in c} for c in source["column_list"]]
    return {**own, "problems": [], "column_list": columns}


def _keep_problems(work: Work, row_problems: dict[int, list[dict[str, Any]]], chunks: list[int]) -> None:
    """Note what is known only at the end of some cells, such as digits that a spreadsheet lost, in their chunks."""
    if not row_problems:
        return
    rows, revision = work.rows, work.job["revision"]
    where = RowNumbers(rows, revision, chunks)
    by_chunk: dict[int, list[list[Any]]] = {}
    for number, problems in sorted(row_problems.items()):
        if position := where.position(number):
            by_chunk.setdefault(position[0], []).extend(
                [position[1], problem["place"]["column"], problem["code"], problem["params"]]
                for problem in problems
            )
    for n, found in by_chunk.items():
        known = rows.get("cells", revision, n, "problems")["problems"]
        rows.amend("cells", revision, n, {"problems": [*known, *found]})


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
            *([offset, None, _OF_ROWS.get(code, code), {}] for offset, code in batch.doubts),
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
        "last_row": kept.last_row,
        "columns": len(columns),
        "column_list": columns,
        "first_rows": kept.sampler.first_rows,
        "chunks": kept.chunks,
    }


def _column(column: dict[str, Any], sampler: Sampler) -> dict[str, Any]:
    """A column with its samples; what was known before of the order of its dates counts as well."""
    own = sampler.column(column["index"])
    return {**column, **own, "dates": merged_evidence([column.get("dates", {}), own["dates"]])}


HANDLERS = {"read": Handler(read, conclude)}
