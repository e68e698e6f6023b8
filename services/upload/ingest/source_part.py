"""Builds the part `source` of the job document: what was found in the file, and what its rows showed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.upload.ingest.chunking import CHUNK_CHARACTERS, chunk_of, within
from services.upload.ingest.row_fingerprints import RowFingerprints
from services.upload.model.source import Batch, Found, Problem
from services.upload.table.header_rows import titles
from services.upload.table.samples import Sampler
from shared.contract.bounded import MOST_NAME
from shared.contract.date_order import merged_evidence
from shared.contract.documents.chunk import Cells
from shared.contract.documents.job import Column, EarlierJob, Job, Source
from shared.contract.documents.values import ProblemAt
from shared.contract.job import Status
from shared.contract.moments import rfc3339


class RowTally:
    """Gathers samples, fingerprints and the sizes of the chunks while the rows of a file go by."""

    def __init__(self, columns: int) -> None:
        self.sampler = Sampler(columns)
        self.fingerprints = RowFingerprints()
        self.chunks: list[int] = []

    @property
    def rows(self) -> int:
        """The number of rows so far."""
        return self.sampler.rows

    def chunks_of(self, batch: Batch) -> Iterator[Cells]:
        """Count a batch of rows and give its chunks; raises ReadError `cell_too_long`."""
        self.sampler.add(batch.rows)
        self.fingerprints.add(batch.rows)
        for part in within(batch, CHUNK_CHARACTERS):
            n = len(self.chunks)
            self.chunks.append(len(part.rows))
            yield chunk_of(part, n)


def with_found(source: Source, found: Found) -> Source:
    """Add what was found in the file to the source."""
    names = [_short(name, index) for index, name in enumerate(found.names)]
    header = [text[:MOST_NAME] for text in found.header]
    texts = [text[:MOST_NAME] for text in titles(found.header, found.groups)] or [""] * len(names)
    columns: list[Column] = [
        {"index": index, "header": text, "name": name}
        for index, (text, name) in enumerate(zip(texts, names, strict=True))
    ]
    return {
        **_with_format(source, found),
        "header": header,
        "groups": [group[:MOST_NAME] for group in found.groups],
        "problems": _kept(found.problems),
        "column_list": columns,
    }


def with_found_as_in(source: Source, found: Found, first: Source) -> Source:
    """Add what was found in a returned file, with the columns of the job that its rows belong to.

    The columns keep the evidence of the order of their dates, which all rows of that job gave.
    """
    columns = [_without_samples(column) for column in first["column_list"]]
    return {**_with_format(source, found), "groups": found.groups, "problems": [], "column_list": columns}


def _with_format(source: Source, found: Found) -> Source:
    return {
        **source,
        "format": found.format,
        "encoding": found.encoding,
        "encodings": found.encodings,
        "delimiter": found.delimiter,
        "quote": found.quote,
        "header_row": found.header_row,
        "sheet": found.sheet,
        "sheets": found.sheets,
        "hidden_sheets": found.hidden_sheets,
        "preamble": found.preamble,
        "first_column": found.first_column,
        "packed_as": found.packed_as,
        "skipped": found.skipped,
    }


def _short(name: str, index: int) -> str:
    """Cut a long name so that a thousand fit into the job; its number keeps it apart from others."""
    return name if len(name) <= MOST_NAME else f"{name[: MOST_NAME - 7]} ({index + 1})"


def _kept(problems: Sequence[Problem]) -> list[ProblemAt]:
    return [{"code": each["code"], "place": each["place"], "params": each["params"]} for each in problems]


def _without_samples(column: Column) -> Column:
    bare: Column = {"index": column["index"], "header": column["header"], "name": column["name"]}
    if "dates" in column:
        bare["dates"] = column["dates"]
    return bare


def with_rows(
    source: Source,
    tally: RowTally,
    revision: int,
    blank_rows: int = 0,
    last_row: int | None = None,
    hidden_rows: int = 0,
) -> Source:
    """Add what the rows showed to a source that has its columns; `revision` is the job's."""
    columns = [_with_samples(column, tally.sampler) for column in source["column_list"]]
    return {
        **source,
        "revision": revision,
        "rows": tally.rows,
        "blank_rows": blank_rows,
        "last_row": last_row,
        "hidden_rows": hidden_rows,
        "columns": len(columns),
        "column_list": columns,
        "first_rows": tally.sampler.first_rows,
        "chunks": tally.chunks,
        "first_look": False,
    }


def first_look(source: Source, tally: RowTally, revision: int) -> Source:
    """Add what the first rows showed; what takes all rows to know stays open."""
    return {
        **with_rows(source, tally, revision),
        "rows": None,
        "blank_rows": None,
        "chunks": [],
        "first_look": True,
    }


def _with_samples(column: Column, sampler: Sampler) -> Column:
    own = sampler.column(column["index"])
    return {**column, **own, "dates": merged_evidence([column.get("dates", {}), own["dates"]])}


def earlier_job(job: Job) -> EarlierJob:
    """Describe an earlier job with the same file or the same columns."""
    return {
        "job": job["_id"],
        "name": job["source"]["name"],
        "status": job["status"],
        "at": rfc3339(job["since"]),
        "by": _maker_of(job),
    }


def same_file_problems(job: Job) -> list[ProblemAt]:
    """Warn of a file that an earlier job has imported."""
    if job["status"] != Status.IMPORTED:
        return []
    params = {"date": job["since"].date().isoformat(), "who": _maker_of(job)}
    return [{"code": "same_file", "place": {}, "params": params}]


def _maker_of(job: Job) -> str:
    """Name who made a job: the e-mail address where it is known, else the id."""
    return job["created_by_email"] or job["created_by"]
