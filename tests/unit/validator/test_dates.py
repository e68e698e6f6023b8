"""Tests dates: the whole column decides the order, and an impossible date is never read in another order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contract.date_order import date_evidence, decide_order, merged_evidence
from shared.contract.problems import sentence
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
        "30 Juli 1985",
        "30 de julio de 1985",
        "30 luglio 1985",
        "mardi 30 juillet 1985",
        "Tuesday, July 30th, 1985",
        "30. Juli 1985",
        "30071985",
        "30/07/1985 12:30 PM",
        "30 juil. '85",
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


def test_an_undecided_column_is_read_in_its_order_and_its_doubtful_dates_are_noted():
    order = decide_order(date_evidence(["03/04/05", "03/04/2005"]), "YMD")
    checked = check(CREATED, "03/04/05", "13/04/2005", order=order)
    assert (order, checked.values) == (("DMY", True, False), ["2005-04-03", "2005-04-13"])
    assert {offset: found.code for offset, found in checked.problems.items()} == {0: "ambiguous_date"}


@pytest.mark.parametrize(
    "written",
    [
        "31/02/2000",
        "29/02/2023",
        "2000-13-01",
        "13/13/2000",
        "hello",
        "12",
        "2/1/0001",
        "about 5 May 2020",
        "5 May June 2020",
        "5 6 7 May",
    ],
)
def test_dates_that_do_not_exist_are_refused(written):
    assert problem(CREATED, written) == "invalid_date"


def test_the_29th_of_february_exists_in_leap_years():
    assert value(CREATED, "29/02/2024", order="DMY") == "2024-02-29"


@pytest.mark.parametrize("written", ["00/01/2000", "00/00/1985", "1985-00-00", "1985", "07/1985", "mei 1985"])
def test_a_date_without_its_day_or_month_is_refused_as_incomplete(written):
    assert problem(CREATED, written) == "incomplete_date"


def test_a_date_of_the_other_order_is_refused_and_not_turned_round():
    found = check(CREATED, "07/30/1985", order="DMY").problems[0]
    assert (found.code, found.params["order"]) == ("invalid_date", "DMY")
    assert "day-month-year" in sentence("invalid_date", "en", **found.params)
    assert "dag-maand-jaar" in sentence("invalid_date", "nl", **found.params)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("30/07/85", "year_completed"),
        ("30 July 85", "year_completed"),
        ("1985-07-30 12:00", "time_removed"),
        ("1985-07-30 00:00:00", "date_reformatted"),
        ("30/07/1985", "date_reformatted"),
    ],
)
def test_what_was_done_to_a_date_is_reported(written, code):
    assert fix(BORN, written, order="DMY") == code


def test_a_birth_after_today_is_refused_where_another_date_is_not():
    assert problem(BORN, "2030-01-01") == "date_in_future"
    assert problem(CREATED, "2030-01-01") is None


@pytest.mark.parametrize(
    ("key", "written", "read"),
    [
        (BORN, "01/01/26", "2026-01-01"),
        (BORN, "01/01/27", "1927-01-01"),
        (BORN, "02/03/26", "1926-03-02"),
        (CREATED, "01/01/46", "2046-01-01"),
        (CREATED, "01/01/47", "1947-01-01"),
    ],
)
def test_years_of_two_digits_lie_near_today(key, written, read):
    assert value(key, written, order="DMY") == read


def test_day_numbers_of_a_spreadsheet_are_shown_as_a_fix():
    assert fix(CREATED, "45292") == "serial_date"
    assert value(CREATED, "45292") == "2024-01-01"


def test_evidence_of_chunks_is_summed_and_stays_small():
    first = date_evidence(["03/04/2005", "2005-01-01", "", "05/05/2005"] * 500)
    second = date_evidence(["25/04/2005", "04/05/2005 10:00", "03/04/05", "13/04/05"])
    assert first == {"DMY/MDY": 500}
    assert second == {"DMY": 1, "DMY/MDY": 1, "DMY/MDY/YMD": 1, "DMY/YMD": 1}
    assert merged_evidence([first, second, {}]) == {**second, "DMY/MDY": 501}


@pytest.mark.parametrize(
    ("cells", "decided"),
    [
        (["03/04/2005", "25/04/2005"], ("DMY", False, False)),
        (["03/04/2005", "04/25/2005"], ("MDY", False, False)),
        (["85/04/05", "13/04/05"], ("YMD", False, False)),
        (["30/07/85", "13/04/05"], ("DMY", False, False)),
        (["13/04/05"], ("DMY", False, False)),
        (["03/04/2005"], ("MDY", True, False)),
        (["25/04/2005", "04/25/2005"], ("MDY", True, True)),
        (["25/04/2005", "26/04/2005", "04/25/2005"], ("DMY", False, True)),
        (["30071985", "20240506"], ("DMY", False, False)),
        (["05/05/2005", "2005-04-03", "3 april 2005", "45000", "x"], ("MDY", False, False)),
        ([], ("MDY", False, False)),
    ],
)
def test_the_order_that_fits_most_dates_is_decided_else_the_firms(cells, decided):
    assert decide_order(date_evidence(cells), "MDY") == decided


def test_the_order_of_a_firm_that_writes_the_year_first_counts_for_years_of_two_digits_only():
    assert decide_order(date_evidence(["03/04/05"]), "YMD") == ("YMD", True, False)
    assert decide_order(date_evidence(["03/04/2005"]), "YMD") == ("DMY", True, False)


@settings(deadline=None)
@given(
    st.lists(st.dates(date(2001, 1, 1), date(2030, 12, 31)), max_size=30),
    st.sampled_from([("DMY", "%d/%m/%Y"), ("MDY", "%m/%d/%Y"), ("DMY", "%d.%m.%y"), ("MDY", "%m-%d-%y")]),
    st.integers(1, 7),
)
def test_the_order_does_not_depend_on_the_chunks_and_is_never_a_wrong_one(days, way, size):
    order, form = way
    cells = [day.strftime(form) for day in days]
    parts = [date_evidence(cells[start : start + size]) for start in range(0, len(cells), size)]
    assert merged_evidence(parts) == date_evidence(cells)
    found = decide_order(merged_evidence(parts), order)
    assert found.order == order
    assert not found.conflicting


@settings(deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%Y%m%d", "%d.%m.%Y"]),
)
def test_every_date_is_read_back_as_it_was_written(day, form):
    assert value(CREATED, day.strftime(form), order="DMY") == day.isoformat()
