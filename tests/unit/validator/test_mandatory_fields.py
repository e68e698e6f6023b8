"""What the mapping makes mandatory: a row without it is an error, once, whatever the reason."""

from __future__ import annotations

import pytest

from tests.unit.validator.checked import rows_checked

TARGETS = (
    "contact.first_name",
    "contact.last_name",
    "contact.email",
    "contact.language",
    "account.pit_deadline",
)
GOOD = ("Ann", "Ash", "ann@x.example.org", "dutch", "")
REQUIRED = list(TARGETS[:4])


def errors(*row: str, required: list[str] = REQUIRED) -> list[tuple[str, str]]:
    found = rows_checked(TARGETS, row, required=required)
    return [(each.field, each.code) for each in found.problems]


def test_a_full_row_and_a_row_under_relaxed_rules_are_good():
    assert errors(*GOOD) == []
    assert errors("", "Ash", "", "", "", required=[]) == []


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("blank", ["", "  ", "__CLEAR__"])
def test_a_blank_mandatory_cell_costs_the_row(place, blank):
    row = [*GOOD]
    row[place] = blank
    assert (TARGETS[place], "missing_required") in errors(*row)
    assert rows_checked(TARGETS, row, required=REQUIRED).bad == {0}


@pytest.mark.parametrize(
    ("place", "wrong", "code"), [(2, "ann@", "invalid_email"), (3, "klingon", "unknown_language")]
)
def test_a_wrong_value_is_one_problem_alone(place, wrong, code):
    row = [*GOOD]
    row[place] = wrong
    assert errors(*row) == [(TARGETS[place], code)]


@pytest.mark.parametrize(
    ("deadline", "code"), [("31/02/2026", "invalid_date"), ("soon", "invalid_date"), ("15/07/2026", None)]
)
def test_a_deadline_is_checked_as_a_date(deadline, code):
    found = errors(*GOOD[:4], deadline)
    assert found == ([("account.pit_deadline", code)] if code else [])
