"""Tests the workbook of skipped rows: text alone, wrong cells marked, read again as it was written."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from services.notifier.lists import skipped_book
from services.notifier.lists.skipped_book import write_book
from services.notifier.lists.skipped_rows import Columns, Line
from services.notifier.mails.texts import text_of
from services.upload.ingest.reader import open_source
from services.upload.model.rows import EDGES
from services.upload.model.source import Limits, Overrides
from shared.contract.skipped_rows import REPORT, unguarded
from shared.contract.texts.catalogues import LANGUAGES

NAMES = ["Name", "Phone", "Note"]


def line(*cells: str, wrong: dict[int, str] | None = None, beyond: tuple[str, ...] = ()) -> Line:
    """A skipped row of the columns NAMES."""
    return Line([*cells, "7", "invalid_phone", "No phone."], list(beyond), wrong or {})


def written(*rows: Line, lang: str = "en", names: list[str] = NAMES) -> bytes:
    target = io.BytesIO()
    assert write_book(target, Columns(names), rows, lang) == len(rows)
    return target.getvalue()


def sheet(content: bytes) -> Any:
    book = load_workbook(io.BytesIO(content))
    assert len(book.worksheets) == 1
    return book.active


TEXTS = [
    "0470123456",
    "00123456789012345678",
    "=1+1",
    "+32470123456",
    "-5",
    "1e5",
    "TRUE",
    "12/01/2024",
    "@x",
]


@pytest.mark.parametrize("text", TEXTS)
def test_every_cell_is_text_whatever_it_looks_like(text: str) -> None:
    cell = sheet(written(line(text, "", "")))["A2"]
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")


def test_what_is_filled_into_an_empty_cell_is_text_too() -> None:
    made = sheet(written(line("a", "", "")))
    assert made["B2"].value is None
    assert made.column_dimensions["B"].number_format == "@"


def test_the_header_is_bold_stays_in_view_and_filters() -> None:
    made = sheet(written(line("a", "1", ""), line("b", "2", "")))
    assert [cell.value for cell in made[1]] == [*NAMES, *REPORT]
    assert all(cell.font.bold for cell in made[1])
    assert made.freeze_panes == "A2"
    assert made.auto_filter.ref == "A1:F3"


def test_columns_are_as_wide_as_what_they_hold_within_reason() -> None:
    made = sheet(written(line("a", "x" * 20, "y" * 500)))
    widths = [made.column_dimensions[letter].width for letter in "ABC"]
    assert widths == [skipped_book.NARROWEST, 22, skipped_book.WIDEST]


def test_wrong_cells_are_marked_and_say_why_even_empty_ones() -> None:
    made = sheet(
        written(line("", "12", "x", wrong={0: "Name is missing.", 1: "No phone."}), line("b", "1", ""))
    )
    assert [made[place].comment.text for place in ("A2", "B2")] == ["Name is missing.", "No phone."]
    assert [cell.coordinate for row in made for cell in row if cell.comment] == ["A2", "B2"]
    marked = [c.coordinate for row in made["A2:F3"] for c in row if c.fill.fill_type]
    assert marked == ["A2", "B2"]


def test_of_many_wrong_cells_all_are_marked_and_the_first_have_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skipped_book, "MOST_NOTES", 2)
    made = sheet(written(*(line("a", "12", "", wrong={1: "No phone."}) for _ in range(4))))
    assert [bool(made[f"B{row}"].comment) for row in range(2, 6)] == [True, True, False, False]
    assert all(made[f"B{row}"].fill.fill_type for row in range(2, 6))


def test_cells_beyond_the_header_come_last() -> None:
    assert [c.value for c in sheet(written(line("a", "1", "", beyond=("more", "=2"))))[2]][6:] == [
        "more",
        "=2",
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sheet_is_named_in_the_language_of_the_reader(lang: str) -> None:
    assert sheet(written(line("a", "", ""), lang=lang)).title == text_of("skipped_sheet", lang)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=3, max_size=3))
def test_the_workbook_is_read_again_as_it_was_written(tmp_path: Path, cells: list[str]) -> None:
    path = tmp_path / "back.xlsx"
    path.write_bytes(written(line(*cells)))
    source = open_source(path, "back.xlsx", Limits(), Overrides(header_row=1))
    (row,) = (row for batch in source.batches() for row in batch.rows)
    assert source.found.names[:3] == NAMES
    assert [edges(unguarded(cell)) for cell in row[:3]] == [edges(cell) for cell in cells]


def edges(cell: str) -> str:
    """What reading leaves of a cell."""
    return cell.replace("\0", "").strip(EDGES)
