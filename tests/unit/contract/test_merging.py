"""Tests what an update changes, field by field, under each policy; values that belong together are never mixed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.documents.chunk import Change
from shared.contract.merging import (
    ASK,
    CREATE_ONLY,
    FILL_EMPTY,
    MODES,
    NEVER,
    OF_STREET,
    OVERWRITE,
    POLICIES,
    STREET,
    TOGETHER,
    Merge,
    differ,
    difference,
    merge_of,
    with_companions,
)
from shared.contract.records import CLEAR
from tests.unit.validator.planned import settings


def merged(existing: Mapping[str, Any], values: Mapping[str, Any], merge: Merge) -> dict[str, Any]:
    """The record after the update."""
    change, _ = difference(existing, values, merge)
    after = {**existing, **change.set}
    return {name: value for name, value in after.items() if name not in change.unset}


@pytest.mark.parametrize(
    ("have", "value", "policy", "changed"),
    [
        (None, "x", FILL_EMPTY, "set"),
        ("x", "x", FILL_EMPTY, None),
        ("x", "y", FILL_EMPTY, "kept"),
        ("x", "y", ASK, "kept"),
        (None, "y", ASK, "set"),
        ("x", "y", OVERWRITE, "set"),
        (None, "y", NEVER, "kept"),
        ("x", CLEAR, FILL_EMPTY, "unset"),
        ("x", CLEAR, NEVER, "kept"),
        (None, CLEAR, FILL_EMPTY, None),
    ],
)
def test_a_single_value_follows_its_policy(have: Any, value: str, policy: str, changed: str | None) -> None:
    for merge in (Merge({"notes": policy}), Merge(otherwise=policy)):
        change, kept = difference({"notes": have}, {"notes": value}, merge)
        parts = ("set", "unset", "add")
        found = "kept" if kept else next((part for part in parts if getattr(change, part)), None)
        assert found == changed
        assert change.was in ({}, {"notes": have})


def test_lists_are_added_to_and_never_replaced() -> None:
    change, kept = difference({"tags": ["a"]}, {"tags": ["a", "b"]}, Merge({"tags": OVERWRITE}))
    assert (change.add, change.was, kept) == ({"tags": ["b"]}, {"tags": ["a"]}, {})


def test_a_list_that_says_nothing_new_changes_nothing() -> None:
    assert difference({"tags": ["a"]}, {"tags": ["a"]}, Merge()) == (Change(), {})


def test_a_part_that_is_called_otherwise_than_its_field_follows_the_policy_of_the_field() -> None:
    change, kept = difference({"assignees": ["a"]}, {"assignees": ["b"]}, Merge({"team_members": NEVER}))
    assert (change, kept) == (Change(), {"assignees": [["a"], ["b"]]})


def test_custom_fields_are_compared_where_records_keep_them() -> None:
    change, _ = difference({"custom": {"Size": ["S"]}}, {"custom.Size": ["S", "M"]}, Merge())
    assert (change.add, change.was) == ({"custom.Size": ["M"]}, {"custom.Size": ["S"]})


PARTS = (STREET, *OF_STREET, "country")
TEXTS = st.sampled_from([None, "a", "b", "A", "á"])
ADDRESSES = st.fixed_dictionaries(dict.fromkeys(PARTS, TEXTS))


@given(ADDRESSES, ADDRESSES, st.sampled_from([FILL_EMPTY, ASK]))
def test_an_address_is_that_of_the_client_completed_or_untouched(
    have: dict[str, Any], given_: dict[str, Any], policy: str
) -> None:
    row = {name: value for name, value in given_.items() if value}
    after = merged(have, row, Merge(otherwise=policy))
    if any(differ(have[name], value) for name, value in row.items()):
        assert after == have
    else:
        assert after == {name: have[name] or given_[name] for name in PARTS}


@given(ADDRESSES, ADDRESSES)
def test_where_the_file_wins_and_names_a_new_street_nothing_of_the_old_place_is_left(
    have: dict[str, Any], given_: dict[str, Any]
) -> None:
    row = {name: value for name, value in given_.items() if value}
    after = merged(have, row, Merge(otherwise=OVERWRITE))
    for name in PARTS:
        if name in row:
            assert after[name] == row[name]
        elif name in OF_STREET and differ(have[STREET], given_[STREET]):
            assert not after.get(name)
        else:
            assert after[name] == have[name]


def test_a_name_is_never_put_together_from_two() -> None:
    have = {"first_name": "An", "last_name": "Maes"}
    assert merged(have, {"first_name": "Jo", "middle_name": "K", "last_name": "Maes"}, Merge()) == have


def test_a_field_in_which_the_row_is_taken_takes_its_companions_along() -> None:
    have = {STREET: "Old 1", "city": "Gent", "notes": "n"}
    row = {STREET: "New 2", "city": "Brugge", "notes": "m"}
    after = merged(have, row, Merge().taking(["city"]))
    assert after == {**row, "notes": "n"}
    assert with_companions(["notes"]) == {"notes"}
    assert with_companions([]) == set()


def test_an_exception_for_one_part_counts_for_that_part() -> None:
    have = {STREET: "Old 1", "city": "Gent"}
    after = merged(have, {STREET: "New 2", "city": "Brugge"}, Merge({"city": OVERWRITE}))
    assert after == {STREET: "Old 1", "city": "Brugge"}


def test_settings_say_how_accounts_and_contacts_are_merged() -> None:
    chosen = settings(merge={"account.city": OVERWRITE, "contact.custom.f1": NEVER}, merge_default=ASK)
    assert merge_of(chosen, "account") == Merge({"city": OVERWRITE}, ASK)
    assert merge_of(chosen, "contact") == Merge({"custom.f1": NEVER}, ASK)
    assert merge_of(settings(), "contact").policy("email") == OVERWRITE
    assert merge_of(settings(), "account").policy("email") == FILL_EMPTY
    untouched = merge_of(settings(mode=CREATE_ONLY, merge={"account.city": OVERWRITE}), "account")
    assert {untouched.policy("city"), untouched.policy("name")} == {NEVER}


def test_every_mode_and_policy_has_its_words_on_the_page() -> None:
    from services.wizard.settings_view import DEFAULTS, MERGES
    from services.wizard.settings_view import MODES as SHOWN

    assert (set(DEFAULTS), set(MERGES) - {""}, set(SHOWN)) == (set(POLICIES), set(POLICIES), set(MODES))


def test_groups_share_no_field() -> None:
    assert len(frozenset.union(*TOGETHER)) == sum(map(len, TOGETHER))
