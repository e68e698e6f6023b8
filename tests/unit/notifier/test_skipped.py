"""Tests the list of skipped rows: it can be read again, has reasons, and contains no formula."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.lists.skipped_rows import (
    NAME,
    Columns,
    SkippedChunk,
    lines,
    outcomes_before_loading,
    write_archive,
)
from shared.contract.documents.chunk import EditedCells, RowProblem, RowsOutcome
from shared.contract.skipped_rows import REPORT, guarded, unguarded

HEADERS = ["Name", "Column B", "Phone"]


def chunk(
    rows: list[list[str]], outcomes: RowsOutcome | list[str] | None = None, **parts: Any
) -> SkippedChunk:
    """A chunk whose rows are all invalid and skipped, unless `parts` say otherwise."""
    if not isinstance(outcomes, RowsOutcome):
        skipped = outcomes or ["skipped"] * len(rows)
        outcomes = RowsOutcome(outcomes=skipped, reasons=parts.get("reasons", {}))
    return SkippedChunk(
        cells=EditedCells(**{"first": 2, "rows": rows, **parts.get("cells", {})}),
        problems=[RowProblem(*problem) for problem in parts.get("problems", [])],
        buckets=parts.get("buckets", ["invalid"] * len(rows)),
        outcomes=outcomes,
    )


def written(
    *chunks: SkippedChunk, headers: list[str] = HEADERS, delimiter: str | None = ";", lang: str = "en"
) -> bytes:
    target = io.BytesIO()
    columns = Columns(headers)
    write_archive(target, columns, delimiter, lines(columns, chunks, {}, lang))
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == [NAME]
        assert archive.testzip() is None
        return archive.read(NAME)


def read(content: bytes, delimiter: str = ";") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


INVALID_PHONE = [0, "contact.phone", "invalid_phone", {"value": "12"}]


def test_original_columns_come_first_in_their_order() -> None:
    table = read(written(chunk([["Anna", "x", "12"]], problems=[INVALID_PHONE])))
    assert table[0] == ["Name", "Column B", "Phone", *REPORT]
    assert table[1][:5] == ["Anna", "x", "12", "2", "invalid_phone"]
    assert table[1][5].startswith("“12” is not a phone number.")


def test_the_file_has_a_bom_the_delimiter_of_the_upload_and_crlf() -> None:
    content = written(chunk([["Anna", "x", "12"]], problems=[INVALID_PHONE]), delimiter="\t")
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == 2
    assert read(content, "\t")[1][0] == "Anna"


def test_a_workbook_gives_commas() -> None:
    assert (
        read(written(chunk([["Anna", "", "1"]], problems=[INVALID_PHONE]), delimiter=None), ",")[0][0]
        == "Name"
    )


def test_only_skipped_rows_are_listed_under_the_numbers_the_person_sees() -> None:
    rows = [["a", "", ""], ["b", "", ""], ["c", "", ""]]
    problems = [[offset, "contact.phone", "invalid_phone", {"value": "12"}] for offset in (0, 2)]
    one = chunk(
        rows,
        problems=problems,
        buckets=["invalid", "new", "invalid"],
        outcomes=["skipped", "loaded", "skipped"],
    )
    other = chunk(rows[:1], problems=problems[:1], cells={"numbers": [17]})
    assert [(line[0], line[3]) for line in read(written(one, other))[1:]] == [
        ("a", "2"),
        ("c", "4"),
        ("a", "17"),
    ]


def test_all_errors_of_a_row_are_listed_and_no_warnings() -> None:
    problems = [
        [0, "contact.last_name", "missing_required", {}],
        [0, "account.name", "name_forbidden_characters", {"value": "a/b", "characters": "/"}],
        INVALID_PHONE,
    ]
    line = read(written(chunk([["", "", "12"]], problems=problems), lang="nl"))[1]
    assert line[4] == "missing_required; invalid_phone"
    assert "ontbreekt" in line[5]
    assert "geen telefoonnummer" in line[5]
    assert "Windows" not in line[5]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"buckets": ["unselected"]}, "not_selected"),
        ({"buckets": ["update"], "reasons": {0: "changed_since_review"}}, "changed_since_review"),
        ({"problems": [[0, "account.name", "ambiguous_match", {"count": "2+"}]]}, "ambiguous_match"),
        ({}, "internal_error"),
    ],
)
def test_every_way_of_being_skipped_has_its_reason(parts: dict[str, Any], code: str) -> None:
    line = read(written(chunk([["Anna", "", ""]], **parts)))[1]
    assert line[4] == code
    assert line[5]


def test_cells_beyond_the_header_come_last() -> None:
    one = chunk([["Anna", "", "12"]], problems=[INVALID_PHONE], cells={"extra": {0: ["more", "=1"]}})
    assert read(written(one))[1][6:] == ["more", "'=1"]


def test_the_columns_of_an_earlier_list_are_replaced() -> None:
    headers = ["Name", *REPORT]
    one = chunk([["Anna", "7", "old", "Old."]], problems=[INVALID_PHONE])
    table = read(written(one, headers=headers))
    assert table[0] == headers
    assert table[1][:3] == ["Anna", "2", "invalid_phone"]


def test_before_loading_the_rows_are_listed_that_will_be_skipped() -> None:
    buckets = ["new", "invalid", "update", "unselected", "unchanged", "duplicate"]
    one = chunk(
        [[letter, "", ""] for letter in "abcdef"], buckets=buckets, outcomes=outcomes_before_loading(buckets)
    )
    assert [(line[0], line[4]) for line in read(written(one))[1:]] == [
        ("b", "internal_error"),
        ("d", "not_selected"),
    ]


def test_the_cell_of_a_problem_is_named_where_its_column_is_written() -> None:
    problems = [
        INVALID_PHONE,
        [0, "contact.last_name", "missing_required", {}],
        [0, "contact.email", "invalid_email", {"value": "x"}],
    ]
    columns = Columns(["_row", "Name", "Phone"])
    mapped = {"contact.phone": 2, "contact.last_name": 1, "contact.first_name": 0}
    (line,) = lines(columns, [chunk([["7", "", "12"]], problems=problems)], mapped, "en")
    assert sorted(line.wrong) == [0, 1]
    assert line.wrong[1].startswith("“12” is not a phone number.")


FORMULAS = [
    *("=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1"),
    *("＝1", "＋1", "－1", "＠x", "+32470=1", "-", "+", "-5-", "+32 470 12a", "+32;cmd"),
]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_is_written_as_text(cell: str) -> None:
    assert guarded(cell) == "'" + cell


@pytest.mark.parametrize(
    "cell",
    [
        "+32470123456",
        "+32 470 12 34 56",
        "+32 470 12.34.56",
        "-5",
        "-1.234,56",
        "+12",
        "Anna",
        "",
        "1=1",
        "a@b.be",
    ],
)
def test_phones_and_numbers_and_other_text_stay_as_they_are(cell: str) -> None:
    assert guarded(cell) == cell


def test_headers_start_no_formula_either() -> None:
    table = read(written(chunk([["a"]], problems=[INVALID_PHONE]), headers=["=cmd()"]))
    assert table[0][0] == "'=cmd()"


@given(st.text(st.sampled_from("'=+-@\t\r\n\0＝ 3,.a"), max_size=8))
def test_what_is_guarded_comes_back_as_it_was_and_starts_no_formula(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert guarded(cell) == cell or guarded(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["'n huis", "'t Hooft", "'", "O'Neill", "'+32470123456", "'-5"])
def test_an_apostrophe_of_a_person_stays(cell: str) -> None:
    assert guarded(cell) == unguarded(cell) == cell


@given(
    rows=st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=3, max_size=3), max_size=5
    ),
    delimiter=st.sampled_from([";", ",", "\t", "|"]),
)
def test_reading_the_list_again_gives_the_cells_or_the_guarded_cells(
    rows: list[list[str]], delimiter: str
) -> None:
    table = read(written(chunk(rows), delimiter=delimiter), delimiter)
    assert [line[:3] for line in table[1:]] == [[guarded(cell) for cell in row] for row in rows]
    assert [[unguarded(cell) for cell in line[:3]] for line in table[1:]] == rows
