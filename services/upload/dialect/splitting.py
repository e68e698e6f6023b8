"""Splits text into records: by its dialect where it is valid, by mending where a quote is damaged."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from services.upload.dialect.damaged_quotes import LOOKAHEAD, LOOKAHEAD_LINES, Effort, Pattern, mended

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS = (",", ";", "\t", "|")

Row = list[str]


@dataclass(frozen=True)
class Dialect:
    """How text is cut into cells; `width` is the number of cells of most records.

    `escape` is the sign before a quote that is a character, "" where such quotes are doubled. `wrapped`: each
    record has quotes around the whole of it. `spaced`: spaces before a value belong to it only inside its quotes.
    """

    delimiter: str
    quote: str
    width: int
    escape: str = ""
    wrapped: bool = False
    spaced: bool = True

    @property
    def strips(self) -> bool:
        """Whether spaces before a value are left out; where they are the delimiter they cannot be."""
        return self.spaced and self.delimiter != " "


def strict_reader(lines: Iterable[str], dialect: Dialect) -> Reader:
    """Make a reader of the csv module for a dialect; it raises `csv.Error` where a quote is damaged."""
    quote = dialect.quote
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=quote or None,
        escapechar=dialect.escape or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        skipinitialspace=dialect.strips,
        strict=True,
    )


def _records(lines: list[str], dialect: Dialect) -> list[Row]:
    """Give the records of valid lines; raises `csv.Error` as `strict_reader` does.

    A line without quotes that is no part of a record over several lines is cut by str.split, which is twice as fast.
    """
    delimiter, quote = dialect.delimiter, dialect.quote
    if dialect.escape and any(dialect.escape in line for line in lines):
        return list(strict_reader(lines, dialect))
    rows: list[Row] = []
    waiting = iter(lines)
    opening: list[str] = []

    def taken() -> Iterator[str]:
        """Give the line that opens a record, then the lines after it that the record needs."""
        while True:
            line = opening.pop() if opening else next(waiting, None)
            if line is None:
                return
            yield line

    reader = strict_reader(taken(), dialect)
    for line in waiting:
        if quote and quote in line:
            opening.append(line)
            rows.append(next(reader))
        else:
            body = line.rstrip("\r\n")
            cells = body.split(delimiter) if body else []
            rows.append([cell.lstrip(" ") for cell in cells] if dialect.strips else cells)
    return rows


class Splitter:
    """Splits lines into records.

    A valid record is taken as it is, whatever its length and width. A damaged record is mended alone: its first
    line, with the lines after it only where they complete it to `width` cells. `unclosed` has the numbers, from 1,
    of records with a quote that never closes, `mended` those of other mended records.
    """

    def __init__(self, dialect: Dialect, width: int | None = None) -> None:
        self._dialect = dialect
        self._width = width
        self._pattern = Pattern(dialect.delimiter, dialect.quote, dialect.escape, dialect.strips)
        self._effort = Effort()
        self._done = self._left = 0
        self.unclosed: list[int] = []
        self.mended: list[int] = []

    def records(self, lines: list[str], more: bool = False) -> tuple[list[Row], list[str]]:
        """Give the records of the lines, blank lines as []; each line has its line end.

        With `more` lines to follow, gives back those that may belong to a record which ends after them.
        """
        rows: list[Row] = []
        left: list[str] = []
        self._effort.earn(sum(map(len, lines)) - self._left)
        try:
            rows.extend(_records(lines, self._dialect))
        except csv.Error:
            rows, left = self._one_by_one(lines, more)
        self._done += len(rows)
        self._left = sum(map(len, left))
        return rows, left

    def _one_by_one(self, lines: list[str], more: bool) -> tuple[list[Row], list[str]]:
        rows: list[Row] = []
        waiting = deque(lines)
        while waiting:
            taken: list[str] = []
            try:
                for row in strict_reader(self._taking(waiting, taken), self._dialect):
                    rows.append(row)
                    taken.clear()
            except csv.Error:
                is_open = not waiting
                self._effort.spend(sum(map(len, taken)))
                waiting.extendleft(reversed(taken))
                if more and (is_open or _is_short(waiting)):
                    return rows, list(waiting)
                rows.append(self._mended(waiting, self._done + len(rows) + 1))
        return rows, []

    def _taking(self, waiting: deque[str], taken: list[str]) -> Iterator[str]:
        """Give the waiting lines and note them as taken; only one a record once the effort is spent."""
        while waiting and (self._effort or not taken):
            line = waiting.popleft()
            taken.append(line)
            yield line

    def _mended(self, waiting: deque[str], number: int) -> Row:
        """Mend the record that starts with the first waiting line, and take its lines."""
        record = mended(self._pattern, list(_near(waiting)), self._width, self._effort)
        for _ in range(record.lines):
            waiting.popleft()
        (self.mended if record.closes else self.unclosed).append(number)
        return record.cells


def _near(waiting: deque[str]) -> Iterator[str]:
    """Give the first line, and those after it that may belong to its record."""
    length = 0
    for line in islice(waiting, LOOKAHEAD_LINES):
        yield line
        length += len(line)
        if length > LOOKAHEAD:
            return


def _is_short(waiting: deque[str]) -> bool:
    """Whether more lines could change how the first record is mended."""
    near = list(_near(waiting))
    return len(near) < LOOKAHEAD_LINES and sum(map(len, near)) <= LOOKAHEAD


def lines_of(text: str) -> list[str]:
    """Give the lines of a text with their ends: line feed, carriage return or both, nothing else."""
    return io.StringIO(text, newline="").readlines()


def unwrapped(line: str, quote: str) -> str:
    """Give the line without quotes around the whole of it, or as it is where there are none."""
    body = line.strip(" \r\n")
    if not quote or len(body) < 2 or body[0] != quote or body[-1] != quote:
        return line
    end = line[len(line.rstrip("\r\n")) :]
    return body[1:-1].replace(quote * 2, quote) + end
