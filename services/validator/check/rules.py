"""Rules of the settings: when a row is so, its new records get these things too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from services.validator.values.judging import folded
from shared.contract.records import CLEAR

SWITCHES = ("login", "notify", "email_sync")
_SINGLE = ("folder_template", "language", "questionnaire")
_LISTS = ("tags", "assignees", "roles")

Test = Callable[[str], bool]


def rows_of(
    rules: Sequence[Mapping[str, Any]],
    columns: Mapping[str, Sequence[Any]],
    cells: Sequence[Sequence[str]],
    count: int,
) -> list[list[int]]:
    """Per rule the offsets of the rows that it is for: those where all its conditions hold.

    `columns` are checked values by field key; `cells` the columns of the file as they stand.
    """
    return [
        sorted(set(range(count)).intersection(*(_holds(c, columns, cells, count) for c in rule["when"])))
        for rule in rules
    ]


def _holds(
    condition: Mapping[str, Any],
    columns: Mapping[str, Sequence[Any]],
    cells: Sequence[Sequence[str]],
    count: int,
) -> set[int]:
    """The offsets where one condition holds; each different value is tested once."""
    nothing: Sequence[Any] = [None] * count
    values = cells[condition["column"]] if "column" in condition else columns.get(condition["field"], nothing)
    test = _test_of(condition)
    known: dict[str, bool] = {}
    held = set()
    for offset, value in enumerate(values):
        texts = value if isinstance(value, list) else [value]
        whole = "\n".join("" if text in (None, CLEAR) else str(text) for text in texts)
        if whole not in known:
            known[whole] = test(whole)
        if known[whole]:
            held.add(offset)
    return held


def _test_of(condition: Mapping[str, Any]) -> Test:
    """The test of a condition on a text; the parts of a list stand on lines of their own."""
    if "blank" in condition:
        return lambda whole: (not whole.strip()) is condition["blank"]
    if "contains" in condition:
        part = folded(condition["contains"])
        return lambda whole: part in folded(whole)
    wanted = {folded(text) for text in _texts(condition)}
    if "is_not" in condition:
        return lambda whole: wanted.isdisjoint(map(folded, whole.split("\n")))
    return lambda whole: not wanted.isdisjoint(map(folded, whole.split("\n")))


def _texts(condition: Mapping[str, Any]) -> Iterator[str]:
    if "one_of" in condition:
        yield from condition["one_of"]
    else:
        yield condition["is"] if "is" in condition else condition["is_not"]


def settings_under(settings: Mapping[str, Any], rules: Sequence[int]) -> dict[str, Any]:
    """The settings as they are for rows under these rules: lists grow, of single values the last rule's counts."""
    whole = dict(settings)
    switches: dict[str, bool] = {}
    for index in rules:
        then = settings["rules"][index]["then"]
        for name in _LISTS:
            if then.get(name):
                whole[name] = list(dict.fromkeys([*(whole.get(name) or ()), *then[name]]))
        whole.update({name: then[name] for name in _SINGLE if name in then})
        switches.update({name: then[name] for name in SWITCHES if name in then})
    if switches:
        whole["contacts"] = {field: {**given, **switches} for field, given in settings["contacts"].items()}
    return whole
