"""The column "Linked account": contacts are linked to accounts of the firm, and rows of mixed lists to theirs."""

from __future__ import annotations

from typing import Any

import pytest

from services.validator.match.identified import checks_of
from services.validator.plan.planning import plan_rows
from services.validator.plan.rows_to_plan import rows_to_plan
from tests.unit.validator.checked import codes_at, rows_checked, values_at
from tests.unit.validator.planned import context, record
from tests.unit.validator.test_identifying import Directory, identified

ACCOUNTS = (
    record("account", "f/a1", name="Smets BV", client_code="K1"),
    record("account", "f/a2", name="Pine NV"),
    record("account", "f/a3", name="Pine BV"),
    record("account", "f/a4", name="Bäckerei Müller"),
    record("account", "f/a5", name="Twin"),
    record("account", "f/a6", name="Twin"),
)
TARGETS = ("contact.full_name", "contact.linked_account")


def linked(*names: str, directory: Directory | None = None) -> tuple[Any, Any, Any]:
    """What contacts with these linked accounts mean."""
    people = {"contact.last_name": [f"Person {at}" for at in range(len(names))]}
    given = {at: name for at, name in enumerate(names) if name}
    slots, found = identified(directory or Directory(accounts=ACCOUNTS), people, linked_names=given)
    return found.linked, [(each.offset, each.code) for each in found.problems], (slots, found)


@pytest.mark.parametrize(
    ("name", "account"),
    [
        ("Smets BV", "a1"),
        ("smets  b.v.", "a1"),
        ("Smets", "a1"),
        ("SMETS BVBA", "a1"),
        ("K1", "a1"),
        ("k1", "a1"),
        ("a1", "a1"),
        ("Pine NV", "a2"),
        ("Pine B.V.", "a3"),
        ("backerei muller", "a4"),
    ],
)
def test_an_account_is_found_by_name_code_or_id(name, account):
    assert linked(name)[:2] == ({0: f"f/{account}"}, [])


@pytest.mark.parametrize("name", ["Pine", "Twin"])
def test_several_accounts_are_a_problem_of_the_row(name):
    found, problems, (_, checked) = linked(name)
    assert (found, problems) == ({}, [(0, "ambiguous_linked_account")])
    assert checked.bad == {0}


@pytest.mark.parametrize("name", ["Unknown", "Pine SA/NV Group", "Smets NV"])
def test_no_account_is_a_warning_and_the_contact_is_imported(name):
    found, problems, (_, checked) = linked(name)
    assert (found, problems, checked.bad) == ({}, [(0, "unknown_linked_account")], set())


def test_no_account_is_a_warning_for_a_firm_without_any():
    assert linked("Smets BV", directory=Directory())[1] == [(0, "unknown_linked_account")]


def test_the_plan_links_new_and_known_contacts_once():
    known = record("contact", "f/c1", last_name="Person 1")
    directory = Directory([("f/a2", "f/c1")], accounts=ACCOUNTS, contacts=[known])
    _, problems, (slots, checked) = linked("Smets BV", "Pine NV", "", directory=directory)
    assert problems == []
    assert slots["contact"].matched == [1]  # the person of that name within the account
    checks = checks_of(checked, slots, frozenset())
    rows = rows_to_plan(checks, [(0, at) for at in range(3)])
    plan = plan_rows(rows, checks, context(("contacts", known), linked={("f/a2", "f/c1"): []}), 0)
    links = [(link.row, link.account, link.contact) for link in plan.links.values()]
    assert links == [(0, "f/a1", slots["contact"].ids[0])]
    assert plan.buckets == ["new", "unchanged", "new"]


def test_the_name_is_no_value_of_the_contact():
    found = rows_checked(TARGETS, ("Jan Peeters", "Smets BV"), ("An Maes", ""), kind="contacts")
    assert found.linked_names == {0: "Smets BV"}
    assert values_at(found) == {"contact.first_name": "Jan", "contact.last_name": "Peeters"}


def test_in_a_mixed_list_it_names_the_account_of_the_row():
    targets = ("account.name", *TARGETS)
    found = rows_checked(
        targets,
        ("", "Ann Alder", "Pine Ltd"),
        ("Pine Ltd", "Bo Ash", ""),
        ("Elm", "Cy Oak", "elm"),
        ("Elm", "Di Fir", "Pine"),
    )
    assert found.columns["account.name"] == ["Pine Ltd", "Pine Ltd", "Elm", "Elm"]
    assert codes_at(found, 0) == codes_at(found, 2) == set()
    assert codes_at(found, 3) == {"linked_account_unused"}


def test_a_mixed_list_without_account_names_names_the_others_after_their_people():
    found = rows_checked(TARGETS, ("Ann Alder", "Pine Ltd"), ("Bo Ash", ""))
    assert found.columns["account.name"] == ["Pine Ltd", "Bo Ash"]
    assert found.made_up == {1}
