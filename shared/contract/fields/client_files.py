"""The lists of clients that we write as files, and read again: their columns, and how such a file is recognised.

A file of accounts or contacts has the id of each record in its first column, then every field under its label. A file
whose header has that column is one of ours, whatever became of the other columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from shared.contract.fields import FIELDS, TEXTS, Field
from shared.contract.records import SECRET
from shared.contract.texts.catalogues import LANGUAGES
from shared.contract.texts.catalogues import gettext_noop as _

#: The key of the layout, among those that the mapper recognises.
LAYOUT = "carryover"
#: The field with the id of a record, by collection.
OWN_ID = {"accounts": "account.record_id", "contacts": "contact.record_id"}
#: The column that shows whom a record is linked with, by collection. It fills no field.
_LINKED = {"accounts": _("Its contacts"), "contacts": _("Its accounts")}
#: Fields that no record has; a link is no value of a contact, for it may have several.
_NO_VALUES = frozenset({"full_name", "linked_account", "phone_prefix", "relationship"})


def fields_of(collection: str, *, register_numbers: bool = True) -> list[Field]:
    """The fields of a file in the order of its columns, the id first."""
    record = collection.removesuffix("s")
    own = [
        each
        for each in FIELDS.values()
        if each.record == record and each.name not in _NO_VALUES and (register_numbers or each.name != SECRET)
    ]
    return sorted(own, key=lambda each: each.key != OWN_ID[collection])


def linked_label(collection: str, lang: str) -> str:
    """The name of the column with linked records."""
    return TEXTS.gettext(_LINKED[collection], lang)


def label_is_taken(collection: str, name: str) -> bool:
    """Whether a name of a custom field is that of a column in any language, so that a header must say more."""
    return name.strip().casefold() in _labels(collection)


@cache
def _labels(collection: str) -> frozenset[str]:
    """What the columns of a file are called in every language, in small letters."""
    own = {label for each in fields_of(collection) for label in each.labels.values()}
    return frozenset(
        one.casefold() for one in (*own, *(linked_label(collection, lang) for lang in LANGUAGES))
    )


def collection_of(headers: Iterable[str]) -> str | None:
    """What a file of ours lists, `accounts` or `contacts`, by its headers; None where it is none, or both."""
    given = {header.strip().casefold() for header in headers}
    found = [
        collection
        for collection, key in OWN_ID.items()
        if any(label.casefold() in given for label in FIELDS[key].labels.values())
    ]
    return found[0] if len(found) == 1 else None
