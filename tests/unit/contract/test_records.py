"""Tests what an update changes, field by field, under each policy."""

from typing import Any

import pytest

from shared.contract.documents.chunk import Change
from shared.contract.records import CLEAR, difference


@pytest.mark.parametrize(
    ("have", "value", "merge", "changed"),
    [
        (None, "Gent", {}, "set"),
        ("Gent", "Gent", {}, None),
        ("Gent", "Brugge", {}, "kept"),
        ("Gent", "Brugge", {"city": "overwrite"}, "set"),
        (None, "Brugge", {"city": "never"}, "kept"),
        ("Gent", CLEAR, {}, "unset"),
        ("Gent", CLEAR, {"city": "never"}, "kept"),
        (None, CLEAR, {}, None),
    ],
)
def test_a_single_value_follows_its_policy(
    have: Any, value: str, merge: dict[str, str], changed: str | None
) -> None:
    change, kept = difference({"city": have}, {"city": value}, merge)
    found = (
        "kept" if kept else next((part for part in ("set", "unset", "add") if getattr(change, part)), None)
    )
    assert found == changed
    if change.was:
        assert change.was == {"city": have}


def test_lists_are_added_to_and_never_replaced() -> None:
    change, kept = difference({"tags": ["a"]}, {"tags": ["a", "b"]}, {"tags": "overwrite"})
    assert (change.add, change.was, kept) == ({"tags": ["b"]}, {"tags": ["a"]}, {})


def test_a_list_that_says_nothing_new_changes_nothing() -> None:
    assert difference({"tags": ["a"]}, {"tags": ["a"]}, {}) == (Change(), {})


def test_where_records_are_to_be_left_alone_differences_are_only_shown() -> None:
    change, kept = difference({"city": None}, {"city": "Gent"}, {}, "never")
    assert (change, kept) == (Change(), {"city": [None, "Gent"]})


def test_a_part_that_is_called_otherwise_than_its_field_follows_the_policy_of_the_field() -> None:
    change, kept = difference({"assignees": ["a"]}, {"assignees": ["b"]}, {"team_members": "never"})
    assert (change, kept) == (Change(), {"assignees": [["a"], ["b"]]})


def test_custom_fields_are_compared_where_records_keep_them() -> None:
    change, _ = difference({"custom": {"Size": ["S"]}}, {"custom.Size": ["S", "M"]}, {})
    assert (change.add, change.was) == ({"custom.Size": ["M"]}, {"custom.Size": ["S"]})
