"""Reads a full name: the title, the first and last name and the suffix of one person, never of two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from shared.values.judging import folded

PARTICLES = frozenset(
    "de den der des di da do dos du el la le les ten ter van vande vanden vander von zu zum zur op 't".split()  # noqa: SIM905
)

# Titles as they are compared: folded, without points.
_OF_MEN = frozenset("mr mister sir monsieur dhr heer herr sig signor sigr senor m hr".split())  # noqa: SIM905
_OF_WOMEN = frozenset(
    "mrs ms miss mme mlle madame mademoiselle mevr mevrouw mw mej frau fr sigra signora senora sra srta".split()  # noqa: SIM905
)
_OF_ALL = frozenset("mx dr prof doctor docteur professeur me ir ing drs dott dottssa rev".split())  # noqa: SIM905
# These are titles with a point only: without one they are initials, first names or particles.
_WITH_POINT = frozenset("m me fr hr sig ing sra".split())  # noqa: SIM905
_SUFFIXES = frozenset("jr sr ii iii iv phd md esq".split())  # noqa: SIM905

_AND = re.compile(r"\s*(?:[&/;]|\+)\s*|\s+(?:and|et|en|und|ou|or|oder)\s+", re.I)


class PersonName(NamedTuple):
    """The parts of one person's name; None where a part is not given."""

    prefix: str | None
    first: str | None
    last: str | None
    suffix: str | None


def joins_two(full: str) -> bool:
    """Whether two names are joined by a word or sign for *and*."""
    sides = _AND.split(full)
    return len(sides) > 1 and all(side.strip() for side in sides)


def is_of_two(full: str) -> bool:
    """Whether the text names two persons: *Jan & An Peeters*, *Mr. and Mrs. Smith*, *M. Mme Dupont*."""
    if joins_two(full):
        return True
    titles = {_title(word) for word in full.split()}
    return bool(titles & _OF_MEN) and bool(titles & _OF_WOMEN)


def person_name(full: str) -> PersonName | None:
    """The parts of *Title First Last Suffix*, *Last, First*, *Last, First, Suffix*; None for two persons.

    A surname begins at its first particle (*Jan van der Berg*), or is what is written in capitals
    (*PEETERS Jan*); a name that begins with a particle begins with the surname (*Van den Berg Jan*).
    """
    if is_of_two(full):
        return None
    pieces = [piece.split() for piece in full.split(",")]
    prefixes: list[str] = []
    suffixes: list[str] = []
    named: list[list[str]] = []
    for words in pieces:
        rest = _without_titles(words, prefixes)
        rest = _without_suffixes(rest, suffixes, keep=0 if named else 1)
        if rest:
            named.append(rest)
    if len(named) > 1:
        first, last = [word for words in named[1:] for word in words], named[0]
    else:
        first, last = _first_and_last(named[0] if named else [])
    return PersonName(_text(prefixes), _text(first), _text(last), _text(suffixes))


def _text(words: Sequence[str]) -> str | None:
    return " ".join(words) or None


def _title(word: str) -> str:
    plain = folded(word.replace(".", ""))
    known = plain in _OF_MEN or plain in _OF_WOMEN or plain in _OF_ALL
    return plain if known and (plain not in _WITH_POINT or word.endswith(".")) else ""


def _without_titles(words: list[str], prefixes: list[str]) -> list[str]:
    """The words after the titles at the beginning, which are added to `prefixes`."""
    at = 0
    while at < len(words):
        step = 2 if [folded(word) for word in words[at : at + 2]] == ["de", "heer"] else 1
        if step == 1 and not _title(words[at]):
            break
        at += step
    prefixes += words[:at]
    return words[at:]


def _without_suffixes(words: list[str], suffixes: list[str], *, keep: int) -> list[str]:
    """The words before the suffixes at the end; `keep` words are no suffix, whatever they are."""
    end = len(words)
    while end > keep and folded(words[end - 1].replace(".", "")) in _SUFFIXES:
        end -= 1
    suffixes += words[end:]
    return words[:end]


def _first_and_last(words: list[str]) -> tuple[list[str], list[str]]:
    if len(words) < 2:
        return [], words
    lower = [word.casefold() for word in words]
    if lower[0] in PARTICLES:
        end = next(at for at, word in enumerate([*lower, ""]) if word not in PARTICLES) + 1
        return words[end:], words[:end]
    capitals = [len(word) > 1 and word.isupper() and "." not in word for word in words]
    if any(capitals) and not all(capitals):
        end = capitals.index(False)
        if end and not any(capitals[end:]):
            return words[end:], words[:end]
        start = capitals.index(True)
        if all(capitals[start:]):
            return words[:start], words[start:]
    start = next((at for at in range(1, len(words)) if lower[at] in PARTICLES), len(words) - 1)
    return words[:start], words[start:]
