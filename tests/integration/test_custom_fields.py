"""Tests custom fields of any name: their values are kept, shown, merged and undone."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError
from pymongo.database import Database

from services.importer.directory.record_answers import show_record
from services.mapper.settings.confirmed_mapping import confirm_mapping
from services.mapper.settings.suggested_mapping import first_mapping
from shared.contract.custom_fields import CustomName, Names, id_of, kept, with_id
from shared.plumbing.directory_store import DirectoryStore
from tests.examples import examples
from tests.integration.carrying import Carried, Record, snapshot

ODD = (
    "Nr. client", "$x", "a$b.c", "%2E", "Ünïcode ñ", "日本語", "🎉", "a/b\\c", '"q"', "{x}", "custom.x", ".", "..",
    "...", "$", "0", "_id", "$set.custom", "name", "a" * 60, "x\u202ey", "#1",
)  # fmt: skip
NAMES = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=60)
VALUES = st.sampled_from(["", "one", "two", "__CLEAR__"])


def mapping_with(custom: dict[str, Any], known: list[dict[str, Any]]) -> dict[str, Any]:
    """A confirmed mapping of a list of clients with codes and one custom field."""
    headers = ["Client code", "Account name", custom["name"]]
    columns = [
        {"index": at, "name": name, "header": name, "samples": [], "fill": 1.0}
        for at, name in enumerate(headers)
    ]
    chosen = [
        {"index": 0, "action": "sync", "target": "account.client_code"},
        {"index": 1, "action": "sync", "target": "account.name"},
        {"index": 2, "action": "custom", "custom": custom},
    ]
    kind = "accounts_and_contacts"
    return confirm_mapping({"columns": chosen}, columns, kind, first_mapping(columns, kind, known), known)


@pytest.fixture(scope="module")
def db(shared_database: Database[Record]) -> Database[Record]:
    return shared_database


@settings(
    max_examples=examples(20),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(name=NAMES, kind=st.sampled_from(["text", "choice"]), before=VALUES, then=VALUES)
def test_values_under_any_name_are_kept_and_undone(
    db: Database[Record], name: str, kind: str, before: str, then: str
) -> None:
    try:
        name = CustomName().deserialize(name)
    except ValidationError:
        return
    firm = f"firm-{uuid.uuid4().hex[:10]}"
    directory = DirectoryStore(db, firm)
    custom = {"record": "account", "name": name, "type": kind}
    first = Carried(db, firm, [["K1", "Cedar", before]], mapping_with(custom, [])).loaded()
    was, known = snapshot(db, firm), directory.reference()["custom_fields"]
    merge = {f"account.custom.{id_of(known[0])}": "overwrite"}
    second = Carried(db, firm, [["K1", "Cedar", then]], mapping_with(custom, known), merge=merge).loaded()
    (record,) = db.accounts.find({"firm": firm})
    fields = show_record(record, "accounts", Names(directory.reference()["custom_fields"]))["fields_"]
    if kind == "choice" and known[0].get("choices") and then not in ("", "__CLEAR__", before):
        then = ""  # a choice that the field does not have is left out
    expected = {"": before if before != "__CLEAR__" else "", "__CLEAR__": ""}.get(then, then)
    assert fields.get("custom", {}).get(name, "") == expected
    second.undone()
    assert snapshot(db, firm) == was
    first.undone()
    assert list(db.accounts.find({"firm": firm})) == []
    assert directory.reference()["custom_fields"] == []


@pytest.mark.parametrize("name", ["", " ", "a\0b", "a\x1bb", "\x7f", "a" * 61, "\ud800"])
def test_names_that_nobody_can_type_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        CustomName().deserialize(name)


def test_a_field_keeps_its_id_when_it_is_renamed_and_a_new_one_never_takes_it() -> None:
    old = with_id({"record": "account", "name": "Sector", "type": "text"}, [])
    (renamed,) = kept([{**old, "name": "Branch"}], [old])
    assert (renamed["id"], renamed["name"]) == (old["id"], "Branch")
    fresh = with_id({"record": "account", "name": "Sector", "type": "text"}, [renamed])
    assert fresh["id"] != renamed["id"]
    assert [each["id"] for each in kept([renamed, fresh], [renamed, fresh])] == [renamed["id"], fresh["id"]]


@pytest.mark.parametrize(
    "given_twice",
    [
        [{"name": "A"}, {"name": "A"}],
        [{"name": "A", "id": "nobody"}],
        [{"name": "A", "id": "one"}, {"name": "B", "id": "one"}],
    ],
)
def test_a_name_or_id_given_twice_or_of_no_field_is_refused(given_twice: list[dict[str, str]]) -> None:
    before = [{"record": "account", "name": "X", "type": "text", "id": "one"}]
    with pytest.raises(ValueError, match=r"\d"):
        kept([{"record": "account", "type": "text", **each} for each in given_twice], before)


def test_a_field_from_before_there_were_ids_has_its_name_as_its_id() -> None:
    assert id_of({"record": "account", "name": "Sector", "type": "text"}) == "Sector"
    assert "." not in id_of({"record": "account", "name": "Nr. client", "type": "text"})
