"""Dates: evidence of the order of day and month over a whole column, and reading one date."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from babel import Locale

from services.validator.judging import Finding, Judge, Judged, folded, wrong

ORDERS = ("DMY", "MDY", "YMD")
Evidence = Mapping[str, int]
"""How many dates fit which orders: `{"DMY": 12, "DMY/MDY": 3}` says that three fit two orders."""

_TIME = re.compile(
    r"(?:T|,?\s)\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?$"
)
_MIDNIGHT = re.compile(r"[T ]0?0:00(?::00(?:[.,]0+)?)?$")  # how programs write a date without a time
_YEAR_FIRST = re.compile(r"(\d{4})\s?[-/. ]\s?(\d{1,2})\s?[-/. ]\s?(\d{1,2})\.?|(\d{4})(\d{2})(\d{2})")
_NUMERIC = re.compile(r"(\d{1,2})\s?[-/. ]\s?(\d{1,2})\s?[-/. ]\s?'?(\d{4}|\d{2})\.?")
_COMPACT = re.compile(r"(\d{2})(\d{2})(\d{4})")
_PARTIAL = re.compile(r"\d{4}|\d{1,2}[-/.]\d{4}|\d{4}[-/.]\d{1,2}")
_SERIAL = re.compile(r"([1-7]\d{4})(?:[.,]\d+)?")
_WORDS = re.compile(r"(\d+)|([^\W\d_]+)")

# Day 1 of the 1900 system is 1 January 1900, but the system counts a 29 February 1900 that never was.
_SERIAL_START = date(1899, 12, 30)
_EARLIEST, _LATEST = 1800, 2199
_YEARS_AHEAD = 20  # a year of two digits lies at most so many years ahead
_LONGEST = 60  # characters; "Wednesday, the 30th of September 1985 at 10:30:00.000 +01:00" has fewer
_LANGUAGES = ("en", "fr", "nl", "de", "es", "it")
_EXTRA_MONTHS = {
    "sept": 9,
    "maa": 3,
    "mrt": 3,
    "mars": 3,
    "fevr": 2,
    "aout": 8,
    "juil": 7,
    "okt": 10,
    "mai": 5,
}
# Words that may stand beside the day, the month and the year: ordinals, "of" and the like.
_FILLING = frozenset("st nd rd th er e ste de den der del di of the le el il d".split())  # noqa: SIM905


class OrderDecision(NamedTuple):
    """The order of day, month and year of a column.

    `undecided`: nothing in the column tells it from another order. `conflicting`: some dates do not fit it.
    """

    order: str
    undecided: bool
    conflicting: bool


def date_evidence(cells: Iterable[str]) -> dict[str, int]:
    """How many of the cells fit which orders: at most seven counters, whatever the number of cells."""
    evidence: Counter[str] = Counter()
    for cell, count in Counter(cells).items():
        numeric = _numeric(_without_time(cell.strip())) if len(cell) <= _LONGEST else None
        if numeric and _tells(numeric):
            evidence["/".join(_fitting(numeric))] += count
    evidence.pop("", None)
    return dict(evidence)


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


def _tells(numeric: tuple[str, str, str]) -> bool:
    """Whether the order makes a difference: 05/05/2024 is the same day in both."""
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


class _Reading(NamedTuple):
    """What a text was read as: a date or the code of its problem, and the code of the fix."""

    day: date | None
    problem: str = "invalid_date"
    fix: str = "date_reformatted"


def judge_date(order: OrderDecision, today: date, *, past: bool = False) -> Judge:
    """A judge of dates in the order of their column; while that is undecided, doubtful dates are noted.

    `past` tells that a date after today is wrong, as for a birth.
    """
    used = order.order
    latest = today.year if past else today.year + _YEARS_AHEAD

    def full_year(text: str) -> int:
        if len(text) > 2:
            return int(text)
        return int(text) + (2000 if int(text) + 2000 <= latest else 1900)

    def judge(text: str, region: str | None) -> Judged:
        day, problem, fix = _read(text, used, full_year)
        if day is None or not _EARLIEST <= day.year <= _LATEST:
            return wrong(problem, text, order=used, example=today.isoformat())
        if past and day > today and fix == "year_completed":
            day = day.replace(year=day.year - 100)
        if past and day > today:
            return wrong("date_in_future", text)
        value = day.isoformat()
        finding = None
        if order.undecided and _is_doubtful(text):
            finding = Finding("ambiguous_date", {"value": text, "read": value})
        return Judged(value, finding, fix if value != text else None)

    return judge


def _is_doubtful(text: str) -> bool:
    numeric = _numeric(_without_time(text))
    return numeric is not None and _tells(numeric) and len(_fitting(numeric)) > 1


def _read(text: str, order: str, full_year: Callable[[str], int]) -> _Reading:
    if len(text) > _LONGEST:
        return _Reading(None)
    plain = _without_time(text)
    fix = "date_reformatted" if plain == text or _MIDNIGHT.search(text) else "time_removed"
    found = _YEAR_FIRST.fullmatch(plain)
    if found:
        year, month, day = (part for part in found.groups() if part)
        if not (plain.isdigit() and _numeric(plain)):
            return _placed(year, month, day, fix)
    serial = _SERIAL.fullmatch(plain)
    if serial:
        return _Reading(_SERIAL_START + timedelta(days=int(serial[1])), fix="serial_date")
    numeric = _numeric(plain)
    if numeric:
        return _read_numeric(numeric, order, full_year, fix)
    if _PARTIAL.fullmatch(plain):
        return _Reading(None, "incomplete_date")
    return _in_words(plain, full_year, fix)


def _numeric(plain: str) -> tuple[str, str, str] | None:
    """The three numbers of a date whose order is open; eight digits that are no year first, too."""
    found = _NUMERIC.fullmatch(plain)
    if found is None:
        found = _COMPACT.fullmatch(plain)
        if found is None or (_EARLIEST <= int(plain[:4]) <= _LATEST and 0 < int(plain[4:6]) <= 12):
            return None
    return found[1], found[2], found[3]


def _read_numeric(
    numeric: tuple[str, str, str], order: str, full_year: Callable[[str], int], fix: str
) -> _Reading:
    first, second, last = numeric
    if len(last) == 4:
        day, month = (second, first) if order == "MDY" else (first, second)
        return _placed(last, month, day, fix)
    placed = dict(zip(order, numeric, strict=True))
    return _placed(full_year(placed["Y"]), placed["M"], placed["D"], "year_completed")


def _in_words(plain: str, full_year: Callable[[str], int], fix: str) -> _Reading:
    numbers, months = [], []
    for number, word in _WORDS.findall(plain):
        name = folded(word)
        if number:
            numbers.append(number)
        elif name in _months():
            months.append(_months()[name])
        elif name not in _FILLING and name not in _weekdays():
            return _Reading(None)
    if len(months) != 1 or not numbers or len(numbers) > 2:
        return _Reading(None)
    if len(numbers) == 1:
        return _Reading(None, "incomplete_date")
    day, year = numbers if len(numbers[0]) <= 2 else reversed(numbers)
    if len(year) == 2:
        fix = "year_completed"
    return _placed(full_year(year), months[0], day, fix)


def _placed(year: str | int, month: str | int, day: str, fix: str) -> _Reading:
    try:
        return _Reading(date(int(year), int(month), int(day)), fix=fix)
    except ValueError:
        return _Reading(None, "incomplete_date" if int(month) == 0 or int(day) == 0 else "invalid_date")


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    found = dict(_EXTRA_MONTHS)
    for language in _LANGUAGES:
        named = Locale.parse(language).months["format"]
        for width in ("wide", "abbreviated"):
            for number, name in named[width].items():
                found.setdefault(folded(name), number)
    return found


@lru_cache(maxsize=1)
def _weekdays() -> frozenset[str]:
    named = [Locale.parse(language).days["format"] for language in _LANGUAGES]
    return frozenset(
        folded(name) for days in named for width in ("wide", "abbreviated") for name in days[width].values()
    )


def _without_time(text: str) -> str:
    return _TIME.sub("", text) if ":" in text else text
