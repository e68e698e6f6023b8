"""Checks of plain text: names, notes, lists, numbers, web addresses, yes and no."""

from __future__ import annotations

import re

from shared.contract.legal_forms import shows_legal_form
from shared.contract.relationships import relationship
from shared.values.judging import (
    Finding,
    Judged,
    folded,
    parts,
    shown,
    without_repeats,
    written_out,
    wrong,
)
from shared.values.person_names import is_of_two

# What Windows does not allow in names of files; account folders are shown as a Windows drive.
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|(?:COM|LPT)[0-9¹²³])(?:\..*)?|.*\.", re.I)
_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE]\+\d+")
# What a spreadsheet may run as a formula; signed numbers and "- remark" are none.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(r"[=@]|[+-](?!\s|[\d\s.,/()-]*$)")

MAX_NAME = 255  # characters; the longest name of a folder in Windows
MAX_TEXT = 10_000  # characters
MAX_URL = 2_048  # characters; what browsers and servers take

_URL = re.compile(
    r"(?:(https?)://)?([\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}|[\w-]+(?:\.[\w-]+)*\.xn--[\w-]+)(:\d+)?([/?#]\S*)?",
    re.I,
)

_YES = frozenset(
    "yes y true t 1 x on ok oui o vrai ja j waar wahr si verdadero s vero aan ein actief actif".split()  # noqa: SIM905
)
_NO = frozenset(
    "no n false f 0 off non faux nee neen onwaar nein falsch falso uit aus inactief inactif".split()  # noqa: SIM905
)

_POINT_COUNTRIES = frozenset(["GB", "IE", "US", "CA", "AU", "NZ", "IN", "ZA", "CH", "MT", "CY"])
_PLAIN_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.A)
_MONEY = re.compile(r"^(?:€|\$|£|EUR|USD|GBP|CHF)|(?:€|\$|£|EUR|USD|GBP|CHF|%)$")
_TWO_READINGS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.A)


def judge_text(text: str, region: str | None) -> Judged:
    """Any text up to the limit; a number that a spreadsheet shortened, or a formula, is kept and noted."""
    if len(text) > MAX_TEXT:
        return wrong("value_too_long", text, length=len(text), max=MAX_TEXT)
    if text[0] in "=@+-" and _FORMULA.match(text):
        return Judged(text, Finding("formula_like", {"value": shown(text)}))
    if "+" in text and _SCIENTIFIC.fullmatch(text):
        return _written_out(text)
    return Judged(text)


def _written_out(text: str) -> Judged:
    digits = written_out(text)
    if digits is None or not digits.isdigit():
        return Judged(text, Finding("precision_lost", {"value": text}))
    return Judged(digits, None, "number_written_out")


def judge_name(text: str, region: str | None) -> Judged:
    """A name; what cannot be the name of a folder in Windows, or looks like a formula, is noted, and kept."""
    if len(text) > MAX_NAME:
        return wrong("value_too_long", text, length=len(text), max=MAX_NAME)
    if text[0] in "=@+-" and _FORMULA.match(text):
        return Judged(text, Finding("formula_like", {"value": shown(text)}))
    forbidden = _FORBIDDEN.findall(text)
    if forbidden:
        characters = " ".join(dict.fromkeys(forbidden))
        return Judged(
            text, Finding("name_forbidden_characters", {"value": shown(text), "characters": characters})
        )
    if (text[-1] == "." or text[0] in "CPANLcpanl") and _RESERVED.fullmatch(text):
        return Judged(text, Finding("name_not_storable", {"value": shown(text)}))
    return Judged(text)


def judge_full_name(text: str, region: str | None) -> Judged:
    """The full name of one person, or of a company; two people in one cell are refused, as they cannot be split."""
    if len(text) <= MAX_NAME and is_of_two(text) and not shows_legal_form(text):
        return wrong("two_persons", text)
    return judge_name(text, region)


def judge_list(text: str, region: str | None) -> Judged:
    """Several texts, separated by commas or semicolons, none longer than a name."""
    items = parts(text)
    longest = max(items, key=len, default="")
    if len(longest) > MAX_NAME:
        return wrong("value_too_long", longest, length=len(longest), max=MAX_NAME)
    kept = without_repeats(items)
    return Judged(kept or None, None, "repeats_removed" if len(kept) < len(items) else None)


def judge_relationship(text: str, region: str | None) -> Judged:
    """What a person is to an account: known words in English, others as they are written."""
    judged = judge_list(text, region)
    if not isinstance(judged.value, list):
        return judged
    given = judged.value
    named = list(dict.fromkeys(relationship(one) or one for one in given))
    return Judged(named, None, "option_recognised" if named != given else judged.fix)


def judge_url(text: str, region: str | None) -> Judged:
    """A web address; the scheme is added where it is missing, the host is written in small letters."""
    if len(text) > MAX_URL:
        return wrong("value_too_long", text, length=len(text), max=MAX_URL)
    found = _URL.fullmatch(text)
    if not found:
        return wrong("invalid_url", text)
    scheme, host, port, rest = found.groups()
    value = f"{(scheme or 'https').lower()}://{host.lower()}{port or ''}{rest or ''}"
    return Judged(value, None, "url_completed" if value != text else None)


def judge_boolean(text: str, region: str | None) -> Judged:
    """Yes or no, in any of the six languages."""
    word = folded(text) or text
    if word in _YES or text in "✓✔☑":
        return Judged(True)
    if word in _NO or text in "✗✘☐":
        return Judged(False)
    return wrong("unknown_option", text, choices="yes, no")


def judge_number(text: str, country: str | None) -> Judged:
    """A number, written with a point; a lone comma is a decimal sign except where the point is.

    A lone sign before three digits, as in 1.234, may separate thousands too, so it is noted.
    """
    plain = _MONEY.sub("", re.sub(r"[\s'’_]", "", text))
    exact = written_out(plain) if "e" in plain.lower() else plain
    if exact is None:
        return wrong("digits_lost", text)
    thousands = _thousands(exact, country)
    number = (exact.replace(thousands, "") if thousands else exact).replace(",", ".").removeprefix("+")
    if not _PLAIN_NUMBER.fullmatch(number):
        return wrong("invalid_number", text)
    finding = None
    if _TWO_READINGS.fullmatch(plain) and country not in _POINT_COUNTRIES:
        finding = Finding("ambiguous_number", {"value": shown(text), "read": number})
    return Judged(number, finding, "number_reformatted" if number != text else None)


def _thousands(plain: str, country: str | None) -> str:
    """The sign that separates thousands in this number, "" when there is none."""
    comma, point = plain.rfind(","), plain.rfind(".")
    if comma >= 0 and point >= 0:
        return "," if point > comma else "."
    if plain.count(",") > 1:
        return ","
    if comma >= 0 and country in _POINT_COUNTRIES and re.search(r",\d{3}$", plain):
        return ","
    return "." if plain.count(".") > 1 else ""
