"""Decides the order of day, month and year in a column of dates, from counts over all its cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

ORDERS = ("DMY", "MDY", "YMD")
Evidence = Mapping[str, int]
"""How many dates fit which orders: `{"DMY": 12, "DMY/MDY": 3}` says that three fit two orders."""

_TIME = re.compile(
    r"(?:T|,?\s)\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?$"
)
_NUMERIC = re.compile(r"(\d{1,2})\s?[-/. ]\s?(\d{1,2})\s?[-/. ]\s?'?(\d{4}|\d{2})\.?")
_COMPACT = re.compile(r"(\d{2})(\d{2})(\d{4})")
EARLIEST, LATEST = 1800, 2199
LONGEST = 60  # characters; "Wednesday, the 30th of September 1985 at 10:30:00.000 +01:00" has fewer
#: So many filled cells of a part are looked at before it is taken to hold no dates.
_LOOKED_AT = 20


class OrderDecision(NamedTuple):
    """The order of day, month and year of a column.

    `undecided`: nothing in the column separates it from another order. `conflicting`: some dates do not fit it.
    """

    order: str
    undecided: bool
    conflicting: bool


def date_evidence(cells: Iterable[str]) -> dict[str, int]:
    """How many of the cells fit which orders: at most seven counters, whatever the number of cells.

    Nothing where none of the first filled cells is a date: most columns hold none.
    """
    evidence: Counter[str] = Counter()
    cells = list(cells)
    if not any(_numbers_of(cell) for cell in islice(filter(None, cells), _LOOKED_AT)):
        return {}
    for cell, count in Counter(cells).items():
        evidence[_orders_of(cell)] += count
    evidence.pop("", None)
    return dict(evidence)


@lru_cache(maxsize=1 << 15)
def _orders_of(cell: str) -> str:
    """The orders that a date fits, "" where none decides; dates of birth recur in a long list."""
    numeric = _numbers_of(cell)
    return "/".join(_fitting(numeric)) if numeric and _decides_order(numeric) else ""


def _numbers_of(cell: str) -> tuple[str, str, str] | None:
    return numeric_date(without_time(cell.strip())) if len(cell) <= LONGEST else None


def merged_evidence(parts: Iterable[Evidence]) -> dict[str, int]:
    """The evidence of all chunks of a column."""
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return dict(total)


def decide_order(evidence: Evidence, firm_order: str) -> OrderDecision:
    """The order that fits most dates of the column; the firm's order where several fit as many."""
    fits = {order: sum(n for key, n in evidence.items() if order in key.split("/")) for order in ORDERS}
    most = max(fits.values())
    if most == 0:
        return OrderDecision(firm_order, undecided=False, conflicting=False)
    best = [order for order in ORDERS if fits[order] == most]
    if "YMD" in best and len(best) > 1 and firm_order != "YMD" and not evidence.get("YMD"):
        best.remove("YMD")  # few write 13/04/05 for 5 April 2013; it needs a date that reads in no other way
    order = firm_order if firm_order in best else best[0]
    return OrderDecision(order, len(best) > 1, sum(evidence.values()) > most)


def fits_several(numeric: tuple[str, str, str]) -> bool:
    """Whether the three numbers are different days in different orders."""
    return _decides_order(numeric) and len(_fitting(numeric)) > 1


def _decides_order(numeric: tuple[str, str, str]) -> bool:
    """Whether the date is another day in another order; 05/05/2024 is the same day in both."""
    first, second, last = numeric
    return int(first) != int(second) or (len(last) == 2 and int(last) != int(first))


def _fitting(numeric: tuple[str, str, str]) -> list[str]:
    first, second, last = numeric
    a, b, c = int(first), int(second), int(last)
    fits = {
        "DMY": 1 <= a <= 31 and 1 <= b <= 12,
        "MDY": 1 <= a <= 12 and 1 <= b <= 31,
        "YMD": len(last) == 2 and 1 <= b <= 12 and 1 <= c <= 31,
    }
    return [order for order in ORDERS if fits[order]]


def numeric_date(plain: str) -> tuple[str, str, str] | None:
    """The three numbers of a date whose order is open; eight digits that are no year first, too."""
    found = _NUMERIC.fullmatch(plain)
    if found is None:
        found = _COMPACT.fullmatch(plain)
        if found is None or (EARLIEST <= int(plain[:4]) <= LATEST and 0 < int(plain[4:6]) <= 12):
            return None
    return found[1], found[2], found[3]


def without_time(text: str) -> str:
    """The text of a date without a time of day behind it."""
    return _TIME.sub("", text) if ":" in text else text
