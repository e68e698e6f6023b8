"""Fields that a layout makes mandatory: suggested with it, checked in each row, and relaxed by the firm."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from services.mapper.settings.confirmed_mapping import MappingError, confirm_mapping, missing_fields
from services.mapper.settings.profiles import profile_of
from services.mapper.settings.suggested_mapping import first_mapping
from services.mapper.targets.presets import presets
from services.upload.list_templates.content import columns_of
from services.wizard.mapping_view import from_form, requirable
from shared.contract.fields import FIELDS
from shared.contract.requests import MappingBody

KIND = "accounts_and_contacts"
MANDATORY = ["contact.first_name", "contact.last_name", "contact.email", "contact.language"]


def source(lang: str, *without: str) -> Any:
    """The columns of Accounton's template in a language, without those of some fields."""
    columns = [column for column in columns_of("accounton", lang) if column.key not in without]
    return [
        {"index": at, "header": column.header, "name": column.header, "samples": []}
        for at, column in enumerate(columns)
    ]


def chosen(columns: Any, suggested: Any, **more: Any) -> Any:
    given = {
        "columns": [{k: c[k] for k in ("index", "action", "target")} for c in suggested["columns"]],
        **more,
    }
    return confirm_mapping(given, columns, KIND, suggested)


@pytest.mark.parametrize("lang", ["en", "fr", "nl", "de"])
def test_name_address_and_language_are_mandatory_in_the_list_of_accounton(lang):
    columns = source(lang)
    suggested = first_mapping(columns, KIND)
    assert suggested["recognised"] == {"preset": "accounton", "required": MANDATORY}
    assert suggested["required"] == MANDATORY
    assert missing_fields(suggested, KIND) == []
    assert chosen(columns, suggested)["required"] == MANDATORY


@pytest.mark.parametrize(("lang", "key"), list(product(["en", "fr", "nl", "de"], MANDATORY)))
def test_a_mandatory_field_without_a_column_is_missing_until_the_firm_relaxes_it(lang, key):
    columns = source(lang, key)
    suggested = first_mapping(columns, KIND)
    assert missing_fields(suggested, KIND) == [key]
    rest = [each for each in MANDATORY if each != key]
    assert missing_fields(chosen(columns, suggested, required=rest), KIND) == []


@pytest.mark.parametrize("lang", ["en", "fr", "nl", "de"])
def test_the_deadline_has_a_field_of_its_own(lang):
    targets = [column["target"] for column in first_mapping(source(lang), KIND)["columns"]]
    assert "account.pit_deadline" in targets
    assert FIELDS["account.pit_deadline"].type == "date"


def test_other_lists_have_no_mandatory_fields():
    columns: Any = [{"index": 0, "header": "Name", "name": "Name", "samples": []}]
    assert first_mapping(columns, KIND)["required"] == []
    assert [preset.key for preset in presets() if preset.required] == ["accounton"] * 4
    assert all(key in FIELDS for preset in presets() for key in preset.required)


@pytest.mark.parametrize("key", ["account.nothing", "x"])
def test_what_is_no_field_cannot_be_mandatory(key):
    assert MappingBody().validate({"columns": [], "required": [key]})
    columns = source("en")
    with pytest.raises(MappingError):
        chosen(columns, first_mapping(columns, KIND), required=[key])


def test_a_saved_mapping_keeps_what_was_relaxed():
    columns = source("en")
    relaxed = chosen(columns, first_mapping(columns, KIND), required=["contact.email"])
    saved: Any = {**profile_of(relaxed, KIND), "id": "p", "name": "Ours", "saved_at": _Day()}
    assert first_mapping(columns, KIND, profiles=[saved])["required"] == ["contact.email"]
    del saved["required"]  # saved before there were mandatory fields
    assert first_mapping(columns, KIND, profiles=[saved])["required"] == MANDATORY


class _Day:
    def date(self) -> _Day:
        return self

    def isoformat(self) -> str:
        return "2026-03-01"


def test_the_page_offers_ticks_and_takes_them_back():
    fields: Any = {key: {"key": key, "label": key, "record": each.record} for key, each in FIELDS.items()}
    mapping: Any = first_mapping(source("en"), KIND)
    shown = requirable(mapping, fields)
    assert shown == [(key, key, True) for key in MANDATORY]
    form = {"required": " ".join(MANDATORY), "required-contact.email": "1"}
    assert from_form(form, mapping, fields)["required"] == ["contact.email"]
    assert from_form({}, mapping, fields)["required"] == MANDATORY
    relaxed = {**mapping, "required": []}
    assert requirable(relaxed, fields) == [(key, key, False) for key in MANDATORY]
    assert from_form(form, relaxed, fields)["required"] == ["contact.email"]
