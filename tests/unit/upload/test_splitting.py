"""Splitting damaged records."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.upload.splitting import Splitter, unwrapped


def split(lines: list[str], width: int | None = None, delimiter: str = ",") -> list[list[str]]:
    return list(Splitter(delimiter, width=width).records(lines))


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('a,"b,c\n', ["a", '"b', "c"]),
        ('"a,"b, x",c\n', ['"a', "b, x", "c"]),
        ("a;b;c\n", ["a", "b", "c"]),
        ('"a,""b, x"",c"\n', ["a", "b, x", "c"]),
        ("a,'b, x',c\n", ["a", "b, x", "c"]),
        ('a,"b \\"x\\", y",c\n', ["a", 'b "x", y', "c"]),
    ],
)
def test_a_damaged_record_is_read_so_that_it_fits_the_table(line: str, cells: list[str]) -> None:
    assert split(["1,2,3\n", line, "4,5,6\n"], 3) == [["1", "2", "3"], cells, ["4", "5", "6"]]


def test_a_record_that_fits_in_no_way_is_left_as_it_is() -> None:
    assert split(["a,b\n"], 4) == [["a", "b"]]


def test_two_stray_quotes_do_not_hold_records_together() -> None:
    lines = ['1,2,"3\n', "4,5,6\n", '7,8,9"\n']
    assert split(lines, 3) == [["1", "2", '"3'], ["4", "5", "6"], ["7", "8", '9"']]


def test_quotes_around_a_whole_line_are_taken_off() -> None:
    assert unwrapped('"a,""b"""\r\n', '"') == 'a,"b"\r\n'
    assert unwrapped("a,b\n", '"') == "a,b\n"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text("a\"';, \\", max_size=30), max_size=30), st.integers(1, 5))
def test_no_character_but_quotes_escapes_and_delimiters_is_lost(lines: list[str], width: int) -> None:
    records = split([line + "\n" for line in lines], width)
    assert sum(cell.count("a") for record in records for cell in record) == sum(
        line.count("a") for line in lines
    )


@pytest.mark.parametrize("cell", ['"a', '"a"b', "'a'b", '""'])
def test_the_time_for_damaged_quotes_grows_no_faster_than_the_text(cell: str) -> None:
    lines = [",".join([cell] * 900) + "\n"] * 200
    started = time.process_time()
    assert len(split(lines, width=901)) >= 190
    assert time.process_time() - started < 5.0
