"""Tests the order of rows by a column: numbers by size, texts without case and accents, empty cells last."""

from __future__ import annotations

import re
from array import array

from hypothesis import given
from hypothesis import strategies as st

from services.validator.rows.grid import Wanted
from services.validator.rows.ordering import Orders, in_order, packed, unpacked
from services.validator.rows.searching import folded_cell

ODD = st.sampled_from(["", " ", "é", "E"])
CELLS = st.lists(st.one_of(st.text(max_size=6), st.integers(-2000, 2000).map(str), ODD))


def ordered(cells: list[str], descending: bool = False) -> list[str]:
    """The cells in their order."""
    return [cells[at] for at in in_order(cells, descending)]


def sort_key(text: str) -> tuple[bool, float, str]:
    """Where a cell that is not empty belongs."""
    bare = text.strip()
    if re.fullmatch(r"-?[0-9]{1,15}([.,][0-9]{1,9})?", bare):
        return (False, float(bare.replace(",", ".")), "")
    return (True, 0.0, folded_cell(bare))


def test_numbers_are_ordered_by_size_and_texts_as_in_a_dictionary() -> None:
    cells = ["10", "9", "", "-3", "Zoë", "zebra", "Élan", "9,5", "elan", "  "]
    assert ordered(cells) == ["-3", "9", "9,5", "10", "Élan", "elan", "zebra", "Zoë", "", "  "]
    assert ordered(cells, descending=True) == [
        "Zoë",
        "zebra",
        "Élan",
        "elan",
        "10",
        "9,5",
        "9",
        "-3",
        "",
        "  ",
    ]


@given(CELLS)
def test_an_order_has_every_row_once_and_the_empty_ones_last(cells: list[str]) -> None:
    for descending in (False, True):
        found = ordered(cells, descending)
        assert sorted(found) == sorted(cells)
        blank = [not text.strip() for text in found]
        assert blank == sorted(blank)
        keys = [sort_key(text) for text in found if text.strip()]
        assert keys == sorted(keys, reverse=descending)


def test_orders_are_found_once_and_the_least_used_is_forgotten() -> None:
    orders, found = Orders(most=2), []

    def find(name: str) -> None:
        orders.get(name, lambda: (found.append(name), array("Q"))[1])

    for name in ("a", "b", "a", "c", "a", "b"):
        find(name)
    assert found == ["a", "b", "c", "b"]


@given(st.lists(st.text(max_size=5), max_size=3), st.integers(0, 3), st.text(min_size=1, max_size=3))
def test_a_filter_of_a_column_looks_at_its_cell_alone(row: list[str], column: int, text: str) -> None:
    cell = row[column] if column < len(row) else ""
    assert Wanted(column=column, blank=True).fits(row) == (not cell.strip())
    assert Wanted(column=column, blank=False).fits(row) == bool(cell.strip())
    words = folded_cell(text).split()
    assert Wanted(column=column, contains=text).fits(row) == all(word in folded_cell(cell) for word in words)


@given(st.integers(0, 100_000), st.integers(0, 1_000_000))
def test_a_row_comes_back_from_its_number(n: int, offset: int) -> None:
    assert unpacked(packed(n, offset)) == (n, offset)
