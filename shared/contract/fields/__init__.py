"""The target fields of an import: what a column of a client list may be mapped to.

Declared once, as marshmallow schemas; everything here is derived from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema

from shared.contract.fields.account import AccountFields
from shared.contract.fields.address import AddressFields
from shared.contract.fields.contact import ContactFields
from shared.contract.fields.household import SpouseFields
from shared.contract.texts.catalogues import Texts
from shared.contract.texts.catalogues import gettext_noop as _

TEXTS = Texts("fields")

SCHEMAS: dict[str, type[Schema]] = {
    "account": AccountFields,
    "contact": ContactFields,
    "spouse": SpouseFields,
}

RECORDS_OF_KIND = {
    "accounts_and_contacts": ("account", "contact", "spouse"),
    "accounts": ("account",),
    "contacts": ("contact",),
}

# The fields that a kind of import requires: of each group at least one. An account without a name gets
# the name of its company or its contact; a contact without a name is known by its e-mail address.
NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "accounts_and_contacts": (
        (
            "account.name",
            "account.company_name",
            "contact.full_name",
            "contact.last_name",
            "contact.first_name",
        ),
    ),
    "accounts": (("account.name", "account.company_name"),),
    "contacts": (("contact.full_name", "contact.last_name", "contact.first_name", "contact.email"),),
}


@dataclass(frozen=True)
class Field:
    """One target field.

    `key` is `<record>.<name>`; `name_in_english` is its label as the code has it; `type` is what the API shows, and
    `check` names the check of its values (as the type, where it has one alone); `repeats` says that several columns may
    fill it; `choices` are the allowed values and `choice_names` other words for each; `aliases` go by language.
    """

    key: str
    record: str
    name: str
    name_in_english: str
    type: str
    check: str
    required: bool
    repeats: bool
    choices: tuple[str, ...]
    aliases: Mapping[str, tuple[str, ...]]
    choice_names: Mapping[str, tuple[str, ...]]

    def label(self, lang: str) -> str:
        """The label in a language, in English where there is no catalogue for it."""
        return TEXTS.gettext(self.name_in_english, lang)

    @property
    def labels(self) -> Mapping[str, str]:
        """The label by language."""
        return TEXTS.in_every_language(self.name_in_english)


def _derive() -> Iterator[Field]:
    for record, schema in SCHEMAS.items():
        in_order = sorted(schema().fields.items(), key=lambda item: item[0] in AddressFields().fields)
        for name, declared in in_order:
            about = declared.metadata
            yield Field(
                key=f"{record}.{name}",
                record=record,
                name=name,
                name_in_english=about["label"],
                type=about["type"],
                check=about["check"],
                required=declared.required,
                repeats=about["repeats"],
                choices=tuple(about["choices"]),
                aliases={language: tuple(words) for language, words in about["aliases"].items()},
                choice_names={value: tuple(names) for value, names in about["choices"].items()},
            )


FIELDS: dict[str, Field] = {each.key: each for each in _derive()}


#: Fields whose value a rule may set: not those that show which record a row means, nor codes of
#: phone numbers.
SETTABLE = frozenset(FIELDS) - {
    "account.record_id",
    "account.phone_prefix",
    "contact.record_id",
    "contact.phone_prefix",
    "contact.linked_account",
}


def field(key: str) -> Field:
    """The field of a key such as `contact.email`; KeyError when there is none."""
    return FIELDS[key]


def label(key: str, lang: str) -> str:
    """The name of a field as a person knows it; that of a custom field is its own, and of no field the key."""
    return FIELDS[key].label(lang) if key in FIELDS else key.partition(".")[2].removeprefix("custom.") or key


#: Parts of a record that are no fields of a file, as people call them.
_PARTS = {"links": _("Links"), "records": _("Merged record"), "questionnaire": _("Questionnaire")}


def part_label(part: str, key: str, lang: str) -> str:
    """The name of a part of a record as a person knows it; `key` is that of its field, where it has one."""
    return TEXTS.gettext(_PARTS[part], lang) if part in _PARTS else label(key, lang)


def with_labels(params: Mapping[str, object], lang: str) -> dict[str, object]:
    """The parameters of a sentence with the name of the field in place of its key."""
    key = params.get("field")
    return {**params, "field": label(key, lang)} if isinstance(key, str) and "." in key else dict(params)


def fields_for(kind: str) -> list[Field]:
    """The fields that an import of this kind may fill; KeyError when there is no such kind."""
    records = RECORDS_OF_KIND[kind]
    return [each for each in FIELDS.values() if each.record in records]


def describe(lang: str) -> list[dict[str, Any]]:
    """All fields as the API shows them, labelled in a language (English where it is not known)."""
    return [
        {
            "key": each.key,
            "record": each.record,
            "label": each.label(lang),
            "type": each.type,
            "required": each.required,
            "repeats": each.repeats,
            "choices": list(each.choices),
        }
        for each in FIELDS.values()
    ]


__all__ = [
    "FIELDS",
    "NEEDED",
    "RECORDS_OF_KIND",
    "SCHEMAS",
    "SETTABLE",
    "Field",
    "describe",
    "field",
    "fields_for",
    "label",
    "part_label",
    "with_labels",
]
