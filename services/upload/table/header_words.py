"""Decides by words whether a cell names a column, or whether a row closes a table."""

from __future__ import annotations

import re
from functools import cache

from services.upload.model.rows import EDGES, Row
from shared.contract.header_words import single_words, total_qualifiers, total_words

_PAGES = re.compile(
    r"(?:-+ *)?(?:page|pagina|seite|página|pág|strona|strana|oldal|sida|side|sivu|sayfa|стр)\.? *\d+"
    r"(?: *(?:of|/|de|sur|van|von|di|z|av|af) *\d+)?(?: *-+)?"
    r"|\d+ (?:rows?|rijen|lignes?|zeilen|records?)|end of (?:report|file|list)|(?:fin|einde|ende|fine) .{0,30}",
    re.IGNORECASE,
)
_RULE = re.compile(r"[-=+:_*~]{3,}")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_MOST_WORDS = 4
# What lists put around a line that closes them.
_FRAMES = " *-=_.#<>[]()"
# Words of totals that begin so are never names.
_SURE = ("sub", "sous", "zwischens", "eindtot", "endsum", "gesamts", "grand", "genel", "podsum", "mezi")
# So many letters are enough to rule out most words.
_TELLING = 3


def names_a_column(cell: str) -> bool:
    """Whether a cell reads like the name of a column."""
    words = _WORD.findall(_spaced(cell).casefold())
    return 0 < len(words) <= _MOST_WORDS and not single_words().isdisjoint(words)


def _spaced(cell: str) -> str:
    """Cut names such as `firstName` and `client_name` into words."""
    return re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", cell).replace("_", " ")


def closes_a_table(cell: str) -> bool:
    """Whether a row that starts with this cell is a total or the foot of a page."""
    words = _words(cell)
    return (bool(words) and _length_of_total(words) > 0) or is_page_foot(cell)


def is_page_foot(cell: str) -> bool:
    """Whether a cell is a number of a page or says that the list ends."""
    return _PAGES.fullmatch(cell.strip(_FRAMES)) is not None


def names_a_total(cell: str) -> bool:
    """Whether a cell says nothing but that the row is a total: `Totaal`, `Total général :`, `Number of clients: 40`."""
    words = _words(cell)
    length = _length_of_total(words)
    if length and words[0].startswith(_SURE):
        return True
    return length > 0 and all(word in total_qualifiers() for word in words[length:])


def is_rule(row: Row) -> bool:
    """Whether a row is a line drawn with signs, as programs print tables: `----+----`, `| --- | --- |`."""
    return any(row) and all(_RULE.fullmatch(cell.strip(EDGES)) for cell in row if cell)


def may_be_totals(rows: list[Row]) -> list[int]:
    """Give the places of rows whose first cell names a total; a cheap look at its first letters rules out most rows."""
    known = _beginnings()
    places = [place for place, row in enumerate(rows) if row and row[0][:_TELLING] in known]
    return [place for place in places if names_a_total(rows[place][0])]


@cache
def _beginnings() -> frozenset[str]:
    """Give the first letters of words of totals, as they are written: small, capital, or with a capital first."""
    small = {phrase[:_TELLING] for phrase in total_words()}
    return frozenset(small | {text.upper() for text in small} | {text.capitalize() for text in small})


def _words(cell: str) -> list[str]:
    return _WORD.findall(cell.casefold().replace("-", " "))


def _length_of_total(words: list[str]) -> int:
    """Give how many of the first words name a total; 0 where they do not."""
    return next((length for length in _lengths() if tuple(words[:length]) in _totals()), 0)


@cache
def _totals() -> frozenset[tuple[str, ...]]:
    """The words of totals as cells are split; some scripts write one word in several parts."""
    return frozenset(tuple(_words(phrase)) for phrase in total_words())


@cache
def _lengths() -> tuple[int, ...]:
    """How many parts words of totals have, the longest first."""
    return tuple(sorted({len(words) for words in _totals()}, reverse=True))
