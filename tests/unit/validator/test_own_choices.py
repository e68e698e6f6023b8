"""Values of the firm's own choice fields fit its choices; another value is a warning and costs no row."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from services.validator.check.context import CheckContext
from shared.values.columns import Checked, check_column
from shared.values.own_fields import custom_field
from tests.unit.validator.columns import CONTEXT

CHOICES = ("Gold", "Société civile", "A+", "Très petite", "klein bedrijf", "B2B", "Größe L", "Nil")
SPELLINGS = (
    str,
    str.upper,
    str.lower,
    str.title,
    lambda choice: f"  {choice}\u00a0",
    lambda choice: choice.replace(" ", "  "),
    lambda choice: choice.replace(" ", "-"),
    lambda choice: choice.replace("é", "e").replace("è", "e"),
    lambda choice: choice.replace(" ", ""),
)


def checked(cell: str, kind: str = "choice", choices: tuple[str, ...] = CHOICES, **values: str) -> Checked:
    custom: Any = {"id": "f1", "name": "Segment", "type": kind, "record": "account"}
    field = custom_field(custom)
    context = CheckContext(today=CONTEXT.today, choices={field.key: choices}, values={field.key: values})
    return check_column(field, [cell], context)


@pytest.mark.parametrize(("choice", "spelling"), list(product(CHOICES, SPELLINGS)))
def test_a_choice_is_known_in_every_spelling_and_the_change_is_a_fix(choice, spelling):
    cell = spelling(choice)
    for kind, value in (("choice", choice), ("multi-choice", [choice])):
        found = checked(cell, kind)
        assert (found.values, found.problems) == ([value], {})
        assert (found.fixed != {}) == (cell != choice)


@pytest.mark.parametrize("cell", ["Silver", "Gold Silver", "A", "★", "Societe"])
def test_another_value_is_a_warning_and_is_left_out(cell):
    found = checked(cell)
    assert found.values == [None]
    assert found.problems[0].code == "unknown_own_choice"
    assert found.problems[0].params["value"] == cell


def test_of_several_choices_the_known_ones_stay():
    found = checked("gold; Silver, societe civile", "multi-choice")
    assert found.values == [["Gold", "Société civile"]]
    assert found.problems[0].params["value"] == "Silver"
    assert found.fixed == {0: "option_recognised"}


def test_a_text_may_be_given_a_meaning():
    assert checked("Argent", Argent="Gold").values == ["Gold"]
    assert checked("Argent", Argent="").values == [None]


def test_choices_that_differ_by_a_sign_are_two():
    assert [checked(cell, choices=("A", "A+", "A-")).values for cell in ("A", "A+", "A-")] == [
        ["A"],
        ["A+"],
        ["A-"],
    ]


@pytest.mark.parametrize("kind", ["choice", "multi-choice"])
def test_a_field_without_choices_takes_what_the_file_has(kind):
    found = checked("Silver", kind, ())
    assert found.values == [["Silver"] if kind == "multi-choice" else "Silver"]
    assert found.problems == {}
