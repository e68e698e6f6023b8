"""Changes of many records at once: what they make of one record, so that making them again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from marshmallow import ValidationError, fields, validates_schema

from services.importer.directory.record_fields import MAX_TEXT, Changes, not_allowed
from services.importer.directory.typed_values import Typed, typed
from shared.contract.bounded import Code, Flag, Many, Text
from shared.contract.client_queries import ListQuery
from shared.contract.documents.reference import Reference
from shared.contract.records import BLANK
from shared.contract.requests import Input
from shared.contract.spelling import Spellings
from shared.values.choices import member_index, member_key

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
    return Many(Text(MAX_TEXT, 1), MOST_ENTRIES)


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


#: What the parts of a record are called among the changes, where they have another name.
_ADDED = {"tags": "add_tags", "assignees": "add_assignees"}


def checked_many(slot: str, changes: ManyChanges, reference: Reference) -> tuple[ManyChanges, Typed]:
    """The changes with checked values, in the spelling of the firm; `Typed` names them as the changes do."""
    sent: Mapping[str, object] = {**changes}
    values: dict[str, object] = {
        part: sent[name]
        for part in ("tags", "assignees", "folder_template", "language")
        if (name := _ADDED.get(part, part)) in sent
    }
    if changes.get("questionnaire"):
        values["questionnaire"] = {"name": changes["questionnaire"], "status": "not_sent"}
    found = typed(slot, None, values, reference)
    checked: ManyChanges = {**changes}
    for part, value in found.changes.items():
        _take(checked, part, value)
    if "remove_tags" in changes:
        tags = Spellings(reference["tags" if slot == "account" else "contact_tags"])
        checked["remove_tags"] = tags.adopted(changes["remove_tags"])
    if "remove_assignees" in changes:
        members = member_index(reference["team_members"])
        checked["remove_assignees"] = [
            members.get(member_key(each)) or each for each in changes["remove_assignees"]
        ]
    return checked, _renamed(found)


def _take(checked: ManyChanges, part: str, value: object) -> None:
    """Put a checked value in place of the one that was sent."""
    entries = value if isinstance(value, list) else []
    text = value if isinstance(value, str) else None
    if part == "tags":
        checked["add_tags"] = entries
    elif part == "assignees":
        checked["add_assignees"] = entries
    elif part == "folder_template":
        checked["folder_template"] = text
    elif part == "language":
        checked["language"] = text
    elif isinstance(value, Mapping):
        checked["questionnaire"] = str(value["name"])


def _renamed(found: Typed) -> Typed:
    return Typed(
        found.changes,
        [each._replace(part=_ADDED.get(each.part, each.part)) for each in found.fixes],
        [each._replace(part=_ADDED.get(each.part, each.part)) for each in found.refused],
        [each._replace(part=_ADDED.get(each.part, each.part)) for each in found.noted],
    )


def beyond_rights(
    slot: str, found: Typed, reference: Reference, rights: Sequence[str], own: str
) -> dict[str, tuple[str, str]]:
    """What needs a right that the person lacks, by the name of a change."""
    tags = reference["tags" if slot == "account" else "contact_tags"]
    beyond = not_allowed({}, found.changes, tags, rights, own)
    return {_ADDED.get(name, name): reason for name, reason in beyond.items()}


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
