"""Sums the counts of tasks: numbers, numbers in groups (such as rows by problem), and lists of names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.contract.documents.task import Count, Counts


def added_up(parts: Iterable[Mapping[str, Count]], most_names: int | None = None) -> Counts:
    """The sum: numbers add up, also in groups; lists are united, up to `most_names` entries."""
    whole: Counts = {}
    for part in parts:
        for name, value in part.items():
            known = whole.get(name)
            if isinstance(value, dict):
                sums = dict(known) if isinstance(known, dict) else {}
                for key, number in value.items():
                    sums[key] = sums.get(key, 0) + number
                whole[name] = sums
            elif isinstance(value, list):
                before = known if isinstance(known, list) else []
                whole[name] = list(dict.fromkeys([*before, *value]))[:most_names]
            else:
                whole[name] = (known if isinstance(known, (int, float)) else 0) + value
    return whole


def number_of(counts: Mapping[str, Count], name: str) -> int:
    """A number; 0 where it was not counted."""
    value = counts.get(name, 0)
    return value if isinstance(value, int) else 0


def group_of(counts: Mapping[str, Count], name: str) -> dict[str, int]:
    """Numbers of a group; empty where nothing was counted."""
    value = counts.get(name)
    return value if isinstance(value, dict) else {}


def names_of(counts: Mapping[str, Count], name: str) -> list[str]:
    """A list of names; empty where nothing was counted."""
    value = counts.get(name)
    return value if isinstance(value, list) else []
