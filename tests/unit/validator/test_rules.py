"""Tests rules: which rows they apply to, and the settings that result."""

from typing import Any

import pytest

from services.validator.check.rules import left_out_by, rows_of, settings_under

COLUMNS = {"account.type": ["Company", "Individual", None], "account.tags": [["vip"], None, ["old", "VIP"]]}
CELLS = [["a", "b", ""]]


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ({"field": "account.type", "is": "company"}, [0]),
        ({"field": "account.type", "is_not": "Company"}, [1, 2]),
        ({"field": "account.type", "one_of": ["Company", "Individual"]}, [0, 1]),
        ({"field": "account.type", "blank": True}, [2]),
        ({"field": "account.tags", "is": "vip"}, [0, 2]),
        ({"field": "account.tags", "contains": "ol"}, [2]),
        ({"column": 0, "is": "B"}, [1]),
        ({"field": "contact.city", "blank": True}, [0, 1, 2]),
    ],
)
def test_a_condition_holds_for_its_rows(condition: dict[str, Any], rows: list[int]) -> None:
    assert rows_of([{"when": [condition], "then": {}}], COLUMNS, CELLS, 3) == [rows]


@pytest.mark.parametrize(
    ("effects", "left_out"),
    [
        ([{"leave_out": True}, {}], {0: 1, 2: 1}),
        ([{}, {"leave_out": True}], {1: 2}),
        ([{"only": True}, {}], {1: 1}),
        ([{"only": True}, {"only": True}], {}),
        ([{"only": True}, {"leave_out": True}], {1: 1}),
        ([{"only": True, "tags": ["a"]}, {"leave_out": False}], {1: 1}),
        ([{}, {}], {}),
    ],
)
def test_rules_leave_rows_out_or_keep_only_some(effects: list[Any], left_out: dict[int, int]) -> None:
    rules: list[Any] = [{"when": [], "then": then} for then in effects]
    assert left_out_by(rules, [[0, 2], [1]], 3) == left_out


def test_all_conditions_of_a_rule_must_hold() -> None:
    rule = {"when": [{"field": "account.tags", "is": "vip"}, {"column": 0, "blank": True}], "then": {}}
    assert rows_of([rule], COLUMNS, CELLS, 3) == [[2]]


def test_lists_grow_and_of_single_values_that_of_the_last_rule_counts() -> None:
    settings = {
        "tags": ["a"],
        "assignees": [],
        "folder_template": "A",
        "language": "en",
        "questionnaire": None,
        "contacts": {"contact.email": {"login": True, "notify": True}},
        "rules": [
            {"when": [], "then": {"tags": ["b"], "folder_template": "B", "login": False}},
            {"when": [], "then": {"tags": ["b", "c"], "folder_template": "C"}},
        ],
    }
    under = settings_under(settings, (0, 1))
    assert (under["tags"], under["folder_template"]) == (["a", "b", "c"], "C")
    assert under["contacts"] == {"contact.email": {"login": False, "notify": True}}
    assert settings_under(settings, ())["tags"] == ["a"]
