"""Changes of many records at once: what they make of one record, so that making them again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from marshmallow import ValidationError, fields, validates_schema

from services.importer.directory.record_fields import Changes, not_allowed, outside_directory
from shared.contract.bounded import Code, Flag, Many, Text
from shared.contract.client_queries import ListQuery
from shared.contract.documents.reference import Reference
from shared.contract.records import BLANK
from shared.contract.requests import Input
from shared.contract.spelling import Spellings

#: Records that one call changes, and entries of one list in it.
MOST_AT_ONCE, MOST_ENTRIES = 2_000, 100
#: What a contact may do and receives by an e-mail field.
SWITCHES = ("login", "notify", "email_sync")


class ManyChanges(TypedDict):
    """Changes as a body has them."""

    add_tags: NotRequired[list[str]]
    remove_tags: NotRequired[list[str]]
    add_assignees: NotRequired[list[str]]
    remove_assignees: NotRequired[list[str]]
    folder_template: NotRequired[str | None]
    language: NotRequired[str | None]
    questionnaire: NotRequired[str | None]
    login: NotRequired[bool]
    notify: NotRequired[bool]
    email_sync: NotRequired[bool]


class ManyAsked(TypedDict):
    """A body: which records, and how they change; `after` is where an earlier call ended."""

    ids: NotRequired[list[str]]
    filter: NotRequired[Mapping[str, str]]
    changes: ManyChanges
    after: NotRequired[str | None]
    preview: bool


def _entries() -> Many:
    return Many(Text(100, 1), MOST_ENTRIES)


class ContactsChanges(Input):
    """How contacts change; the switches are those of all their links."""

    add_tags = _entries()
    remove_tags = _entries()
    language = Text(100, 1, allow_none=True)
    login = Flag()
    notify = Flag()
    email_sync = Flag()


class AccountsChanges(Input):
    """How accounts change; null takes a value away."""

    add_tags = _entries()
    remove_tags = _entries()
    add_assignees = _entries()
    remove_assignees = _entries()
    folder_template = Text(100, 1, allow_none=True)
    language = Text(100, 1, allow_none=True)
    questionnaire = Text(100, 1, allow_none=True)


class _Many(Input):
    """Which records change."""

    ids = Many(Code(r"^[0-9a-f]{1,64}$"), MOST_AT_ONCE, metadata={"description": "those of these ids"})
    filter = fields.Nested(ListQuery, metadata={"description": "or all of a list; {} for everybody"})
    after = Code(
        r"^[0-9A-Za-z_-]{1,2400}$", allow_none=True, metadata={"description": "`next` of the call before"}
    )
    preview = Flag(load_default=False, metadata={"description": "count only, and change nothing"})

    @validates_schema
    def _one_of_both(self, data: Mapping[str, object], **_: object) -> None:
        if ("ids" in data) == ("filter" in data):
            raise ValidationError("Either ids or a filter.", "ids")


class ManyAccounts(_Many):
    """A change of many accounts."""

    changes = fields.Nested(AccountsChanges, required=True)


class ManyContacts(_Many):
    """A change of many contacts."""

    changes = fields.Nested(ContactsChanges, required=True)


def as_spelled(slot: str, changes: ManyChanges, reference: Reference) -> ManyChanges:
    """The changes with tags and folder template in the firm's spelling."""
    spelled: ManyChanges = {**changes}
    known = Spellings(reference["tags" if slot == "account" else "contact_tags"])
    if "add_tags" in changes:
        spelled["add_tags"] = known.adopted(changes["add_tags"])
    if "remove_tags" in changes:
        spelled["remove_tags"] = known.adopted(changes["remove_tags"])
    template = changes.get("folder_template")
    if template:
        spelled["folder_template"] = Spellings(reference["folder_templates"]).of(template) or template
    return spelled


def refused(
    slot: str, changes: ManyChanges, reference: Reference, rights: Sequence[str], own: str
) -> tuple[dict[str, list[str]], dict[str, tuple[str, str]]]:
    """What the firm does not have, and what needs a right that the person lacks, by the name of a change."""
    values: dict[str, object] = {
        "tags": changes.get("add_tags"),
        "assignees": changes.get("add_assignees"),
        "folder_template": changes.get("folder_template"),
        "language": changes.get("language"),
    }
    if changes.get("questionnaire"):
        values["questionnaire"] = {"name": changes["questionnaire"]}
    tags = reference["tags" if slot == "account" else "contact_tags"]
    outside = outside_directory(slot, values, reference)
    beyond = not_allowed({}, values, tags, rights, own)
    named = {"tags": "add_tags", "assignees": "add_assignees"}
    return (
        {named.get(name, name): messages for name, messages in outside.items()},
        {named.get(name, name): reason for name, reason in beyond.items()},
    )


def of_record(record: Mapping[str, object], changes: ManyChanges) -> Changes:
    """The fields of one record that change, with their new values; None empties one."""
    found: dict[str, object] = {}
    for name in ("tags", "assignees"):
        added, removed = _named(changes, f"add_{name}"), _named(changes, f"remove_{name}")
        value = record.get(name)
        now: list[object] = list(value) if isinstance(value, list) else []
        then = [each for each in dict.fromkeys([*now, *added]) if each not in removed]
        if then != now:
            found[name] = then or None
    for name, wanted in (
        ("folder_template", changes.get("folder_template")),
        ("language", changes.get("language")),
    ):
        if (
            name in changes
            and record.get(name) != wanted
            and not (wanted is None and record.get(name) in BLANK)
        ):
            found[name] = wanted
    if "questionnaire" in changes and _questionnaire(record) != changes["questionnaire"]:
        form = changes["questionnaire"]
        found["questionnaire"] = {"name": form, "status": "not_sent"} if form else None
    return found


def _named(changes: ManyChanges, name: str) -> list[object]:
    value = changes.get(name)
    return value if isinstance(value, list) else []


def _questionnaire(record: Mapping[str, object]) -> object:
    form = record.get("questionnaire")
    return form.get("name") if isinstance(form, Mapping) else None


def switches_of(changes: ManyChanges) -> dict[str, bool]:
    """The switches of links that change."""
    return {name: value for name in SWITCHES if isinstance(value := changes.get(name), bool)}


def switched(
    now: Mapping[str, Mapping[str, bool]], wanted: Mapping[str, bool]
) -> dict[str, dict[str, bool]] | None:
    """The switches of a link after a change; None where they are so already."""
    then = {field: {**own, **wanted} for field, own in now.items()}
    return then if wanted and then != {field: dict(own) for field, own in now.items()} else None
