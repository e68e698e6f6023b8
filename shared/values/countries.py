"""Recognises countries by their codes, or their names in six languages; a name of several countries is asked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from babel import Locale, localedata
from babel.core import get_global
from phonenumbers import region_codes_for_country_code

from shared.values.judging import Finding, Judged, folded, shown, wrong
from shared.values.naming import LANGUAGES, known_name

_MORE = Path(__file__).with_name("country_names.toml")
# CLDR has codes for groups of countries and for tests; they are not countries.
_NOT_COUNTRIES = frozenset(["EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"])
#: A part of a country, ISO 3166-2: GB-ENG, BE-VLG, US-CA.
_PART = re.compile(r"([A-Z]{2})-([A-Z0-9]{1,3})")
_AS_NUMBER = re.compile(r"(\d{1,3})\.0")  # a spreadsheet's number
#: A name with something about it in brackets: België (Vlaanderen).
_QUALIFIED = re.compile(r"([^()]+?)\s*\([^()]*\)")
_INITIALS = re.compile(r"(?:[A-Za-z]\.\s?){2,}")
_LONGEST_CODE = 3
#: A language and its country, RFC 5646: nl-BE, fr_BE.
_LOCALE = re.compile(r"[a-z]{2}[-_]([A-Z]{2})")
# Words beside the name of a country in its official one: the Republic of Malta, Malta, Republic of.
_FORMAL = frozenset(
    "the of de du des la le les l d van het der und von del di rep republic republique republiek republik republica"  # noqa: SIM905
    " repubblica kingdom royaume koninkrijk konigreich reino regno state etat staat estado stato principality"
    " principaute vorstendom furstentum principado principato islamic bolivarian sultanate hashemite confederation sar"
    " and et en y e".split()
)
#: Shorter ones are codes, and no names.
_SHORTEST = 4
_SAINTS = dict.fromkeys(["st", "ste", "sint", "sankt", "san", "santa", "sainte"], "saint")


class _Names(NamedTuple):
    """Codes by folded name: of `one` country, or of the `several` that share it; `bare` goes by names of `_bare`."""

    one: dict[str, str]
    several: dict[str, list[str]]
    bare: dict[str, str]


@lru_cache(maxsize=1)
def _names() -> _Names:
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES:
                found.setdefault(code.casefold(), code)
                found.setdefault(folded(name), code)
    countries = set(found.values())
    for alias, codes in get_global("territory_aliases").items():
        # codes of ISO 3166-1 with three letters or three digits
        if len(alias) == 3 and len(codes) == 1 and codes[0] in countries:
            found.setdefault(alias.casefold(), codes[0])
    more = tomllib.loads(_MORE.read_text("utf-8"))
    found |= {folded(name): code for code, names in more["names"].items() for name in names}
    several = {folded(name): list(codes) for name, codes in more["shared"].items()}
    one = {name: code for name, code in found.items() if name not in several}
    return _Names(one, several, _bare_names(one, several))


def _bare_names(one: Mapping[str, str], several: Container[str]) -> dict[str, str]:
    """The names that are one country's also without the words of official ones."""
    meant: dict[str, set[str]] = {}
    for name, code in one.items():
        meant.setdefault(_bare(name), set()).add(code)
    return {
        name: codes.pop()
        for name, codes in meant.items()
        if len(codes) == 1 and len(name) >= _SHORTEST and name not in several
    }


def _bare(name: str) -> str:
    """A folded name without the words of official ones: *republic of malta* and *malta* are one."""
    return " ".join(_SAINTS.get(word, word) for word in name.split() if word not in _FORMAL)


def judge_country(given: str, region: str | None) -> Judged:
    """A country by its name in one of six languages or its code (ISO 3166-1, parts of 3166-2), as alpha-2 code.

    What several countries are called is refused, with their codes: a person must choose.
    """
    names = _names()
    text = number[1] if (number := _AS_NUMBER.fullmatch(given)) else given
    code = known_name(text, names.one) or _of_part(text) or _initials(text) or _with_code(text)
    several = names.several.get(folded(text)) if code is None else None
    if code is None and several is None:
        code, several = names.bare.get(_bare(folded(text))), _several(text)
    if code is None and several is None and (qualified := _QUALIFIED.fullmatch(text)):
        code = names.one.get(folded(qualified[1]))
    if code:
        return Judged(code, None, "option_recognised" if code != given else None)
    if several:
        return Judged(None, Finding("ambiguous_country", {"value": shown(given), "countries": several}))
    return wrong("unknown_country", given)


def _initials(text: str) -> str | None:
    """The country of initials with points, such as *U.A.E.*"""
    return _names().one.get("".join(folded(text).split())) if _INITIALS.fullmatch(text) else None


def _with_code(text: str) -> str | None:
    """The country of a code and a name that agree, such as *CH-Suisse*."""
    code, _, name = text.partition("-")
    known = _names().one
    found = known.get(folded(code)) if len(code) <= _LONGEST_CODE else None
    return found if found and known.get(folded(name)) == found else None


def _of_part(text: str) -> str | None:
    """The country of a code such as GB-ENG, of a locale such as nl-BE."""
    known = _names().one
    locale = _LOCALE.fullmatch(text)
    if locale:
        return known.get(locale[1].casefold())
    part = _PART.fullmatch(text.upper() if text.islower() else text)
    if part is None or localedata.exists(f"{part[1].casefold()}_{part[2]}"):
        return None  # FR-BE: Belgium in French, or a part of France
    return known.get(part[1].casefold())


def _several(text: str) -> list[str] | None:
    """The countries that a text may mean: a code of two digits, or two codes side by side."""
    known = _names().one
    if (
        text.isdecimal() and text.isascii() and len(text) <= 2
    ):  # 056 without its zero, or the 32 of phone numbers
        numbered = known.get(text.zfill(3))
        dialled = region_codes_for_country_code(int(text))[:1]
        return list(dict.fromkeys([*([numbered] if numbered else []), *dialled])) or None
    part = _PART.fullmatch(text)
    codes = [known.get(each.casefold()) for each in part.groups()] if part else []
    return [code for code in codes if code] if len(codes) == 2 and all(codes) else None
