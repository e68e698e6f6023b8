"""Puts a phone number together with the country or area code that has a column of its own."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE, UNKNOWN_REGION

from shared.values.countries import judge_country
from shared.values.judging import BLANK, Finding, Judged, shown, written_out

_PLUS = re.compile(r"(?:\+|(?<!\d)00)\s*([1-9][\d\s]*)")
_AREA = re.compile(r"\(?0[1-9]\d{0,4}\)?")
_INTERNATIONAL = re.compile(r"\s*(?:\+|00)\s*[1-9]")


def judge_phone_prefix(text: str, region: str | None) -> Judged:
    """A country code such as `+32`, `0032`, `32`, `BE` or `Belgium`, or an area code such as `02`.

    The value serves the numbers beside it and is not kept; another text is a warning, and the number is read without.
    """
    if _code_of(text) or _area_of(text):
        return Judged(text)
    return Judged(text, Finding("unknown_phone_prefix", {"value": shown(text)}))


def with_prefix(prefix: str, number: str) -> str:
    """A number with its country or area code before it; a number that has a country code already stays as it is.

    Digits that may be either, as `212`, are the country code where that gives a number that exists (E.164).
    """
    number = number.strip()
    if not prefix.strip() or not number or _INTERNATIONAL.match(number):
        return number
    code, area = _code_of(prefix), _area_of(prefix)
    whole = f"+{code} {number}" if code else ""
    if code and (not area or _exists(whole)):
        return whole
    return f"{area} {number}" if area and not number.startswith(area) else number


def _code_of(prefix: str) -> str:
    """The digits after the plus in a country code; "" where a prefix is none."""
    text = (written_out(prefix.strip()) or "").strip()
    found = _PLUS.search(text)
    if found:
        digits = re.sub(r"\s", "", found[1])
        return digits if any(_is_calling_code(digits[:length]) for length in (1, 2, 3)) else ""
    if text.isdecimal():
        return text if _is_calling_code(text) else ""
    country = judge_country(text, None).value if any(map(str.isalpha, text)) else BLANK.value
    code = phonenumbers.country_code_for_region(country) if isinstance(country, str) else 0
    return str(code) if code else ""


def _is_calling_code(digits: str) -> bool:
    known = COUNTRY_CODE_TO_REGION_CODE.get(int(digits)) if digits and digits[0] != "0" else None
    return known is not None


def _area_of(prefix: str) -> str:
    """The area code that a prefix is, with its zero; digits without a zero, as in America, have three or more."""
    text = prefix.strip()
    if _AREA.fullmatch(text):
        return text.strip("()")
    bare = text.strip("()")
    return bare if bare.isdecimal() and 3 <= len(bare) <= 5 and bare[0] != "0" else ""


def _exists(number: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, UNKNOWN_REGION))
    except phonenumbers.NumberParseException:
        return False
