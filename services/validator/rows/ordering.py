"""Puts rows in the order of a column: the order is found once for each state of a job, and kept for the next pages."""

from __future__ import annotations

import re
import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from operator import itemgetter

from services.validator.rows.searching import folded_cell

#: Rows of the largest list that is sorted: a third of a second the first time, and 800 kB that are kept.
MOST_SORTED = 100_000
#: Orders that a process keeps; the least used goes first.
MOST_KEPT = 16
#: bits that the offset of a row may need
OFFSET_BITS = 24
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,9})?")


def in_order(cells: Sequence[str], descending: bool = False) -> list[int]:
    """The places of cells in their order; equal cells stay in the file's order.

    Numbers by their size, then texts without regard to case and accents, or the other way round; empty cells last.
    """
    numbers: list[tuple[float, int]] = []
    texts: list[tuple[str, int]] = []
    blank: list[int] = []
    for at, text in enumerate(cells):
        bare = text.strip()
        if not bare:
            blank.append(at)
        elif bare[0] in "-0123456789" and _NUMBER.fullmatch(bare):
            numbers.append((float(bare.replace(",", ".")), at))
        else:
            texts.append((bare.casefold() if bare.isascii() else folded_cell(bare), at))
    numbers.sort(key=_first, reverse=descending)
    texts.sort(key=_first, reverse=descending)
    parts = (texts, numbers) if descending else (numbers, texts)
    return [*(at for part in parts for _, at in part), *blank]


_first = itemgetter(0)


def packed(n: int, offset: int) -> int:
    """A row, by chunk and offset, as one number."""
    return n << OFFSET_BITS | offset


def unpacked(row: int) -> tuple[int, int]:
    """The chunk and the offset of such a row."""
    return row >> OFFSET_BITS, row & ((1 << OFFSET_BITS) - 1)


class Orders:
    """The orders that a process keeps; safe for all its threads."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, array[int]] = OrderedDict()

    def get(self, key: Hashable, find: Callable[[], array[int]]) -> array[int]:
        """The order that is kept under a key, else the one that is found now: rows as `packed` has them."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = find()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found
