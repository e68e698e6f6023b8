"""Parses ends of fiscal years: a day and a month, a month alone, or a whole date whose year does not count."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator

from shared.values.dates import month_of, read_day
from shared.values.judging import Judge, Judged, folded, wrong

_PAIR = re.compile(r"(\d{1,2})\s?[-/. ]\s?(\d{1,2})\.?|-{0,2}(\d{2})-?(\d{2})")
_WITHIN = re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})(?!\d)")
_WORDS = re.compile(r"(\d+)|([^\W\d_]+)")
_ORDERS = ("DMY", "MDY", "YMD")
_LEAP = 2000  # a year with a 29 February
_USUAL = 2001
#: The year of the calendar ends with December.
_CALENDAR = frozenset(
    [
        "calendar year",
        "calendar",
        "kalenderjaar",
        "annee civile",
        "kalenderjahr",
        "ano natural",
        "anno solare",
    ]
)
_LONGEST = 60  # characters


def judge_year_end(order: str) -> Judge:
    """A judge of ends of fiscal years, which are written as day and month in the given order of dates.

    Where both orders fit, the one that is the end of a month counts: fiscal years hardly end on another day.
    """

    def judge(text: str, region: str | None) -> Judged:
        found = _read(text, order) if len(text) <= _LONGEST else None
        if found is None:
            return wrong("invalid_year_end", text, example=_written(12, 31, order))
        value = _written(*found, order)
        return Judged(value, None, "year_end_reformatted" if value != text else None)

    return judge


def _written(month: int, day: int, order: str) -> str:
    return f"{day:02}/{month:02}" if order == "DMY" else f"{month:02}/{day:02}"


def _read(text: str, order: str) -> tuple[int, int] | None:
    """Month and day."""
    if folded(text) in _CALENDAR:
        return 12, 31
    pair = _PAIR.fullmatch(text)
    if pair:
        first, second = (int(number) for number in pair.groups() if number)
        return _of_pair(first, second, order)
    if text.isdecimal() and text.isascii() and len(text) <= 2:
        return (int(text), _last(int(text))) if 1 <= int(text) <= 12 else None
    return _of_whole_date(text, order) or _in_words(text) or _beside_words(text, order)


def _of_whole_date(text: str, order: str) -> tuple[int, int] | None:
    """Month and day of a date with a year, in either order as for a pair."""
    orders = dict.fromkeys((order, *_ORDERS))
    dates = [(day.month, day.day) for each in orders if (day := read_day(text, each))]
    ends = [pair for pair in dates if pair[1] >= _last(pair[0])]
    return next(iter([*ends, *dates]), None)


def _of_pair(first: int, second: int, order: str) -> tuple[int, int] | None:
    dates = [pair for pair in ((second, first), (first, second)) if _exists(*pair)]
    if order != "DMY":
        dates.reverse()
    ends = [pair for pair in dates if pair[1] >= _last(pair[0])]
    return next(iter([*ends, *dates]), None)


def _in_words(text: str) -> tuple[int, int] | None:
    """A month by its name, with a day or without; a year beside it does not count."""
    months = [month for _, word in _WORDS.findall(text) if word and (month := month_of(word))]
    if len(set(months)) != 1:
        return None
    month = months[0]
    days = list(_days(text))
    if not days:
        return month, _last(month)
    return (month, days[0]) if len(days) == 1 and _exists(month, days[0]) else None


def _beside_words(text: str, order: str) -> tuple[int, int] | None:
    """The only day and month in a text without other numbers, such as *FYE 9/30* or *31/12/N*."""
    pair = _WITHIN.search(text)
    if pair is None or any(char.isdigit() for char in text[: pair.start()] + text[pair.end() :]):
        return None
    return _of_pair(int(pair[1]), int(pair[2]), order)


def _days(text: str) -> Iterator[int]:
    return (int(number) for number, _ in _WORDS.findall(text) if number and len(number) <= 2)


def _exists(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= monthrange(_LEAP, month)[1]


def _last(month: int) -> int:
    return monthrange(_USUAL, month)[1]
