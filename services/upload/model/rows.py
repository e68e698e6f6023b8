"""Rows of text: placing and trimming of their cells."""

from __future__ import annotations

import re
from itertools import chain

Row = list[str]

# White space outside ASCII: next line, no-break and typographic spaces, separators, zero-width characters.
_WIDE = "".join(
    map(
        chr,
        (
            0x85,
            0xA0,
            0x1680,
            0x180E,
            *range(0x2000, 0x2010),
            0x2028,
            0x2029,
            0x202F,
            0x205F,
            0x2060,
            0x3000,
            0xFEFF,
        ),
    )
)
# 0x1A is the end-of-file character of old DOS programs.
_ASCII = "\t\n\x0b\x0c\r\x1a\x1c\x1d\x1e\x1f"
#: The characters that are cut from the edges of cells.
EDGES = " " + _ASCII + _WIDE

# Never inside a cell: the decoder drops NULs.
_BETWEEN = "\0"
# A space after or before the end of a cell; that it begins with the space makes it fast.
_SPACE_AT_EDGE = re.compile(" (?:(?=\0)|(?<=\0 ))")


def joined(block: list[Row]) -> str:
    """Join all cells of some rows to one text, which is cheap to search."""
    return _BETWEEN.join(chain.from_iterable(block))


def trimmed(block: list[Row], text: str | None = None) -> list[Row]:
    """Give the rows with trimmed cells; where all are clean, the rows themselves, not copied.

    `text` has the joined cells where the caller has them. Searching it for a few characters runs at the speed of
    memchr, several times faster than calling strip on each cell.
    """
    text = joined(block) if text is None else text
    if not _needs_trimming(text):
        return block
    return [
        [cell.strip(EDGES) for cell in row] if _needs_trimming(_BETWEEN.join(row)) else row for row in block
    ]


def _needs_trimming(text: str) -> bool:
    if text[:1] == " " or text[-1:] == " " or _SPACE_AT_EDGE.search(text):
        return True
    if any(character in text for character in _ASCII):
        return True
    return not text.isascii() and any(character in text for character in _WIDE)


def may_have_blanks(text: str, width: int) -> bool:
    """Whether there may be a blank row among rows of this width, by their joined cells: so many blanks in a row."""
    blanks = _BETWEEN * (width - 1)
    return blanks in text if width > 2 else True


def has_longer_cell(text: str, most: int) -> bool:
    """Whether a cell has more than `most` characters, by the joined cells; it jumps from cell to cell that far away."""
    last = -1
    while len(text) - last - 1 > most:
        last = text.rfind(_BETWEEN, last + 1, last + 2 + most)
        if last < 0:
            return True
    return False


def without_trailing_blanks(row: Row) -> Row:
    """Give the row up to its last filled cell."""
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]


def put(row: Row, column: int, text: str) -> None:
    """Place a text at a column, counted from 0; the row grows only as far as it must."""
    gap = column - len(row)
    if gap == 0:
        row.append(text)
    elif gap > 0:
        row.extend([""] * gap)
        row.append(text)
    else:
        row[column] = text
