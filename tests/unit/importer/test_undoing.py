"""Tests how a changed record gets its earlier values back, and when a created record is removed."""

from __future__ import annotations

from typing import Any

import pytest

from services.importer.undo.undoing import CHANGED_SINCE, USED_SINCE, ends_of, restored, verdict
from shared.contract.documents.chunk import Before
from shared.contract.keys import keys_of

JOB = "job-1"


def record(**values: Any) -> Any:
    frame = {"_id": "firm/1", "firm": "firm", "revision": 2, "job": "earlier", "jobs": ["earlier", JOB]}
    return {**frame, "keys": keys_of("account", values), **values}


def entry(**parts: Any) -> Before:
    return Before(id="firm/1", row=0, slot="account", revision=1, made_by=None, like=1, **parts)


def test_a_value_unchanged_since_the_import_gets_the_earlier_one() -> None:
    found = restored(record(notes="new"), entry(set={"notes": "new"}, was={"notes": "old"}))
    assert (found.set, found.unset, found.kept) == ({"notes": "old"}, [], [])


def test_a_value_where_there_was_none_is_removed() -> None:
    found = restored(record(notes="new"), entry(set={"notes": "new"}, was={"notes": None}))
    assert (found.set, found.unset, found.kept) == ({}, ["notes"], [])


@pytest.mark.parametrize("now", ["by hand", None], ids=["changed", "cleared"])
def test_a_value_that_somebody_changed_since_is_kept(now: str | None) -> None:
    values = {"notes": now} if now else {}
    found = restored(record(**values), entry(set={"notes": "new"}, was={"notes": "old"}))
    assert (found.changes, found.kept) == (False, ["notes"])


def test_a_value_that_is_again_what_it_was_before_needs_nothing() -> None:
    found = restored(record(notes="old"), entry(set={"notes": "new"}, was={"notes": "old"}))
    assert (found.changes, found.kept) == (False, [])


def test_a_value_that_the_import_cleared_comes_back_unless_there_is_another_now() -> None:
    cleared = entry(unset=["notes"], was={"notes": "old"})
    assert restored(record(), cleared).set == {"notes": "old"}
    assert restored(record(notes="by hand"), cleared).kept == ["notes"]


@pytest.mark.parametrize(
    ("was", "now", "left"),
    [
        (["a"], ["a", "b"], ["a"]),
        (["a"], ["a", "b", "by hand"], ["a", "by hand"]),
        (["a"], ["b"], []),
        (None, ["b"], None),
        (None, ["b", "by hand"], ["by hand"]),
        ([], ["b"], []),
    ],
)
def test_what_was_added_to_a_list_is_taken_out_and_the_rest_stays(was: Any, now: Any, left: Any) -> None:
    found = restored(record(tags=now), entry(add={"tags": ["b"]}, was={"tags": was}))
    assert found.kept == []
    if left is None:
        assert found.unset == ["tags"]
    else:
        assert found.set == {"tags": left}


def test_the_last_custom_field_takes_the_whole_part_along() -> None:
    change = entry(set={"custom.Sector": "food"}, was={"custom.Sector": None})
    alone = restored(record(custom={"Sector": "food"}), change)
    beside = restored(record(custom={"Sector": "food", "Level": "high"}), change)
    assert alone.unset == ["custom"]
    assert beside.unset == ["custom.Sector"]


def test_the_keys_by_which_a_record_is_found_go_with_its_values() -> None:
    before, after = {"name": "Café", "client_code": "C1"}, {"name": "Café", "client_code": "C2"}
    old, new = keys_of("account", before), keys_of("account", after)
    change = entry(set={"client_code": "C2", "keys": new}, was={"client_code": "C1", "keys": old})
    assert restored(record(**after), change).set == {"client_code": "C1", "keys": old}
    renamed = record(name="Bar", client_code="C2")
    assert restored(renamed, change).set["keys"] == keys_of("account", {"name": "Bar", "client_code": "C1"})


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, None),
        ({"revision": 2}, CHANGED_SINCE),
        ({"jobs": [JOB, "job-2"]}, USED_SINCE),
        ({"revision": 3, "same_as": {"revision": 3, "as": 1}}, None),
        ({"revision": 4, "same_as": {"revision": 3, "as": 1}}, CHANGED_SINCE),
        ({"kept_for": [JOB]}, USED_SINCE),
    ],
)
def test_a_record_that_an_import_made_stays_where_it_was_changed_or_is_used(
    changed: dict[str, Any], why: str | None
) -> None:
    made = {"revision": 1, "job": JOB, "jobs": [JOB], **changed}
    assert verdict(made, JOB) == why


def test_the_ends_of_a_link_are_read_from_its_id() -> None:
    assert ends_of("firm.a/12:34") == {"accounts": "firm.a/12", "contacts": "firm.a/34"}
