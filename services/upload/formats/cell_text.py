"""The cells of workbooks as the text that a person means by them: numbers, dates, times, padded codes."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

Convert = Callable[[str], str]

# Excel keeps 15 digits; what follows them in a binary number was never typed by anybody.
DIGITS = 15
_REMEMBERED = 1 << 14
LAST_SERIAL = 2_958_465  # 9999-12-31
_DAY = 86_400
# Excel takes 1900 for a leap year, so that the days before March count from one day later.
_EPOCH = datetime.datetime(1899, 12, 30)
_EPOCH_1904 = datetime.datetime(1904, 1, 1)
_NO_LEAP_DAY = 60

GENERAL, DATE, TIME, DURATION, PADDED = "general", "date", "time", "duration", "padded"

# Formats that have a number and no code (ECMA-376 part 1, 18.8.30, the East Asian ones among them).
_BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), (DATE, 0)),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56), (TIME, 0)),
    46: (DURATION, 0),
}
_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE | re.DOTALL)
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_PADDING = re.compile(r"[0 \-/()+:]+")


def kind_of_format(code: str) -> tuple[str, int]:
    """What a number format makes of a number, and for padded ones the number of digits.

    Only its first section counts. A format of zeros and literals alone pads a code: `00000`, `000\\.000`.
    """
    section = _LITERALS.sub("", code).split(";")[0]
    if _ELAPSED.search(section):
        return DURATION, 0
    shown = section.lower().replace("am/pm", "h").replace("a/p", "h")
    if shown.strip() in ("general", "standard", "@", ""):
        return GENERAL, 0
    if "y" in shown or "d" in shown:
        return DATE, 0
    if "h" in shown or "s" in shown:
        return TIME, 0
    if "m" in shown:
        return DATE, 0
    zeros = shown.count("0")
    return (PADDED, zeros) if zeros > 1 and _PADDING.fullmatch(shown) else (GENERAL, 0)


def kind_of(number: int, codes: dict[int, str]) -> tuple[str, int]:
    """The same for a format by its number, `codes` being those that the workbook defines."""
    if number in codes:
        return kind_of_format(codes[number])
    return _BUILT_IN.get(number, (GENERAL, 0))


def converter(kind: str, width: int, from_1904: bool) -> Convert | None:
    """What turns the stored text of a number into the text of its cell; None where `number_text` does."""
    if kind == PADDED:
        return lambda text: padded(text, width)
    if kind == DURATION:
        return lambda text: _as_time(text, lambda serial: duration_text(round(serial * _DAY)))
    if kind in (DATE, TIME):
        # Days recur; writing one out takes longer than all else of its cell.
        return lru_cache(_REMEMBERED)(
            lambda text: _as_time(text, lambda serial: date_text(serial, from_1904))
        )
    return None


def _as_time(text: str, write: Callable[[float], str]) -> str:
    try:
        serial = float(text)
    except ValueError:
        return text
    return write(serial) if 0 <= serial < LAST_SERIAL + 1 else number_text(text)


def number_text(text: str) -> str:
    """A number as stored, written plainly: no exponent, no `.0`, 15 digits of a fraction.

    Digits of a long whole number stay as they stand in the file.
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
    """A binary number written plainly; nothing for what is no number."""
    if not math.isfinite(value):
        return ""
    if value.is_integer() and abs(value) < 10**DIGITS:
        return str(int(value))
    return format(Decimal(f"{value:.{DIGITS}g}"), "f")


def is_uncertain(text: str) -> bool:
    """Whether a number as stored has more digits before its point than Excel keeps."""
    if len(text) <= DIGITS:
        if "e" not in text and "E" not in text:
            return False
    elif "." in text[: DIGITS + 1] and "e" not in text and "E" not in text:
        return False
    try:
        return abs(float(text)) >= 10**DIGITS
    except ValueError:
        return False


def padded(text: str, width: int) -> str:
    """A whole number with zeros before it up to `width` digits."""
    plain = number_text(text)
    digits = plain.removeprefix("-")
    if not digits.isdecimal():
        return plain
    return ("-" if plain != digits else "") + digits.zfill(width)


def date_text(serial: float, from_1904: bool = False) -> str:
    """The ISO 8601 text of a serial number of days, to the second: a date, with its time if it has one.

    Below one day, where no day is meant, a time.
    """
    seconds = math.floor(serial * _DAY + 0.5)
    if seconds < _DAY and not from_1904:
        return duration_text(seconds)
    epoch = _EPOCH_1904 if from_1904 else _EPOCH
    if not from_1904 and serial < _NO_LEAP_DAY:
        seconds += _DAY
    return moment_text(epoch + datetime.timedelta(seconds=seconds))


def moment_text(moment: datetime.datetime) -> str:
    """ISO 8601 to the second, without a time at midnight."""
    if moment.microsecond:
        moment = (moment + datetime.timedelta(microseconds=500_000)).replace(microsecond=0)
    return moment.date().isoformat() if moment.time() == datetime.time() else moment.isoformat()


def duration_text(seconds: int) -> str:
    """Hours, minutes and seconds; hours may pass 24."""
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def boolean_text(text: str) -> str:
    """TRUE or FALSE of 1, 0, true, false."""
    return {"1": "TRUE", "true": "TRUE", "0": "FALSE", "false": "FALSE"}.get(text.strip().lower(), text)


def iso_text(text: str) -> str:
    """An ISO 8601 date, date with time or time as stored, to the second and without an empty time."""
    text = text.strip()
    try:
        if "T" in text or "-" in text[1:]:
            moment = datetime.datetime.fromisoformat(text)
            return moment_text(moment.replace(tzinfo=None))
        time = datetime.time.fromisoformat(text)
    except (ValueError, OverflowError):
        return text
    return duration_text(time.hour * 3600 + time.minute * 60 + time.second + (time.microsecond >= 500_000))
