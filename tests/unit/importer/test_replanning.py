"""Tests the new plan of a record that was changed since the review."""

from __future__ import annotations

from typing import Any

import pytest

from services.importer.load.replanning import refitted
from shared.contract.documents.chunk import Create, Update
from shared.contract.keys import keys_of
from shared.contract.merging import Merge


def record(**values: Any) -> Any:
    return {"_id": "firm/1", "revision": 7, "job": None, "keys": keys_of("account", values), **values}


def update(**parts: Any) -> Update:
    return Update(id="firm/1", row=3, slot="account", revision=1, made_by=None, **parts)


@pytest.mark.parametrize(
    ("policy", "now", "written"),
    [
        ("fill_empty", None, "planned"),
        ("fill_empty", "by hand", None),
        ("overwrite", "by hand", "planned"),
        ("never", None, None),
    ],
)
def test_a_value_is_written_where_the_policy_of_its_field_says_so(
    policy: str, now: str | None, written: str | None
) -> None:
    current = record(name="Café", **({"notes": now} if now else {}))
    found = refitted(current, update(set={"notes": "planned"}), Merge({"notes": policy}))
    if written is None:
        assert found is None
    else:
        assert found
        assert (found.set, found.was, found.revision) == ({"notes": written}, {"notes": now}, 7)


def test_lists_are_added_to_and_values_cleared_as_far_as_they_are_there_now() -> None:
    current = record(name="Café", tags=["a", "b"], notes="by hand")
    found = refitted(current, update(add={"tags": ["b", "c"]}, unset=["notes", "website"]), Merge())
    assert found
    assert (found.add, found.unset) == ({"tags": ["c"]}, ["notes"])
    assert found.was == {"tags": ["a", "b"], "notes": "by hand"}


def test_a_record_that_somebody_else_made_meanwhile_is_filled_instead_of_made() -> None:
    values = {"name": "Café", "client_code": "C1", "tags": ["new"], "custom": {"Sector": "food"}}
    planned = Create(id="firm/1", row=0, slot="account", record=values)
    found = refitted(record(name="Café"), planned, Merge())
    assert found
    keys = keys_of("account", {"name": "Café", "client_code": "C1"})
    assert found.set == {"client_code": "C1", "custom.Sector": "food", "keys": keys}
    assert found.add == {"tags": ["new"]}
