"""Search in the cells of a file: which chunks may hold a text, and which rows do."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence


def folded_cell(text: str) -> str:
    """A text for searching: no case, no accents."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return text.casefold()


def words_of(rows: Iterable[Sequence[str]]) -> str:
    """The different words of all cells, one to a line: enough to show that a text is not among them."""
    words = set("\n".join("\n".join(row) for row in rows).split())
    return "\n".join({folded_cell(word) for word in words})


def searched_words(text: str) -> list[str]:
    """The words of a search; where one is not among the `words_of` some rows, the search finds nothing there."""
    return folded_cell(text).split()


def has_text(row: Iterable[str], words: Sequence[str]) -> bool:
    """Whether a row has all the words, as parts of its cells."""
    whole = folded_cell("\n".join(row))
    return all(word in whole for word in words)
