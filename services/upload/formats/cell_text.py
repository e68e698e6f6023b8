"""Turns stored values of cells into the text that a person sees: numbers, dates, times, padded codes."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

from services.upload.formats.shown_numbers import ShownNumber, shown_number

Convert = Callable[[str], str]

# Excel keeps 15 digits; more digits of a binary number are rounding noise.
DIGITS = 15
_REMEMBERED = 1 << 14
LAST_SERIAL = 2_958_465  # 9999-12-31
_DAY = 86_400
# Excel takes 1900 for a leap year, so that days before March 1900 count from one day later.
_EPOCH = datetime.datetime(1899, 12, 30)
_EPOCH_1904 = datetime.datetime(1904, 1, 1)
_NO_LEAP_DAY = 60

GENERAL, DATE, TIME, DURATION, SHOWN = "general", "date", "time", "duration", "shown"

# Formats with a number and no code (ECMA-376 part 1, 18.8.30), East Asian ones too.
_BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), DATE),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56), TIME),
    46: DURATION,
}
_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE | re.DOTALL)
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)


def kind_of_code(code: str) -> str:
    """Give the kind of a number format by its code; `SHOWN` is one that makes a text of a number."""
    section = _LITERALS.sub("", code).split(";")[0]
    if _ELAPSED.search(section):
        return DURATION
    shown = section.lower().replace("am/pm", "h").replace("a/p", "h")
    if shown.strip() in ("general", "standard", "@", ""):
        return GENERAL
    if "y" in shown or "d" in shown:
        return DATE
    if "h" in shown or "s" in shown:
        return TIME
    if "m" in shown:
        return DATE
    return SHOWN if shown_number(code) else GENERAL


def converter_of_format(number: int, codes: dict[int, str], from_1904: bool) -> Convert | None:
    """Give the function that turns a stored number into the text of a format; None where `number_text` does.

    `codes` are the formats that the workbook defines, by their numbers.
    """
    if number in codes:
        return converter_of_code(codes[number], from_1904)
    return _of_dates(_BUILT_IN.get(number, GENERAL), from_1904)


def converter_of_code(code: str, from_1904: bool = False) -> Convert | None:
    """Give the same for a format by its code."""
    shown = shown_number(code) if kind_of_code(code) == SHOWN else None
    if shown:
        return lru_cache(_REMEMBERED)(lambda text: _as_shown(text, shown))
    return _of_dates(kind_of_code(code), from_1904)


def _of_dates(kind: str, from_1904: bool) -> Convert | None:
    if kind == DURATION:
        return lambda text: _as_time(text, lambda serial: duration_text(round(serial * _DAY)))
    if kind in (DATE, TIME):
        # The same days recur, and writing a date takes longer than anything else in its cell.
        is_time = kind == TIME
        return lru_cache(_REMEMBERED)(
            lambda text: _as_time(text, lambda serial: date_text(serial, from_1904, is_time))
        )
    return None


def _as_shown(text: str, shown: ShownNumber) -> str:
    """Write a whole number as it is shown, any other number plainly."""
    plain = number_text(text)
    digits = plain.removeprefix("-")
    return shown.text(int(plain)) if digits.isascii() and digits.isdecimal() else plain


def _as_time(text: str, write: Callable[[float], str]) -> str:
    try:
        serial = float(text)
    except ValueError:
        return text
    return write(serial) if 0 <= serial < LAST_SERIAL + 1 else number_text(text)


def number_text(text: str) -> str:
    """Write a stored number plainly: no exponent, no `.0`, at most 15 digits of a fraction.

    The digits of a long whole number stay as they are stored.
    """
    if text.isdecimal() and text[0] != "0" and text.isascii():
        return text
    try:
        value = float(text)
    except ValueError:
        return text
    whole = text.lstrip("-")
    if whole.isdecimal():
        return str(int(text))
    return float_text(value)


def float_text(value: float) -> str:
    """Write a binary number plainly; a value that is no finite number gives nothing."""
    if not math.isfinite(value):
        return ""
    if value.is_integer() and abs(value) < 10**DIGITS:
        return str(int(value))
    return format(Decimal(f"{value:.{DIGITS}g}"), "f")


def is_uncertain(text: str) -> bool:
    """Whether a stored number has more digits before its point than Excel keeps."""
    if len(text) <= DIGITS:
        if "e" not in text and "E" not in text:
            return False
    elif "." in text[: DIGITS + 1] and "e" not in text and "E" not in text:
        return False
    try:
        return abs(float(text)) >= float(10**DIGITS)
    except ValueError:
        return False


def date_text(serial: float, from_1904: bool = False, is_time: bool = False) -> str:
    """Write a serial number of days as ISO 8601: a date, with a time to the second where it has one.

    A number below one day names no day and is written as a time; where days count from 1904 it names the first day,
    unless the format shows a time (`is_time`).
    """
    seconds = math.floor(serial * _DAY + 0.5)
    if seconds < _DAY and (is_time or not from_1904):
        return duration_text(seconds)
    epoch = _EPOCH_1904 if from_1904 else _EPOCH
    if not from_1904 and serial < _NO_LEAP_DAY:
        seconds += _DAY
    return moment_text(epoch + datetime.timedelta(seconds=seconds))


def moment_text(moment: datetime.datetime) -> str:
    """Write a moment as ISO 8601 to the second; midnight has no time."""
    if moment.microsecond:
        moment = (moment + datetime.timedelta(microseconds=500_000)).replace(microsecond=0)
    return moment.date().isoformat() if moment.time() == datetime.time() else moment.isoformat()


def duration_text(seconds: int) -> str:
    """Write seconds as hours, minutes and seconds; hours may exceed 24."""
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def boolean_text(text: str) -> str:
    """Write 1, 0, true and false as TRUE or FALSE."""
    return {"1": "TRUE", "true": "TRUE", "0": "FALSE", "false": "FALSE"}.get(text.strip().lower(), text)


def iso_text(text: str) -> str:
    """Write a stored ISO 8601 date, time, or both, to the second; an empty time is left out."""
    text = text.strip()
    try:
        if "T" in text or "-" in text[1:]:
            moment = datetime.datetime.fromisoformat(text)
            return moment_text(moment.replace(tzinfo=None))
        time = datetime.time.fromisoformat(text)
    except (ValueError, OverflowError):
        return text
    return duration_text(time.hour * 3600 + time.minute * 60 + time.second + (time.microsecond >= 500_000))
