"""Sorts values of cells by their shape: number, date, address, word."""

from __future__ import annotations

import re

_SHAPES = (
    (
        "number",
        re.compile(
            r"[-+(]?(?:[€$£¥]|EUR|USD|GBP|CHF|PLN|CZK|HUF|SEK|DKK|NOK)? ?-?"
            r"\d{1,15}(?:[ .,'\u00a0\u202f]\d{3})*(?:[.,]\d+)?(?:E[+-]?\d+)? ?[%€$£)]?-?",
            re.IGNORECASE,
        ),
    ),
    (
        "date",
        re.compile(
            r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
            r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)? ?(?:Z|[ap]m|[-+]\d{2}:?\d{2})?)?"
            r"|\d{1,2}[-/. ](?:[A-Za-z]{3,9})[-/. ]\d{2,4}",
            re.IGNORECASE,
        ),
    ),
    ("time", re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?", re.IGNORECASE)),
    ("email", re.compile(r"[^@\s,;|]+@[^@\s,;|]+\.[a-z]+", re.IGNORECASE)),
    ("code", re.compile(r"[+(]?[\d][\d ()/.+-]*")),
    ("truth", re.compile(r"true|false|yes|no|y|n|ja|nee|oui|non|nein|vrai|faux|waar|onwaar", re.IGNORECASE)),
    ("word", re.compile(r"[^,;\t|]*")),
)
#: The shapes of values that are no words.
TYPED = ("number", "date", "time", "email", "code")


def shape_of(cell: str) -> str:
    """Give number, date, time, email, code (digits and signs), truth, word, or mixed (text with separators)."""
    return next((name for name, pattern in _SHAPES if pattern.fullmatch(cell)), "mixed")
