"""Ends of fiscal years are read in the forms in which lists have them, and what is none is refused."""

from __future__ import annotations

import calendar
from dataclasses import replace

import pytest

from tests.unit.validator.columns import CONTEXT, check, fix, problem, value

KEY = "account.fiscal_year_end"
#: By day and month, what people write.
FORMS = {
    "31/12": [
        "31/12", "31-12", "31.12", "31.12.", "31 12", "12/31", "31-Dec", "Dec 31", "31 december", "31 décembre",
        "31 Dezember",
        "31 de diciembre", "31 dicembre", "December", "décembre", "Dezember", "diciembre", "dicembre", "12", "45657",
        "2024-12-31", "31/12/2024", "31.12.24", "Dec 2024", "December 31, 2024", "einde december", "fin décembre",
        "3112",
        "--12-31", "kalenderjaar", "calendar year", "Année civile", "Kalenderjahr", "1231", "31st December",
        "31/12/N", "31/12 (gebroken)",
    ],
    "30/06": ["30/06", "30/6", "6/30", "30 juin", "juni", "June", "junio", "2024-06-30", "6", "Juni 2025", "30 JUN"],
    "31/03": ["31/3", "3/31", "maart", "März", "31 mars", "marzo", "March 31st"],
    "28/02": ["28/02", "2/28", "februari", "February"],
    "29/02": ["29/2", "29 February", "2024-02-29"],
    "05/04": ["5/4", "5 April", "April 5", "05-04"],
    "30/09": ["FYE 9/30", "30/9", "september", "sept", "30 septembre"],
}  # fmt: skip


@pytest.mark.parametrize("meant", FORMS)
def test_an_end_is_read_in_many_forms(meant):
    checked = check(KEY, *FORMS[meant])
    assert dict(zip(FORMS[meant], checked.values, strict=True)) == dict.fromkeys(FORMS[meant], meant)
    assert fix(KEY, meant) is None
    assert set(checked.fixed) == {at for at, form in enumerate(FORMS[meant]) if form != meant}


@pytest.mark.parametrize(
    "written", ["banana", "32/12", "31/13", "31/11", "13", "2024", "Q5", "30 Februari", "Jan Feb", "9/99"]
)
def test_what_is_no_end_is_refused_with_an_example(written):
    found = check(KEY, written).problems[0]
    assert (found.code, found.params["example"]) == ("invalid_year_end", "31/12")


@pytest.mark.parametrize("order", ["DMY", "MDY", "YMD"])
def test_it_is_written_in_the_order_of_the_firm_and_stays_so(order):
    context = replace(CONTEXT, date_order=order)
    first = value(KEY, "5 April", context=context)
    assert first == ("05/04" if order == "DMY" else "04/05")
    assert check(KEY, first, context=context).fixed == {}
    assert value(KEY, "30/06", context=context) == ("30/06" if order == "DMY" else "06/30")


@pytest.mark.parametrize("written", ["-", "n/a", "00/00", "geen"])
def test_placeholders_are_blank(written):
    assert (value(KEY, written), problem(KEY, written)) == (None, None)


@pytest.mark.parametrize("order", ["DMY", "MDY", "YMD"])
@pytest.mark.parametrize("month", range(1, 13))
def test_the_end_of_a_month_is_read_in_every_order_with_a_year_or_without(order: str, month: int) -> None:
    day = calendar.monthrange(2025, month)[1]
    pairs = [(f"{day:02}", f"{month:02}"), (f"{month:02}", f"{day:02}"), (str(month), str(day))]
    forms = [
        sign.join((*pair, *year)) for sign in "/-." for pair in pairs for year in ((), ("2025",), ("25",))
    ] + [f"2025-{month:02}-{day:02}", f"2025/{month:02}/{day:02}"]
    meant = f"{day:02}/{month:02}" if order == "DMY" else f"{month:02}/{day:02}"
    checked = check(KEY, *forms, context=replace(CONTEXT, date_order=order))
    assert dict(zip(forms, checked.values, strict=True)) == dict.fromkeys(forms, meant)
