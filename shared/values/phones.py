"""Phone numbers, judged by phonenumbers (libphonenumber) and written in E.164 form."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberMatcher,
)
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

from shared.values.judging import Judge, Judged, written_out, wrong

_TRUNK_ZERO = re.compile(r"(\+\d{1,3}[\s.]*)\(0\)")
_LETTER = re.compile(r"[^\W\d_]")
_EXTENSION = re.compile(
    r"[\s,;(]*(?:ext(?:ension)?|poste|toestel|tst|nebenstelle|interno?|x)[\s.:]*(\d{1,6})\)?$", re.I
)
_BETWEEN = re.compile(r"[;,|]|/\s|\s/")  # the library would take what follows for an extension
_MAX_LENGTH = 250  # characters; longer texts are no numbers for libphonenumber


def judge_phone(country: str) -> Judge:
    """A judge of phone numbers; those without a country code are of the row's country, else of this one.

    Two numbers in one cell are an error, as two e-mail addresses are: taking the first would silently lose the
    other. Words around a number are left out, and the fix shows it.
    """

    def judge(text: str, region: str | None) -> Judged:
        plain = plainly_valid(text, region or country)
        if plain:
            return Judged(plain, None, None if plain == text else "phone_reformatted")
        prepared = _prepared(text) if len(text) <= _MAX_LENGTH else ""
        if prepared is None:
            return wrong("digits_lost", text)
        regions = [region or country, *([country] if region and region != country else [])]
        number = next(filter(None, (_parsed(prepared, each) for each in regions)), None)
        if number is None:
            return _among_words(text, prepared, regions[0])
        return _taken(text, number)

    return judge


def _taken(text: str, number: PhoneNumber, fix: str = "phone_reformatted") -> Judged:
    value = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if number.extension:
        value += f";ext={phonenumbers.normalize_digits_only(number.extension)}"
    if value == text:
        return Judged(value)
    lost_zero = text.isdigit() and text == str(number.national_number)
    return Judged(value, None, "zeros_restored" if lost_zero else fix)


def _among_words(text: str, prepared: str, region: str) -> Judged:
    """The one number in a text such as `0470 12 34 56 (bureau)`; several are refused."""
    found = list(PhoneNumberMatcher(prepared, region))
    different = {phonenumbers.format_number(match.number, PhoneNumberFormat.E164) for match in found}
    if not found:
        different = _halves(prepared, region)
        if len(different) == 1:
            return Judged(different.pop(), None, "phone_reformatted")
    if len(different) > 1:
        return wrong("multiple_phones", text)
    rest = prepared
    for match in found:
        rest = rest.replace(match.raw_string, "", 1)
    if not found or any(char.isdigit() for char in rest):
        return wrong("invalid_phone", text)
    words = _LETTER.search(rest) is not None
    return _taken(text, found[0].number, "phone_words_removed" if words else "phone_reformatted")


def _halves(text: str, region: str) -> set[str]:
    """The two numbers in a text that consists of two numbers and separators; none in any other text."""
    if not 12 <= len(text) <= 60 or _LETTER.search(text):
        return set()
    for gap in re.finditer(r"[\s/;,-]+", text):
        both = [_parsed(text[: gap.start()], region), _parsed(text[gap.end() :], region)]
        if all(both):
            return {phonenumbers.format_number(number, PhoneNumberFormat.E164) for number in both if number}
    return set()


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
    data = PhoneMetadata.metadata_for_region(region)
    if data is None or data.country_code is None or data.general_desc is None:
        return None
    prefixes = (data.national_prefix, data.national_prefix_for_parsing)
    alone = len(COUNTRY_CODE_TO_REGION_CODE[data.country_code]) == 1
    if not alone or prefixes != ("0", "0") or data.national_prefix_transform_rule:
        return None
    kinds = (getattr(data, name) for name in _TYPES)
    used = [kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern]
    return _Numbering(
        str(data.country_code),
        re.compile(data.general_desc.national_number_pattern or ""),
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


def _prepared(text: str) -> str | None:
    """As the library reads it: a plus for 00, no (0) after a country code, ext for an extension.

    None where a spreadsheet shortened the number and digits are gone.
    """
    plain = written_out(text)
    if plain is None:
        return None
    plain = re.sub(r"^\+?\s*00", "+", plain.strip())
    if "(0)" in plain:
        plain = _TRUNK_ZERO.sub(r"\1", plain)
    return _EXTENSION.sub(r" ext \1", plain)


def _parsed(text: str, region: str) -> PhoneNumber | None:
    """The whole text as one number; letters are words, not keys of a telephone."""
    if _LETTER.search(text.replace(" ext ", "")) or _BETWEEN.search(text):
        return None
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
