"""Values that rules set: which rows get them, and that each is shown as a fix."""

from __future__ import annotations

from typing import Any

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.set_values import set_values
from shared.contract.fields import FIELDS
from tests.unit.validator.columns import CONTEXT


def rule(then: dict[str, str], **condition: Any) -> Any:
    return {"when": [condition], "then": {"set": then}}


def after(columns: dict[str, list[Any]], *rules: Any) -> CheckedRows:
    found = CheckedRows(columns=columns)
    set_values(found, rules, FIELDS, [], CONTEXT, len(next(iter(columns.values()))))
    return found


def test_a_blank_gets_the_value_in_its_normalised_form_and_the_row_shows_it_as_a_fix() -> None:
    found = after(
        {"account.country": ["FR", None]},
        rule({"account.country": "Belgium"}, field="account.country", blank=True),
    )
    assert found.columns["account.country"] == ["FR", "BE"]
    assert [(fix.offset, fix.field, fix.code) for fix in found.fixes] == [
        (1, "account.country", "set_by_rule")
    ]


def test_a_field_without_a_column_gets_one() -> None:
    given = rule({"account.city": "Gent"}, field="account.city", blank=True)
    assert after({"account.name": ["A", "B"]}, given).columns["account.city"] == ["Gent", "Gent"]


def test_a_value_of_a_person_goes_only_to_rows_that_name_the_person() -> None:
    columns = {"account.name": ["A", "B"], "contact.last_name": ["Maes", None]}
    found = after(columns, rule({"contact.language": "Dutch"}, field="contact.language", blank=True))
    assert found.columns["contact.language"] == ["nl", None]


def test_a_later_rule_sees_what_an_earlier_one_set() -> None:
    found = after(
        {"account.name": ["A", "B"], "account.city": ["Gent", None]},
        rule({"account.industry": "x"}, field="account.city", **{"is": "Gent"}),
        rule({"account.notes": "y"}, field="account.industry", **{"is": "x"}),
    )
    assert found.columns["account.notes"] == ["y", None]


def test_a_value_that_is_wrong_is_a_problem_of_its_rows() -> None:
    found = after(
        {"account.name": ["A", "B"], "account.country": [None, "BE"]},
        rule({"account.country": "Nowhereland"}, field="account.country", blank=True),
    )
    assert [(problem.offset, problem.code) for problem in found.problems] == [(0, "unknown_country")]


def test_a_list_is_not_shared_between_rows() -> None:
    found = after(
        {"account.name": ["A", "B"]}, rule({"account.tags": "x; y"}, field="account.name", blank=False)
    )
    first, second = found.columns["account.tags"]
    assert first == second == ["x", "y"]
    assert first is not second
