"""Spellings of names that a firm chose, such as tags: without case, accents and spaces at will, they are one name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping


def spelling_key(name: str) -> str:
    """What the spellings of one name share. Signs count: *A+* and *A-* are two names."""
    plain = name.casefold()
    if not plain.isascii():
        spread = unicodedata.normalize("NFKD", plain)
        plain = "".join(char for char in spread if not unicodedata.combining(char)).casefold()
    return " ".join(plain.split())


def by_spelling(names: Iterable[str]) -> dict[str, str]:
    """The names by their key; of several spellings of one name the first."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(spelling_key(name), name)
    return found


class Spellings:
    """The names that a firm has: a name as it is there, else the firm's spelling of it."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(known := list(names))
        self._by_key = by_spelling(known)

    def of(self, name: str) -> str | None:
        """The firm's spelling of a name, None where it has no such name."""
        return name if name in self._names else self._by_key.get(spelling_key(name))

    def adopted(self, names: Iterable[str]) -> list[str]:
        """The names in the firm's spelling, each once; new ones as they are."""
        return list(dict.fromkeys(self.of(name) or name for name in names))


def known_spellings(names: Mapping[str, Iterable[str]]) -> dict[str, Spellings]:
    """The names that a firm has of several kinds, by the kind."""
    return {kind: Spellings(own) for kind, own in names.items()}
