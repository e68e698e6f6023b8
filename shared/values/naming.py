"""Looks up what a name means that may be written twice in one cell, such as *België / Belgique*."""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.values.judging import folded

#: The languages whose words for countries and languages are known.
LANGUAGES = ("en", "fr", "nl", "de", "es", "it")

_SIDES = re.compile(r"\s*[/|(),;]\s*|\s+-\s+")
_LONGEST = 120  # characters; more than any country or language has, twice


def known_name(text: str, names: Mapping[str, str]) -> str | None:
    """The code that a name means; *België / Belgique* and *BE - Belgium* are two names of one country."""
    code = names.get(folded(text)) if len(text) <= _LONGEST else None
    if code is None and len(text) <= _LONGEST:
        sides = {names.get(folded(side)) for side in _SIDES.split(text) if side}
        code = sides.pop() if len(sides) == 1 else None
    return code
