"""Tests the comparison of a repaired list with its job: to which rows its lines belong, and what they change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.upload.model.rows import EDGES
from services.upload.model.source import Batch, Found, ReadError
from services.upload.reupload.differences import Layout, differences
from shared.contract.documents.chunk import EditedCells
from shared.contract.skipped_rows import REPORT, guarded

COLUMNS = [{"index": 0, "name": "Name"}, {"index": 1, "name": "Column B"}, {"index": 2, "name": "=Phone"}]


def found(*names: str, header: Sequence[str] | None = None) -> Found:
    return Found(format="csv", names=list(names), header=list(names if header is None else header))


class Kept:
    """Rows of two chunks of two, numbered from 2."""

    def __init__(self, *rows: list[str]) -> None:
        self.rows = rows or (["Anna", "", "1"], ["Bert", "x", "12"], ["Carl", "", "3"], ["Dirk", "", "4"])

    def edited_cells_at(self, _revision: int, n: int, offsets: Sequence[int]) -> EditedCells:
        """The cells of some rows of a chunk."""
        return EditedCells(rows=[self.rows[2 * n + offset] for offset in offsets])

    def position(self, number: int) -> tuple[int, int] | None:
        """The position of a row."""
        return divmod(number - 2, 2) if 2 <= number < 2 + len(self.rows) else None


def changes(names: Sequence[str], *batches: list[list[str]], kept: Kept | None = None) -> Any:
    kept = kept or Kept()
    layout = Layout.of(found(*names), COLUMNS)
    return differences(kept, 1, kept, layout, [Batch(rows=rows) for rows in batches])


def test_columns_are_found_by_name_in_any_order_and_our_own_are_passed_over() -> None:
    layout = Layout.of(found("_reason", "'=Phone", "_row", "_problem", "Name"), COLUMNS)
    assert (layout.row, dict(layout.columns)) == (2, {1: 2, 4: 0})


def test_columns_without_a_header_are_passed_over() -> None:
    names, header = ("Name", "_row", "Column C"), ("Name", "_row", "")
    assert dict(Layout.of(found(*names, header=header), COLUMNS).columns) == {0: 0}


@pytest.mark.parametrize(
    ("names", "code", "named"),
    [
        (("Name", "Column B"), "repair_without_rows", None),
        (("Name", "_row", "Colour", "Size"), "repair_unknown_columns", "Colour, Size"),
        (("Name", "Name (2)", "_row"), "repair_unknown_columns", "Name (2)"),
    ],
)
def test_a_file_whose_columns_are_not_those_of_the_list_is_refused(
    names: Sequence[str], code: str, named: str | None
) -> None:
    with pytest.raises(ReadError) as refused:
        Layout.of(found(*names), COLUMNS)
    assert (refused.value.code, refused.value.params.get("columns")) == (code, named)


def test_only_cells_that_differ_are_changes_and_missing_columns_stay() -> None:
    changed = changes(("_row", "Name"), [["3", "Bart"], ["4", "Carl"]], [["5.0", ""]])
    assert changed == {0: {1: [(0, "Bert", "Bart")]}, 1: {0: [], 1: [(0, "Dirk", "")]}}


def test_the_guard_comes_off_again() -> None:
    kept = Kept(["=1+1", "'=x", "+32470123456"], ["'n huis", "", "-5"])
    rows = [["2", *map(guarded, kept.rows[0])], ["3", *map(guarded, kept.rows[1])]]
    assert changes(("_row", "Name", "Column B", "'=Phone"), rows, kept=kept) == {0: {0: [], 1: []}}


@given(st.lists(st.text(max_size=8) | st.text("'=\t\0\r\n x", max_size=4), min_size=3, max_size=3))
@example(["\0", "\t", "'\t"])
def test_a_list_that_comes_back_as_it_went_out_changes_nothing(cells: list[str]) -> None:
    as_read = [guarded(cell).replace("\0", "").replace("\r\n", "\n").strip(EDGES) for cell in cells]
    changed = changes(("_row", "Name", "Column B", "=Phone"), [["2", *as_read]], kept=Kept(cells))
    assert changed == {0: {0: []}}


@pytest.mark.parametrize(
    ("rows", "code", "named"),
    [
        ([["99", "a"], ["3", "b"], ["1", "c"]], "repair_unknown_rows", "99, 1"),
        ([["", "a"]], "repair_unknown_rows", "“”"),
        ([["3a", "a"]], "repair_unknown_rows", "3a"),
        ([["3.5", "a"]], "repair_unknown_rows", "3.5"),
        ([["3", "a"], ["3", "b"]], "repair_rows_twice", "3"),
        ([[str(n), "a"] for n in range(90, 105)], "repair_unknown_rows", None),
    ],
)
def test_lines_that_are_no_row_or_one_twice_refuse_the_file(
    rows: list[list[str]], code: str, named: str | None
) -> None:
    with pytest.raises(ReadError) as refused:
        changes(("_row", "Name"), rows)
    assert refused.value.code == code
    rows_named = refused.value.params["rows"]
    assert rows_named == named if named else rows_named.endswith("99 (+ 5)")


def test_a_row_that_comes_in_a_later_batch_again_is_reported_too() -> None:
    with pytest.raises(ReadError, match="repair_rows_twice"):
        changes(("_row", "Name"), [["3", "a"]], [["3", "b"]])


def test_the_names_of_our_own_columns_are_never_those_of_the_source() -> None:
    columns = [*COLUMNS, {"index": 3, "name": "_row"}, {"index": 4, "name": "_reason"}]
    layout = Layout.of(found("Name", *REPORT), columns)
    assert (layout.row, dict(layout.columns)) == (1, {0: 0})
