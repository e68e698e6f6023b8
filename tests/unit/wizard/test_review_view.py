"""Tests reading and writing the address of the review."""

import pytest

from services.wizard.review_view import PAGE_ROWS, View, first_tab, opened, total_of

COUNTS = {"new": 5, "update": 4, "unchanged": 3, "duplicate": 2, "invalid": 1, "unselected": 0}


def counts(**given):
    return {**dict.fromkeys(COUNTS, 0), **given}


def asked_by(query):
    return View.of({name: str(value) for name, value in query.items()})


def test_an_address_that_makes_no_sense_asks_for_nothing():
    view = View.of(
        {"tab": "<b>", "row": "x", "start": "-1", "seen": "a,7,,²", "columns": "some", "edit": "9" * 40}
    )
    assert view == View(seen="7")


def test_a_view_comes_back_from_its_own_address():
    view = View(
        "invalid", "invalid_email", "anna", 0, "all", "3.12", 100, ":0~1.2:50", 7, "7,9", "invalid_email", 38
    )
    assert asked_by(view.address()) == view


def test_going_on_and_back_leads_through_the_same_pages():
    first = View(tab="all")
    second = asked_by(first.following("0.50", PAGE_ROWS))
    third = asked_by(second.following("0.100", PAGE_ROWS))
    assert (third.cursor, third.start) == ("0.100", 100)
    assert asked_by(third.preceding()) == second
    assert asked_by(asked_by(third.preceding()).preceding()) == first
    assert first.preceding() is None


def test_the_way_back_does_not_grow_with_the_file():
    view = View(tab="all")
    for page in range(1, 2000):
        view = asked_by(view.following(f"{page}.0", PAGE_ROWS))
    assert len(view.trail) < 300
    assert view.preceding()["start"] == 1998 * PAGE_ROWS
    for _ in range(30):
        back = view.preceding()
        view = asked_by(back) if back else view
    assert (view.cursor, view.start) == ("", 0)


def test_another_filter_begins_on_its_first_page():
    view = View(tab="new", cursor="3.1", start=150, trail=":0", edit=4, seen="4", columns="all")
    assert view.filtered(q="anna") == {"tab": "new", "q": "anna", "columns": "all"}


@pytest.mark.parametrize(
    ("given", "tab"),
    [
        (counts(new=5, invalid=1), "invalid"),
        (counts(new=5, update=1), "new"),
        (counts(update=1, unchanged=9), "update"),
        (counts(), "all"),
    ],
)
def test_the_list_that_needs_attention_is_shown_first(given, tab):
    assert first_tab(given) == tab


@pytest.mark.parametrize("asked", [{"problem": "invalid_email"}, {"q": "anna"}, {"row": "7"}])
def test_what_is_searched_is_searched_in_all_rows(asked):
    assert opened(View.of(asked), COUNTS).tab == "all"


@pytest.mark.parametrize(
    ("view", "total"),
    [
        (View(tab="new"), 5),
        (View(tab="all"), 15),
        (View(tab="all", problem="invalid_email"), 42),
        (View(tab="all", problem="unknown"), 0),
        (View(tab="new", problem="invalid_email"), None),
        (View(tab="new", q="anna"), None),
        (View(tab="only_in_system"), 8),
        (View(tab="all", row=3), 1),
    ],
)
def test_a_list_has_its_length_where_it_is_known(view, total):
    report = {"only_in_system": 8, "problems": [{"code": "invalid_email", "rows": 42}]}
    assert total_of(view, COUNTS, report) == total
