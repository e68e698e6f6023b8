"""Recognises languages by their code or their name in six languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from babel import Locale

from shared.values.judging import Judge, Judged, folded, wrong
from shared.values.naming import LANGUAGES, known_name

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


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale.parse(language).languages.items():
            if len(code) == 2:
                found.setdefault(code, code)
                found.setdefault(folded(name), code)
    for code in list(found.values()):
        native = Locale.parse(code).language_name if code in LANGUAGES else None
        if native:
            found.setdefault(folded(native), code)
    return {**found, **_MORE_LANGUAGES}


def judge_language(offered: Sequence[str]) -> Judge:
    """A judge of languages by name in one of six languages or by code; only those that the firm offers."""

    def judge(text: str, region: str | None) -> Judged:
        regional = _OF_A_REGION.fullmatch(text)
        code = known_name(regional[1] or regional[2] if regional else text, _languages())
        if code not in offered:
            return wrong("unknown_language", text, choices=", ".join(offered))
        return Judged(code, None, "option_recognised" if code != text else None)

    return judge
