"""Tests what a person without a right may choose in a mapping and in settings, and how the rest is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.mapper.settings.confirmed_mapping import MappingError, confirm_mapping
from services.mapper.settings.custom_columns import fields_not_allowed
from services.mapper.settings.job_settings import (
    Chooser,
    SettingsError,
    confirm_settings,
    first_settings,
    settings_not_allowed,
)
from services.mapper.settings.profiles import profile_of
from services.mapper.settings.suggested_mapping import first_mapping, shown
from shared.contract.rights import ASSIGN_TEAM_MEMBERS, MANAGE_TAGS, RIGHTS

KIND = "accounts"
COLUMNS = [
    {"index": 0, "header": "Account name", "samples": ["Bakery"], "fill": 1.0},
    {"index": 1, "header": "Shoe size", "samples": ["42"], "fill": 1.0},
]
SIZE = {"id": "f12", "record": "account", "name": "Size", "type": "text"}
REFERENCE: dict[str, Any] = {
    "team_members": [
        {"id": one, "name": one.title(), "email": f"{one}@firm.be"} for one in ("anna", "bruno")
    ],
    "tags": ["vip"],
    "custom_fields": [],
    "folder_templates": [],
    "questionnaires": [],
    "languages": ["en"],
    "locale": {"language": "en"},
}
ANNA = Chooser(frozenset(), frozenset({"anna"}))


def given(**custom: Any) -> dict[str, Any]:
    """A mapping of which the second column fills a custom field."""
    name = {"index": 0, "action": "sync", "target": "account.name"}
    return {"columns": [name, {"index": 1, "action": "custom", "custom": {**SIZE, **custom}}]}


def mapped(known: list[dict[str, Any]], **how: Any) -> dict[str, Any]:
    """The mapping as somebody without the right confirms it."""
    return confirm_mapping(
        given(), COLUMNS, KIND, first_mapping(COLUMNS, KIND), known, may_create=False, **how
    )


def chosen(chooser: Chooser = ANNA, **settings: Any) -> dict[str, Any]:
    """Settings as a person chooses them."""
    mapping = first_mapping(COLUMNS, KIND)
    return confirm_settings(settings, first_settings(mapping, REFERENCE), mapping, REFERENCE, chooser)


def test_a_new_custom_field_is_refused_at_its_column() -> None:
    with pytest.raises(MappingError) as refused:
        mapped([])
    assert refused.value.problems == [
        {"column": 1, "code": "may_not_create_custom_field", "params": {"value": "Size"}}
    ]


def test_a_custom_field_that_the_firm_has_may_be_filled() -> None:
    assert mapped([SIZE])["columns"][1]["custom"] == SIZE


def test_a_field_of_that_name_on_the_other_record_is_another_field() -> None:
    whole = confirm_mapping(given(), COLUMNS, KIND, first_mapping(COLUMNS, KIND))
    assert fields_not_allowed(whole["columns"], [{**SIZE, "record": "contact"}])
    assert not fields_not_allowed(whole["columns"], [SIZE])


@pytest.mark.parametrize(("may_create", "action"), [(True, "custom"), (False, "skip")])
def test_a_saved_mapping_proposes_new_fields_only_to_who_may_make_them(may_create: bool, action: str) -> None:
    whole = confirm_mapping(given(), COLUMNS, KIND, first_mapping(COLUMNS, KIND))
    profile = {
        **profile_of(whole, KIND),
        "id": "p1",
        "name": "ours",
        "saved_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    again = first_mapping(COLUMNS, KIND, [], [profile], may_create=may_create)
    assert [column["action"] for column in again["columns"]] == ["sync", action]
    known = first_mapping(COLUMNS, KIND, [SIZE], [profile], may_create=may_create)
    assert known["columns"][1]["custom"] == SIZE


def test_a_new_field_is_offered_only_to_who_may_make_it() -> None:
    mapping = first_mapping(COLUMNS, KIND)
    assert shown(mapping, "en")["columns"][1]["suggested_custom"]["name"] == "Shoe size"
    assert shown(mapping, "en", may_create=False)["columns"][1]["suggested_custom"] is None


def test_settings_and_rules_may_not_make_tags_or_assign_others_without_the_right() -> None:
    rule = {"when": [{"column": 1, "is": "42"}], "then": {"tags": ["vip", "big"], "assignees": ["bruno"]}}
    with pytest.raises(SettingsError) as refused:
        chosen(tags=["vip", "late"], assignees=["anna", "bruno"], rules=[rule])
    assert [(p["setting"], p["code"], p["params"]["value"]) for p in refused.value.problems] == [
        ("tags", "may_not_create_tag", "late"),
        ("assignees", "may_not_assign", "bruno"),
        ("rules.0.tags", "may_not_create_tag", "big"),
        ("rules.0.assignees", "may_not_assign", "bruno"),
    ]


def test_known_tags_and_oneself_may_be_chosen_by_anybody() -> None:
    assert chosen(tags=["vip"], assignees=["anna"])["assignees"] == ["anna"]


def test_each_right_lifts_its_own_refusals() -> None:
    everything = chosen(Chooser(frozenset(RIGHTS)), tags=["late"], assignees=["bruno"])
    for right, left in ((MANAGE_TAGS, "assignees"), (ASSIGN_TEAM_MEMBERS, "tags")):
        problems = settings_not_allowed(everything, REFERENCE, Chooser(frozenset({right})))
        assert [problem["setting"] for problem in problems] == [left]
