"""Tests which records of the firm rows mean, by the evidence in the rows, on a directory in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.match_keys import make_keys
from services.validator.match.identified import Identified
from services.validator.match.identifying import identify_rows
from tests.unit.validator.planned import record, settings

JOB: Any = {"_id": "job", "settings": settings(), "source": {"chunks": [2, 3]}}


class Directory:
    """The records of a firm, by collection; links are pairs of an account and a contact."""

    firm = "f"

    def __init__(self, links: Sequence[tuple[str, str]] = (), **records: Sequence[Any]) -> None:
        self.links = links
        self.records: dict[str, dict[str, Any]] = {"accounts": {}, "contacts": {}}
        for kind, own in records.items():
            self.records[kind] = {one["_id"]: one for one in own}

    def is_empty(self, kind: str) -> bool:
        return not self.records[kind]

    def fetch(self, kind: str, ids: Iterable[str], session: None = None, *only: str) -> dict[str, Any]:
        return {one: self.records[kind][one] for one in ids if one in self.records[kind]}

    def holders(self, kind: str, keys: Sequence[int]) -> list[Any]:
        return [one for one in self.records[kind].values() if not set(keys).isdisjoint(one["keys"])]

    def people_of(self, accounts: Iterable[str]) -> list[Any]:
        return [{"account": a, "contact": c} for a, c in self.links if a in set(accounts)]

    def accounts_of(self, contacts: Iterable[str]) -> list[Any]:
        return [{"account": a, "contact": c} for a, c in self.links if c in set(contacts)]


def identified(
    directory: Directory, columns: Mapping[str, Sequence[Any]], **more: Any
) -> tuple[dict[str, Identified], CheckedRows]:
    """What rows mean that have these values, by field key."""
    count = len(next(iter(columns.values())))
    found = CheckedRows(columns={key: list(values) for key, values in columns.items()}, **more)
    make_keys(found, count, frozenset())
    positions = [(1, offset) for offset in range(count)]
    return identify_rows(directory, lambda kind, key: f"f/{kind}:{key}", JOB, found, positions), found


def codes(found: CheckedRows) -> list[tuple[int, str, str]]:
    return [(problem.offset, problem.field, problem.code) for problem in found.problems]


BAKERY = record("account", "f/a1", name="Bakery", client_code="K1")


def test_a_client_code_finds_its_account_whatever_the_case() -> None:
    slots, found = identified(
        Directory(accounts=[BAKERY]), {"account.name": ["Bakery"], "account.client_code": ["k1"]}
    )
    assert slots["account"].ids == ["f/a1"]
    assert slots["account"].matched == [0]
    assert slots["account"].known_keys.keys() == {0}
    assert codes(found) == []


def test_a_code_beside_an_unlike_name_is_a_question_and_the_row_is_bad() -> None:
    columns = {"account.name": ["Garage"], "account.client_code": ["K1"]}
    slots, found = identified(Directory(accounts=[BAKERY]), columns)
    assert codes(found) == [(0, "account.name", "known_by_another_name")]
    assert found.problems[0].params["candidates"] == [{"id": "a1", "name": "Bakery", "client_code": "K1"}]
    assert (found.bad, slots["account"].matched) == ({0}, [])


def test_a_decision_answers_the_question() -> None:
    columns = {"account.name": ["Garage"], "account.client_code": ["K1"]}
    same, _ = identified(Directory(accounts=[BAKERY]), columns, decisions={0: {"is": "same"}})
    assert same["account"].ids == ["f/a1"]
    new, found = identified(Directory(accounts=[BAKERY]), columns, decisions={0: {"is": "new"}})
    assert new["account"].matched == []
    assert found.bad == set()


def test_another_client_code_under_one_name_is_another_account_and_the_similar_one_is_named() -> None:
    columns = {"account.name": ["Bakery"], "account.client_code": ["K2"]}
    slots, found = identified(Directory(accounts=[BAKERY]), columns)
    assert slots["account"].matched == []
    assert codes(found) == [(0, "account.name", "similar_record")]


def test_the_name_of_a_person_within_a_known_account_finds_the_person() -> None:
    jan = record("contact", "f/c1", first_name="Jan", last_name="Peeters")
    directory = Directory([("f/a1", "f/c1")], accounts=[BAKERY], contacts=[jan])
    columns = {"account.client_code": ["K1", "K9"], "account.name": ["Bakery", "Garage"]}
    people = {"contact.first_name": ["Jan", "Jan"], "contact.last_name": ["Peeters", "Peeters"]}
    slots, _ = identified(directory, {**columns, **people})
    assert slots["contact"].ids[0] == "f/c1"
    assert slots["contact"].matched == [0]


def test_a_person_of_whom_only_the_name_is_known_is_a_question() -> None:
    jan = record("contact", "f/c1", first_name="Jan", last_name="Peeters")
    columns = {"contact.first_name": ["Jan"], "contact.last_name": ["Peeters"]}
    _, found = identified(Directory(contacts=[jan]), columns)
    assert codes(found) == [(0, "contact.last_name", "namesake_in_firm")]


def test_an_id_that_no_record_has_is_a_problem() -> None:
    slots, found = identified(
        Directory(accounts=[BAKERY]), {"account.name": ["Bakery", "b"]}, own={"account": {0: "a1", 1: "zz"}}
    )
    assert slots["account"].matched == [0]
    assert codes(found) == [(1, "account.name", "unknown_record")]


def test_a_new_record_has_an_id_that_follows_from_its_strongest_key_else_from_its_place() -> None:
    columns = {"account.name": ["Bakery", None], "account.client_code": ["K1", None]}
    slots, found = identified(Directory(), columns)
    assert slots["account"].ids == [f"f/accounts:{found.keys['account'][0][0]}", "f/accounts:job:3:account"]


def test_a_new_record_does_not_take_the_id_of_a_renamed_one() -> None:
    columns = {"account.name": ["Bakery"]}
    slots, _ = identified(Directory(), columns)
    taken = slots["account"].ids[0]
    renamed = record("account", taken, name="Another")
    again, _ = identified(Directory(accounts=[renamed]), columns)
    assert again["account"].ids == [f"f/accounts:{taken}:job"]
