"""Cut decoded text into records: with the csv module while it is regular, with the splitter where it is not."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TextIO

from services.upload.dialect import Dialect, strict_reader
from services.upload.source import Row
from services.upload.splitting import (
    LONGEST_VALUE_CHARACTERS,
    LONGEST_VALUE_LINES,
    Effort,
    Splitter,
    unwrapped,
)

if TYPE_CHECKING:
    from _csv import Reader

# Characters handled at a time: enough to make the checks on many rows cheap, few enough to stay in the cache.
_BLOCK = 1 << 16
_SLOW_BLOCK = 128
# What a single record may be cut with instead of the table's delimiter.
_SIGNS = ",;\t| "


class Records:
    """The records of a text in short lists; `unclosed` and `mended` hold their numbers, from 1, once read."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._marks = {'"', "'", dialect.quote or '"', "\n", "\r"}
        self.unclosed: list[int] = []
        self.mended: list[int] = []

    def blocks(self, text: TextIO, record_ended: Callable[[], None]) -> Iterator[list[Row]]:
        """All records, blank ones as []. `record_ended` is called whenever the text was read up to the end of one."""
        self.unclosed.clear()
        self.mended.clear()
        held: list[str] = []
        done = 0
        effort = Effort()
        while True:
            fresh = self._lines(text.readlines(_BLOCK))
            lines = held + fresh if held else fresh
            if not lines:
                return
            rows, used = self._regular(lines)
            if rows:
                record_ended()
                done += len(rows)
                yield rows
            held = lines[used:]
            if held and not (fresh and _may_go_on(held)):
                for rows in self._damaged(held, self._more(text), done, effort):
                    record_ended()
                    done += len(rows)
                    yield rows
                held = []

    def _lines(self, lines: list[str]) -> list[str]:
        return [unwrapped(line, self._dialect.quote) for line in lines] if self._dialect.wrapped else lines

    def _more(self, text: TextIO) -> Iterator[str]:
        return (unwrapped(line, self._dialect.quote) for line in text) if self._dialect.wrapped else text

    def _regular(self, lines: list[str]) -> tuple[list[Row], int]:
        """The records up to the first that is damaged or cut, and how many lines they take."""
        rows: list[Row] = []
        try:
            rows.extend(self._reader(lines))
        except csv.Error:
            return self._before_damage(lines)
        if len(lines) == len(rows) and set(map(len, rows)) <= {0, self._dialect.width}:
            return rows, len(lines)
        if any(self._is_suspicious(row) for row in rows):
            return self._before_damage(lines)
        return rows, len(lines)

    def _before_damage(self, lines: list[str]) -> tuple[list[Row], int]:
        rows: list[Row] = []
        used = 0
        reader = self._reader(lines)
        try:
            for row in reader:
                if self._is_suspicious(row):
                    break
                rows.append(row)
                used = reader.line_num
        except csv.Error:
            return rows, used
        return rows, used

    def _is_suspicious(self, row: Row) -> bool:
        """Whether an unclosed quote or another delimiter may have spoilt the record."""
        width = self._dialect.width
        if row and len(row) != width:
            if any(mark in cell for cell in row for mark in self._marks):
                return True
            if len(row) < width and any(
                sum(cell.count(sign) for cell in row) >= width - 1 for sign in _SIGNS
            ):
                return True
        return any(self._holds_records(cell) for cell in row if "\n" in cell or "\r" in cell)

    def _holds_records(self, cell: str) -> bool:
        """Whether a value of several lines may be whole records between two stray quotes."""
        if cell.count("\n") > LONGEST_VALUE_LINES:
            return True
        return 1 < self._dialect.width <= 1 + cell.count(self._dialect.delimiter)

    def _damaged(
        self, lines: list[str], source: Iterator[str], before: int, effort: Effort
    ) -> Iterator[list[Row]]:
        """The records of the lines, and of those that the last of them needs besides."""
        dialect = self._dialect
        splitter = Splitter(dialect.delimiter, dialect.quote, dialect.width, dialect.escape, effort)
        splitter.waiting.extend(lines)
        while splitter.waiting:
            block: list[Row] = []
            while splitter.waiting and len(block) < _SLOW_BLOCK:
                block.append(splitter.record(source))
            yield block
        self.unclosed.extend(before + number for number in splitter.unclosed)
        self.mended.extend(before + number for number in splitter.mended)

    def _reader(self, lines: Iterable[str]) -> Reader:
        return strict_reader(lines, self._dialect)


def _may_go_on(lines: list[str]) -> bool:
    """Whether the lines may be one record whose end was not read yet."""
    return len(lines) <= LONGEST_VALUE_LINES and sum(map(len, lines)) <= LONGEST_VALUE_CHARACTERS
