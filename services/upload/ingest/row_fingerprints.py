"""Makes short fingerprints of rows and headers, so that rows of a later file can be compared without keeping cells."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Sequence

# Rows are compared a part at a time: two million of them take no more memory than one part.
_PARTS = 16
_BETWEEN = "\0"
_WIDTH = 8


def header_fingerprint(header: Sequence[str]) -> str:
    """Give the same text for headers of the same names in the same order, whatever their case and spaces."""
    return hashlib.sha256(
        _BETWEEN.join(" ".join(cell.split()).casefold() for cell in header).encode()
    ).hexdigest()


class RowFingerprints:
    """The fingerprints of all rows of a file, eight bytes each; a cell cannot be worked out from them."""

    def __init__(self) -> None:
        self._parts = [array("Q") for _ in range(_PARTS)]

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        """Add a batch of rows."""
        for row in rows:
            text = _BETWEEN.join(row).encode("utf-8", "surrogatepass")
            digest = hashlib.blake2b(text, digest_size=_WIDTH).digest()
            self._parts[digest[0] % _PARTS].append(int.from_bytes(digest, "little"))

    def packed(self) -> bytes:
        """Give the fingerprints as bytes: the size of each part, then the parts."""
        counts = array("Q", map(len, self._parts))
        return counts.tobytes() + b"".join(part.tobytes() for part in self._parts)

    @classmethod
    def unpacked(cls, content: bytes) -> RowFingerprints:
        """Make fingerprints of what `packed` gave."""
        fingerprints = cls()
        counts = array("Q", content[: _PARTS * _WIDTH])
        start = _PARTS * _WIDTH
        for part, count in zip(fingerprints._parts, counts, strict=True):
            part.frombytes(content[start : start + count * _WIDTH])
            start += count * _WIDTH
        return fingerprints

    def others_than(self, earlier: RowFingerprints) -> int:
        """Count the rows that are not among the earlier ones."""
        differing = 0
        for mine, theirs in zip(self._parts, earlier._parts, strict=True):
            known = set(theirs)
            differing += sum(1 for each in mine if each not in known)
        return differing
