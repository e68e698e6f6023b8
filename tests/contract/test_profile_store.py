"""Saved mappings: a name is of one mapping alone, however many save it at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.plumbing.profile_store import NameTaken, ProfileStore


def parts(*headers: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "accounts",
        "headers": list(headers),
        "fingerprint": "|".join(headers),
        "columns": [],
        **more,
    }


def test_saves_of_one_name_at_the_same_moment_make_one(db: Any) -> None:
    store = ProfileStore(db, "f")
    for name in ("March", "April", "Mai ü"):
        with ThreadPoolExecutor(8) as threads:
            saves = [threads.submit(store.save, parts(f"h{n % 3}"), name, "a", named=True) for n in range(16)]
            assert len({save.result() for save in saves}) == 1
        assert [each["name"] for each in store.all()].count(name) == 1


def test_a_rename_to_a_name_that_is_taken_is_refused_and_changes_nothing(db: Any) -> None:
    store = ProfileStore(db, "f")
    first, second = (store.save(parts(name), name, "a", named=True) for name in ("One", "Two"))
    with pytest.raises(NameTaken):
        store.rename(second, "One")
    assert (store.get(second) or {})["name"] == "Two"
    assert (store.rename(second, "Three") or {})["name"] == "Three"
    # the name is free again, and does not lead to the renamed one
    assert store.save(parts("Two"), "Two", "a", named=True) not in (first, second)
    assert store.rename("0" * 24, "Four") is None
    other = ProfileStore(db, "g")
    assert other.save(parts("One"), "One", "b", named=True) not in (first, second)


def test_an_import_renews_the_mapping_of_its_headers_and_leaves_name_and_settings(db: Any) -> None:
    store = ProfileStore(db, "f")
    named = store.save(parts("One", settings={"tags": ["VIP"]}), "March", "a", named=True)
    assert store.save(parts("One", values={}), "file.csv", "b", named=False) == named
    kept = store.get(named) or {}
    assert (kept["name"], kept["settings"], kept["named"]) == ("March", {"tags": ["VIP"]}, True)
    files = [store.save(parts(header), "file.csv", "b", named=False) for header in ("Two", "Three")]
    assert len({*files, named}) == 3
