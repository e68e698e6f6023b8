"""Tests tax, company and national numbers of many countries: by letters, by the row, by the firm, by form."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.validator.columns import CONTEXT, check, fix, problem, value

TAX, COMPANY, PERSON = "account.tax_id", "account.kbo_number", "contact.national_number"
COUNTRIES = [
    *"AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK US XI QA".split(),  # noqa: SIM905
    None,
]


@pytest.mark.parametrize(
    ("written", "region", "expected"),
    [
        ("BE 0403.019.261", None, "BE0403019261"),
        ("0403019261", None, "BE0403019261"),
        ("403019261", None, "BE0403019261"),
        ("85.07.30-033.28", None, "85073003328"),
        ("NL123456789B13", None, "NL123456789B13"),
        ("FR 40 303 265 045", None, "FR40303265045"),
        ("DE136695976", "FR", "DE136695976"),
        ("136695976", "DE", "136695976"),
        ("91-1144442", "US", "911144442"),
        ("123-45-6789", "US", "123456789"),
        ("ab 12", "QA", "AB12"),
        ("CHE-107.787.577 IVA", None, "CHE107787577IVA"),
        ("NO 995 525 828 MVA", None, "NO995525828MVA"),
        ("LU 150 274 42", None, "LU15027442"),
        ("ATU13585627", None, "ATU13585627"),
        ("EL 094259216", None, "EL094259216"),
        ("GB980780684", None, "GB980780684"),
        ("XI 980780684", None, "XI980780684"),
        ("DK13585628", None, "DK13585628"),
        ("ESB58378431", None, "ESB58378431"),
        ("IE6433435F", None, "IE6433435F"),
        ("732 829 320", "FR", "732829320"),
        ("73282932000074", "FR", "73282932000074"),
        ("111222333", "NL", "111222333"),
        ("1955839661", "GB", "1955839661"),
        ("AB 12 34 56 C", "GB", "AB123456C"),
        ("SE 12 34 56 C", "GB", "SE123456C"),
        ("36574261809", "DE", "36574261809"),
        ("RSSMRA85T10A562S", "IT", "RSSMRA85T10A562S"),
        ("0403019261", "NL", "BE0403019261"),
        ("123456789B13", None, "123456789B13"),
        ("73282932000074", None, "73282932000074"),
    ],
)
def test_tax_numbers_are_judged_by_letters_then_row_then_firm_then_form(written, region, expected):
    checked = check(TAX, written, regions=[region])
    assert (checked.values, checked.problems) == ([expected], {})


@pytest.mark.parametrize(
    ("written", "region", "country"),
    [
        ("BE0403019262", None, "BE"),
        ("BE0403019262", "QA", "BE"),
        ("DE136695977", None, "DE"),
        ("136695977", "DE", "DE"),
        ("111222334", "NL", "NL"),
        ("732829321", "FR", "FR"),
        ("GB123456C", "GB", "GB"),
        ("x", "QA", "QA"),
        ("0403019261" + " " * 40 + "x", None, "BE"),
    ],
)
def test_wrong_tax_numbers_are_refused_without_being_repeated(written, region, country):
    found = check(TAX, written, regions=[region]).problems[0]
    assert (found.code, found.params) == ("invalid_tax_id", {"country": country})


def test_the_country_of_the_firm_counts_where_the_rows_is_not_known():
    dutch = replace(CONTEXT, country="NL")
    assert value(TAX, "111222333", context=dutch) == "111222333"
    assert problem(TAX, "111222333") == "invalid_tax_id"


@pytest.mark.parametrize(
    ("key", "written", "region", "expected"),
    [
        (TAX, "12345672", "NL", "012345672"),
        (TAX, "5520135", "FR", "005520135"),
        (TAX, "743110157", "IT", "00743110157"),
        (TAX, "12345678", "US", "012345678"),
        (TAX, "5041500201", "BE", "05041500201"),
        (PERSON, "12345672", "NL", "012345672"),
        (COMPANY, "5520135", "FR", "005520135"),
    ],
)
def test_lost_zeros_are_put_back_where_the_check_digits_agree_and_that_is_noted(
    key, written, region, expected
):
    assert value(key, written, regions=[region]) == expected
    assert fix(key, written, regions=[region]) == "zeros_restored"
    assert problem(key, written, regions=[region]) == "zeros_assumed"


@pytest.mark.parametrize(("written", "region"), [("12345673", "NL"), ("5520136", "FR"), ("743110158", "IT")])
def test_no_zeros_are_put_back_where_the_check_digits_disagree(written, region):
    assert problem(TAX, written, regions=[region]) == "invalid_tax_id"


@pytest.mark.parametrize("key", [TAX, COMPANY, PERSON])
def test_a_number_whose_digits_a_spreadsheet_dropped_is_refused_as_such(key):
    assert problem(key, "4.03E+9") == "digits_lost"


@pytest.mark.parametrize(
    ("written", "region", "expected"),
    [
        ("732 829 320", "FR", "732829320"),
        ("732 829 320 00074", "FR", "73282932000074"),
        ("12345678", "NL", "12345678"),
        ("SC123456", "GB", "SC123456"),
        ("B 123456", "LU", "B123456"),
        ("CHE-100.155.212", "CH", "CHE100155212"),
        ("988 077 917", "NO", "988077917"),
        ("HRB 12345", "DE", "HRB12345"),
        ("0403.019.261", "FR", "0403019261"),
    ],
)
def test_company_numbers_of_other_countries_are_judged_by_the_country_of_the_row(written, region, expected):
    checked = check(COMPANY, written, regions=[region])
    assert (checked.values, checked.problems) == ([expected], {})


@pytest.mark.parametrize(
    ("written", "region"), [("732829321", "FR"), ("1234567", "NL"), ("123456", "LU"), ("some", "DE")]
)
def test_a_wrong_company_number_of_another_country_is_refused(written, region):
    assert problem(COMPANY, written, regions=[region]) == "invalid_company_number"


@pytest.mark.parametrize(
    ("written", "region", "expected"),
    [
        ("111222333", "NL", "111222333"),
        ("123-45-6789", "US", "123456789"),
        ("AB 12 34 56 C", "GB", "AB123456C"),
        ("85.07.30-033.28", "FR", "85073003328"),
        ("1984123112345", "LU", "1984123112345"),
    ],
)
def test_national_numbers_of_other_countries_are_judged_by_the_country_of_the_row(written, region, expected):
    checked = check(PERSON, written, regions=[region])
    assert (checked.values, checked.problems) == ([expected], {})


def test_a_wrong_national_number_of_another_country_is_refused_without_being_repeated():
    found = check(PERSON, "111222334", regions=["NL"]).problems[0]
    assert (found.code, found.params) == ("invalid_person_number", {"country": "NL"})


digits = st.text("0123456789", max_size=16)
numbers = st.text("0123456789BEFRNLU.- ²٣", max_size=20) | st.builds(
    "{}{}".format, st.sampled_from(["BE", "FR"]), digits
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([TAX, COMPANY, PERSON]), numbers | digits, st.sampled_from(COUNTRIES))
def test_a_number_once_written_stays_as_it_is(key, written, region):
    checked = check(key, written, regions=[region])
    kept = checked.values[0]
    if kept is not None:
        again = check(key, kept, regions=[region])
        assert (again.values, again.problems, again.fixed) == ([kept], {}, {})
