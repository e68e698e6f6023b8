"""Tests the target fields: derived from the schemas, with labels in every language."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from shared.contract.fields import FIELDS, SCHEMAS, describe, field, fields_for

ACCOUNT = [
    "name",
    "type",
    "company_name",
    "email",
    "tags",
    "team_members",
    "roles",
    "folder_template",
    "client_code",
    "kbo_number",
    "tax_id",
    "fiscal_year_end",
    "website",
    "notes",
    "currency",
    "industry",
    "status",
    "created_date",
    "country",
    "address_line1",
    "house_number",
    "box",
    "city",
    "state",
    "postal_code",
]
CONTACT = [
    "full_name",
    "first_name",
    "middle_name",
    "last_name",
    "prefix",
    "suffix",
    "email",
    "email_secondary",
    "phone",
    "mobile",
    "phone_secondary",
    "fax",
    "job_title",
    "language",
    "date_of_birth",
    "national_number",
    "linked_account",
    "notes",
    "tags",
    "address_line1",
    "house_number",
    "box",
    "city",
    "state",
    "postal_code",
    "country",
]
TYPES = [
    "text",
    "name",
    "email",
    "phone",
    "choice",
    "date",
    "country",
    "language",
    "postal_code",
    "register_number",
    "enterprise_number",
    "tax_id",
    "list",
    "members",
    "number",
    "url",
    "boolean",
]


@pytest.mark.parametrize(
    "key", [f"account.{name}" for name in ACCOUNT] + [f"contact.{name}" for name in CONTACT]
)
def test_the_agreed_fields_are_there(key):
    assert field(key).key == key


@pytest.mark.parametrize("name", ["first_name", "last_name", "email", "national_number"])
def test_a_spouse_has_fields_of_its_own(name):
    assert field(f"spouse.{name}").record == "spouse"


@pytest.mark.parametrize("key", FIELDS)
def test_every_field_has_a_known_type_and_is_labelled_and_aliased_in_three_languages(key):
    found = field(key)
    assert found.type in TYPES
    assert all(found.labels[lang] and found.aliases[lang] for lang in ("en", "fr", "nl"))


@pytest.mark.parametrize("record", ["account", "contact", "spouse"])
@pytest.mark.parametrize("lang", ["en", "fr", "nl"])
def test_no_two_fields_of_a_record_have_the_same_label(record, lang):
    labels = [each.label(lang) for each in FIELDS.values() if each.record == record]
    assert len(labels) == len(set(labels))


def test_only_lists_and_codes_beside_phone_numbers_repeat():
    assert {key for key, each in FIELDS.items() if each.repeats} == {
        "account.tags",
        "account.team_members",
        "account.roles",
        "contact.tags",
        "contact.relationship",
        "spouse.relationship",
        "account.phone_prefix",
        "contact.phone_prefix",
    }


def test_account_types_are_those_of_the_platform():
    assert field("account.type").choices == ("Individual", "Company", "Other")
    assert "Eenmanszaak" in field("account.type").choice_names["Company"]


@pytest.mark.parametrize(
    ("kind", "records"),
    [
        ("accounts_and_contacts", {"account", "contact", "spouse"}),
        ("accounts", {"account"}),
        ("contacts", {"contact"}),
    ],
)
def test_a_kind_of_import_limits_the_fields(kind, records):
    assert {each.record for each in fields_for(kind)} == records


def test_an_unknown_kind_is_refused():
    with pytest.raises(KeyError):
        fields_for("everything")


def test_fields_are_described_in_the_asked_language_with_the_name_first():
    first = describe("nl")[0]
    assert first == {
        "key": "account.name",
        "record": "account",
        "label": "Accountnaam",
        "type": "name",
        "required": True,
        "repeats": False,
        "choices": [],
    }


def test_an_unknown_language_is_described_in_english():
    assert describe("xx") == describe("en")


def test_the_schemas_accept_checked_values_and_refuse_unknown_names():
    loaded = SCHEMAS["account"]().load({"name": "Acme", "tags": ["vip"], "notes": None})
    assert loaded == {"name": "Acme", "tags": ["vip"], "notes": None}
    with pytest.raises(ValidationError):
        SCHEMAS["account"]().load({"name": "Acme", "shoe_size": "42"})
