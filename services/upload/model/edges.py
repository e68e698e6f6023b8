"""Cut white space, no-break spaces and zero-width characters from the edges of cells."""

from __future__ import annotations

Row = list[str]

# Outside ASCII: next line, no-break and typographic spaces, separators, zero-width characters.
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
# 0x1A is the end-of-file mark that old DOS programs leave behind.
_ASCII = "\t\n\x0b\x0c\r\x1a\x1c\x1d\x1e\x1f"
EDGES = " " + _ASCII + _WIDE

# Never inside a cell: the decoder drops NULs.
_BETWEEN = "\0"


def joined(block: list[Row]) -> list[str]:
    """Each row as one text, at least as long as its longest cell: cheap to look through for what is rare."""
    return list(map(_BETWEEN.join, block))


def trimmed(block: list[Row], texts: list[str] | None = None) -> list[Row]:
    """The rows with trimmed cells; rows that are clean are returned as they are, not copied.

    `texts` are the joined rows, if at hand. Looking for a few characters in them runs at the speed of memchr,
    several times cheaper than calling strip on each cell.
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
