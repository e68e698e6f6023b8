"""Detects text in UTF-16 and UTF-32 that has no byte order mark."""

from __future__ import annotations

import unicodedata
from collections import Counter

#: Text has at most this share of control characters.
MOST_CONTROLS = 0.03
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
# Fewer NULs are damage. So many characters of a text in UTF-16 or UTF-32 are delimiters, line ends, digits.
_FEW_NULS = 3
_LEAST_ASCII = 0.02
# More NULs at the end of a text belong to no character.
_LONGEST_END = 3


def wide_encoding(head: bytes) -> str | None:
    """Detect UTF-16 and UTF-32 without a byte order mark; None for any other text.

    The right one decodes the text into letters and signs alone, some of them in ASCII: the delimiters and line ends.
    NULs after the text, as old programs write them, do not count.
    """
    text = without_padding(head)
    if text.count(0) < _FEW_NULS:
        return None
    shares = {name: _ascii_share(text, name) for name in _WIDE}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= _LEAST_ASCII else None


def _ascii_share(raw: bytes, encoding: str) -> float:
    """Give the share of characters in ASCII; 0 where too many characters are none that a text has."""
    unit = 4 if encoding.startswith("utf-32") else 2
    text = raw[: len(raw) - len(raw) % unit].decode(encoding, "replace")
    counts = Counter(text)
    unusual = sum(count for character, count in counts.items() if _is_unusual(character))
    if not text or unusual > MOST_CONTROLS * len(text):
        return 0.0
    return sum(count for character, count in counts.items() if character.isascii()) / len(text)


def _is_unusual(character: str) -> bool:
    return character == "\ufffd" or (
        character not in "\t\n\r\x1a\x1f" and unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs")
    )


def without_padding(head: bytes) -> bytes:
    """Give the text without NULs at its end, but for those of its last character."""
    bare = head.rstrip(b"\0\x1a")
    return head if len(head) - len(bare) <= _LONGEST_END else bare
