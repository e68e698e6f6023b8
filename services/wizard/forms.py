"""Reads the forms that a browser sends: whole numbers within bounds, line ends, and untouched fields."""

from __future__ import annotations

import re

MOST = 999_999_999
_LINE_END = re.compile(r"\r\n?")


def whole(text: str | None, most: int = MOST) -> int | None:
    """The number from 0 to `most` that a text has in plain digits; None for every other text."""
    given = (text or "").strip()
    if not (given.isascii() and given.isdigit() and len(given) <= len(str(MOST))):
        return None
    number = int(given)
    return number if number <= most else None


def lines(text: str) -> str:
    """A text with the line ends that we keep; browsers send every line end as CR LF."""
    return _LINE_END.sub("\n", text)


def untouched(given: str | None, shown: str) -> bool:
    """Whether a control sends back what it showed, or is not in the form; one-line inputs drop line ends."""
    return given is None or _one_line(given) == _one_line(shown)


def _one_line(text: str) -> str:
    return text.replace("\r", "").replace("\n", "")
