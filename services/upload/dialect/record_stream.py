"""Cuts decoded text into records, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TextIO

from services.upload.dialect.splitting import Dialect, Splitter, lines_of, unwrapped
from services.upload.model.rows import Row
from services.upload.model.source import Doubts, ReadError

# Characters read at a time: enough to make checks of many rows cheap, few enough for the processor cache.
_BLOCK = 1 << 16
#: The most characters of a record, more than fit into a chunk.
LONGEST_RECORD = 2_000_000
# So many delimiters make a line look like a row; prose has fewer.
_TELLING = 3


class RecordStream:
    """The records of a text in short lists; `doubts` has the numbers of mended records, from 1."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.doubts = Doubts()

    def blocks(self, text: TextIO, record_ended: Callable[[], None]) -> Iterator[list[Row]]:
        """Give all records, blank ones as [].

        Calls `record_ended` whenever the text was read up to the end of a record. Raises ReadError
        `cell_too_long` for a record of more than `LONGEST_RECORD` characters.
        """
        self.doubts.clear()
        splitter = Splitter(self._dialect, self._dialect.width)
        rest: list[str] = []
        done = 0
        while True:
            # An open record is split again with twice the text, so that time grows with its length.
            fresh = self._lines(text.readlines(max(_BLOCK, sum(map(len, rest)))))
            lines = rest + fresh
            if not lines:
                return
            rows, rest = splitter.records(lines, more=bool(fresh))
            if sum(map(len, rest)) > LONGEST_RECORD:
                raise ReadError("cell_too_long", row=done + len(rows) + 1, column="?", max=LONGEST_RECORD)
            if rows:
                record_ended()
                if len(rows) < len(lines) - len(rest):
                    self._doubt_rows_in_cells(rows, done)
                self._doubt_mended(splitter)
                done += len(rows)
                yield rows

    def _lines(self, lines: list[str]) -> list[str]:
        return [unwrapped(line, self._dialect.quote) for line in lines] if self._dialect.wrapped else lines

    def _doubt_mended(self, splitter: Splitter) -> None:
        for code, numbers in (("unclosed_quote", splitter.unclosed), ("quotes_repaired", splitter.mended)):
            for number in numbers:
                self.doubts.add(number, code)
            numbers.clear()

    def _doubt_rows_in_cells(self, rows: list[Row], before: int) -> None:
        """Add a doubt where each line of a valid cell could be a row: a quote may be missing."""
        least = self._dialect.width - 1
        if least < _TELLING:
            return
        for number, row in enumerate(rows, before + 1):
            for cell in row:
                lines = lines_of(cell) if "\n" in cell or "\r" in cell else []
                whole = lines[1:-1] or lines[1:]
                if whole and all(line.count(self._dialect.delimiter) >= least for line in whole):
                    self.doubts.add(number, "rows_in_cell")
