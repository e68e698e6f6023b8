"""Recognises a layout of columns: the same headers have the same fingerprint, and likeness compares others."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeVar

from services.mapper.headers.normalising import plain

SIMILAR = 0.75  # likeness from which two files have the same layout, with a column added, left out or moved
Key = TypeVar("Key")


def fingerprint(headers: Sequence[str]) -> str:
    """A short name for a set of headers, whatever their order, case, accents and punctuation."""
    texts = "\n".join(sorted(plain(header) for header in headers))
    return hashlib.sha256(texts.encode()).hexdigest()[:16]


def likeness(some: Sequence[str], others: Sequence[str]) -> float:
    """The share of headers that two files have in common, of all that either has: from 0 to 1."""
    left, right = Counter(map(plain, some)), Counter(map(plain, others))
    either = sum((left | right).values())
    return sum((left & right).values()) / either if either else 0.0


def most_like(headers: Sequence[str], saved: Mapping[Key, Sequence[str]]) -> Key | None:
    """The key of the saved headers that are most like those of a file; None where none is similar enough."""
    best = max(saved, key=lambda key: likeness(headers, saved[key]), default=None)
    if best is None or likeness(headers, saved[best]) < SIMILAR:
        return None
    return best
