"""Rows left out by the texts of a column, whether it is imported or not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.checking import check_rows
from shared.contract.fields import FIELDS
from shared.contract.problems import LEFT_OUT, sentence
from tests.unit.validator.columns import CONTEXT
from tests.unit.validator.rows_checked import plan


def checked(target: str | None, unwanted: list[str], *cells: str) -> CheckedRows:
    """Rows of which the second column fills a field, or none, and has texts that leave rows out."""
    how = plan(["account.name", target or "account.notes"])
    column: Any = how.mapping["columns"][1]
    column |= {"header": "State", "leave_out": unwanted}
    if target is None:
        column |= {"action": "skip", "target": None}
    return check_rows([["Acme", cell] for cell in cells], how, CONTEXT)


def left_out(found: CheckedRows) -> list[int]:
    return sorted({problem.offset for problem in found.problems if problem.code in LEFT_OUT})


@pytest.mark.parametrize("target", [None, *sorted(key for key in FIELDS if key != "account.name")])
def test_rows_are_left_out_whatever_the_column_fills(target: str | None) -> None:
    found = checked(target, ["Deceased", "décédé"], "deceased ", "alive", "DÉCÉDÉ", "", "not deceased")
    assert left_out(found) == [0, 2]


def test_the_sentence_names_the_value_and_the_header() -> None:
    (problem,) = checked(None, ["x"], "X").problems
    assert problem.field == ""
    assert sentence(problem.code, "en", **problem.params).startswith("Rows with “X” in State are left out")


@pytest.mark.parametrize("blank", ["", " ", "\u00a0"])
def test_a_blank_text_leaves_out_rows_with_a_blank_cell(blank: str) -> None:
    assert left_out(checked(None, [blank], "x", "", "  ")) == [1, 2]


def test_texts_of_signs_alone_differ() -> None:
    assert left_out(checked(None, ["-"], "-", "", "--", "+")) == [0]


@pytest.mark.parametrize(
    "key", sorted(key for key in FIELDS if key not in ("account.name", "account.record_id"))
)
def test_a_value_of_any_field_leaves_its_rows_out(key: str) -> None:
    context = replace(CONTEXT, values={key: {"Closed": "__SKIP__"}})
    found = check_rows([["Acme", "closed"], ["Beta", ""]], plan(["account.name", key]), context)
    assert left_out(found) == [0]
