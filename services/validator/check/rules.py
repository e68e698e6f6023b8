"""Rules of the settings: finds the rows that a rule applies to, and the settings that hold for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from shared.contract.documents.job import Condition, Rule, Settings
from shared.contract.documents.values import Value
from shared.contract.records import CLEAR
from shared.values.judging import folded

#: What a rule may switch on or off of the e-mail fields of contacts.
SWITCHES: tuple[Literal["login", "notify", "email_sync", "send_invitation"], ...] = (
    "login",
    "notify",
    "email_sync",
    "send_invitation",
)
_SINGLE: tuple[Literal["folder_template", "language", "questionnaire"], ...] = (
    "folder_template",
    "language",
    "questionnaire",
)
_LISTS: tuple[Literal["tags", "assignees", "roles"], ...] = ("tags", "assignees", "roles")

Test = Callable[[str], bool]


def rows_of(
    rules: Sequence[Rule],
    columns: Mapping[str, Sequence[Value]],
    cells: Sequence[Sequence[str]],
    count: int,
) -> list[list[int]]:
    """Per rule the offsets of the rows that it applies to: those where all its conditions hold.

    `columns` are checked values by field key; `cells` the columns of the file.
    """
    return [
        sorted(set(range(count)).intersection(*(_holds(c, columns, cells, count) for c in rule["when"])))
        for rule in rules
    ]


def left_out_by(rules: Sequence[Rule], rows: Sequence[Sequence[int]], count: int) -> dict[int, int]:
    """The rows (offsets) that rules leave out, each with the number of the rule, counted from 1.

    `rows` are those that each rule applies to. Of rules with `only`, the first is named.
    """
    left_out: dict[int, int] = {}
    wanted = [number for number, rule in enumerate(rules) if rule["then"].get("only")]
    if wanted:
        kept = {offset for number in wanted for offset in rows[number]}
        left_out = dict.fromkeys((offset for offset in range(count) if offset not in kept), wanted[0] + 1)
    for number, rule in enumerate(rules):
        if rule["then"].get("leave_out"):
            for offset in rows[number]:
                left_out.setdefault(offset, number + 1)
    return left_out


def _holds(
    condition: Condition,
    columns: Mapping[str, Sequence[Value]],
    cells: Sequence[Sequence[str]],
    count: int,
) -> set[int]:
    """The offsets where one condition holds; each different value is tested once."""
    nothing: Sequence[Value] = [None] * count
    values: Sequence[Value] = (
        cells[condition["column"]] if "column" in condition else columns.get(condition["field"], nothing)
    )
    test = _test_of(condition)
    known: dict[str, bool] = {}
    rows = set()
    for offset, value in enumerate(values):
        texts = value if isinstance(value, list) else [value]
        whole = "\n".join("" if text in (None, CLEAR) else str(text) for text in texts)
        if whole not in known:
            known[whole] = test(whole)
        if known[whole]:
            rows.add(offset)
    return rows


def _test_of(condition: Condition) -> Test:
    """The test of a condition on a text; the parts of a list are lines of their own."""
    if "blank" in condition:
        return lambda whole: (not whole.strip()) is condition["blank"]
    if "contains" in condition:
        part = folded(condition["contains"])
        return lambda whole: part in folded(whole)
    wanted = {folded(text) for text in _texts(condition)}
    if "is_not" in condition:
        return lambda whole: wanted.isdisjoint(map(folded, whole.split("\n")))
    return lambda whole: not wanted.isdisjoint(map(folded, whole.split("\n")))


def _texts(condition: Condition) -> Iterator[str]:
    if "one_of" in condition:
        yield from condition["one_of"]
    else:
        yield condition["is"] if "is" in condition else condition["is_not"]


def settings_under(settings: Settings, rules: Sequence[int]) -> Settings:
    """The settings as they are for rows under these rules: lists grow, of single values the last rule's counts."""
    whole: Settings = {**settings}
    switches: dict[str, bool] = {}
    for index in rules:
        then = settings["rules"][index]["then"]
        for name in _LISTS:
            if more := then.get(name):
                whole[name] = list(dict.fromkeys([*(whole.get(name) or ()), *more]))
        for single in _SINGLE:
            if single in then:
                whole[single] = then[single]
        switches.update({name: then[name] for name in SWITCHES if name in then})
    if switches:
        whole["contacts"] = {field: {**given, **switches} for field, given in settings["contacts"].items()}
    return whole
