"""Cut decoded text into records, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TextIO

from services.upload.dialect.splitting import Dialect, Splitter, lines_of, unwrapped
from services.upload.model.source import Doubts, ReadError, Row

# Characters handled at a time: enough to make the checks on many rows cheap, few enough to stay in the cache.
_BLOCK = 1 << 16
#: Characters of a record, which is more than a chunk takes.
LONGEST_RECORD = 2_000_000
# Delimiters in a line that make it look like a row; fewer are in any prose.
_TELLING = 3


class Records:
    """The records of a text in short lists; `doubts` has their numbers, from 1, where they were repaired."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.doubts = Doubts()

    def blocks(self, text: TextIO, record_ended: Callable[[], None]) -> Iterator[list[Row]]:
        """All records, blank ones as []. `record_ended` is called whenever the text was read up to the end of one.

        Raises ReadError `cell_too_long` for a record that goes on for too long.
        """
        self.doubts.clear()
        splitter = Splitter(self._dialect, self._dialect.width)
        held: list[str] = []
        done = 0
        while True:
            # A record that goes on is read again with as much again, so that time grows as its length does.
            fresh = self._lines(text.readlines(max(_BLOCK, sum(map(len, held)))))
            lines = held + fresh
            if not lines:
                return
            rows, held = splitter.records(lines, more=bool(fresh))
            if sum(map(len, held)) > LONGEST_RECORD:
                raise ReadError("cell_too_long", row=done + len(rows) + 1, column="?", max=LONGEST_RECORD)
            if rows:
                record_ended()
                if len(rows) < len(lines) - len(held):
                    self._doubt_rows_in_cells(rows, done)
                self._doubt_repairs(splitter)
                done += len(rows)
                yield rows

    def _lines(self, lines: list[str]) -> list[str]:
        return [unwrapped(line, self._dialect.quote) for line in lines] if self._dialect.wrapped else lines

    def _doubt_repairs(self, splitter: Splitter) -> None:
        for code, numbers in (("unclosed_quote", splitter.unclosed), ("quotes_repaired", splitter.mended)):
            for number in numbers:
                self.doubts.add(number, code)
            numbers.clear()

    def _doubt_rows_in_cells(self, rows: list[Row], before: int) -> None:
        """A valid cell of several lines stays one, but where each could be a row, a quote may be missing."""
        least = self._dialect.width - 1
        if least < _TELLING:
            return
        for number, row in enumerate(rows, before + 1):
            for cell in row:
                lines = lines_of(cell) if "\n" in cell or "\r" in cell else []
                whole = lines[1:-1] or lines[1:]
                if whole and all(line.count(self._dialect.delimiter) >= least for line in whole):
                    self.doubts.add(number, "rows_in_cell")
