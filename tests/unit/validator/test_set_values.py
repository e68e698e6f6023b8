"""Values that rules set: which rows get them, and that each is shown as a fix."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.checking import check_rows
from services.validator.check.set_values import set_values
from shared.contract.documents.reference import CustomField
from shared.contract.fields import FIELDS, SETTABLE, Field
from shared.values.columns import check_column
from shared.values.own_fields import custom_field
from tests.unit.validator.columns import CONTEXT
from tests.unit.validator.rows_checked import plan


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


def test_a_rule_that_fills_a_blank_does_all_else_to_the_same_rows() -> None:
    both: Any = rule({"account.country": "BE"}, field="account.country", blank=True)
    both["then"] |= {"tags": ["x"], "leave_out": True}
    later = rule({}, field="account.country", blank=False)
    found = check_rows(
        [["Acme", ""], ["Beta", "FR"]],
        plan(["account.name", "account.country"], rules=[both, later]),
        CONTEXT,
    )
    assert found.columns["account.country"] == ["BE", "FR"]
    assert found.rules == [[0], [0, 1]]
    assert [(each.offset, each.code) for each in found.problems] == [(0, "left_out_by_rule")]


def test_a_list_is_not_shared_between_rows() -> None:
    found = after(
        {"account.name": ["A", "B"]}, rule({"account.tags": "x; y"}, field="account.name", blank=False)
    )
    first, second = found.columns["account.tags"]
    assert first == second == ["x", "y"]
    assert first is not second


#: A custom field of each type and record.
CUSTOM: dict[str, CustomField] = {
    f"{record}.custom.f{kind}": {"id": f"f{kind}", "name": f"My {kind}", "type": kind, "record": record}
    for record in ("account", "contact")
    for kind in ("text", "number", "date", "choice", "multi-choice", "email", "url", "phone")
}
ALL: dict[str, Field] = {key: FIELDS[key] for key in SETTABLE} | {
    key: custom_field(custom) for key, custom in CUSTOM.items()
}
#: Texts of which each field can take at least one.
TEXTS = (
    "Company", "nl", "Belgium", "ann@firm.be", "an@example.be", "+32 2 555 12 12", "1985-03-02", "31/12", "9000",
    "85.07.30-033.28", "0403.019.261", "BE0403019261", "www.example.be", "yes", "12", "Ann Peeters",
)  # fmt: skip
#: A full name becomes the parts of a name.
SETTLED = {"contact.full_name"}


def default_of(field: Field) -> tuple[str, Any]:
    """A text that the field takes, and its value."""
    for text in TEXTS:
        checked = check_column(field, [text], CONTEXT)
        if checked.values[0] is not None and not checked.problems:
            return text, checked.values[0]
    raise AssertionError(f"no text for {field.key}")


def whole_check(key: str, text: str, cells: list[str] | None) -> CheckedRows:
    """Rows that name everybody, with a column of the field or without, and a rule that fills its blanks."""
    named = {"account.client_code": "7", "contact.email": "x@y.be", "spouse.email": "s@y.be"}
    named |= {"contact.first_name": "An", "spouse.first_name": "Jo"}
    named.pop(key, None)
    keys = [*named, *([key] if cells is not None and key in FIELDS else [])]
    rows = [[*named.values(), *([cell] if key in FIELDS else [])] for cell in cells or [""]]
    rows = rows if cells is not None else [list(named.values()) for _ in range(2)]
    how = plan(keys, rules=[rule({key: text}, field=key, blank=True)])
    if cells is not None and key in CUSTOM:
        column: Any = {"index": len(keys), "header": "x", "action": "custom", "target": None}
        how.mapping["columns"].append({**column, "custom": CUSTOM[key]})
        rows = [[*row, cell] for row, cell in zip(rows, cells, strict=True)]
    return check_rows(rows, replace(how, set_fields=list(CUSTOM.values())), CONTEXT)


@pytest.mark.parametrize("key", sorted(set(ALL) - SETTLED))
def test_a_default_fills_an_absent_column_and_blank_cells_alone(key: str) -> None:
    text, value = default_of(ALL[key])
    assert whole_check(key, text, None).columns[key] == [value, value]
    other = next(
        (one for one in TEXTS if check_column(ALL[key], [one], CONTEXT).values[0] not in (None, value)), text
    )
    own = check_column(ALL[key], [other], CONTEXT).values[0]
    found = whole_check(key, text, ["", other, "  "])
    assert found.columns[key] == [value, own, value]
    assert [fix.offset for fix in found.fixes if fix.code == "set_by_rule"] == [0, 2]
