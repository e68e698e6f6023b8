"""Finds the fields that have a header for their label or alias, exactly or nearly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from services.mapper.headers.normalising import near, plain
from services.mapper.targets.reasons import Reason
from shared.contract.fields import FIELDS, RECORDS_OF_KIND, Field, fields_for

LABEL, ALIAS, NEAR = 1.0, 0.95, 0.8


@dataclass(frozen=True)
class Known:
    """A field that a header names, with a score up to 1 and the reason."""

    key: str
    score: float
    reason: Reason


class Catalogue:
    """Fields by their labels and aliases, written plainly and loosely."""

    def __init__(self, kind: str, without: frozenset[str] = frozenset()) -> None:
        self._exact: dict[str, list[Known]] = {}
        self._loose: dict[str, list[Known]] = {}
        for each in fields_for(kind):
            for word, score, reason in _words(each, kind):
                if plain(word) in without:
                    continue
                _remember(self._exact, plain(word), Known(each.key, score, reason))
                loosely = Known(each.key, NEAR, Reason("near", {"word": word}))
                _remember(self._loose, near(word), loosely)

    def entries(self, header: str) -> list[Known]:
        """The fields that a header names exactly, or else nearly."""
        return self._exact.get(plain(header)) or self._loose.get(near(header)) or []


@lru_cache(maxsize=16)
def catalogue(kind: str, without: frozenset[str] = frozenset()) -> Catalogue:
    """The catalogue for a kind of import, made once; `without` leaves out words for measuring."""
    return Catalogue(kind, without)


def _words(each: Field, kind: str) -> Iterator[tuple[str, float, Reason]]:
    for label in each.labels.values():
        yield label, LABEL, Reason("label")
    for source in _sources(each, kind):
        for aliases in source.aliases.values():
            for alias in aliases:
                yield alias, ALIAS, Reason("alias", {"word": alias})


def _sources(each: Field, kind: str) -> list[Field]:
    """The fields whose aliases count for a field; in an import of one record also the same field of the other."""
    other = FIELDS.get(f"{'contact' if each.record == 'account' else 'account'}.{each.name}")
    return [each, other] if other and len(RECORDS_OF_KIND[kind]) == 1 else [each]


def _remember(known: dict[str, list[Known]], word: str, found: Known) -> None:
    entries = known.setdefault(word, [])
    if word and all(entry.key != found.key for entry in entries):
        entries.append(found)
