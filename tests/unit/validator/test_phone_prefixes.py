"""Country and area codes that have a column of their own go before the phone numbers beside them."""

from __future__ import annotations

import phonenumbers
import pytest

from shared.values.phone_prefixes import with_prefix
from tests.unit.validator.checked import codes_at, rows_checked, values_at

#: By country: its code, and a number that exists there, as people write it without the code.
NUMBERS = {
    "BE": ("32", "0475 11 22 33"),
    "NL": ("31", "06 12345678"),
    "FR": ("33", "6 12 34 56 78"),
    "DE": ("49", "030 1234567"),
    "GB": ("44", "020 7946 0958"),
    "ES": ("34", "612 345 678"),
    "IT": ("39", "06 6982 1234"),
    "LU": ("352", "621 123 456"),
    "US": ("1", "(212) 555-0123"),
    "PT": ("351", "912 345 678"),
}


@pytest.mark.parametrize("region", NUMBERS)
@pytest.mark.parametrize("form", ["+{0}", "00{0}", "{0}", "+ {0}", "{0}.0", "{1}", "{1} (+{0})", "(+{0})"])
@pytest.mark.parametrize("home", ["BE", "US"])
def test_a_country_code_in_any_form_makes_the_number(region, form, home):
    code, number = NUMBERS[region]
    found = rows_checked(
        ("contact.phone_prefix", "contact.phone", "contact.last_name"),
        (form.format(code, region), number, "Ash"),
        country=home,
    )
    expected = phonenumbers.format_number(phonenumbers.parse(number, region), 0)
    assert values_at(found)["contact.phone"] == expected
    assert "contact.phone_prefix" not in values_at(found)
    assert codes_at(found) == {"phone_reformatted"}


@pytest.mark.parametrize(
    ("prefix", "number", "whole", "country"),
    [
        ("02", "555 12 12", "+3225551212", "BE"),
        ("(02)", "5551212", "+3225551212", "BE"),
        ("02", "02 555 12 12", "+3225551212", "BE"),
        ("212", "555-0123", "+12125550123", "US"),
        ("030", "1234567", "+49301234567", "DE"),
        ("+49 30", "1234567", "+49301234567", "BE"),
        ("Germany", "030 1234567", "+49301234567", "BE"),
        ("+32", "+31 6 12345678", "+31612345678", "BE"),
        ("+32", "0031 6 12345678", "+31612345678", "BE"),
        ("", "0475 11 22 33", "+32475112233", "BE"),
    ],
)
def test_area_codes_and_numbers_with_a_code_of_their_own(prefix, number, whole, country):
    targets = ("contact.last_name", "contact.phone_prefix", "contact.mobile")
    assert (
        values_at(rows_checked(targets, ("Ash", prefix, number), country=country))["contact.mobile"] == whole
    )


def test_a_code_is_for_the_numbers_to_its_right_up_to_the_next_code():
    targets = (
        *("contact.last_name", "contact.phone", "contact.phone_prefix", "contact.mobile"),
        *("contact.phone_secondary", "contact.phone_prefix", "contact.fax"),
    )
    row = ("Ash", "02 555 12 12", "+31", "06 12345678", "06 12345679", "+33", "1 42 68 53 00")
    found = values_at(rows_checked(targets, row))
    assert [found[f"contact.{name}"] for name in ("phone", "mobile", "phone_secondary", "fax")] == [
        *("+3225551212", "+31612345678", "+31612345679", "+33142685300")
    ]


def test_a_code_right_of_the_only_number_is_for_it():
    targets = ("contact.last_name", "contact.phone", "contact.phone_prefix")
    assert values_at(rows_checked(targets, ("Ash", "06 12345678", "NL")))["contact.phone"] == "+31612345678"


def test_an_account_has_a_code_too():
    targets = ("account.name", "account.phone_prefix", "account.phone")
    found = rows_checked(targets, ("Ash", "31", "06 12345678"), kind="accounts")
    assert values_at(found) == {"account.name": "Ash", "account.phone": "+31612345678"}


@pytest.mark.parametrize("prefix", ["home", "+999", "x", "0", "12345678"])
def test_another_text_is_a_warning_and_the_number_is_read_without(prefix):
    targets = ("contact.last_name", "contact.phone_prefix", "contact.phone")
    found = rows_checked(targets, ("Ash", prefix, "0475 11 22 33"))
    assert values_at(found)["contact.phone"] == "+32475112233"
    assert codes_at(found) == {"unknown_phone_prefix", "phone_reformatted"}
    assert not found.bad


def test_no_number_stays_no_number():
    assert with_prefix("+32", "  ") == ""
