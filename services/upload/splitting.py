"""Split delimited text whose quotes are damaged, so that one bad quote spoils one record only."""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator

# A value that runs on for longer is no value: its opening quote is a plain character.
LONGEST_VALUE_LINES = 60
LONGEST_VALUE_CHARACTERS = 200_000
DELIMITERS = (",", ";", "\t", "|")
# Ways tried to cut a damaged record before it is left as it is.
_MOST_STEPS = 2_000
_LONGEST_MENDED = 8_000
# Characters that may be looked at again in damaged text, and besides for each character read.
_EFFORT_AT_FIRST = 1_000_000
_EFFORT_EACH = 6
# A record of another delimiter is only believed when it comes out as wide as the table, and that is no accident.
_TELLING_WIDTH = 3
_TELLING_WORDS = 6

Cells = list[str]


class _Pattern:
    """The values of one dialect as regular expressions, possessive, so that hostile quotes cannot back-track."""

    def __init__(self, delimiter: str, quote: str, escape: str) -> None:
        self.delimiter, self.quote, self.escape = delimiter, quote, escape
        d, q, e = re.escape(delimiter), re.escape(quote or "\0"), re.escape(escape)
        # Spaces around quotes belong to no value, unless they are the delimiter.
        self.pad = 0 if delimiter == " " else 16
        pad = f" {{0,{self.pad}}}"
        ends = rf"(?={pad}(?:{d}|[\r\n]|\Z))"
        escaped = rf"{e}[\s\S]|" if escape else ""
        self.quoted = re.compile(rf"{pad}{q}((?:[^{q}{e}]+|{escaped}{q}{q}|{q}(?!{ends}))*+){q}{ends}{pad}")
        self.plain = re.compile(rf"[^{d}\r\n]*+")
        self._escaped = re.compile(rf"{e}([\s\S])") if escape else None

    def value(self, inner: str) -> str:
        """What stands between two quotes, without its escapes."""
        inner = inner.replace(self.quote * 2, self.quote)
        return self._escaped.sub(r"\1", inner) if self._escaped else inner

    def opens(self, text: str, position: int) -> bool:
        """Whether a value that starts here starts with a quote."""
        if not self.quote:
            return False
        return text[position : position + self.pad + 1].lstrip(" ").startswith(self.quote)


class Effort:
    """Bounds how often damaged text is looked at again, so that reading takes time in proportion to its length."""

    def __init__(self) -> None:
        self._left = _EFFORT_AT_FIRST

    def __bool__(self) -> bool:
        return self._left > 0

    def earn(self, read: int) -> None:
        """Characters that were read."""
        self._left += _EFFORT_EACH * read

    def spend(self, looked_at: int) -> None:
        """Characters that were looked at in vain."""
        self._left -= looked_at


