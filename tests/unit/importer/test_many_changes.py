"""Tests what a change of many records makes of one: it does what it says, and nothing when it is made again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.importer.directory.many_changes import (
    ManyAccounts,
    beyond_rights,
    checked_many,
    of_record,
    switched,
)
from services.importer.directory.record_fields import applied
from shared.plumbing.directory_store import DEFAULTS

TAGS = st.lists(st.sampled_from(["a", "b", "c"]), unique=True)
RECORDS = st.fixed_dictionaries(
    {"_id": st.just("f/1")},
    optional={
        "tags": TAGS.filter(bool),
        "assignees": st.just(["an"]),
        "language": st.sampled_from(["nl", "fr"]),
        "folder_template": st.just("T"),
        "questionnaire": st.just({"name": "Q", "status": "completed"}),
    },
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "add_tags": TAGS,
        "remove_tags": TAGS,
        "add_assignees": st.just(["bob"]),
        "remove_assignees": st.just(["an"]),
        "language": st.sampled_from(["nl", None]),
        "folder_template": st.sampled_from(["T", "U", None]),
        "questionnaire": st.sampled_from(["Q", "R", None]),
    },
)


@given(record=RECORDS, changes=CHANGES)
def test_a_change_does_what_it_says_and_once_more_does_nothing(
    record: dict[str, Any], changes: dict[str, Any]
) -> None:
    after: dict[str, Any] = applied(record, of_record(record, changes))
    assert of_record(after, changes) == {}
    tags = set(after.get("tags", ()))
    added, removed = set(changes.get("add_tags", ())), set(changes.get("remove_tags", ()))
    assert tags == (set(record.get("tags", ())) | added) - removed
    for name in ("language", "folder_template"):
        assert after.get(name) == (changes[name] if name in changes else record.get(name))
    form = record.get("questionnaire")
    if changes.get("questionnaire", "Q") == "Q" and form:
        assert after["questionnaire"] == form  # one that is filled in stays so


@pytest.mark.parametrize("body", [{"changes": {}}, {"ids": [], "filter": {}, "changes": {}}, {"ids": []}])
def test_either_ids_or_a_filter_say_which_records_change(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ManyAccounts().load(body)


def test_what_the_firm_does_not_have_and_what_needs_a_right_is_refused_at_its_place() -> None:
    changes: Any = {"add_tags": ["new"], "add_assignees": ["an"], "language": "xx", "folder_template": "?"}
    _, found = checked_many("account", changes, DEFAULTS)
    beyond = beyond_rights("account", found, DEFAULTS, [], "me")
    assert {each.part for each in found.refused} == {"add_assignees", "language", "folder_template"}
    assert beyond.keys() == {"add_tags"}


def test_values_of_many_are_checked_as_those_of_one() -> None:
    firm: Any = {
        **DEFAULTS,
        "tags": ["VIP klant"],
        "team_members": [{"id": "an", "name": "An Maes"}, {"id": "bob", "name": "Bob"}],
        "folder_templates": ["Société"],
    }
    changes: Any = {
        "add_tags": ["vip KLANT", "Nieuw; Oud"],
        "remove_tags": ["vip klant"],
        "add_assignees": ["maes, an"],
        "remove_assignees": ["bob", "gone"],
        "language": "Néerlandais",
        "folder_template": "societe",
        "questionnaire": "personal INCOME tax",
    }
    checked, found = checked_many("account", changes, firm)
    assert found.refused == []
    assert checked == {
        "add_tags": ["VIP klant", "Nieuw", "Oud"],
        "remove_tags": ["VIP klant"],
        "add_assignees": ["an"],
        "remove_assignees": ["bob", "gone"],
        "language": "nl",
        "folder_template": "Société",
        "questionnaire": "Personal income tax",
    }
    assert {each.part for each in found.fixes} >= {"add_tags", "add_assignees", "language"}
    emptied, _ = checked_many("account", {"language": "n/a"}, firm)
    assert emptied == {"language": None}


def test_switches_of_every_address_of_a_link_change() -> None:
    now = {"contact.email": {"login": True, "notify": True}, "contact.email_secondary": {"login": False}}
    then = switched(now, {"login": False})
    assert then == {
        "contact.email": {"login": False, "notify": True},
        "contact.email_secondary": {"login": False},
    }
    assert switched(then, {"login": False}) is None
