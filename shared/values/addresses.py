"""Addresses: splits a street address into street, house number and box, and judges postal codes."""

from __future__ import annotations

import re
from functools import lru_cache

from shared.values.judging import Finding, Judged, shown
from shared.values.texts import judge_text

_BOX = r"(?:,?\s*(?:bus|boîte|boite|bte|bt|box|b|app\.?|apt\.?)\.?\s*|\s*/\s*)(?P<box>[\w.-]{1,10})"
_NUMBER = r"(?P<number>\d{1,5}\s?[a-zA-Z]?(?:\s?-\s?\d{1,5}[a-zA-Z]?)?)"
# "Kerkstraat 12 bus 3", "Rue de la Loi 16/2"
_NUMBER_LAST = re.compile(rf"(?P<street>(?=.*[^\W\d_]).+?),?\s+(?:n[r°o]\.?\s*)?{_NUMBER}(?:{_BOX})?", re.I)
# "16 rue de la Loi", "16, rue de la Loi bte 2"
_NUMBER_FIRST = re.compile(rf"{_NUMBER}\s*,?\s+(?P<street>[^\W\d_].*?)(?:{_BOX})?", re.I)

# How postal codes are written (UPU addressing guides): 9 is a digit, A a letter; the longest comes last.
_POSTAL: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(["AT", "BE", "BG", "CH", "CY", "DK", "HU", "LU", "NO", "SI"], ("9999",)),
    **dict.fromkeys(["DE", "EE", "ES", "FI", "FR", "HR", "IT", "MC", "LT"], ("99999",)),
    **dict.fromkeys(["CZ", "GR", "SE", "SK"], ("999 99",)),
    "CA": ("A9A 9A9",),
    "GB": ("A9 9AA", "A99 9AA", "AA9 9AA", "A9A 9AA", "AA99 9AA", "AA9A 9AA"),
    "LV": ("9999",),
    "MT": ("AAA 9999",),
    "NL": ("9999 AA",),
    "PL": ("99-999",),
    "PT": ("9999-999",),
    "RO": ("999999",),
    "US": ("99999", "99999-9999"),
}
# Where codes begin with a zero, which spreadsheets drop.
_WITH_ZEROS = frozenset(["DE", "ES", "FI", "FR", "IT", "LT", "NO", "PL", "RO", "SK", "US"])
_FIRST_IS_NOT_ZERO = frozenset(["BE", "NL", "AT", "CH", "HU"])
_LETTERS_BEFORE = {"BE": "BE?", "DE": "DE?", "FR": "FR?", "LU": "LU?", "AT": "AT?", "SE": "SE?", "NL": "NL"}
_SEPARATORS = re.compile(r"[\s.\u2010-\u2015-]+")


def split_street(text: str) -> tuple[str, str, str]:
    """Street, house number and box; the whole text and two blanks where the text has no recognisable number."""
    text = text.strip()
    found = _NUMBER_FIRST.fullmatch(text) or _NUMBER_LAST.fullmatch(text)
    if not found:
        return text, "", ""
    return found["street"].strip(" ,"), found["number"].replace(" ", ""), found["box"] or ""


def judge_postal_code(text: str, region: str | None) -> Judged:
    """A postal code; where the row's country is known, lost zeros, spaces and country letters are put right.

    What does not fit is kept with a warning: the name of a town in the cell may be written nowhere else.
    """
    if region not in _POSTAL:
        return judge_text(text, region)
    value, fix = _postal_code(text.upper(), region)
    if value is None:
        return Judged(text, Finding("invalid_postal_code", {"value": shown(text), "country": region}))
    return Judged(value, None, fix if value != text else None)


def _postal_code(text: str, region: str) -> tuple[str | None, str]:
    plain = _SEPARATORS.sub("", re.sub(r"\.0+$", "", text))
    letters = _LETTERS_BEFORE.get(region, region)
    if plain[:1].isalpha():
        plain = re.sub(rf"^{letters}(?=\d)", "", plain)
    value = _laid_out(plain, region)
    if value is None and region in _WITH_ZEROS and plain.isdigit():
        length = sum(sign == "9" for sign in _POSTAL[region][0])
        if length - 2 <= len(plain) < length:
            return _laid_out(plain.zfill(length), region), "zeros_restored"
    return value, "postal_code_reformatted"


def _laid_out(plain: str, region: str) -> str | None:
    for layout, shape in zip(_POSTAL[region], _shapes(region), strict=True):
        if shape.fullmatch(plain):
            signs = iter(plain)
            return "".join(next(signs) if sign in "9A" else sign for sign in layout)
    return None


@lru_cache(maxsize=64)
def _shapes(region: str) -> tuple[re.Pattern[str], ...]:
    first = "[1-9]" if region in _FIRST_IS_NOT_ZERO else "[0-9]"
    shapes = []
    for layout in _POSTAL[region]:
        signs = {"9": "[0-9]", "A": "[A-Z]"}
        pattern = "".join(signs.get(sign, "") for sign in layout)
        shapes.append(re.compile(pattern.replace("[0-9]", first, 1) if layout[0] == "9" else pattern))
    return tuple(shapes)