class Splitter:
    """Splits lines into records.

    A quote opens only at the start of a value and closes only before a delimiter, a line end or the end of
    the file; anywhere else it is a character. `width` is the table's width: a record of another width is read
    again, with some of its quotes as plain characters, with escapes, without quotes around the whole of it or with
    another delimiter, and the first reading that fits is kept. `unclosed` counts from 1 which records have an opening
    quote without a closing one, `mended` which were read in another way. When the `effort` is used up, quotes close
    on their line and records are left as they are.
    """

    def __init__(
        self,
        delimiter: str,
        quote: str = '"',
        width: int | None = None,
        escape: str = "",
        effort: Effort | None = None,
    ) -> None:
        self._effort = effort or Effort()
        self._pattern = _Pattern(delimiter, quote, escape)
        self._width = width
        self._count = 0
        self._others: list[_Pattern] | None = None
        self.waiting: deque[str] = deque()
        self.unclosed: list[int] = []
        self.mended: list[int] = []

    def records(self, lines: Iterable[str]) -> Iterator[Cells]:
        """The records of the lines (each with its line end), blank lines as []."""
        source = iter(lines)
        while True:
            if not self.waiting:
                line = next(source, None)
                if line is None:
                    return
                self.waiting.append(line)
            yield self.record(source)

    def record(self, source: Iterator[str]) -> Cells:
        """The record that starts with the first line waiting; takes more lines from the source where it must."""
        self._count += 1
        line = single = self.waiting.popleft()
        self._effort.earn(len(line))
        cells = _split(self._pattern, line)[0]
        if cells is None and self._effort:
            cells, line = self._over_lines(line, source)
        if cells is not None and (
            not line.strip() or (self._fits(cells) and not self._swallows(single, line))
        ):
            return cells
        return self._mend(cells, line, single)

    def _over_lines(self, line: str, source: Iterator[str]) -> tuple[Cells | None, str]:
        """The record with those of the following lines that it needs."""
        text = self._with_following(line, source)
        cells, end = _split(self._pattern, text)
        if cells is None:
            self._effort.spend(len(text))
            return None, line
        self._take(end - len(line))
        return cells, text[:end]

    def _fits(self, cells: Cells) -> bool:
        return self._width is None or len(cells) == self._width

    def _swallows(self, first: str, text: str) -> bool:
        """Whether each line of the record would be a record of its own: then a stray quote holds them together."""
        width = self._width or 0
        if first is text or width < _TELLING_WIDTH or self._fitting(first) is None:
            return False
        return all(
            _cut_to_width(self._pattern, line, width, self._effort) for line in lines_of(text[len(first) :])
        )

    def _take(self, length: int) -> None:
        while self.waiting and length > 0:
            length -= len(self.waiting.popleft())

    def _mend(self, cells: Cells | None, line: str, single: str) -> Cells:
        """Another reading of a record that is not closed or not as wide as the table."""
        better = self._fitting(single) if self._width and self._width > 1 and self._effort else None
        if better is not None and cells is not None and single is not line:
            # What was taken for the inside of a value are lines of their own.
            self.waiting.extendleft(reversed(lines_of(line[len(single) :])))
        if cells is None:
            self.unclosed.append(self._count)
        elif better is not None:
            self.mended.append(self._count)
        if better is not None:
            return better
        return _loosely(self._pattern, single) if cells is None else cells

    def _fitting(self, line: str) -> Cells | None:
        """The first reading of the line that is as wide as the table."""
        assert self._width is not None
        readings: tuple[Callable[[], Cells | None], ...] = (
            lambda: _cut_to_width(self._pattern, line, self._width or 0, self._effort),
            lambda: self._escaped(line),
            lambda: self._apostrophes(line),
            lambda: self._unwrapped(line),
            lambda: self._with_other_delimiter(line),
        )
        for reading in readings:
            cells = reading()
            if cells is not None and len(cells) == self._width:
                return cells
        self._effort.spend(len(line))
        return None

    def _escaped(self, line: str) -> Cells | None:
        own = self._pattern
        if own.escape or not own.quote or "\\" + own.quote not in line:
            return None
        return _split(_Pattern(own.delimiter, own.quote, "\\"), line)[0]

    def _apostrophes(self, line: str) -> Cells | None:
        own = self._pattern
        if own.quote != '"' or "'" not in line:
            return None
        return _split(_Pattern(own.delimiter, "'", ""), line)[0]

    def _unwrapped(self, line: str) -> Cells | None:
        """A record that some program took for one value and quoted as a whole."""
        body = unwrapped(line, self._pattern.quote)
        return None if body == line else _split(self._pattern, body)[0]

    def _with_other_delimiter(self, line: str) -> Cells | None:
        width = self._width or 0
        if width < _TELLING_WIDTH:
            return None
        if self._others is None:
            own = self._pattern
            names = (*DELIMITERS, " ") if width >= _TELLING_WORDS else DELIMITERS
            self._others = [_Pattern(name, own.quote, own.escape) for name in names if name != own.delimiter]
        for pattern in self._others:
            if line.count(pattern.delimiter) >= width - 1:
                cells = _split(pattern, line)[0]
                if cells is not None and len(cells) == width:
                    return cells
        return None

    def _with_following(self, line: str, source: Iterator[str]) -> str:
        """The line and those after it that its open value could still reach."""
        while len(self.waiting) < LONGEST_VALUE_LINES:
            following = next(source, None)
            if following is None:
                break
            self.waiting.append(following)
        parts, length = [line], len(line)
        for following in self.waiting:
            if length > LONGEST_VALUE_CHARACTERS or len(parts) > LONGEST_VALUE_LINES:
                break
            parts.append(following)
            length += len(following)
        return "".join(parts)


