"""Tests rows, differences and forms of the review."""

import pytest
from flask import Flask
from flask_babel import Babel

from services.wizard.review_cards import example_cards
from services.wizard.review_rows import (
    Words,
    cells_changed,
    columns_shown,
    lines_of,
    records_left,
    ticks_changed,
    wrong_columns,
)

WORDS = Words(
    {"contact.mobile": "Mobile", "account.team_members": "Responsible", "account.tags": "Tags"},
    {"anna": "Anna Claes"},
    {0: "Code", 1: "Mail", 2: "Note"},
)
MAPPING = {
    "columns": [
        {"index": 0, "header": "Code", "action": "sync"},
        {"index": 1, "header": "Note", "action": "skip"},
        {"index": 2, "header": "Phone", "action": "sync"},
        {"index": 3, "header": "Mail", "action": "custom"},
    ]
}


@pytest.fixture(autouse=True)
def in_english():
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        yield


def row(number, bucket="new", **given):
    usual = {"cells": ["K1", "a at b.be", ""], "selected": True, "problems": [], "fixes": [], "plan": {}}
    return {"row": number, "bucket": bucket, "decision": {}, **usual, **given}


def problem(column, code="invalid_email", severity="error"):
    return {
        "code": code,
        "severity": severity,
        "column": column,
        "field": "contact.email",
        "message": f"{code}!",
    }


def test_columns_that_are_not_imported_are_shown_when_asked_for():
    assert [index for index, _ in columns_shown(MAPPING, False)] == [0, 2, 3]
    assert [index for index, _ in columns_shown(MAPPING, True)] == [0, 1, 2, 3]


def test_wrong_columns_come_forward_behind_the_first():
    assert [index for index, _ in columns_shown(MAPPING, False, [3, 1, 0])] == [0, 3, 2]


def test_the_column_with_the_most_errors_comes_first():
    rows = [row(1, problems=[problem(2), problem(1)]), row(2, problems=[problem(1), problem(None)])]
    assert wrong_columns(rows, "", "invalid") == [1, 2]
    assert wrong_columns(rows, "", "new") == []
    assert wrong_columns(rows, "other", "all") == []


def test_a_row_shows_what_is_wrong_at_its_cell_and_the_rest_beside():
    found = row(7, "invalid", problems=[problem(1), problem(None, "ambiguous_match")])
    [line] = lines_of([found], [(0, "Code"), (1, "Mail")], WORDS, "invalid")
    assert line.cells[1].wrong == ("invalid_email!",)
    assert line.cells[1].tone == "bad"
    assert line.messages == (("error", "ambiguous_match!"),)
    assert line.wrong_in == ("Mail", "contact.email")


def test_a_cell_shows_how_it_is_read_where_that_differs():
    fixes = [
        {"column": 0, "field": "account.client_code", "new": "K1"},
        {"column": 1, "field": "contact.email", "new": ["a", "b"]},
    ]
    [line] = lines_of([row(1, fixes=fixes)], [(0, "Code"), (1, "Mail")], WORDS, None)
    assert [cell.read_as for cell in line.cells] == [None, "a, b"]


def test_rows_are_shown_once_in_the_order_of_the_file_and_say_where_they_went():
    lines = lines_of([row(9), row(3, "invalid"), row(9)], [(0, "Code")], WORDS, "invalid")
    assert [(line.number, line.moved) for line in lines] == [(3, False), (9, True)]


def test_differences_that_a_person_may_choose_have_a_tick():
    kept = [{"field": name, "old": "1", "new": "2"} for name in ("mobile", "custom.Size")]
    changes = [{"field": "city", "old": "a", "new": "b", "why": "overwritten"}]
    differs = {**problem(None, "value_differs", "warning"), "field": "contact.mobile"}
    plan = {"contact": {"do": "update", "kept": kept, "changes": changes}}
    line = row(2, plan=plan, problems=[differs], decision={"take": ["contact.city"]})
    (shown,) = lines_of([line], [], WORDS, None)
    assert [(one.key, one.taken) for one in shown.acts[0].differences] == [
        ("contact.city", True),
        ("contact.mobile", False),
        ("", False),
    ]


def test_differences_are_shown_in_words():
    changes = [{"field": "assignees", "old": [], "new": ["anna"], "why": "added"}]
    kept = [{"field": "mobile", "old": "1", "new": "2"}]
    plan = {
        "contact": {"do": "nothing", "kept": kept},
        "account": {"do": "update", "changes": changes},
    }
    [line] = lines_of([row(1, "update", plan=plan)], [(0, "Code")], WORDS, None)
    account, contact = line.acts
    assert (account.text, contact.text) == ("Account: updated", "Contact: stays as it is")
    [added], [stays] = account.differences, contact.differences
    assert (added.name, added.old, added.new, added.why) == ("Responsible", "–", "Anna Claes", "added")
    assert (stays.name, stays.old, stays.new, stays.text) == ("Mobile", "1", "2", "kept as it is")


def test_only_cells_that_a_person_changed_are_sent():
    form = {
        "cell-0": "K1",
        "was-0": "K1",
        "cell-1": "",
        "was-1": "x",
        "cell-2": " y",
        "was-2": "y",
        "cell-x": "z",
    }
    assert cells_changed(form) == {"1": "", "2": " y"}


