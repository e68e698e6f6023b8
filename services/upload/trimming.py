"""Cut white space, no-break spaces and zero-width characters from the edges of cells."""

from __future__ import annotations

Row = list[str]

# Outside ASCII: next line, no-break and typographic spaces, separators, zero-width characters.
_WIDE =
"\x85\xa0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\
    u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
# 0x1A is the end-of-file mark that old DOS programs leave behind.
_ASCII = "\t\n\x0b\x0c\r\x1a\x1c\x1d\x1e\x1f"
EDGES = " " + _ASCII + _WIDE

# Never inside a cell: the decoder drops NULs.
_BETWEEN = "\0"


def trimmed(block: list[Row]) -> list[Row]:
    """The rows with trimmed cells; rows that are clean are returned as they are, not copied.

    Looking for a few characters in the joined text of many cells runs at the speed of memchr, several times
    cheaper than calling strip on each cell.
    """
    joined = list(map(_BETWEEN.join, block))
    if not _needs_trimming(_BETWEEN.join(joined)):
        return block
    return [
        [cell.strip(EDGES) for cell in row] if _needs_trimming(text) else row
        for row, text in zip(block, joined, strict=True)
    ]


def _needs_trimming(text: str) -> bool:
    if " \0" in text or "\0 " in text or text.startswith(" ") or text.endswith(" "):
        return True
    if any(character in text for character in _ASCII):
        return True
    return not text.isascii() and any(character in text for character in _WIDE)
