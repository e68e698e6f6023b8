"""Finds client codes and numbers that rows with unlike names share: one of the rows is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations

from services.validator.check.slots import COLLECTION
from services.validator.match.entities import Conflict
from shared.contract.keys import CLIENT_CODE, KIND_SHIFT, NAME, NUMBER, Keys
from shared.values.evidence import MOST_COMPARED, alike

#: The name that a row, by chunk, offset and slot, gives a record, and its code or number of a kind.
NamesAt = Callable[[int, int, str, int], tuple[str, str]]
MOST_NAMED = 3
CODES = {CLIENT_CODE: "code_with_two_names", NUMBER: "number_with_two_names"}


class Clashes:
    """Takes the keys of all rows, then says which codes and numbers clash."""

    def __init__(self, repeated: Mapping[str, set[int]]) -> None:
        self._repeated = repeated
        self._spots: dict[tuple[str, int], dict[int, tuple[int, int, str]]] = {}

    def see(self, n: int, slot: str, rows: Iterable[tuple[int, Keys]]) -> None:
        """Take note of the names that rows have with each code and number that repeats in the file."""
        collection = COLLECTION[slot]
        repeated = self._repeated[collection]
        for offset, keys in rows:
            if not keys[NAME - 1]:
                continue
            for key in keys[:NUMBER]:
                if key in repeated:
                    spots = self._spots.setdefault((collection, key), {})
                    if len(spots) < MOST_COMPARED:
                        spots.setdefault(keys[NAME - 1], (n, offset, slot))

    def found(self, names_at: NamesAt) -> dict[str, dict[int, Conflict]]:
        """By collection and key, what clashes; `names_at` gives the name and the code of a row."""
        clashing: dict[str, dict[int, Conflict]] = {"accounts": {}, "contacts": {}}
        for (collection, key), spots in self._spots.items():
            if len(spots) < 2:
                continue
            kind = key >> KIND_SHIFT
            named = [(slot, *names_at(n, offset, slot, kind)) for n, offset, slot in spots.values()]
            if any(not _may_be_one(one, other) for one, other in combinations(named, 2)):
                clashing[collection][key] = _conflict(key, named)
        return clashing


def _may_be_one(one: Sequence[str], other: Sequence[str]) -> bool:
    return alike(one[0], one[1], other[1])


def _conflict(key: int, named: Sequence[tuple[str, str, str]]) -> Conflict:
    names = " / ".join(name for _, name, _ in named[:MOST_NAMED])
    return Conflict(CODES[key >> KIND_SHIFT], {"value": named[0][2], "names": names})
