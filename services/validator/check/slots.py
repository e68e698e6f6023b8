"""The records that a row may speak of: the collection of each, and where the name of its account comes from."""

from __future__ import annotations

from enum import Enum

from shared.contract.documents.values import Collection

#: The collection that the record of a slot belongs to.
COLLECTION: dict[str, Collection] = {"account": "accounts", "contact": "contacts", "spouse": "contacts"}


class NameOf(Enum):
    """Where the name of a row's account comes from."""

    #: the file, and it is no name of a person on the row
    GIVEN = 0
    #: the file, and it is that of a person: of one on the row, or the account is an individual's
    PERSON = 1
    #: the person on the row: the file gives none
    MADE_UP = 2


def name_field(slot: str) -> str:
    """The field at which a problem with the record of a slot is shown."""
    return "account.name" if slot == "account" else f"{slot}.last_name"