def _split(pattern: _Pattern, text: str) -> tuple[Cells | None, int]:
    """The first record of the text and where it ends; None when a quote does not close."""
    cells: Cells = []
    position = 0
    while True:
        quoted = pattern.quoted.match(text, position) if pattern.quote else None
        if quoted:
            cells.append(pattern.value(quoted[1]))
            position = quoted.end()
        elif pattern.opens(text, position):
            return None, position
        else:
            plain = pattern.plain.match(text, position)
            assert plain is not None  # it matches the empty string
            cells.append(plain[0])
            position = plain.end()
        if text[position : position + 1] != pattern.delimiter:
            break
        position += 1
    if len(text) > position:
        position += 2 if text.startswith("\r\n", position) else 1
    return ([] if cells == [""] else cells), position


def _cut_to_width(pattern: _Pattern, line: str, width: int, effort: Effort) -> Cells | None:
    """A reading of the line with `width` cells in which quotes may be characters; as few as possible at its start."""
    line = line.rstrip("\r\n")
    if len(line) > _LONGEST_MENDED or line.count(pattern.delimiter) < width - 1:
        return None
    if not pattern.quote or pattern.quote not in line:
        cells = line.split(pattern.delimiter)
        return cells if len(cells) == width else None
    tried: set[tuple[int, int]] = set()
    values_at: dict[int, list[tuple[int, str]]] = {}
    # Each way is where the last value ends, the values so far (linked, last first) and how many they are.
    ways: list[tuple[int, tuple[str, object] | None, int]] = [(-1, None, 0)]
    for _ in range(_MOST_STEPS):
        if not ways or not effort:
            return None
        position, values, count = ways.pop()
        if position == len(line):
            if count == width:
                return _unlinked(values)
            continue
        if count == width or (position, count) in tried:
            continue
        tried.add((position, count))
        start = position + 1
        if start not in values_at:
            values_at[start] = _values(pattern, line, start)
            effort.spend(len(line) - start if pattern.opens(line, start) else 1)
        ways += [(end, (value, values), count + 1) for end, value in values_at[start]]
    return None


def _values(pattern: _Pattern, line: str, start: int) -> list[tuple[int, str]]:
    """The ways to read the value that starts here, each with its end; the likelier last."""
    found: list[tuple[int, str]] = []
    plain = pattern.plain.match(line, start)
    assert plain is not None
    quoted = pattern.quoted.match(line, start) if pattern.quote else None
    if not quoted or pattern.quote in quoted[1].replace(pattern.quote * 2, ""):
        found.append((plain.end(), _stripped(plain[0], pattern.quote)))
    if quoted:
        found.append((quoted.end(), pattern.value(quoted[1])))
    return found


def _stripped(cell: str, quote: str) -> str:
    """A value of odd quotes, such as three, without those at its ends."""
    bare = cell.strip(" ")
    return bare[1:-1] if quote and len(bare) > 2 and bare.strip(quote) == "" else cell


def _unlinked(values: tuple[str, object] | None) -> Cells:
    cells: Cells = []
    rest: object = values
    while isinstance(rest, tuple):
        cells.append(rest[0])
        rest = rest[1]
    return cells[::-1]


def _loosely(pattern: _Pattern, line: str) -> Cells:
    """Cut at every delimiter that stands in no value which is quoted as it should be."""
    line = line.rstrip("\r\n")
    cells: Cells = []
    position = 0
    closes = bool(pattern.quote)
    while position <= len(line) and line:
        quoted = pattern.quoted.match(line, position) if closes else None
        if quoted is None and pattern.opens(line, position):
            closes = False  # nor will any that opens further on; looking again each time would take for ever
        match = quoted or pattern.plain.match(line, position)
        assert match is not None
        cells.append(pattern.value(match[1]) if quoted else match[0])
        position = match.end() + 1
    return cells


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends as they are: line feed, carriage return or both, nothing else."""
    return io.StringIO(text, newline="").readlines()


def unwrapped(line: str, quote: str) -> str:
    """The line without quotes around the whole of it; the line itself where there are none."""
    body = line.strip(" \r\n")
    if not quote or len(body) < 2 or body[0] != quote or body[-1] != quote:
        return line
    end = line[len(line.rstrip("\r\n")) :]
    return body[1:-1].replace(quote * 2, quote) + end
