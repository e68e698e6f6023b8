"""Dates: the order is decided over the whole column, and an impossible date is never turned round."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.validator.checks import date_order, decide, undecided
from tests.unit.validator.columns import CONTEXT, check, fix, problem, value

BORN, CREATED = "contact.date_of_birth", "account.created_date"


@pytest.mark.parametrize(
    "written",
    [
        "1985-07-30",
        "1985/07/30",
        "19850730",
        "1985-07-30T00:00:00",
        "1985-07-30 12:30:00Z",
        "30 juillet 1985",
        "30/07/1985",
        "30.7.1985",
        "30-07-85",
        "30-JUL-1985",
        "July 30, 1985",
        "30 juli 1985",
        "31258",
        "31258.0",
    ],
)
def test_a_birth_is_read_however_it_is_written(written):
    assert value(BORN, written, order="DMY") == "1985-07-30"


def test_iso_dates_are_read_whatever_the_order():
    assert check(CREATED, "2024-05-06", order="MDY").values == ["2024-05-06"]
    assert fix(CREATED, "2024-05-06") is None


@pytest.mark.parametrize(
    ("order", "read"), [("DMY", "2005-04-03"), ("MDY", "2005-03-04"), ("YMD", "2003-04-05")]
)
def test_the_decided_order_is_kept_to_without_a_warning(order, read):
    checked = check(CREATED, "03/04/05", order=order)
    assert (checked.values, checked.problems) == ([read], {})


def test_without_a_decided_order_the_firms_is_used_and_doubtful_dates_are_noted():
    firm = replace(CONTEXT, date_order="MDY")
    checked = check(CREATED, "03/04/2005", "13/04/2005", "04/04/2005", "2005-04-03", context=firm)
    assert checked.values == ["2005-03-04", None, "2005-04-04", "2005-04-03"]
    assert {offset: found.code for offset, found in checked.problems.items()} == {
        0: "ambiguous_date",
        1: "invalid_date",
    }
    assert checked.problems[0].params == {"value": "03/04/2005", "read": "2005-03-04"}


@pytest.mark.parametrize(
    "written", ["31/02/2000", "00/01/2000", "2000-13-01", "13/13/2000", "hello", "12", "1/1/0001"]
)
def test_dates_that_do_not_exist_are_refused(written):
    assert problem(CREATED, written) == "invalid_date"


def test_a_date_of_the_other_order_is_refused_and_not_turned_round():
    assert problem(CREATED, "07/30/1985", order="DMY") == "invalid_date"


def test_a_birth_after_today_is_refused_where_another_date_is_not():
    assert problem(BORN, "2030-01-01") == "invalid_date"
    assert problem(CREATED, "2030-01-01") is None


@pytest.mark.parametrize(
    ("key", "written", "read"),
    [
        (BORN, "01/01/26", "2026-01-01"),
        (BORN, "01/01/27", "1927-01-01"),
        (CREATED, "01/01/46", "2046-01-01"),
        (CREATED, "01/01/47", "1947-01-01"),
    ],
)
def test_years_of_two_digits_lie_near_today(key, written, read):
    assert value(key, written, order="DMY") == read


def test_day_numbers_of_a_spreadsheet_are_shown_as_a_fix():
    assert fix(CREATED, "45292") == "serial_date"
    assert value(CREATED, "45292") == "2024-01-01"


def test_evidence_of_chunks_adds_up():
    first = date_order(["03/04/2005", "2005-01-01", ""])
    second = date_order(["25/04/2005", "04/05/2005 10:00"])
    assert first + second == Counter({"either": 2, "DMY": 1})


@pytest.mark.parametrize(
    ("cells", "decided"),
    [
        (["03/04/2005", "25/04/2005"], "DMY"),
        (["03/04/2005", "04/25/2005"], "MDY"),
        (["85/04/05"], "YMD"),
        (["03/04/2005"], "MDY"),
        (["25/04/2005", "04/25/2005"], "MDY"),
        (["25/04/2005", "26/04/2005", "04/25/2005"], "DMY"),
        ([], "MDY"),
    ],
)
def test_the_order_that_most_dates_speak_for_is_decided_else_the_default(cells, decided):
    assert decide(date_order(cells), "MDY") == decided


def test_a_column_is_undecided_only_while_doubtful_dates_have_nothing_to_lean_on():
    found = [
        undecided(date_order(cells))
        for cells in (["03/04/2005"], ["03/04/2005", "25/04/2005"], ["2005-04-03"])
    ]
    assert found == [True, False, False]


@settings(deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%Y%m%d", "%d.%m.%Y"]),
)
def test_every_date_is_read_back_as_it_was_written(day, form):
    assert value(CREATED, day.strftime(form), order="DMY") == day.isoformat()
