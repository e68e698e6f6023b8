"""What a person may write into an account or a contact through the API: target fields, by their types.

The schemas follow from the declaration of the fields. `typed_values.py` checks and normalises the values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeGuard

from marshmallow import Schema, fields

from shared.contract.bounded import (
    Choice,
    Code,
    Flag,
    Many,
    Named,
    Text,
    Within,
)
from shared.contract.custom_fields import CustomName
from shared.contract.documents.record import Record
from shared.contract.fields import FIELDS, Field
from shared.contract.records import FRAME, RELATIONSHIP, RENAMED
from shared.contract.requests import Input
from shared.contract.rights import ASSIGN_TEAM_MEMBERS, MANAGE_TAGS

#: Characters of a text, as for imports.
MAX_TEXT = 10_000
MAX_LIST = 500
#: Characters of all custom fields of one change, as JSON.
MAX_CUSTOM = 1_000_000
#: Fields of an import that no record has: their values are split into other fields, find records, or are kept on links.
_ONLY_IN_FILES = frozenset({"full_name", "linked_account", "phone_prefix", "record_id", RELATIONSHIP})
#: What a person changes of a record: values by the name of their field, as the bodies below read them.
Changes = Mapping[str, object]
QUESTIONNAIRE_STATUSES = ("not_sent", "sent", "completed")


def _list() -> Many:
    return Many(Text(MAX_TEXT, 1), MAX_LIST, allow_none=True)


def _field(declared: Field) -> Many | Flag | Text:
    """The field of a body for a target field; null clears it, unless the record needs it."""
    if declared.type in ("list", "members"):
        return _list()
    if declared.type == "boolean":
        return Flag(allow_none=True)
    return Text(MAX_TEXT, 1, allow_none=declared.key != "account.name")


class Questionnaire(Input):
    """A questionnaire of an account."""

    name = Text(100, 1, required=True)
    status = Choice(QUESTIONNAIRE_STATUSES, required=True)
    sent_at = Code(
        r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
        metadata={"description": "when the first mail went out; kept as it was answered"},
    )


class Value(fields.Field[str | list[str]]):
    """The value of a custom field: a text, or a list of texts."""

    default_error_messages = {
        "list": "Not a list of texts.",
        "text": "Not a text; null clears the field.",
    }

    def _deserialize(
        self, value: object, attr: str | None, data: object, **kwargs: object
    ) -> str | list[str]:
        if isinstance(value, list):
            if len(value) > MAX_LIST or not all(map(_is_text, value)):
                raise self.make_error("list")
            return value
        if not _is_text(value):
            raise self.make_error("text")
        return value


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and "\0" not in value


def _body(record: str) -> type[Schema]:
    declared: dict[str, object] = {
        RENAMED.get(each.name, each.name): _field(each)
        for each in FIELDS.values()
        if each.record == record and each.name not in _ONLY_IN_FILES
    }
    declared["custom"] = Named(
        CustomName(),
        Value(allow_none=True),
        MAX_LIST,
        checks=[Within(MAX_CUSTOM)],
        metadata={"description": "custom fields by name; those not named stay as they are"},
    )
    if record == "account":
        declared["questionnaire"] = fields.Nested(Questionnaire, allow_none=True)
    return type(f"{record.title()}Changes", (Input,), declared)


AccountChanges = _body("account")
ContactChanges = _body("contact")


def custom_values(changes: Changes) -> Mapping[str, object]:
    """The custom fields among the changes, by name."""
    custom = changes.get("custom")
    return custom if isinstance(custom, dict) else {}


def not_allowed(
    record: Mapping[str, object],
    changes: Changes,
    known_tags: Sequence[str],
    rights: Sequence[str],
    own: str,
) -> dict[str, tuple[str, str]]:
    """By field the code of a problem and its value, where a change needs a right that the writer does not have.

    `known_tags` are the firm's tags for records of this kind; `own` is the writer's id. What the record has
    already may stay.
    """
    problems: dict[str, tuple[str, str]] = {}
    new = _added(record, changes, "tags") - {*known_tags}
    if new and MANAGE_TAGS not in rights:
        problems["tags"] = ("may_not_create_tag", ", ".join(sorted(new)))
    others = _added(record, changes, "assignees") - {own}
    if others and ASSIGN_TEAM_MEMBERS not in rights:
        problems["assignees"] = ("may_not_assign", ", ".join(sorted(others)))
    return problems


def _added(record: Mapping[str, object], changes: Changes, name: str) -> set[str]:
    return _entries(changes.get(name)) - _entries(record.get(name))


def _entries(value: object) -> set[str]:
    return set(value) if isinstance(value, list) else set()


def applied(record: Record, changes: Changes) -> dict[str, object]:
    """The record with the changes: null clears, custom fields are merged, lists are taken whole.

    Custom fields of the changes go by their ids.
    """
    custom = {**record.get("custom", {}), **custom_values(changes)}
    whole = {**record, **changes, "custom": {name: v for name, v in custom.items() if v is not None}}
    kept = {name: value for name, value in whole.items() if value is not None or name in FRAME}
    return {name: value for name, value in kept.items() if name != "custom" or value}
