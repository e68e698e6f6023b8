"""Belgian register and enterprise numbers, and the tax numbers of other countries."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Any

from stdnum import get_cc_module
from stdnum.eu.vat import MEMBER_STATES

from services.validator.judging import Finding, Judge, Judged, wrong

_SEPARATORS = re.compile(r"[\s.\-/_()\u2010-\u2015]+")
_SPREADSHEET_FLOAT = re.compile(r"(\d+)\.0+")
_ENTERPRISE_PREFIX = re.compile(r"^(?:BE|BTW|TVA|KBO|BCE|VAT)+", re.I)
_SHORTEST_PADDED = 6  # digits; 2000-00-01 is written 000001 and leaves six


def register_number_is_valid(number: str, today: date) -> bool:
    """Whether eleven digits are a Belgian national register number or a BIS number.

    Royal decree of 3 April 1984 (number) and of 8 February 1991 (BIS): YYMMDD, serial 001-998, and
    97 - (first nine digits mod 97), with a 2 before the nine digits for those born from 2000 on. Month and
    day may be 00; a BIS number has 20 or 40 added to the month.
    """
    if len(number) != 11 or not number.isascii() or not number.isdigit() or not 1 <= int(number[6:9]) <= 998:
        return False
    nine, check = int(number[:9]), int(number[9:])
    if check == 97 - nine % 97 and _birth_is_possible(number, 1900, today):
        return True
    return check == 97 - (2_000_000_000 + nine) % 97 and _birth_is_possible(number, 2000, today)


def _birth_is_possible(number: str, century: int, today: date) -> bool:
    year, month, day = century + int(number[:2]), int(number[2:4]), int(number[4:6])
    for added in (40, 20):
        if month >= added:
            month -= added
            break
    if month > 12 or day > 31:
        return False
    try:
        return date(year, month or 1, day or 1) <= today
    except ValueError:
        return False


def judge_register_number(today: date) -> Judge:
    """A judge of national register numbers; digits only, lost zeros put back when the check digits agree."""

    def judge(text: str, region: str | None) -> Judged:
        digits = _digits(text)
        if register_number_is_valid(digits, today):
            return Judged(digits, None, "number_reformatted" if digits != text else None)
        padded = digits.zfill(11)
        if _SHORTEST_PADDED <= len(digits) < 11 and register_number_is_valid(padded, today):
            return Judged(padded, None, "zeros_restored")
        return Judged(None, Finding("invalid_rrn", {}))  # the number itself goes into no message

    return judge


def enterprise_number_is_valid(number: str) -> bool:
    """Whether ten digits are a Belgian enterprise number.

    The last two are 97 - (first eight mod 97); the first is 0, or 1 since 19 September 2023 (FPS Economy).
    """
    if len(number) != 10 or not number.isascii() or not number.isdigit() or number[0] not in "01":
        return False
    return int(number[:8]) > 0 and int(number[8:]) == 97 - int(number[:8]) % 97


def judge_enterprise_number(text: str, region: str | None) -> Judged:
    """An enterprise number: ten digits, without BE, dots or spaces; the old nine digits get their zero."""
    digits = _ENTERPRISE_PREFIX.sub("", _digits(text), count=1)
    restored = len(digits) == 9
    number = "0" + digits if restored else digits
    if not enterprise_number_is_valid(number):
        return wrong("invalid_kbo", text)
    if number == text:
        return Judged(number)
    return Judged(number, None, "zeros_restored" if restored else "number_reformatted")


def judge_tax_id(country: str, today: date) -> Judge:
    """A judge of tax numbers: by their own country letters, else the country of the row, else the firm's."""

    def judge(text: str, region: str | None) -> Judged:
        plain = _SEPARATORS.sub("", _unfloated(text)).upper()
        home = _letters_of(plain) or region or country
        value = _tax_number(plain, home, today)
        if value is None:
            return wrong("invalid_tax_id", text, country=home)
        return Judged(value, None, "number_reformatted" if value != text else None)

    return judge


def _tax_number(plain: str, country: str, today: date) -> str | None:
    if country == "BE":
        judged = judge_enterprise_number(plain, None).value if plain else None
        if judged:
            return "BE" + judged
        return (
            plain if register_number_is_valid(plain, today) else None
        )  # a person's tax number is the register number
    modules = _tax_modules(country)
    if not modules:
        return plain if any(char.isdigit() for char in plain) else None
    if any(module.is_valid(plain) for module in modules):
        return plain
    return None


@lru_cache(maxsize=64)
def _tax_modules(country: str) -> tuple[Any, ...]:
    found = [get_cc_module(country.lower(), name) for name in ("vat", "tin", "businessid", "personalid")]
    return tuple(module for module in found if module is not None)


def _letters_of(plain: str) -> str | None:
    letters = plain[:2]
    if letters == "EL":
        return "GR"
    known = letters.lower() in MEMBER_STATES or letters in ("GB", "CH")
    return letters if known and len(plain) > 2 else None


def _digits(text: str) -> str:
    return _SEPARATORS.sub("", _unfloated(text))


def _unfloated(text: str) -> str:
    found = _SPREADSHEET_FLOAT.fullmatch(text)
    return found.group(1) if found else text
