"""The firm's own fields come first: a column of their name fills them, whatever the file calls it otherwise."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from services.mapper.settings.confirmed_mapping import confirm_mapping
from services.mapper.settings.suggested_mapping import first_mapping
from shared.contract.fields import FIELDS
from shared.contract.requests import MappingBody

KIND = "accounts_and_contacts"


def own(name: str, record: str = "account", kind: str = "choice") -> Any:
    return {"id": f"id-{record}-{name}", "name": name, "type": kind, "record": record}


def columns_of(*headers: str) -> Any:
    named = enumerate(["Account name", "First name", "Last name", *headers])
    return [{"index": at, "header": header, "name": header, "samples": []} for at, header in named]


def filled(fields: list[Any], *headers: str, kind: str = KIND) -> list[str]:
    """What the columns of these headers are suggested to fill."""
    columns = columns_of(*headers)
    found = first_mapping(columns, kind, fields)["columns"][3:]
    return [
        f"{each['custom']['record']}.custom.{each['custom']['name']}"
        if each["custom"]
        else each["target"] or ""
        for each in found
    ]


#: Names that are also words for a field of ours.
NAMES = (
    "Segment",
    "Sector",
    "Status",
    "Industry",
    "Notes",
    "Relatietype",
    "Catégorie",
    "Société",
    "Référence",
    "Größe",
)
SPELLINGS = (
    str,
    str.upper,
    str.lower,
    lambda name: f"  {name} ",
    lambda name: name.replace("é", "e").replace("ß", "ss"),
    lambda name: f"{name}*",
    lambda name: f"{name} (optional)",
)


@pytest.mark.parametrize(("name", "spelling"), list(product(NAMES, SPELLINGS)))
@pytest.mark.parametrize("record", ["account", "contact"])
def test_a_column_of_its_name_fills_it(name, spelling, record):
    assert filled([own(name, record)], spelling(name)) == [f"{record}.custom.{name}"]


@pytest.mark.parametrize(
    "kind", ["text", "number", "date", "choice", "multi-choice", "email", "url", "phone"]
)
def test_whatever_its_type(kind):
    assert filled([own("Phone", kind=kind)], "Phone") == ["account.custom.Phone"]


def test_its_target_goes_to_another_column():
    assert filled([own("Segment")], "Segment", "Tags") == ["account.custom.Segment", "account.tags"]
    assert filled([own("Email", "contact")], "Email", "E-mail address") == [
        "contact.custom.Email",
        "contact.email",
    ]


@pytest.mark.parametrize(
    ("headers", "targets"),
    [
        (["Segment"], ["account.custom.Segment"]),
        (["Segment", "Segment"], ["account.custom.Segment", "contact.custom.Segment"]),
        (["Contact Segment"], ["contact.custom.Segment"]),
        (["Segment (contact)", "Segment"], ["contact.custom.Segment", "account.custom.Segment"]),
        (["Segment contactpersoon", "Segment klant"], ["contact.custom.Segment", "account.custom.Segment"]),
        (
            ["contact.custom.Segment", "account.custom.Segment"],
            ["contact.custom.Segment", "account.custom.Segment"],
        ),
    ],
)
def test_fields_of_one_name_are_kept_apart(headers, targets):
    assert filled([own("Segment"), own("Segment", "contact")], *headers) == targets


def test_an_import_of_one_record_fills_its_own_alone():
    fields = [own("Segment"), own("Segment", "contact")]
    assert filled(fields, "Segment", kind="contacts") == ["contact.custom.Segment"]
    assert filled(fields[1:], "Segment", kind="accounts") == ["account.tags"]


def test_what_the_import_cannot_do_without_stays():
    columns = columns_of()
    found = first_mapping(columns, KIND, [own("Account name"), own("Last name", "contact")])["columns"]
    assert [each["target"] for each in found] == ["account.name", "contact.first_name", "contact.last_name"]


def test_the_column_of_account_types_may_be_of_the_firm():
    found = first_mapping(columns_of("Type"), KIND, [own("Type")])
    assert found["account_type"]["mode"] != "column"
    assert first_mapping(columns_of("Type"), KIND)["account_type"] == {"mode": "column", "column": 3}


def test_blank_headers_and_signs_name_no_field():
    assert filled([own("★"), own("?")], "", "☆", "★") == ["", "", "account.custom.★"]


def test_texts_of_own_fields_may_be_given_a_meaning():
    body = {"columns": [], "values": {"account.custom.Segment": {"a": "A"}, "account.type": {"x": "Company"}}}
    assert MappingBody().load(body)["values"] == body["values"]
    suggested = first_mapping(columns_of("Segment"), KIND, [own("Segment")])
    chosen: Any = {"columns": [{"index": 3, "action": "sync", "target": "account.custom.Segment"}], **body}
    chosen["columns"] = [{"index": 3, "action": "sync", "target": "account.custom.Segment"}]
    kept = confirm_mapping(chosen, columns_of("Segment"), KIND, suggested, [own("Segment")])
    assert kept["values"]["account.custom.Segment"] == {"a": "A"}


@pytest.mark.parametrize(
    "key", ["account.nothing", "custom.Segment", "spouse.custom.x", "account.custom.", "x"]
)
def test_texts_of_fields_that_do_not_exist_are_refused(key):
    assert key not in FIELDS
    assert MappingBody().validate({"columns": [], "values": {key: {"a": "b"}}})
