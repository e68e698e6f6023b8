"""Names that stand for something else: countries, languages, choices and team members."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from babel import Locale
from babel.core import get_global

from services.validator.judging import Finding, Judge, Judged, folded, parts, without_repeats, wrong

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
    "b": "BE",
    "d": "DE",
    "f": "FR",
    "l": "LU",
    "groothertogdom luxemburg": "LU",
}
_MORE_LANGUAGES = {
    "n": "nl",
    "f": "fr",
    "e": "en",
    "d": "de",
    "flemish": "nl",
    "vlaams": "nl",
    "flamand": "nl",
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
_LOCALE_CODE = re.compile(r"([A-Za-z]{2,3})[-_][A-Za-z]{2,4}")


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES:
                found.setdefault(code.casefold(), code)
                found.setdefault(folded(name), code)
    for alias, codes in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha() and len(codes) == 1:
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
    code = _countries().get(folded(text))
    if code is None:
        return wrong("unknown_country", text)
    return Judged(code, None, "option_recognised" if code != text else None)


def judge_language(offered: Sequence[str]) -> Judge:
    """A judge of languages by name in one of six languages or by code; only those that the firm offers."""

    def judge(text: str, region: str | None) -> Judged:
        local = _LOCALE_CODE.fullmatch(text)
        code = _languages().get(folded(local.group(1) if local else text))
        if code not in offered:
            return wrong("unknown_language", text, choices=", ".join(offered))
        return Judged(code, None, "option_recognised" if code != text else None)

    return judge


def judge_choice(choices: Iterable[str], other_names: Mapping[str, Iterable[str]]) -> Judge:
    """A judge of choices, which are known by their own name and by other names, whatever the case."""
    known: dict[str, str] = {}
    for choice in choices:
        for name in (choice, *other_names.get(choice, ())):
            known.setdefault(folded(name), choice)
    listed = ", ".join(choices)

    def judge(text: str, region: str | None) -> Judged:
        choice = known.get(folded(text))
        if choice is None:
            return wrong("unknown_option", text, choices=listed)
        return Judged(choice, None, "option_recognised" if choice != text else None)

    return judge


def judge_members(members: Mapping[str, str]) -> Judge:
    """A judge of team members by e-mail address or exact name; unknown ones are noted and left out."""

    def judge(text: str, region: str | None) -> Judged:
        whole = members.get(text.lower())  # a name may hold a comma: "Peeters, Ann"
        if whole:
            return Judged([whole])
        asked = parts(text)
        known = [members[each.lower()] for each in asked if each.lower() in members]
        unknown = [each for each in asked if each.lower() not in members]
        finding = Finding("unknown_team_member", {"value": ", ".join(unknown)}) if unknown else None
        return Judged(without_repeats(known) or None, finding)

    return judge
