"""Decides by words whether a cell names a column, or whether a row closes a table."""

from __future__ import annotations

import re

from shared.contract.header_words import single_words, total_words

_PAGES = re.compile(
    r"(?:-+ *)?(?:page|pagina|seite|página|pág|strona|strana|oldal|sida|side|sivu|sayfa|стр)\.? *\d+"
    r"(?: *(?:of|/|de|sur|van|von|di|z|av|af) *\d+)?(?: *-+)?"
    r"|end of (?:report|file|list)|(?:fin|einde|ende|fine) .{0,30}",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_MOST_WORDS = 4


def names_a_column(cell: str) -> bool:
    """Whether a cell reads like the name of a column."""
    words = _WORD.findall(_spaced(cell).casefold())
    return 0 < len(words) <= _MOST_WORDS and not single_words().isdisjoint(words)


def _spaced(cell: str) -> str:
    """Cut names such as `firstName` and `client_name` into words."""
    return re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", cell).replace("_", " ")


def closes_a_table(cell: str) -> bool:
    """Whether a row that starts with this cell is a total or the foot of a page."""
    words = _WORD.findall(cell.casefold())
    return bool(words) and (words[0] in total_words() or _PAGES.fullmatch(cell) is not None)
