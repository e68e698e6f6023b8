"""Know rows again: a short print of each row, kept with the job, tells how many rows of a later file are others."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Sequence

# Rows are compared a part at a time, so that two million of them take no more memory than one part.
_PARTS = 16
_BETWEEN = "\0"
_WIDTH = 8


def header_print(header: Sequence[str]) -> str:
    """The same for files whose columns have the same names in the same order."""
    return hashlib.sha256(
        _BETWEEN.join(" ".join(cell.split()).casefold() for cell in header).encode()
    ).hexdigest()


class RowPrints:
    """The prints of all rows of a file, eight bytes each; a print says nothing of what the row holds."""

    def __init__(self) -> None:
        self._parts = [array("Q") for _ in range(_PARTS)]

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        """Take a batch of rows."""
        for row in rows:
            text = _BETWEEN.join(row).encode("utf-8", "surrogatepass")
            digest = hashlib.blake2b(text, digest_size=_WIDTH).digest()
            self._parts[digest[0] % _PARTS].append(int.from_bytes(digest, "little"))

    def packed(self) -> bytes:
        """For keeping."""
        counts = array("Q", map(len, self._parts))
        return counts.tobytes() + b"".join(part.tobytes() for part in self._parts)

    @classmethod
    def unpacked(cls, content: bytes) -> RowPrints:
        """What `packed` gave."""
        prints = cls()
        counts = array("Q", content[: _PARTS * _WIDTH])
        start = _PARTS * _WIDTH
        for part, count in zip(prints._parts, counts, strict=True):
            part.frombytes(content[start : start + count * _WIDTH])
            start += count * _WIDTH
        return prints

    def others_than(self, earlier: RowPrints) -> int:
        """How many rows are not among the earlier ones."""
        differing = 0
        for mine, theirs in zip(self._parts, earlier._parts, strict=True):
            known = set(theirs)
            differing += sum(1 for each in mine if each not in known)
        return differing
