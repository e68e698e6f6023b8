"""Tests merges of records and links without a database: nothing is lost, and undo gives back what was."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.importer.directory.merging import flat, join, join_links, part, part_links
from shared.contract.keys import keys_of
from shared.contract.records import link_id

AT = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = st.sampled_from(["Maes", "Peeters", "Zele", "x", "Café", "日本"])
VALUES = {
    "name": WORDS,
    "client_code": WORDS,
    "email": WORDS,
    "address_line1": WORDS,
    "city": WORDS,
    "notes": WORDS,
    "language": st.sampled_from(["nl", "fr"]),
    "tags": st.lists(st.sampled_from("abc"), unique=True, min_size=1),
    "custom": st.dictionaries(st.sampled_from(["f1", "f2"]), WORDS, min_size=1),
    "questionnaire": st.fixed_dictionaries({"name": WORDS, "status": st.just("sent")}),
}
CONTENT = st.fixed_dictionaries({}, optional=VALUES)


def record(identity: str, content: dict[str, Any]) -> Any:
    whole = {
        "_id": f"f/{identity}",
        "firm": "f",
        "revision": 3,
        "job": None,
        "jobs": [f"j{identity}"],
        **deepcopy(content),
    }
    return {**whole, "created_at": AT, "updated_at": AT, "keys": keys_of("account", content)}


def merge_of(kept: Any, other: Any, after: Any, **links: Any) -> Any:
    return {
        "_id": "f/m1", "kind": "accounts", "kept": kept["_id"], "gone": other["_id"], "records": [kept, other],
        "after": after, "links": [], "links_after": [], **links,
    }  # fmt: skip


def merged(one: dict[str, Any], two: dict[str, Any], take: list[str]) -> tuple[Any, Any, Any]:
    kept, other = record("a", one), record("b", two)
    after: Any = {**join("account", kept, other, take).after, "revision": kept["revision"] + 1}
    return kept, other, after


@given(one=CONTENT, two=CONTENT, take=st.lists(st.sampled_from(sorted(VALUES)), max_size=3))
def test_every_value_of_both_is_there_or_shown_as_different(one: Any, two: Any, take: list[str]) -> None:
    kept, other = record("a", one), record("b", two)
    joined = join("account", kept, other, take)
    shown = {each.part: each for each in joined.fields}
    for name, value in flat(other).items():
        assert shown[name].theirs == value
    for name, value in flat(kept).items():
        assert shown[name].mine == value
        if name == "tags":
            assert set(value) <= set(joined.after["tags"])  # type: ignore[call-overload]
    for name in set(take) & two.keys() - {"tags", "custom"}:
        assert joined.after[name] == two[name]
    assert {*kept["keys"], *other["keys"]} <= set(joined.after["keys"])  # type: ignore[call-overload]
    assert joined.after["jobs"] == ["ja", "jb"]


@given(one=CONTENT, two=CONTENT, take=st.lists(st.sampled_from(sorted(VALUES)), max_size=3))
def test_an_undone_merge_gives_both_back(one: Any, two: Any, take: list[str]) -> None:
    kept, other, after = merged(one, two, take)
    parted = part("account", merge_of(kept, other, after), after)
    assert parted.stays == []
    assert flat(parted.kept) == flat(kept)
    assert flat(parted.back) == flat(other)
    for was, now in ((kept, parted.kept), (other, parted.back)):
        assert (now["keys"], now["jobs"], now.get("merged_keys")) == (was["keys"], was["jobs"], None)
        assert now["same_as"] == {"revision": now["revision"], "as": 3}


@given(one=CONTENT, two=CONTENT, since=CONTENT)
def test_what_somebody_changed_since_stays_and_is_named(one: Any, two: Any, since: Any) -> None:
    kept, other, after = merged(one, two, [])
    since = {name: value for name, value in since.items() if name != "custom"}
    now: Any = {**after, **since, "revision": after["revision"] + 1, "jobs": [*after["jobs"], "later"]}
    parted = part("account", merge_of(kept, other, after), now)
    for name, value in since.items():
        if value != after.get(name):
            assert name in parted.stays
            if isinstance(value, list):
                assert set(value) - set(after.get(name, ())) <= set(parted.kept.get(name, ()))  # type: ignore[call-overload]
            else:
                assert parted.kept[name] == value
    assert parted.kept["jobs"] == ["ja", "later"]
    assert flat(parted.back) == flat(other)


@pytest.mark.parametrize(
    ("one", "two", "found"),
    [
        ({"kbo_number": "0403019261"}, {"kbo_number": "0202239951"}, ["number"]),
        ({"date_of_birth": "1980-01-01"}, {"date_of_birth": "1981-01-01"}, ["birth_date"]),
        ({"kbo_number": "0403019261"}, {"tax_id": "BE0403019261"}, []),
        ({"kbo_number": "0403019261"}, {}, []),
        ({"client_code": "1"}, {"client_code": "2"}, []),
    ],
)
def test_other_numbers_and_birth_dates_contradict(one: Any, two: Any, found: list[str]) -> None:
    assert join("account", record("a", one), record("b", two), []).contradictions == found


def link(account: str, contact: str, *relationship: str, **switches: bool) -> Any:
    made = {
        "_id": link_id(f"f/{account}", f"f/{contact}"), "firm": "f", "account": f"f/{account}",
        "contact": f"f/{contact}", "job": "j", "created_at": AT, "switches": {"contact.email": switches},
    }  # fmt: skip
    return {**made, **({"relationship": list(relationship)} if relationship else {})}


def test_links_to_one_contact_become_one_with_what_both_had() -> None:
    links = [
        link("b", "1", "Owner", login=True),
        link("a", "1", "Director", login=False, notify=True),
        link("b", "2"),
    ]
    joined = join_links("accounts", "f/a", "f/b", links)
    assert [each["_id"] for each in joined] == ["f/a:1", "f/a:2"]
    assert joined[0]["relationship"] == ["Director", "Owner"]
    assert joined[0]["switches"] == {"contact.email": {"login": True, "notify": True}}


PAIRS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("1234")), unique=True)


@given(pairs=PAIRS, kind=st.sampled_from(["accounts", "contacts"]))
def test_links_are_as_before_once_a_merge_is_undone(pairs: list[tuple[str, str]], kind: str) -> None:
    links = [link(*(pair if kind == "accounts" else pair[::-1]), "Owner") for pair in pairs]
    after = join_links(kind, "f/a", "f/b", deepcopy(links))
    assert len({each["_id"] for each in after}) == len(after)
    ends = {each["contact" if kind == "accounts" else "account"] for each in links}
    assert {each["contact" if kind == "accounts" else "account"] for each in after} == ends  # type: ignore[literal-required]
    nobody = record("a", {})
    merge = merge_of(nobody, record("b", {}), nobody, links=links, links_after=after)
    back, changed = part_links(kind, merge, after)
    assert changed == []
    assert sorted(back, key=lambda each: each["_id"]) == sorted(links, key=lambda each: each["_id"])


def test_a_link_that_was_removed_since_does_not_come_back_and_one_that_was_made_since_stays() -> None:
    links = [link("b", "1"), link("a", "2")]
    after = join_links("accounts", "f/a", "f/b", deepcopy(links))
    nobody = record("a", {})
    merge = merge_of(nobody, record("b", {}), nobody, links=links, links_after=after)
    back, changed = part_links("accounts", merge, [link("a", "2"), link("a", "3")])
    assert {each["_id"] for each in back} == {"f/a:2", "f/a:3"}
    assert changed == ["f/a:1", "f/a:3"]
