"""Puts rows in the order of a column: the order is found once for each state of a job, and kept for the next pages."""

from __future__ import annotations

import re
import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable

from services.validator.rows.searching import folded_cell
from shared.contract.documents.values import Position

#: Rows of the largest list that is sorted: half a second the first time, and 800 kB that are kept.
MOST_SORTED = 100_000
#: Orders that a process keeps; the least used goes first.
MOST_KEPT = 16
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,9})?")

#: A place in an order: what sorts first, whether it is a text, its number, its text.
Key = tuple[bool, bool, float, str]


def sort_key(text: str) -> Key:
    """Numbers by their size, then texts without regard to case and accents, empty cells last."""
    bare = text.strip()
    if _NUMBER.fullmatch(bare):
        return (False, False, float(bare.replace(",", ".")), "")
    return (not bare, True, 0.0, folded_cell(bare))


def in_order(cells: Iterable[tuple[Position, str]], descending: bool) -> array[int]:
    """The positions of rows by their cells, as chunk, offset, chunk, offset …; equal cells stay in the file's order.

    Empty cells come last in both directions.
    """
    keyed = [(sort_key(text), position) for position, text in cells]
    filled = [one for one in keyed if not one[0][0]]
    filled.sort(key=lambda one: one[0], reverse=descending)
    blank = [one for one in keyed if one[0][0]]
    return array("I", (number for _, position in (*filled, *blank) for number in position))


class Orders:
    """The orders that a process keeps; safe for all its threads."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, array[int]] = OrderedDict()

    def get(self, key: Hashable, find: Callable[[], array[int]]) -> array[int]:
        """The order that is kept under a key, else the one that is found now."""
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
