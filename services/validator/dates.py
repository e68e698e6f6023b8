"""Dates: evidence of the order of day and month over a whole column, and reading one date."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache

from babel import Locale

from services.validator.judging import Finding, Judge, Judged, folded, wrong

ORDERS = ("DMY", "MDY", "YMD")
EITHER = "either"

_TIME = re.compile(
    r"[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp][Mm])?\s*(?:Z|[+-]\d{2}:?\d{2})?$"
)
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})|(\d{4})(\d{2})(\d{2})")
_NUMERIC = re.compile(r"(\d{1,2})\s?[-/. ]\s?(\d{1,2})\s?[-/. ]\s?(\d{4}|\d{2})")
_SERIAL = re.compile(r"([2-5]\d{4}|60000)(?:[.,]\d+)?")
_WORDS = re.compile(r"(\d+)|([^\W\d_]+)")

# Day 1 of the 1900 system is 1 January 1900, but the system counts a 29 February 1900 that never was.
_SERIAL_START = date(1899, 12, 30)
_EARLIEST, _LATEST = 1800, 2199
_YEARS_AHEAD = 20  # a year of two digits lies at most so many years ahead
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


def date_order(cells: Iterable[str]) -> Counter[str]:
    """Evidence of the order of dates: how many cells speak for each order, and how many fit several.

    Evidence of several chunks is added up with `+` or `update`.
    """
    evidence: Counter[str] = Counter()
    for cell in cells:
        found = _NUMERIC.fullmatch(_without_time(cell.strip()))
        if found:
            evidence[_speaks_for(found)] += 1
    return evidence


def _speaks_for(found: re.Match[str]) -> str:
    first, second = int(found[1]), int(found[2])
    if first > 31:
        return "YMD"
    if first > 12 and second <= 12:
        return "DMY"
    if second > 12 and first <= 12:
        return "MDY"
    return EITHER


def decide(evidence: Mapping[str, int], default: str) -> str:
    """The order that most dates speak for; the default when none does, or as many speak for another."""
    best = max((evidence.get(order, 0) for order in ORDERS), default=0)
    winners = [order for order in ORDERS if evidence.get(order, 0) == best]
    return winners[0] if best > 0 and len(winners) == 1 else default


def undecided(evidence: Mapping[str, int]) -> bool:
    """Whether some dates fit two orders and nothing in the column decides between them."""
    return evidence.get(EITHER, 0) > 0 and not any(evidence.get(order, 0) for order in ORDERS)


def judge_date(order: str | None, default: str, today: date, *, past: bool = False) -> Judge:
    """A judge of dates in an order; without a decided order the default is used and doubtful dates are noted.

    `past` tells that a date after today is wrong, as for a birth.
    """

    def judge(text: str, region: str | None) -> Judged:
        read, fix, doubtful = _read(text, order or default, today, past=past)
        if read is None or not _EARLIEST <= read.year <= _LATEST or (past and read > today):
            return wrong("invalid_date", text, example=today.isoformat())
        value = read.isoformat()
        finding = None
        if doubtful and order is None:
            finding = Finding("ambiguous_date", {"value": text, "read": value})
        return Judged(value, finding, fix if value != text else None)

    return judge


def _read(text: str, order: str, today: date, *, past: bool) -> tuple[date | None, str, bool]:
    plain = _without_time(text)
    found = _YEAR_FIRST.fullmatch(plain)
    if found:
        year, month, day = (int(part) for part in found.groups() if part)
        return _made(year, month, day), "date_reformatted", False
    serial = _SERIAL.fullmatch(plain)
    if serial:
        return _SERIAL_START + timedelta(days=int(serial[1])), "serial_date", False
    found = _NUMERIC.fullmatch(plain)
    if not found:
        return _in_words(plain, order, today, past=past), "date_reformatted", False
    year, month, day = _ordered(found, order, today, past=past)
    return _made(year, month, day), "date_reformatted", _speaks_for(found) == EITHER and found[1] != found[2]


def _ordered(found: re.Match[str], order: str, today: date, *, past: bool) -> tuple[int, int, int]:
    first, second, last = found.groups()
    if len(last) == 4 and order == "YMD":
        order = "DMY"
    placed = dict(zip(order, (first, second, last), strict=True))
    return _full_year(placed["Y"], today, past=past), int(placed["M"]), int(placed["D"])


def _full_year(text: str, today: date, *, past: bool) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    latest = today.year if past else today.year + _YEARS_AHEAD
    return year + 2000 if year + 2000 <= latest else year + 1900


def _in_words(text: str, order: str, today: date, *, past: bool) -> date | None:
    numbers, months = [], []
    for number, word in _WORDS.findall(text):
        if number:
            numbers.append(number)
        elif folded(word) in _months():
            months.append(_months()[folded(word)])
    if len(numbers) != 2 or len(months) != 1:
        return None
    day, year = numbers if len(numbers[0]) <= 2 else reversed(numbers)
    return _made(_full_year(year, today, past=past), months[0], int(day))


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    found = dict(_EXTRA_MONTHS)
    for language in _LANGUAGES:
        named = Locale.parse(language).months["format"]
        for width in ("wide", "abbreviated"):
            for number, name in named[width].items():
                found.setdefault(folded(name), number)
    return found


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _without_time(text: str) -> str:
    return _TIME.sub("", text) if ":" in text else text
