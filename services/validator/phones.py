"""Phone numbers, judged by phonenumbers (libphonenumber) and written in E.164 form."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from services.validator.judging import Judge, Judged, wrong

_SPREADSHEET_FLOAT = re.compile(r"(\+?\d+)\.0+")
_TRUNK_ZERO = re.compile(r"(\+\d{1,3}[\s.]*)\(0\)")


def judge_phone(country: str) -> Judge:
    """A judge of phone numbers; those without a country code are of the row's country, else of this one."""

    def judge(text: str, region: str | None) -> Judged:
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