def test_only_ticks_that_a_person_changed_are_sent():
    changes = ticks_changed(["+1", "+2", "-3", "-4", "+x"], ["1", "4", "99"])
    assert changes == [{"row": 2, "selected": False}, {"row": 4, "selected": True}]


def test_an_example_has_its_contacts_and_their_switches():
    def made(number, contact, **links):
        plan = {
            "contact": {
                "do": "create",
                "id": contact,
                "values": {"first_name": contact, "email": f"{contact}@b.be"},
            },
            "links": [{"account": "A", "contact": contact, **links}],
        }
        return row(number, plan=plan)

    first = made(1, "an", switches={"contact.email": {"login": False, "notify": False}})
    values = {"name": "Bakery", "type": "Company", "assignees": ["anna"], "custom": {"Since": 1999}}
    first["plan"]["account"] = {"do": "create", "id": "A", "values": values}
    settings = {"contacts": {"contact.email": {"login": True, "notify": True, "email_sync": False}}}
    [card] = example_cards([first, made(2, "bo")], settings, WORDS)
    assert (card.title, card.kind) == ("Bakery", "Company")
    assert card.facts == (("Responsible", "Anna Claes"), ("Since", "1999"))
    assert [contact.title for contact in card.contacts] == ["an", "bo"]
    assert [contact.switches for contact in card.contacts] == [
        (("an@b.be", ()),),
        (("bo@b.be", ("Login", "Notify")),),
    ]


def test_contacts_without_an_account_are_examples_too():
    plan = {"contact": {"do": "create", "id": "1", "values": {"first_name": "An", "last_name": "Maes"}}}
    [card] = example_cards([row(1, plan=plan)], {"contacts": {}}, WORDS)
    assert card.title == "An Maes"


def test_records_that_only_the_firm_has_are_named():
    values = {"name": "Bakery", "tags": ["VIP"], "client_code": ""}
    rows = [{"plan": {"record": {"id": "1", "values": values}}}]
    [left] = records_left(rows, "accounts", WORDS)
    assert (left.name, left.facts) == ("Bakery", (("Tags", "VIP"),))


def test_a_built_value_is_shown_with_its_columns_and_not_as_the_reading_of_one_cell():
    fix = {
        "code": "value_built",
        "field": "contact.mobile",
        "column": None,
        "old": "K1 + a at b.be",
        "new": "K1a",
        "built_from": [0, 1],
    }
    (line,) = lines_of([row(7, fixes=[fix, {**fix, "code": "text_cleaned"}])], [(0, "Code")], WORDS, None)
    assert [(one.field, one.text, one.headers) for one in line.built] == [("Mobile", "K1a", "Code, Mail")]
    assert line.cells[0].read_as is None


def test_a_skipped_column_that_a_value_is_built_from_is_shown():
    built = [{"target": "contact.mobile", "parts": [{"text": "x"}, {"column": 1}]}]
    assert [index for index, _ in columns_shown({**MAPPING, "built": built}, False)] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("partner", "title"),
    [
        ({"first_name": "Bo", "last_name": "Elm"}, "Bo Elm"),
        ({"email": "bo@elm.example"}, "bo@elm.example"),
        ({"national_number": "•••", "language": "nl"}, "Partner of Oak"),
    ],
)
def test_a_household_is_an_example_with_two_people_and_comes_first(partner, title):
    def made(number, account, **people):
        plan = {"account": {"do": "create", "id": account, "values": {"name": account}}, "links": []}
        for slot, values in people.items():
            plan[slot] = {"do": "create", "id": f"{slot}-{account}", "values": values}
            plan["links"].append({"account": account, "contact": f"{slot}-{account}"})
        return row(number, plan=plan)

    single = made(1, "Yew", contact={"first_name": "Eva"})
    couple = made(2, "Oak", contact={"first_name": "An"}, spouse=partner)
    first, second = example_cards([single, couple], {"contacts": {}}, WORDS)
    assert (first.title, first.is_household, second.is_household) == ("Oak", True, False)
    assert [(one.title, one.is_partner) for one in first.contacts] == [("An", False), (title, True)]


def test_a_cell_has_what_is_suggested_in_its_place():
    problems = [{**problem(1, "mistyped_email"), "field": "contact.email", "suggestion": "a@b.be"}]
    [line] = lines_of([row(1, "invalid", problems=problems)], [(0, "Code"), (1, "Mail")], WORDS, None)
    assert [cell.suggestion for cell in line.cells] == ["", "a@b.be"]


@pytest.mark.parametrize(
    ("problems", "before", "without"),
    [
        ([("invalid_phone", "contact.mobile")], [], ("contact.mobile",)),
        ([("invalid_phone", "contact.mobile")], ["contact.phone"], ("contact.mobile", "contact.phone")),
        ([("invalid_phone", "contact.mobile"), ("missing_required", "account.name")], [], ()),
        ([], ["contact.phone"], ()),
    ],
)
def test_a_row_is_offered_without_its_wrong_values_where_nothing_else_is_wrong(problems, before, without):
    wrong = [{**problem(1, code), "field": field} for code, field in problems]
    given = row(1, "invalid", problems=wrong, decision={"without": before})
    [line] = lines_of([given], [(0, "Code")], WORDS, None)
    assert line.without == without
