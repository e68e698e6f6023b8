"""Tests the source of a job: what was detected in its file and in its rows."""

from __future__ import annotations

from datetime import UTC, datetime

from services.upload.ingest.source_part import (
    RowTally,
    earlier_job,
    first_look,
    same_file_problems,
    with_found,
    with_found_as_in,
    with_rows,
)
from services.upload.model.source import Batch, Found
from shared.contract.bounded import MOST_NAME
from shared.contract.documents.chunk import ReadProblem
from shared.contract.documents.job import Job, Source
from shared.contract.job import Status, new_job

UPLOADED: Source = {"name": "clients.csv", "bytes": 9, "sha256": "0"}
FOUND = Found("csv", header=["Name", "Born"], names=["Name", "Born"], delimiter=";")
ROWS = [["Ann", "31/12/1985"], ["", "05/06/1990"], ["Bob", ""]]


def tally(*batches: Batch) -> RowTally:
    made = RowTally(2)
    for batch in batches:
        list(made.chunks_of(batch))
    return made


def job(status: Status = Status.IMPORTED, email: str | None = "ann@office.example") -> Job:
    by = {"id": "ann", "email": email, "locale": "en", "rights": []}
    made = new_job("1", "firm", "accounts", {}, UPLOADED, by, datetime(2026, 3, 4, tzinfo=UTC))
    return {**made, "status": status.value}


def test_columns_have_samples_fill_and_the_evidence_of_their_dates() -> None:
    source = with_rows(
        with_found(UPLOADED, FOUND), tally(Batch([2, 3, 4], ROWS)), 7, blank_rows=1, last_row=5
    )
    name, born = source["column_list"]
    assert (name["header"], name["samples"], name["fill"]) == ("Name", ["Ann", "Bob"], 0.6667)
    assert born["dates"] == {"DMY": 1, "DMY/MDY": 1}
    assert (source["rows"], source["blank_rows"], source["last_row"], source["chunks"]) == (3, 1, 5, [3])
    assert (source["revision"], source["first_look"], source["name"]) == (7, False, "clients.csv")


def test_a_first_look_leaves_open_what_takes_all_rows_to_know() -> None:
    source = first_look(with_found(UPLOADED, FOUND), tally(Batch([2, 3, 4], ROWS)), 7)
    assert (source["rows"], source["blank_rows"], source["chunks"], source["first_look"]) == (
        None,
        None,
        [],
        True,
    )
    assert source["first_rows"] == ROWS


def test_long_names_are_cut_and_stay_apart() -> None:
    long = "x" * (MOST_NAME + 1)
    source = with_found(UPLOADED, Found("csv", header=[long, long], names=[f"{long}a", f"{long}b"]))
    names = [column["name"] for column in source["column_list"]]
    assert [name[-4:] for name in names] == [" (1)", " (2)"]
    assert all(len(text) <= MOST_NAME for text in (*names, *source["header"]))


def test_a_returned_file_has_the_columns_of_its_job_without_their_samples() -> None:
    first = with_rows(with_found(UPLOADED, FOUND), tally(Batch([2, 3, 4], ROWS)), 1)
    returned = with_found_as_in(UPLOADED, Found("xlsx", names=["_row", "Name"]), first)
    source = with_rows(returned, tally(Batch([4], [["Bob", "31/12/1970"]])), 1)
    name, born = source["column_list"]
    assert (source["format"], name["header"], name["samples"]) == ("xlsx", "Name", ["Bob"])
    assert born["dates"] == {"DMY": 2, "DMY/MDY": 1}, "of the rows that the first job read, too"


def test_what_is_doubtful_about_a_row_is_a_problem_of_its_chunk() -> None:
    batch = Batch([2, 4], [["a", ""], ["b", "c"]], long={1: ["d"]}, short=[0], doubts=[(1, "unclosed_quote")])
    (cells,) = RowTally(2).chunks_of(batch)
    assert (cells.first, cells.numbers, cells.extra) == (2, [2, 4], {1: ["d"]})
    assert cells.problems == [
        ReadProblem(1, None, "extra_cells", {"count": 1}),
        ReadProblem(0, None, "missing_cells", {}),
        ReadProblem(1, None, "quotes_repaired", {}),
    ]


def test_only_an_imported_file_is_warned_of() -> None:
    (problem,) = same_file_problems(job())
    assert problem["params"] == {"date": "2026-03-04", "who": "ann@office.example"}
    assert same_file_problems(job(Status.READ)) == []
    assert earlier_job(job(email=None))["by"] == "ann"
