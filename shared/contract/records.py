"""What accounts and contacts carry, how they are shown, and how the values of a row change them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: What they carry besides the values of their fields.
FRAME = frozenset(
    {
        "_id", "firm", "keys", "revision", "job", "jobs", "created_at", "updated_at", "linked_at", "same_as",
        "kept_for",
    }
)  # fmt: skip

#: Where a part of a record is called otherwise than the field that fills it.
RENAMED = {"team_members": "assignees"}
FIELD_OF = {part: name for name, part in RENAMED.items()}

#: What counts as no value.
BLANK: tuple[Any, ...] = (None, "", [])
#: As a value: empty this field.
CLEAR = "__CLEAR__"

#: The field of which only the last digits are shown, but to those who may see it.
SECRET = "national_number"


def public_id(identity: str) -> str:
    """An id as it is shown: without the firm in front."""
    return identity.rsplit("/", 1)[-1]


def link_id(account: str, contact: str) -> str:
    """A link is there once for a pair of records."""
    return f"{account}:{public_id(contact)}"


def name_of(record: Mapping[str, Any]) -> str:
    """What a person knows an account or a contact by."""
    parts = [record.get("first_name"), record.get("last_name")]
    return record.get("name") or " ".join(filter(None, parts)) or record.get("email") or ""


def masked(name: str, value: Any) -> Any:
    """The value of a field as it is shown to those who may not see register numbers."""
    return f"{'•' * 9}{value[-2:]}" if name == SECRET and value else value


def values_of(record: Mapping[str, Any], *, register_numbers: bool = False) -> dict[str, Any]:
    """The values of a record; register numbers are masked unless asked for."""
    values = {name: value for name, value in record.items() if name not in FRAME}
    return values if register_numbers else {name: masked(name, value) for name, value in values.items()}


def have(record: Mapping[str, Any], name: str) -> Any:
    """The value of a field; `custom.` leads into the part of the firm's own fields."""
    if name.startswith("custom."):
        return (record.get("custom") or {}).get(name[len("custom.") :])
    return record.get(name)


def compare(
    existing: Mapping[str, Any],
    values: Mapping[str, Any],
    merge: Mapping[str, str],
    otherwise: str = "fill_empty",
) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """What an update would change: `set`, `unset`, `add`, and `was` with the values before; and what it keeps.

    `merge` has per field `fill_empty`, `overwrite` or `never`, as the settings of a job do; for fields that it does
    not name, `otherwise` counts. What is kept goes by field: [the value of the record, that of the row].
    """
    change: dict[str, Any] = {"set": {}, "unset": [], "add": {}, "was": {}}
    kept: dict[str, list[Any]] = {}
    for name, value in values.items():
        policy, now = merge.get(FIELD_OF.get(name, name), otherwise), have(existing, name)
        if isinstance(value, list) and (now in BLANK or isinstance(now, list)):
            value = [item for item in value if item not in (now or [])]
            if not value:
                continue
            kind = "add"
        elif value == CLEAR:
            if now in BLANK:
                continue
            kind = "unset"
        elif now == value:
            continue
        else:
            kind = "set" if now in BLANK or policy == "overwrite" else "keep"
        _note_change(change, kept, name, value, now, "keep" if policy == "never" else kind)
    return (change if change["was"] else {}), kept


def _note_change(
    change: dict[str, Any], kept: dict[str, list[Any]], name: str, value: Any, now: Any, kind: str
) -> None:
    if kind == "keep":
        kept[name] = [now, value]
        return
    change["was"][name] = now
    if kind == "unset":
        change["unset"].append(name)
    else:
        change[kind][name] = value
