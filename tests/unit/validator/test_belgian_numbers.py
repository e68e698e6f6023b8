"""Tests register and enterprise numbers: the published rules, with real and made-up numbers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contract.problems import WARNING, severity
from shared.contract.records import CLEAR
from shared.values.judging import Finding
from shared.values.numbers import (
    birth_date_finding,
    enterprise_number_is_valid,
    register_birth_date,
    register_number_is_valid,
)
from tests.unit.validator.columns import check, fix, problem, value

RRN = "contact.national_number"
KBO = "account.kbo_number"
TODAY = date(2026, 3, 1)
VALID_RRN = [
    "85073003328",
    "17073003384",
    "00012556777",
    "93051822361",
    "90010100123",
    "00010100105",
    "05041500201",
]
BIS = ["90410100112", "90210100166"]
VALID_KBO = ["0403019261", "0566988259", "0202239951", "0428759497", "1000000021", "1001010108"]


@pytest.mark.parametrize("number", VALID_RRN + BIS)
def test_valid_register_and_bis_numbers_pass_unchanged(number):
    checked = check(RRN, number)
    assert (checked.values, checked.problems, checked.fixed) == ([number], {}, {})


@pytest.mark.parametrize(
    "number", ["12345678901", "85073003329", "8507300332", "abc", "850730033281", "99999999999"]
)
def test_wrong_register_numbers_are_refused_without_being_repeated(number):
    checked = check(RRN, number)
    assert checked.values == [None]
    assert checked.problems[0].code == "invalid_rrn"
    assert number not in str(checked.problems[0].params)


@pytest.mark.parametrize("written", ["85.07.30-033.28", "85 07 30 033 28", "85073003328.0", "850730-033-28"])
def test_separators_in_a_register_number_are_removed(written):
    assert value(RRN, written) == "85073003328"
    assert fix(RRN, written) == "number_reformatted"


def test_zeros_that_a_spreadsheet_dropped_are_put_back_when_the_check_digits_agree():
    assert value(RRN, "12556777") == "00012556777"
    assert fix(RRN, "12556777") == "zeros_restored"
    assert problem(RRN, "12556777") == "zeros_assumed"
    assert problem(RRN, "12556778") == "invalid_rrn"


def test_a_register_number_with_an_exponent_is_taken_only_with_all_its_digits():
    assert value(RRN, "8.5073003328E+10") == "85073003328"
    checked = check(RRN, "8.5073E+10")
    assert (checked.values, checked.problems) == ([None], {0: Finding("digits_lost", {})})


@pytest.mark.parametrize(
    ("number", "born"),
    [
        ("85073003328", date(1985, 7, 30)),
        ("17073003384", date(2017, 7, 30)),
        ("93051822361", date(1993, 5, 18)),
        ("05041500201", date(2005, 4, 15)),
        ("90410100112", date(1990, 1, 1)),
        ("90210100166", date(1990, 1, 1)),
        ("00012556777", date(2000, 1, 25)),
        ("85073003329", None),
        ("", None),
    ],
)
def test_the_date_of_birth_is_read_from_a_register_number(number, born):
    assert register_birth_date(number) == born


def test_a_date_of_birth_that_differs_from_the_register_number_is_noted_without_the_number():
    found = birth_date_finding("1985-07-31", "85073003328")
    assert found == Finding("birth_date_differs", {"given": "1985-07-31"})
    assert severity(found.code) == WARNING


@pytest.mark.parametrize(
    ("born", "number"),
    [
        ("1985-07-30", "85073003328"),
        (None, "85073003328"),
        ("1985-07-30", None),
        ("1985-07-30", "111222333"),
        ("1985-07-30", CLEAR),
    ],
)
def test_without_two_dates_that_differ_nothing_is_noted(born, number):
    assert birth_date_finding(born, number) is None


@pytest.mark.parametrize("nine", ["850000033", "850700033", "000001033", "854000033"])
def test_an_unknown_date_of_birth_is_not_made_up(nine):
    assert register_birth_date(register_number(nine, 1900)) is None


@given(st.dates(date(1900, 1, 1), date(2026, 2, 28)), st.integers(1, 998), st.sampled_from([0, 20, 40]))
def test_every_register_number_gives_back_its_date_of_birth(born, serial, added):
    nine = f"{born:%y}{born.month + added:02d}{born:%d}{serial:03d}"
    number = register_number(nine, 2000 if born.year >= 2000 else 1900)
    assert register_number_is_valid(number, TODAY)
    assert register_birth_date(number) == born


def register_number(nine: str, century: int) -> str:
    return f"{nine}{97 - int(('2' if century == 2000 else '') + nine) % 97:02d}"


@pytest.mark.parametrize("nine", ["850000033", "850700033", "000001033", "854000033", "852000033"])
def test_an_unknown_day_or_month_of_birth_is_allowed(nine):
    assert register_number_is_valid(register_number(nine, 1900), TODAY)


@pytest.mark.parametrize(
    "nine", ["851300033", "850230033", "850732033", "856501033", "850730000", "850730999"]
)
def test_impossible_dates_and_serials_are_refused(nine):
    assert not register_number_is_valid(register_number(nine, 1900), TODAY)


def test_a_birth_in_the_future_is_refused():
    number = register_number("270101033", 2000)
    assert not register_number_is_valid(number, TODAY)
    assert register_number_is_valid(number, date(2027, 1, 1))


def test_a_remainder_of_zero_gives_check_97():
    nine = next(f"850730{serial:03d}" for serial in range(1, 99) if int(f"850730{serial:03d}") % 97 == 0)
    assert register_number_is_valid(nine + "97", TODAY)
    assert not register_number_is_valid(nine + "00", TODAY)


@pytest.mark.parametrize("number", VALID_KBO)
def test_valid_enterprise_numbers_pass_unchanged(number):
    checked = check(KBO, number)
    assert (checked.values, checked.problems, checked.fixed) == ([number], {}, {})


@pytest.mark.parametrize(
    "number", ["0431150351", "0123456789", "2000000042", "0000000097", "12345", "BE1", "x"]
)
def test_wrong_enterprise_numbers_are_refused(number):
    assert problem(KBO, number) == "invalid_kbo"


@pytest.mark.parametrize(
    "written", ["BE0403019261", "BE 0403.019.261", "be (0)403 019 261", "0403.019.261", "TVA BE 0403.019.261"]
)
def test_an_enterprise_number_is_written_as_ten_digits(written):
    assert value(KBO, written) == "0403019261"
    assert fix(KBO, written) == "number_reformatted"


@pytest.mark.parametrize("written", ["403019261", "BE403.019.261", "403019261.0"])
def test_the_old_nine_digits_get_their_zero(written):
    assert value(KBO, written) == "0403019261"
    assert fix(KBO, written) == "zeros_restored"


@settings(deadline=None)
@given(st.integers(1, 19_999_999), st.integers(0, 9), st.integers(0, 9))
def test_one_changed_digit_never_leaves_an_enterprise_number_valid(body, place, digit):
    number = f"{body:08d}{97 - body % 97:02d}"
    changed = number[:place] + str(digit) + number[place + 1 :]
    assert enterprise_number_is_valid(number)
    assert enterprise_number_is_valid(changed) == (changed == number)
