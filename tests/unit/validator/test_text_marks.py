"""Marks that keep a spreadsheet from changing a value are taken off in every kind of field, and shown as a fix."""

from __future__ import annotations

import pytest

from shared.contract.fields import FIELDS
from shared.values.text_marks import unmarked
from tests.unit.validator.columns import check, fix, value

VALUES = {
    "text": "0123", "name": "42 NV", "email": "an@example.be", "phone": "+32475123456", "choice": "Company",
    "date": "30/07/1985", "country": "BE", "language": "nl", "postal_code": "1000", "register_number": "85073003328",
    "enterprise_number": "0403170701", "tax_id": "0403170701", "list": "vip; 12", "members": "ann@firm.be",
    "number": "12.5", "url": "example.be", "boolean": "1",
}  # fmt: skip
KEYS = {each.type: each.key for each in reversed(FIELDS.values()) if each.type in VALUES}


@pytest.mark.parametrize("kind", sorted(KEYS))
@pytest.mark.parametrize("marked", ['="{}"', '= "{}"', ' ="{}" ', "='{}'"])
def test_a_formula_of_one_text_is_that_text_in_every_kind_of_field(kind: str, marked: str) -> None:
    key, plain = KEYS[kind], VALUES[kind]
    assert value(key, plain) is not None
    assert value(key, marked.format(plain)) == value(key, plain)
    assert fix(key, marked.format(plain)) is not None


@pytest.mark.parametrize(
    "kind", ["text", "phone", "date", "postal_code", "register_number", "enterprise_number"]
)
@pytest.mark.parametrize("marked", ["'{}", " '{}", "'{}'"])
def test_an_apostrophe_in_front_of_a_number_is_no_part_of_it(kind: str, marked: str) -> None:
    key, plain = KEYS[kind], VALUES[kind]
    assert value(key, marked.format(plain)) == value(key, plain)
    assert fix(key, marked.format(plain)) is not None


def test_there_is_a_value_for_every_kind_of_field() -> None:
    assert {each.type for each in FIELDS.values()} <= set(VALUES)


def test_the_fix_has_a_code_of_its_own_where_nothing_else_changes() -> None:
    assert fix("account.client_code", '="0123"') == "marks_removed"
    assert fix("account.client_code", "'0123") == "marks_removed"
    assert value("account.client_code", "'0123") == "0123"


@pytest.mark.parametrize(
    "text",
    [
        "'t Hooft",
        "'s Gravenhage",
        "'n Drie Koningen",
        "O'Brien",
        "'",
        "''",
        "=",
        "=1+1",
        "=A1",
        '="a"&"b"',
        "'abc",
        "rock 'n' roll",
    ],
)
def test_names_and_formulas_stay_as_they_are(text: str) -> None:
    assert unmarked(text) == text


@pytest.mark.parametrize("text", ['=""', '=" "'])
def test_a_formula_of_nothing_is_blank(text: str) -> None:
    assert check("account.client_code", text).values == [None]
    assert check("account.client_code", text).problems == {}


def test_doubled_quotes_within_a_formula_are_one() -> None:
    assert unmarked('="say ""hi"""') == 'say "hi"'
