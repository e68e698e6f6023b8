"""Tests that saved mappings are found by headers, also when columns were moved or added."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.mapper.settings.confirmed_mapping import confirm_mapping
from services.mapper.settings.profiles import find_profile, profile_of
from services.mapper.settings.suggested_mapping import first_mapping

KIND = "accounts_and_contacts"


def columns(*headers: str) -> list[dict[str, Any]]:
    return [{"index": at, "header": h, "samples": [], "fill": 1.0} for at, h in enumerate(headers)]


def saved(*headers: str, **chosen: Any) -> dict[str, Any]:
    """A profile in which the columns named in `chosen` fill custom fields of that name."""
    given = [
        {"index": at, "action": "custom", "custom": {"name": chosen[h], "type": "text"}}
        if h in chosen
        else {"index": at, "action": "skip"}
        for at, h in enumerate(headers)
    ]
    own = columns(*headers)
    mapping = confirm_mapping({"columns": given}, own, KIND, first_mapping(own, KIND))
    return {
        **profile_of(mapping, KIND),
        "id": "1",
        "name": "March",
        "saved_at": datetime(2026, 3, 3, tzinfo=UTC),
    }


def test_the_same_headers_are_mapped_as_before() -> None:
    profile = saved("Name", "Vet", "Email", Vet="Animal")
    mapping = first_mapping(columns("Name", "Vet", "Email"), KIND, profiles=[profile])
    assert [c["action"] for c in mapping["columns"]] == ["skip", "custom", "skip"]
    assert mapping["recognised"]["profile"] == {"id": "1", "name": "March", "saved_at": "2026-03-03"}


def test_a_moved_column_keeps_its_field_and_a_new_one_gets_a_suggestion() -> None:
    profile = saved("Code", "Vet", "Shoe", "Hat", "Dog", "Cat", Vet="Animal")
    mapping = first_mapping(
        columns("Hat", "Vet", "Code", "Shoe", "Dog", "Cat", "Email"), KIND, profiles=[profile]
    )
    actions = {c["header"]: (c["action"], c["target"]) for c in mapping["columns"]}
    assert actions["Vet"] == ("custom", None)
    assert actions["Email"] == ("sync", "contact.email")


def test_other_headers_and_other_kinds_are_not_recognised() -> None:
    profile = saved("Name", "Vet", "Email")
    assert find_profile(["First", "Last", "Street"], KIND, [profile]) is None
    assert find_profile(["Name", "Vet", "Email"], "contacts", [profile]) is None


def test_a_column_called_like_a_custom_field_of_the_firm_fills_it() -> None:
    custom = [{"id": "f12", "name": "Shoe size", "type": "number", "record": "contact"}]
    mapping = first_mapping(columns("Account name", "shoe SIZE"), KIND, custom)
    assert (mapping["columns"][1]["action"], mapping["columns"][1]["custom"]) == ("custom", custom[0])
