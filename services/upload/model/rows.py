"""Rows of text: placing and trimming of their cells."""

from __future__ import annotations

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


def joined(block: list[Row]) -> list[str]:
    """Join each row to one text, which is at least as long as its longest cell and cheap to search."""
    return list(map(_BETWEEN.join, block))


def trimmed(block: list[Row], texts: list[str] | None = None) -> list[Row]:
    """Give the rows with trimmed cells; clean rows are returned as they are, not copied.

    `texts` are the joined rows where the caller has them. Searching them for a few characters runs at the speed of
    memchr, several times faster than calling strip on each cell.
    """
    texts = joined(block) if texts is None else texts
    if not _needs_trimming(_BETWEEN.join(texts)):
        return block
    return [
        [cell.strip(EDGES) for cell in row] if _needs_trimming(text) else row
        for row, text in zip(block, texts, strict=True)
    ]


def _needs_trimming(text: str) -> bool:
    if " \0" in text or "\0 " in text or text.startswith(" ") or text.endswith(" "):
        return True
    if any(character in text for character in _ASCII):
        return True
    return not text.isascii() and any(character in text for character in _WIDE)


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
