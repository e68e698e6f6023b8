"""Split delimited text whose quotes are damaged, so that one bad quote spoils one record only."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator

# A value that runs on for longer is no value: its opening quote is a plain character.
LONGEST_VALUE_LINES = 60
_LONGEST_VALUE_CHARACTERS = 200_000


class Splitter:
    """Splits lines into records.

    A quote opens only at the start of a value and closes only before a delimiter, a line end or the end of
    the file; anywhere else it is a character. `width` is the table's width: a record of another width is read
    a second time with its quotes as plain characters, and the reading that fits is kept. `unclosed` counts
    from 1 which records have an opening quote without a closing one.
    """

    def __init__(self, delimiter: str, quote: str = '"', width: int | None = None) -> None:
        self._delimiter = delimiter
        self._quote = quote
        self._width = width
        self._count = 0
        self.unclosed: list[int] = []
        d, q = re.escape(delimiter), re.escape(quote or "\0")
        # Spaces around quotes belong to no value, unless they are the delimiter.
        self._pad = 0 if delimiter == " " else 16
        pad = f" {{0,{self._pad}}}"
        ends = rf"(?={pad}(?:{d}|[\r\n]|\Z))"
        # Possessive, so that hostile runs of quotes cannot make it back-track.
        self._quoted = re.compile(rf"{pad}{q}((?:[^{q}]+|{q}{q}|{q}(?!{ends}))*+){q}{ends}{pad}")
        self._plain = re.compile(rf"[^{d}\r\n]*+")

    def records(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The records of the lines (each with its line end), blank lines as []."""
        waiting: deque[str] = deque()
        source = iter(lines)
        while True:
            line = waiting.popleft() if waiting else next(source, None)
            if line is None:
                return
            yield self._record(line, waiting, source)

    def _record(self, line: str, waiting: deque[str], source: Iterator[str]) -> list[str]:
        self._count += 1
        cells, end = self._split(line)
        if cells is None:
            text = self._with_following(line, waiting, source)
            cells, end = self._split(text)
            if cells is not None:
                taken = len(line)
                while waiting and taken < end:
                    taken += len(waiting.popleft())
                line = text[:end]
        if cells is not None and (len(cells) == self._width or self._quote not in line):
            return cells
        if cells is None:
            self.unclosed.append(self._count)
        plain = self._split_plainly(line)
        return plain if cells is None or len(plain) == self._width else cells

    def _with_following(self, line: str, waiting: deque[str], source: Iterator[str]) -> str:
        """The line and those after it that its open value could still reach."""
        while len(waiting) < LONGEST_VALUE_LINES:
            following = next(source, None)
            if following is None:
                break
            waiting.append(following)
        text = line
        for following in waiting:
            if len(text) > _LONGEST_VALUE_CHARACTERS:
                break
            text += following
        return text

    def _split(self, text: str) -> tuple[list[str] | None, int]:
        """The first record of the text and where it ends; None when a quote does not close."""
        cells: list[str] = []
        position = 0
        while True:
            quoted = self._quoted.match(text, position) if self._quote else None
            if quoted:
                cells.append(quoted[1].replace(self._quote * 2, self._quote))
                position = quoted.end()
            elif self._quote and text[position : position + self._pad + 1].lstrip(" ").startswith(
                self._quote
            ):
                return None, position
            else:
                plain = self._plain.match(text, position)
                assert plain is not None  # it matches the empty string
                cells.append(plain[0])
                position = plain.end()
            if text[position : position + 1] != self._delimiter:
                break
            position += 1
        if len(text) > position:
            position += 2 if text.startswith("\r\n", position) else 1
        return ([] if cells == [""] else cells), position

    def _split_plainly(self, line: str) -> list[str]:
        line = line.rstrip("\r\n")
        return [self._unwrapped(cell) for cell in line.split(self._delimiter)] if line else []

    def _unwrapped(self, cell: str) -> str:
        quote = self._quote
        bare = cell.strip(" ")
        if quote and len(bare) > 1 and bare.startswith(quote) and bare.endswith(quote):
            return bare[1:-1].replace(quote * 2, quote)
        return cell
