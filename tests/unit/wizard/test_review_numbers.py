"""Tests the numbers of the review, and the same repair on many rows."""

import pytest
from flask import Flask
from flask_babel import Babel

from services.wizard.review_numbers import (
    Fix,
    balance,
    conditions_of,
    fingerprint,
    groups_of,
    nothing_to_load,
    previewed,
    question,
    touched,
)
from services.wizard.review_problems import TITLES
from services.wizard.review_rows import Words
from shared.contract.job import COUNTS
from shared.contract.problems import ERROR, KINDS, ROW, WARNING

WORDS = Words({"account.type": "Account type"}, {"anna": "Anna Claes"}, {0: "Code", 1: "Mail"})


@pytest.fixture(autouse=True)
def in_english():
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        yield


def counts(**given):
    return {**dict.fromkeys(COUNTS, 0), **given}


def test_every_problem_that_a_check_finds_in_rows_has_a_title():
    after_the_check = {
        "changed_since", "used_since", "removed_since", "merged_since", "link_kept", "not_taken_back",
        "changed_since_review", "not_selected",
    }  # fmt: skip
    found = {kind.code for kind in KINDS.values() if kind.where == ROW and kind.severity in (ERROR, WARNING)}
    assert found - after_the_check == TITLES.keys()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (counts(invalid=3, unselected=1), "something is wrong"),
        (counts(unselected=9, invalid=2), "are left out"),
        (counts(unchanged=3, duplicate=1), "has everything"),
    ],
)
def test_where_nothing_would_be_loaded_the_reason_is_shown(given, why):
    assert why in nothing_to_load(given)


def test_where_something_would_be_loaded_there_is_no_reason_against_it():
    assert nothing_to_load(counts(update=1, invalid=9)) is None


def test_all_rows_are_accounted_for_in_one_sentence():
    assert balance(counts(new=2, update=1, unchanged=1, invalid=1)) == (
        "5 rows in the file: 3 are imported, 1 changes nothing, 1 is invalid."
    )


def test_a_person_is_asked_only_where_many_rows_are_left_out():
    assert question(counts(new=100, invalid=3)) is None
    assert "20 rows" in question(counts(new=100, invalid=20))


def test_any_change_of_the_numbers_makes_another_fingerprint():
    seen = {fingerprint({"revision": 1, "counts": counts(**{name: 1})}) for name in COUNTS}
    assert len(seen) == len(COUNTS)
    assert fingerprint({"revision": 2, "counts": counts()}) not in seen


def test_what_the_settings_give_is_shown_with_names():
    report = {"settings": {"assignees": 2, "login": 1}, "rules": [4]}
    rule = {"when": [{"field": "account.type", "is": "Company"}, {"column": 0, "blank": False}]}
    sentences = touched(report, {"assignees": ["anna"], "rules": [rule]}, WORDS)
    assert sentences == [
        "2 accounts are assigned to Anna Claes.",
        "1 contact may log in.",
        "The rule “Account type is Company + Code is not empty” holds for 4 rows.",
    ]


@pytest.mark.parametrize(
    ("condition", "sentences"),
    [
        ({"column": 1, "contains": "@"}, "Mail contains @"),
        ({"column": 1, "blank": True}, "Mail is empty"),
        ({"field": "account.type", "is_not": "Other"}, "Account type is not Other"),
        ({"field": "account.type", "one_of": ["a", "b"]}, "Account type is a / b"),
    ],
)
def test_conditions_are_shown_in_words(condition, sentences):
    assert conditions_of({"when": [condition]}, WORDS) == sentences


def test_errors_come_before_warnings_and_the_most_rows_first():
    def one(code, severity, rows):
        example = {"row": 2, "message": "Look.", "column": 1}
        return {"code": code, "severity": severity, "rows": rows, "examples": [example]}

    found = [one("line_break", "warning", 9), one("invalid_kbo", "error", 1), one("new_code", "error", 5)]
    groups = groups_of([*found, one("date_reformatted", "fix", 99)], WORDS)
    assert [group.code for group in groups] == ["new_code", "invalid_kbo", "line_break"]
    assert groups[0].title == "Look."
    assert groups[0].columns == ((1, "Mail"),)


def test_a_row_with_a_problem_in_two_columns_is_named_once():
    examples = [
        {"row": row, "column": column, "message": f"{row}"} for row, column in [(2, 0), (3, 0), (3, 1)]
    ]
    problem = {"code": "value_too_long", "severity": ERROR, "rows": 2, "examples": examples}
    (group,) = groups_of([problem], WORDS)
    assert group.examples == ((2, "2"), (3, "3"))
    assert group.columns == ((0, "Code"), (1, "Mail"))


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ({"way": "clear", "value": "x", "find": "y"}, {"action": "clear"}),
        ({"way": "set", "value": "x", "column": "3"}, {"action": "set", "value": "x", "column": 3}),
        ({"way": "?", "value": "@", "find": " at "}, {"action": "replace", "find": " at ", "value": "@"}),
    ],
)
def test_a_repair_of_many_rows_asks_only_for_what_it_needs(form, body):
    assert Fix.of({"problem": "invalid_email", **form}).body() == {"problem": "invalid_email", **body}


def test_a_repair_shows_what_it_makes_of_a_few_cells():
    wrong = {"code": "invalid_email", "column": 1}
    rows = [
        {"row": 5, "cells": ["K1", "a at b.be"], "problems": [wrong, {"code": "other", "column": 0}]},
        {"row": 6, "cells": ["K2", "c"], "problems": [{"code": "invalid_email", "column": None}]},
    ]
    fix = Fix("invalid_email", "replace", " at ", "@")
    assert previewed(fix, rows) == [(5, "a at b.be", "a@b.be")]
    assert previewed(Fix("invalid_email", "clear", column=0), rows) == [(5, "K1", ""), (6, "K2", "")]
    assert previewed(Fix("invalid_email"), rows) == [(5, "a at b.be", "a at b.be")]
