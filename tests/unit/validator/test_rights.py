"""Tests what a check leaves out of rows where the job lacks a right."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.checking import check_rows
from services.validator.check.context import CheckContext, CheckPlan
from shared.contract.problems import WARNING, severity

TARGETS = ("account.name", "account.tags", "account.team_members", "contact.last_name", "contact.tags")
MEMBERS = {"anna": "anna", "anna claes": "anna", "bruno": "bruno", "bruno lambert": "bruno"}
FREE = CheckContext(today=date(2026, 3, 1), members=MEMBERS)
BOUND = CheckContext(
    today=date(2026, 3, 1),
    members=MEMBERS,
    tags={"account.tags": frozenset({"vip"}), "contact.tags": frozenset({"director"})},
    withheld={"bruno": "Bruno Lambert"},
)


def checked(*cells: str, context: CheckContext = BOUND, rules: tuple[Any, ...] = ()) -> CheckedRows:
    """One checked row."""
    mapping = {
        "columns": [
            {"index": index, "action": "sync", "target": target} for index, target in enumerate(TARGETS)
        ],
        "account_type": {"mode": "skip"},
    }
    row = [*cells, *[""] * (len(TARGETS) - len(cells))]
    return check_rows([row], CheckPlan(mapping, "accounts_and_contacts", rules), context)


def reported(found: CheckedRows) -> list[tuple[str, str, Any]]:
    """Field, code and value of each problem."""
    return [(key, code, params.get("value")) for _, key, code, params in found.problems]


def test_new_tags_are_left_out_with_a_warning_and_the_row_loads() -> None:
    found = checked("Bakery", "vip, late, monthly", "", "Peeters", "director, vip")
    assert found.columns["account.tags"] == [["vip"]]
    assert found.columns["contact.tags"] == [["director"]]
    assert reported(found) == [
        ("account.tags", "tag_left_out", "late, monthly"),
        ("contact.tags", "tag_left_out", "vip"),
    ]
    assert not found.bad
    assert severity("tag_left_out") == WARNING


def test_a_cell_of_new_tags_alone_counts_as_blank() -> None:
    assert checked("Bakery", "late").columns["account.tags"] == [None]


def test_other_members_are_left_out_with_a_warning_that_names_them() -> None:
    found = checked("Bakery", "", "Bruno Lambert; Anna Claes")
    assert found.columns["account.team_members"] == [["anna"]]
    assert reported(found) == [("account.team_members", "team_member_left_out", "Bruno Lambert")]
    assert not found.bad
    assert severity("team_member_left_out") == WARNING


def test_members_that_a_rule_takes_from_a_column_are_left_out_as_well() -> None:
    rule = {"when": [{"field": "account.name", "is": "Bakery"}], "then": {"assignees_from": 4}}
    found = checked("Bakery", "", "", "Peeters", "anna, bruno", rules=(rule,))
    assert found.assigned == {0: {0: ["anna"]}}
    assert ("account.team_members", "team_member_left_out", "Bruno Lambert") in reported(found)


def test_emptying_a_field_takes_no_right() -> None:
    found = checked("Bakery", "__CLEAR__", "__CLEAR__")
    assert found.columns["account.tags"] == found.columns["account.team_members"] == ["__CLEAR__"]
    assert reported(found) == []


def test_with_the_rights_nothing_is_left_out() -> None:
    found = checked("Bakery", "vip, late", "bruno", "Peeters", "vip", context=FREE)
    assert found.columns["account.tags"] == [["vip", "late"]]
    assert found.columns["account.team_members"] == [["bruno"]]
    assert reported(found) == []
