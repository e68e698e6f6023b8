"""Parses dates in the order of their column: numbers, month names, serial numbers of spreadsheets."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from babel import Locale

from shared.contract.date_order import (
    EARLIEST,
    LATEST,
    LONGEST,
    OrderDecision,
    fits_several,
    numeric_date,
    without_time,
)
from shared.values.judging import Finding, Judge, Judged, folded, wrong

_MIDNIGHT = re.compile(r"[T ]0?0:00(?::00(?:[.,]0+)?)?$")  # how programs write a date without a time
_YEAR_FIRST = re.compile(r"(\d{4})\s?[-/. ]\s?(\d{1,2})\s?[-/. ]\s?(\d{1,2})\.?|(\d{4})(\d{2})(\d{2})")
_PARTIAL = re.compile(r"\d{4}|\d{1,2}[-/.]\d{4}|\d{4}[-/.]\d{1,2}")
_SERIAL = re.compile(r"([1-7]\d{4})(?:[.,]\d+)?")
_WORDS = re.compile(r"(\d+)|([^\W\d_]+)")

# Day 1 of the 1900 system is 1 January 1900, but the system counts a 29 February 1900 that never was.
_SERIAL_START = date(1899, 12, 30)
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
# Words that may be beside the day, the month and the year: ordinals, "of" and the like.
_FILLING = frozenset("st nd rd th er e ste de den der del di of the le el il d".split())  # noqa: SIM905


class _Reading(NamedTuple):
    """What a text was read as: a date or the code of its problem, and the code of the fix."""

    day: date | None
    problem: str = "invalid_date"
    fix: str = "date_reformatted"


def judge_date(order: OrderDecision, today: date, *, past: bool = False) -> Judge:
    """A judge of dates in the order of their column; while that is undecided, doubtful dates are noted.

    With `past`, a date after today is wrong, as for a birth.
    """
    used = order.order
    latest = today.year if past else today.year + _YEARS_AHEAD

    def full_year(text: str) -> int:
        if len(text) > 2:
            return int(text)
        return int(text) + (2000 if int(text) + 2000 <= latest else 1900)

    def judge(text: str, region: str | None) -> Judged:
        day, problem, fix = _read(text, used, full_year)
        if day is None or not EARLIEST <= day.year <= LATEST:
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


def read_day(text: str, order: str) -> date | None:
    """The day that a whole date names; None where it is none."""
    day = _read(text, order, lambda year: int(year) if len(year) > 2 else 2000 + int(year)).day
    return day if day and EARLIEST <= day.year <= LATEST else None


def month_of(word: str) -> int | None:
    """The number of a month by its name or its short name in six languages."""
    return _months().get(folded(word))


def _is_doubtful(text: str) -> bool:
    numeric = numeric_date(without_time(text))
    return numeric is not None and fits_several(numeric)


def _read(text: str, order: str, full_year: Callable[[str], int]) -> _Reading:
    if len(text) > LONGEST:
        return _Reading(None)
    plain = without_time(text)
    fix = "date_reformatted" if plain == text or _MIDNIGHT.search(text) else "time_removed"
    found = _YEAR_FIRST.fullmatch(plain)
    if found:
        year, month, day = (part for part in found.groups() if part)
        if not (plain.isdigit() and numeric_date(plain)):
            return _placed(year, month, day, fix)
    serial = _SERIAL.fullmatch(plain)
    if serial:
        return _Reading(_SERIAL_START + timedelta(days=int(serial[1])), fix="serial_date")
    numeric = numeric_date(plain)
    if numeric:
        return _read_numeric(numeric, order, full_year, fix)
    if _PARTIAL.fullmatch(plain):
        return _Reading(None, "incomplete_date")
    return _in_words(plain, full_year, fix)


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
