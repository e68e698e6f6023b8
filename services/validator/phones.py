"""Phone numbers, judged by phonenumbers (libphonenumber) and written in E.164 form."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberFormat
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

from services.validator.judging import Judge, Judged, wrong

_SPREADSHEET_FLOAT = re.compile(r"(\+?\d+)\.0+")
_TRUNK_ZERO = re.compile(r"(\+\d{1,3}[\s.]*)\(0\)")


def judge_phone(country: str) -> Judge:
    """A judge of phone numbers; those without a country code are of the row's country, else of this one."""

    def judge(text: str, region: str | None) -> Judged:
        plain = plainly_valid(text, region or country)
        if plain:
            return Judged(plain, None, None if plain == text else "phone_reformatted")
        number = _parsed(_prepared(text), region or country)
        if number is None and region and region != country:
            number = _parsed(_prepared(text), country)
        if number is None:
            return wrong("invalid_phone", text)
        value = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        if number.extension:
            value += f";ext={number.extension}"
        if value == text:
            return Judged(value)
        lost_zero = text.isdigit() and text == str(number.national_number)
        return Judged(value, None, "zeros_restored" if lost_zero else "phone_reformatted")

    return judge


class _Numbering(NamedTuple):
    """How numbers of one country are made: its code, and the national numbers that are in use."""

    code: str
    national: re.Pattern[str]
    in_use: re.Pattern[str]


_TYPES = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)
_PLAIN = re.compile(r"(?:\+|00?)[1-9][0-9 ./-]{5,18}")
_SEPARATORS = str.maketrans("", "", " ./-")


@lru_cache(maxsize=300)
def _numbering(region: str) -> _Numbering | None:
    """The library's own patterns of a country whose code is its alone and whose trunk prefix is a plain 0."""
    data: Any = PhoneMetadata.metadata_for_region(region)
    if data is None or len(COUNTRY_CODE_TO_REGION_CODE[data.country_code]) > 1:
        return None
    if (data.national_prefix, data.national_prefix_for_parsing) != (
        "0",
        "0",
    ) or data.national_prefix_transform_rule:
        return None
    kinds = (getattr(data, name) for name in _TYPES)
    used = [kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern]
    return _Numbering(
        str(data.country_code),
        re.compile(data.general_desc.national_number_pattern),
        re.compile("|".join(f"(?:{pattern})" for pattern in used)),
    )


def plainly_valid(text: str, region: str) -> str | None:
    """The E.164 form of a number written in an ordinary way, found without the library's general parser.

    None means that the general way must decide, never that the number is wrong. It is some seventy times
    faster, and phone numbers are the dearest cells of a client list.
    """
    numbering = _numbering(region)
    if numbering is None or not _PLAIN.fullmatch(text):
        return None
    digits = text.translate(_SEPARATORS)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if digits.startswith("+"):
        if not digits.startswith("+" + numbering.code):
            return None
        national = digits[1 + len(numbering.code) :]
    else:
        national = digits[1:]
    if national.startswith("0") or not numbering.national.fullmatch(national):
        return None
    return f"+{numbering.code}{national}" if numbering.in_use.fullmatch(national) else None


def _prepared(text: str) -> str:
    """With a plus where 00 stands, as a spreadsheet shows it, and without the (0) after a country code."""
    found = _SPREADSHEET_FLOAT.fullmatch(text)
    plain = found.group(1) if found else text
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    return _TRUNK_ZERO.sub(r"\1", plain) if "(0)" in plain else plain


def _parsed(text: str, region: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
