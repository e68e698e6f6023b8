"""Mends a record whose quotes are damaged, so that the damage spoils this record only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: At most so many lines, and characters, may belong to a damaged record.
LOOKAHEAD_LINES = 60
LOOKAHEAD = 8_000
# So many ways to cut a damaged record are tried before it is cut loosely.
_MOST_STEPS = 2_000
# Characters of damaged text that may be scanned again: at first, and more for each character read.
_EFFORT_AT_FIRST = 1_000_000
_EFFORT_EACH = 6

Cells = list[str]


class Pattern:
    """The values of one dialect as regular expressions.

    They are possessive, so that hostile quotes cannot make them backtrack. They accept more than a valid record: a
    quote closes a value only before a delimiter or a line end; anywhere else it is a character. With `strips`, spaces
    before a value without quotes belong to no value either, as in valid records.
    """

    def __init__(self, delimiter: str, quote: str, escape: str, strips: bool = False) -> None:
        self.delimiter, self.quote, self.escape = delimiter, quote, escape
        d, q, e = re.escape(delimiter), re.escape(quote or "\0"), re.escape(escape)
        # Spaces around quotes belong to no value, unless they are the delimiter.
        self.pad = 0 if delimiter == " " else 16
        pad = f" {{0,{self.pad}}}"
        ends = rf"(?={pad}(?:{d}|[\r\n]|\Z))"
        escaped = rf"{e}[\s\S]|" if escape else ""
        self.quoted = re.compile(rf"{pad}{q}((?:[^{q}{e}]+|{escaped}{q}{q}|{q}(?!{ends}))*+){q}{ends}{pad}")
        self.plain = re.compile(rf"{' *+' if strips else ''}([^{d}\r\n]*+)")
        self._escaped = re.compile(rf"{e}([\s\S])") if escape else None

    def value(self, inner: str) -> str:
        """Give the text between two quotes without its escapes."""
        inner = inner.replace(self.quote * 2, self.quote)
        return self._escaped.sub(r"\1", inner) if self._escaped else inner

    def opens(self, text: str, position: int) -> bool:
        """Whether a value that starts at `position` starts with a quote."""
        if not self.quote:
            return False
        return text[position : position + self.pad + 1].lstrip(" ").startswith(self.quote)


class Effort:
    """Limits how much damaged text is scanned again, so that reading takes time in proportion to its length."""

    def __init__(self) -> None:
        self._left = _EFFORT_AT_FIRST

    def __bool__(self) -> bool:
        return self._left > 0

    def earn(self, read: int) -> None:
        """Add to the budget for characters that were read."""
        self._left += _EFFORT_EACH * read

    def spend(self, scanned: int) -> None:
        """Take characters off the budget that were scanned without result."""
        self._left -= scanned


@dataclass(frozen=True)
class MendedRecord:
    """One reading of a damaged record: its cells, the number of its lines, whether all its quotes close."""

    cells: Cells
    lines: int = 1
    closes: bool = True


def mended(pattern: Pattern, lines: list[str], width: int | None, effort: Effort) -> MendedRecord:
    """Mend the damaged record that starts with the first line.

    The first of these readings that closes every quote and has `width` cells is taken: the line alone; the line
    with the lines after it, unless each of them looks like a record; the line with some of its quotes as
    characters. Without any, the line is cut at each delimiter outside well-formed quotes.
    """
    alone, _ = _cut(pattern, lines[0])
    if alone is not None and width in (None, len(alone)):
        return MendedRecord(alone)
    joined = _joined(pattern, lines, effort) if alone is None else None
    if joined and (
        width is None or (len(joined.cells) == width and not _are_records(pattern, lines, joined))
    ):
        return joined
    cut = _cut_to_width(pattern, lines[0], width, effort) if width and effort else None
    cells = cut or alone or _loosely(pattern, lines[0])
    return MendedRecord(cells, closes=alone is not None or joined is not None)


def _joined(pattern: Pattern, lines: list[str], effort: Effort) -> MendedRecord | None:
    """Read a record over several lines; None where a quote does not close within them."""
    if not effort:
        return None
    text = "".join(lines)
    effort.spend(len(text))
    cells, end = _cut(pattern, text)
    if cells is None:
        return None
    count = 0
    while end > 0:
        end -= len(lines[count])
        count += 1
    return MendedRecord(cells, count)


def _are_records(pattern: Pattern, lines: list[str], joined: MendedRecord) -> bool:
    """Whether each line could be a record of its own: then a stray quote joins them."""
    least = len(joined.cells) - 1
    return all(line.count(pattern.delimiter) >= least for line in lines[: joined.lines])


def _cut(pattern: Pattern, text: str) -> tuple[Cells | None, int]:
    """Give the first record of the text and where it ends; None where a quote does not close."""
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
            cells.append(plain[1])
            position = plain.end()
        if text[position : position + 1] != pattern.delimiter:
            break
        position += 1
    if len(text) > position:
        position += 2 if text.startswith("\r\n", position) else 1
    return cells, position


def _cut_to_width(pattern: Pattern, line: str, width: int, effort: Effort) -> Cells | None:
    """Read the line as `width` cells, with as few quotes as possible taken for characters."""
    line = line.rstrip("\r\n")
    if len(line) > LOOKAHEAD or line.count(pattern.delimiter) < width - 1:
        return None
    tried: set[tuple[int, int]] = set()
    # A way is the end of the last value, and the values so far.
    ways: list[tuple[int, tuple[str, ...]]] = [(-1, ())]
    for _ in range(_MOST_STEPS):
        if not ways or not effort:
            return None
        position, values = ways.pop()
        if position == len(line) and len(values) == width:
            return list(values)
        if position == len(line) or len(values) == width or (position, len(values)) in tried:
            continue
        tried.add((position, len(values)))
        effort.spend(len(line) - position if pattern.opens(line, position + 1) else 1)
        ways += [(end, (*values, value)) for end, value in _values(pattern, line, position + 1)]
    return None


def _values(pattern: Pattern, line: str, start: int) -> Iterator[tuple[int, str]]:
    """Give the ways to read the value that starts at `start`, each with its end; the likelier way last."""
    plain = pattern.plain.match(line, start)
    assert plain is not None  # it matches the empty string
    quoted = pattern.quoted.match(line, start) if pattern.quote else None
    if not quoted or pattern.quote in quoted[1].replace(pattern.quote * 2, ""):
        yield plain.end(), plain[1]
    if quoted:
        yield quoted.end(), pattern.value(quoted[1])


def _loosely(pattern: Pattern, line: str) -> Cells:
    """Cut at every delimiter that is outside well-formed quotes."""
    line = line.rstrip("\r\n")
    cells: Cells = []
    position = 0
    closes = bool(pattern.quote)
    while position <= len(line):
        quoted = pattern.quoted.match(line, position) if closes else None
        if quoted is None and pattern.opens(line, position):
            closes = False  # nor does any later one; scanning again for each would take quadratic time
        match = quoted or pattern.plain.match(line, position)
        assert match is not None  # the plain one matches the empty string
        cells.append(pattern.value(match[1]) if quoted else match[1])
        position = match.end() + 1
    return cells
