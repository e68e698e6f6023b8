"""Tests splitting text into records, and the mending of records with damaged quotes."""

from __future__ import annotations

import csv
import time
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.upload.dialect.splitting import Dialect, Splitter, lines_of, strict_reader, unwrapped

COMMA = Dialect(",", '"', 1)
SPACE = Dialect(" ", '"', 1)


def split(lines: list[str], width: int | None = None) -> tuple[list[list[str]], Splitter]:
    splitter = Splitter(COMMA, width)
    rows, left = splitter.records(lines)
    assert left == []
    return rows, splitter


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('"a,"b, x",c\n', ['"a', "b, x", "c"]),
        ('"a "b" c","d",e\n', ['a "b" c', "d", "e"]),
        ('a,"b" ,c\n', ["a", "b", "c"]),
    ],
)
def test_a_damaged_record_is_read_so_that_it_fits_the_table_and_reported(line: str, cells: list[str]) -> None:
    rows, splitter = split(["1,2,3\n", line, "4,5,6\n"], 3)
    assert rows == [["1", "2", "3"], cells, ["4", "5", "6"]]
    assert (splitter.mended, splitter.unclosed) == ([2], [])


def test_a_quote_that_never_closes_spoils_its_record_only() -> None:
    rows, splitter = split(["1,2,3\n", 'a,"b,c\n', "4,5,6\n"], 3)
    assert rows == [["1", "2", "3"], ["a", '"b', "c"], ["4", "5", "6"]]
    assert (splitter.mended, splitter.unclosed) == ([], [2])


def test_a_damaged_value_goes_on_over_lines_that_are_no_rows() -> None:
    rows, splitter = split(["1,2,3\n", 'a,"b "x" and\n', "more\n", 'of it",c\n', "4,5,6\n"], 3)
    assert rows == [["1", "2", "3"], ["a", 'b "x" and\nmore\nof it', "c"], ["4", "5", "6"]]
    assert splitter.mended == [2]


def test_a_damaged_value_does_not_go_on_over_lines_that_may_be_rows() -> None:
    rows, splitter = split(['1,"2"x,"3\n', "4,5,6\n", '7,8,"9"\n'], 3)
    assert rows == [["1", '"2"x', '"3'], ["4", "5", "6"], ["7", "8", "9"]]
    assert splitter.unclosed + splitter.mended == [1]


@pytest.mark.parametrize("line", ["a;b;c\n", '"a,""b, x"",c"\n', "a,'b, x',c\n", "Jansen\n", '"a; b",c\n'])
def test_a_valid_record_of_another_width_stays_as_it_is(line: str) -> None:
    rows, splitter = split(["1,2,3\n", line, "4,5,6\n"], 3)
    assert [cell.strip() for cell in rows[1]] == next(csv.reader([line], skipinitialspace=True))
    assert splitter.mended + splitter.unclosed == []


def test_quotes_around_a_whole_line_are_taken_off() -> None:
    assert unwrapped('"a,""b"""\r\n', '"') == 'a,"b"\r\n'
    assert unwrapped("a,b\n", '"') == "a,b\n"


texts = st.text("a\"';, \\\n", max_size=200).map(lambda text: text + "\n")


@settings(max_examples=300, deadline=None)
@given(texts, st.integers(1, 5) | st.none())
def test_no_character_but_quotes_and_delimiters_is_lost(text: str, width: int | None) -> None:
    rows, _ = split(lines_of(text), width)
    assert sum(cell.count("a") for row in rows for cell in row) == text.count("a")


@settings(max_examples=300, deadline=None)
@given(texts, st.integers(1, 5) | st.none())
def test_records_are_valid_ones_or_reported(text: str, width: int | None) -> None:
    rows, splitter = split(lines_of(text), width)
    valid = []
    damaged = False
    try:
        valid.extend(strict_reader(lines_of(text), COMMA))
    except csv.Error:
        damaged = True
    assert rows[: len(valid)] == valid
    first = [len(valid) + 1] if damaged else []
    assert sorted(splitter.unclosed + splitter.mended)[:1] == first


DIALECTS = [
    COMMA,
    replace(COMMA, spaced=False),
    replace(COMMA, escape="\\"),
    replace(COMMA, quote="'"),
    SPACE,
]


@settings(max_examples=600, deadline=None)
@given(texts, st.integers(1, 400), st.integers(1, 5), st.sampled_from(DIALECTS))
@example(' \n"\n', 1, 1, COMMA)
@example(' a, b\n"c', 1, 2, COMMA)
@example(' a, b\n"c', 1, 2, replace(COMMA, spaced=False))
def test_records_are_the_same_in_whatever_pieces_the_lines_come(
    text: str, piece: int, width: int, dialect: Dialect
) -> None:
    lines = lines_of(text)
    at_once = Splitter(dialect, width)
    whole, _ = at_once.records(lines)
    splitter = Splitter(dialect, width)
    rows: list[list[str]] = []
    open_lines: list[str] = []
    for start in range(0, len(lines), piece):
        found, open_lines = splitter.records(open_lines + lines[start : start + piece], more=True)
        rows += found
    rows += splitter.records(open_lines)[0]
    assert rows == whole
    assert (splitter.unclosed, splitter.mended) == (at_once.unclosed, at_once.mended)


HOSTILE = {
    "unclosed cells": ",".join(['"a'] * 900) + "\n",
    "quotes inside": ",".join(['"a"b'] * 900) + "\n",
    "three quotes": '"""\n',
    "short and unclosed": '1,"a\n',
    "short and damaged": '"a"b,"\n',
    "doubled": '1,"a""\n',
    "odd lines": 'b","c\n',
    "wide and odd": '"a"b,' + '"",' * 500 + '"c\n',
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE)
def test_the_time_for_damaged_quotes_grows_no_faster_than_the_text(line: str) -> None:
    lines = [line] * (300_000 // len(line))
    started = time.process_time()
    rows, _ = split(lines, 901 if len(line) > 900 else 2)
    assert time.process_time() - started < 3.0
    assert len(rows) > 1
