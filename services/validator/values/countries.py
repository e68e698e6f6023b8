"""Recognises countries and languages by their code or their name in six languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from babel import Locale
from babel.core import get_global

from services.validator.values.judging import Judge, Judged, folded, wrong

_LANGUAGES = ("en", "fr", "nl", "de", "es", "it")
# CLDR has codes for groups of countries and for tests; they are not countries.
_NOT_COUNTRIES = frozenset(["EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"])
_MORE_COUNTRIES = {
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "grande bretagne": "GB",
    "angleterre": "GB",
    "groot brittannie": "GB",
    "engeland": "GB",
    "holland": "NL",
    "hollande": "NL",
    "the netherlands": "NL",
    "usa": "US",
    "u s a": "US",
    "united states of america": "US",
    "etats unis d amerique": "US",
    "verenigde staten van amerika": "US",
    "czech republic": "CZ",
    "republique tcheque": "CZ",
    "tsjechische republiek": "CZ",
    "grossbritannien": "GB",
    "gran bretana": "GB",
    "gran bretagna": "GB",
    "inglaterra": "GB",
    "inghilterra": "GB",
    "schottland": "GB",
    "northern ireland": "GB",
    "holanda": "NL",
    "olanda": "NL",
    "vereinigte staaten von amerika": "US",
    "estados unidos de america": "US",
    "stati uniti d america": "US",
    "tschechische republik": "CZ",
    "republica checa": "CZ",
    "repubblica ceca": "CZ",
    "groothertogdom luxemburg": "LU",
    "grand duche de luxembourg": "LU",
    "grand duchy of luxembourg": "LU",
    "kingdom of belgium": "BE",
    "royaume de belgique": "BE",
    "koninkrijk belgie": "BE",
    "el": "GR",
    "a": "AT",
    "b": "BE",
    "d": "DE",
    "e": "ES",
    "f": "FR",
    "i": "IT",
    "l": "LU",
    "p": "PT",
}
_MORE_LANGUAGES = {
    "n": "nl",
    "f": "fr",
    "e": "en",
    "d": "de",
    "flemish": "nl",
    "vlaams": "nl",
    "flamand": "nl",
    "nederlandstalig": "nl",
    "neerlandophone": "nl",
    "franstalig": "fr",
    "francophone": "fr",
    "engelstalig": "en",
    "anglophone": "en",
    "duitstalig": "de",
    "germanophone": "de",
    "ned": "nl",
    "fra": "fr",
    "fre": "fr",
    "eng": "en",
    "deu": "de",
    "ger": "de",
    "dut": "nl",
    "nld": "nl",
    "spa": "es",
    "ita": "it",
}
_OF_A_REGION = re.compile(r"([A-Za-z]{2,3})[-_][A-Za-z]{2,4}|([^\W\d_]+)\s*\([^()]*\)")
_SIDES = re.compile(r"\s*[/|(),;]\s*|\s+-\s+")

_LONGEST = 120  # characters; more than any country or language has, twice


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES:
                found.setdefault(code.casefold(), code)
                found.setdefault(folded(name), code)
    countries = set(found.values())
    for alias, codes in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha() and len(codes) == 1 and codes[0] in countries:
            found.setdefault(alias.casefold(), codes[0])
    return {**found, **_MORE_COUNTRIES}


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).languages.items():
            if len(code) == 2:
                found.setdefault(code, code)
                found.setdefault(folded(name), code)
    for code in list(found.values()):
        native = Locale.parse(code).language_name if code in _LANGUAGES else None
        if native:
            found.setdefault(folded(native), code)
    return {**found, **_MORE_LANGUAGES}


def judge_country(text: str, region: str | None) -> Judged:
    """A country by its name in one of six languages or its code, as ISO 3166-1 alpha-2."""
    code = _known(text, _countries())
    if code is None:
        return wrong("unknown_country", text)
    return Judged(code, None, "option_recognised" if code != text else None)


def judge_language(offered: Sequence[str]) -> Judge:
    """A judge of languages by name in one of six languages or by code; only those that the firm offers."""

    def judge(text: str, region: str | None) -> Judged:
        regional = _OF_A_REGION.fullmatch(text)
        code = _known(regional[1] or regional[2] if regional else text, _languages())
        if code not in offered:
            return wrong("unknown_language", text, choices=", ".join(offered))
        return Judged(code, None, "option_recognised" if code != text else None)

    return judge


def _known(text: str, names: Mapping[str, str]) -> str | None:
    """The code that a name means; *België / Belgique* and *BE - Belgium* are two names of one country."""
    code = names.get(folded(text)) if len(text) <= _LONGEST else None
    if code is None and len(text) <= _LONGEST:
        sides = {names.get(folded(side)) for side in _SIDES.split(text) if side}
        code = sides.pop() if len(sides) == 1 else None
    return code
