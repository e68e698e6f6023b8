"""Tests what values show about a column: the type of a new field, and whether a field is possible."""

from __future__ import annotations

import pytest

from services.mapper.targets.proposing import Column, propose
from services.mapper.values.value_types import (
    custom_type,
    is_enterprise_number,
    is_register_number,
)
from shared.contract.custom_fields import CUSTOM_TYPES


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (["a@b.be", "c@d.com", ""], "email"),
        (["2024-01-31", "31/12/2023", "1.2.99"], "date"),
        (["https://example.com/a", "www.example.be"], "url"),
        (["+32 470 12 34 56", "02/123.45.67"], "phone"),
        (["1 234,50", "-3", "17.25"], "number"),
        (["00123", "00456", "01234"], "text"),
        (["Gold", "Silver", "Gold", "gold", "Silver", "Gold"], "choice"),
        (["red; blue", "blue", "red; green; blue", "green, red", "red", "blue; green"], "multi-choice"),
        (["Prefers to be called in the evening", "Moved from another office"], "text"),
        ([], "text"),
        (["", "  "], "text"),
    ],
)
def test_the_type_of_a_new_field_follows_from_its_values(samples, expected):
    assert custom_type(samples) == expected
    assert expected in CUSTOM_TYPES


def test_a_hardly_filled_column_is_no_list_of_choices():
    assert custom_type(["Gold", "Silver"] * 4, fill=0.01) == "text"


@pytest.mark.parametrize("number", ["85.07.30-033.28", "00012556777", "17073003384", "90410100112"])
def test_register_numbers_are_known_by_their_check(number):
    assert is_register_number(number)
    assert not is_register_number(number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize("number", ["BE 0403.019.261", "403019261", "1000000021"])
def test_enterprise_numbers_are_known_by_their_check(number):
    assert is_enterprise_number(number)
    assert not is_enterprise_number(number[:-1] + str((int(number[-1]) + 1) % 10))


def suggested(header, samples):
    return propose([Column(0, header, samples)], "accounts_and_contacts").columns[0].target


@pytest.mark.parametrize(
    ("samples", "target"),
    [
        (["a@b.be", "c@d.be"], "contact.email"),
        (["85073003328", "93051822361"], "contact.national_number"),
        (["BE0403019261", "0566988259"], "account.kbo_number"),
        (["blue", "green"], None),
    ],
)
def test_a_header_that_says_nothing_is_helped_by_its_values(samples, target):
    assert suggested("Veld 7", samples) == target


def test_a_header_that_says_something_else_is_not_overruled_by_its_values():
    assert suggested("Assistant", ["a@b.be", "c@d.be"]) is None


def test_numbers_without_the_belgian_check_are_no_enterprise_numbers():
    assert suggested("SIREN", ["732829320", "552100554", "542051180"]) != "account.kbo_number"


def test_values_that_only_repeat_the_header_are_no_field():
    assert suggested("person", ["person", "person"]) is None
