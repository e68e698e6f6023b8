"""Assigns targets to columns so that the sum of worth over the whole file is the greatest."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

Offers = Mapping[int, Sequence[tuple[Hashable, float]]]


def assign(offers: Offers, repeating: frozenset[Hashable] = frozenset()) -> dict[int, Hashable]:
    """The target of each column that gets one: the greatest sum of worth, each target once unless it repeats.

    Offers are (target, worth) with a worth above 0, by column; among equal sums the column further left goes first. The
    algorithm is successive augmentation: columns enter one by one, each along the path of shifts that gains most.
    """
    worth: dict[int, dict[Hashable, float]] = {}
    for place, (column, offered) in enumerate(sorted(offers.items())):
        worth[column] = {target: value - place * 1e-6 for target, value in offered if value > 0}
    holder: dict[Hashable, int] = {}
    given: dict[int, Hashable] = {}
    for column in worth:
        _enter(column, worth, repeating, holder, given)
    return given


def _enter(
    column: int,
    worth: Mapping[int, Mapping[Hashable, float]],
    repeating: frozenset[Hashable],
    holder: dict[Hashable, int],
    given: dict[int, Hashable],
) -> None:
    """Add one column: shift targets along the path that gains most, if any gains."""
    gain: dict[int, float] = {column: 0.0}  # by column: the gain of the path on which it loses its target
    came: dict[int, tuple[int, Hashable]] = {}
    waiting = [column]
    while waiting:
        here = waiting.pop(0)
        for target, value in worth[here].items():
            there = holder.get(target)
            if there is None or target in repeating or there == here:
                continue
            total = gain[here] + value - worth[there][target]
            if total > gain.get(there, float("-inf")) + 1e-12:
                gain[there], came[there] = total, (here, target)
                waiting.append(there)
    end, last, best = _best_end(gain, worth, repeating, holder, given)
    if best <= 1e-9:
        return
    _shift(end, last, column, came, holder, given)


def _best_end(
    gain: Mapping[int, float],
    worth: Mapping[int, Mapping[Hashable, float]],
    repeating: frozenset[Hashable],
    holder: Mapping[Hashable, int],
    given: Mapping[int, Hashable],
) -> tuple[int, Hashable | None, float]:
    """The best end of a path: the last column, the free target that it gets (None for none), and the gain."""
    best: tuple[int, Hashable | None, float] = (-1, None, 0.0)
    for column, so_far in gain.items():
        if so_far > best[2]:
            best = (column, None, so_far)
        for target, value in worth[column].items():
            free = target not in holder or target in repeating
            if free and so_far + value > best[2] + 1e-12 and given.get(column) != target:
                best = (column, target, so_far + value)
    return best


def _shift(
    end: int,
    last: Hashable | None,
    start: int,
    came: Mapping[int, tuple[int, Hashable]],
    holder: dict[Hashable, int],
    given: dict[int, Hashable],
) -> None:
    column, target = end, last
    while True:
        if target is None:
            given.pop(column, None)
        else:
            given[column] = target
            holder[target] = column
        if column == start:
            return
        column, target = came[column]
