"""The parts of accounts and contacts, how the API shows them, and how the values of a row change them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

V = TypeVar("V")

#: The parts of a record that are not fields.
FRAME = frozenset(
    {
        "_id", "firm", "keys", "revision", "job", "jobs", "created_at", "updated_at", "linked_at", "same_as",
        "kept_for", "listed", "signs", "changed", "made_by",
    }
)  # fmt: skip

#: Parts of a record that have another name than the field that fills them.
RENAMED = {"team_members": "assignees"}
FIELD_OF = {part: name for name, part in RENAMED.items()}

#: The parts of a record that its name is made of.
NAMING = ("name", "first_name", "last_name", "email")
#: What counts as no value.
BLANK: tuple[object, ...] = (None, "", [])
#: As a value: empty this field.
CLEAR = "__CLEAR__"

#: The field that is kept on the link of a contact with an account.
RELATIONSHIP = "relationship"
#: The field of which only the last digits are shown, but to those who may see it.
SECRET = "national_number"


def public_id(identity: str) -> str:
    """An id as it is shown: without the firm in front."""
    return identity.rsplit("/", 1)[-1]


def link_id(account: str, contact: str) -> str:
    """The id of a link; a pair of records has one link."""
    return f"{account}:{public_id(contact)}"


def name_of(record: Mapping[str, object]) -> str:
    """The name that a person sees for an account or a contact."""
    parts = [record.get("first_name"), record.get("last_name")]
    named = record.get("name") or " ".join(str(part) for part in parts if part) or record.get("email")
    return str(named or "")


def masked(name: str, value: V) -> V | str:
    """The value of a field as it is shown to those who may not see register numbers."""
    return f"{'•' * 9}{str(value)[-2:]}" if name == SECRET and value else value


def values_of(record: Mapping[str, object], *, register_numbers: bool = False) -> dict[str, object]:
    """The values of a record; register numbers are masked unless asked for."""
    values = {name: value for name, value in record.items() if name not in FRAME}
    return values if register_numbers else {name: masked(name, value) for name, value in values.items()}


def have(record: Mapping[str, object], name: str) -> object:
    """The value of a field; `custom.` leads into the part of the firm's own fields."""
    if not name.startswith("custom."):
        return record.get(name)
    custom = record.get("custom")
    return custom.get(name.removeprefix("custom.")) if isinstance(custom, Mapping) else None
