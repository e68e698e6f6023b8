"""Tests what the result page makes of the answers of the API."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.wizard.result_view import (
    BAR,
    NARROWEST,
    example_rows,
    made_by,
    mail_is_due,
    parts_of,
    query_of,
    reasons,
    timeline,
    title_of,
    undone,
)
from shared.contract.job import RESULTS, UNDO_NUMBERS, Status

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def result(**numbers):
    return {**dict.fromkeys(RESULTS, 0), **numbers}


def job(status="imported", **more):
    line = {"status": status, "at": NOW.isoformat(), "by": "importer", "revision": 1}
    first = {
        "status": "uploaded",
        "at": (NOW - timedelta(seconds=9)).isoformat(),
        "by": "anna",
        "revision": 1,
    }
    return {
        "status": status,
        "history": [first, line],
        "notices": [],
        "notify": ["anna@example.org"],
        "purged_at": None,
        **more,
    }


@given(*[st.integers(0, 10**7)] * 4)
def test_the_parts_add_up_to_the_rows_and_fill_the_bar(loaded, unchanged, skipped, rest):
    rows = loaded + unchanged + skipped + rest
    parts = parts_of(result(rows_loaded=loaded, rows_unchanged=unchanged, rows_skipped=skipped), rows)
    assert sum(part["rows"] for part in parts) == rows
    assert rows == 0 or abs(sum(part["width"] for part in parts) - BAR) < 1
    assert all(part["width"] >= NARROWEST for part in parts if part["rows"])
    ends = [part["x"] + part["width"] for part in parts]
    assert all(abs(end - after["x"]) < 1 for end, after in zip(ends, parts[1:], strict=False))
    assert ("rest" in [part["part"] for part in parts]) == bool(rest)


def test_of_a_file_that_was_never_read_nothing_is_shown():
    assert [part["rows"] for part in parts_of(result(), None)] == [0, 0, 0]


def test_accounts_and_contacts_are_counted_where_the_import_is_about_them_and_the_rest_where_there_is_any():
    shown = [number for _, number in made_by(result(accounts_created=3, tags_created=1), "accounts")]
    assert shown == [3, 0, 1]
    assert len(made_by(result(), "accounts_and_contacts")) == 4


def test_an_undo_shows_what_there_is_and_marks_what_stays():
    numbers = {**dict.fromkeys(UNDO_NUMBERS, 0), "rows_reversed": 5, "kept": 2}
    assert [(number, tone) for _, number, tone in undone(numbers)] == [(5, ""), (2, "warn")]


def test_a_reason_is_shown_by_an_example_where_there_is_one():
    counted = [
        {"code": "invalid_email", "rows": 2, "message": "“…” is no address."},
        {"code": "not_selected", "rows": 1, "message": "Not ticked."},
    ]
    report = {
        "problems": [{"code": "invalid_email", "examples": [{"row": 4, "message": "“x” is no address."}]}]
    }
    assert [each["message"] for each in reasons(counted, report)] == ["“x” is no address.", "Not ticked."]
    assert reasons(counted, None) == counted


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("invalid_email", {"outcome": "skipped", "problem": "invalid_email"}),
        ("not_selected", {"outcome": "skipped", "bucket": "unselected"}),
        ("internal_error", {"outcome": "skipped"}),
    ],
)
def test_rows_are_asked_for_by_what_the_api_knows(code, asked):
    assert query_of(code) == asked


def test_example_rows_show_the_first_columns_and_the_wrong_ones():
    columns = [{"header": name} for name in "ABCDE"]
    wrong = {"code": "invalid_email", "column": 4, "message": "“x” is no address."}
    other = {"code": "invalid_date", "column": 3, "message": "No date."}
    rows = [
        {"row": 7, "cells": ["a", "b", "c", "d", "x"], "problems": [wrong, other]},
        {"row": 9, "cells": ["a", "b" * 99, "c", "d", "e"], "problems": []},
    ]
    shown_columns, shown = example_rows(rows, columns, {"code": "invalid_email", "message": "In general."})
    assert [column["header"] for column in shown_columns] == ["A", "B", "C", "E"]
    assert [column["minor"] for column in shown_columns] == [False, True, True, False]
    assert [cell["wrong"] for cell in shown[0]["cells"]] == [False, False, False, True]
    assert [row["message"] for row in shown] == ["“x” is no address.", "In general."]
    assert len(shown[1]["cells"][1]["text"]) == 60


def test_the_timeline_names_people_and_no_services_and_has_mails_in_their_place():
    later = (NOW + timedelta(seconds=5)).isoformat()
    notices = [
        {"to": "a@example.org", "status": "imported", "sent_at": (NOW + timedelta(seconds=1)).isoformat()},
        {"to": "b@", "status": "imported", "sent_at": None},
    ]
    lines = timeline(job(notices=notices, purged_at=later))
    assert [line["what"] for line in lines] == ["step", "step", "mail", "deleted", "no mail"]
    assert [line.get("by") for line in lines[:2]] == ["anna", None]


def test_every_status_has_a_name_in_the_timeline():
    for status in Status:
        assert timeline(job(status.value))[-1]["name"]


@pytest.mark.parametrize(
    ("more", "due"),
    [
        ({}, True),
        ({"notify": []}, False),
        ({"notices": [{"to": "a", "status": "imported", "sent_at": None}]}, False),
        ({"notices": [{"to": "a", "status": "failed", "sent_at": None}]}, True),
        ({"status": "cancelled"}, False),
    ],
)
def test_a_mail_is_waited_for_until_there_is_word_of_it(more, due):
    assert mail_is_due(job(**more), NOW) is due
    assert not mail_is_due(job(**more), NOW + timedelta(minutes=2))


def test_an_import_that_loaded_nothing_is_not_called_a_success():
    assert title_of(job(result=result(rows_unchanged=3))) != title_of(job(result=result(rows_loaded=1)))
