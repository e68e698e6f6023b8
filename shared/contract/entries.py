"""The entries of a firm's reference data that records use: where, and what a record is once one is replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from shared.contract.custom_fields import id_of
from shared.contract.documents.reference import CustomField, Reference

#: Parts of the reference data whose entries records use by name: the places by collection.
PARTS: dict[str, dict[str, str]] = {
    "tags": {"accounts": "tags"},
    "contact_tags": {"contacts": "tags"},
    "roles": {"accounts": "roles"},
    "folder_templates": {"accounts": "folder_template"},
    "questionnaires": {"accounts": "questionnaire.name"},
    "languages": {"accounts": "language", "contacts": "language"},
    "team_members": {"accounts": "assignees"},
    "custom_fields": {},
}


class Place(NamedTuple):
    """A part of a record, and the value that it has there; None is any value."""

    path: str
    value: str | None


def key_of(custom: CustomField) -> str:
    """What names a custom field among all of the firm, as `account.f12`."""
    return f"{custom['record']}.{id_of(custom)}"


def places_of(part: str, name: str, reference: Reference) -> dict[str, Place]:
    """Where records use an entry, by collection; `name` is the id of a team member, the key of a custom field."""
    if part != "custom_fields":
        return {collection: Place(path, name) for collection, path in PARTS[part].items()}
    return {
        f"{custom['record']}s": Place(f"custom.{id_of(custom)}", None)
        for custom in reference["custom_fields"]
        if key_of(custom) == name
    }


def names_in(part: str, reference: Reference) -> list[str]:
    """The entries of a part as records name them: names, ids of team members, keys of custom fields."""
    if part == "team_members":
        return [member["id"] for member in reference["team_members"]]
    if part == "custom_fields":
        return [key_of(custom) for custom in reference["custom_fields"]]
    found: dict[str, list[str]] = {
        name: value for name, value in reference.items() if isinstance(value, list)
    }
    return found[part]


def replaced(record: Mapping[str, object], place: Place, to: str | None) -> dict[str, object]:
    """The record with another entry at a place, or with none; a list has each entry once."""
    part, _, inner = place.path.partition(".")
    after = dict(record)
    value = record.get(part)
    if isinstance(value, list):
        others = [to if one == place.value else one for one in value]
        after[part] = list(dict.fromkeys(one for one in others if one is not None))
    elif part == "custom" and isinstance(value, Mapping):
        after[part] = {name: own for name, own in value.items() if name != inner}
    elif inner and isinstance(value, Mapping) and to is not None:
        after[part] = {**value, inner: to}
    else:
        after[part] = to
    if after[part] in (None, [], {}):
        del after[part]
    return after


def with_entry(part: str, name: str, to: str, reference: Reference) -> dict[str, object]:
    """The parts of the reference data in which another entry comes behind one; nothing where it is there already."""
    known = names_in(part, reference)
    if to in known:
        return {}
    at = known.index(name) + 1
    parts: dict[str, object] = {part: [*known[:at], to, *known[at:]]}
    folders = reference.get("folder_template_folders", {})
    if part == "folder_templates" and name in folders:
        parts["folder_template_folders"] = {**folders, to: folders[name]}
    if part == "languages" and reference["locale"]["language"] == name:
        parts["locale"] = {**reference["locale"], "language": to}
    return parts


def without_entry(part: str, name: str, reference: Reference) -> dict[str, object]:
    """The parts of the reference data without an entry, and without what is about it alone."""
    if part == "team_members":
        return {part: [member for member in reference["team_members"] if member["id"] != name]}
    if part == "custom_fields":
        return {part: [custom for custom in reference["custom_fields"] if key_of(custom) != name]}
    parts: dict[str, object] = {part: [one for one in names_in(part, reference) if one != name]}
    folders = reference.get("folder_template_folders", {})
    if part == "folder_templates" and name in folders:
        parts["folder_template_folders"] = {own: one for own, one in folders.items() if own != name}
    return parts
