"""What a person may write into an account or a contact through the API: target fields, checked by their types.

The schemas follow from the declaration of the fields. An import also normalises what it reads; here a value must have
its final form already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeGuard

from marshmallow import Schema, ValidationError, fields, validate

from shared.contract.bounded import (
    MOST_EMAIL,
    MOST_NAME,
    Checks,
    Choice,
    Code,
    Flag,
    Many,
    Named,
    Pattern,
    Text,
    Within,
)
from shared.contract.custom_fields import CustomName
from shared.contract.documents.record import Record
from shared.contract.documents.reference import Reference
from shared.contract.fields import FIELDS, Field
from shared.contract.problems import wrong_values as wrong
from shared.contract.records import FRAME, RELATIONSHIP, RENAMED
from shared.contract.requests import Input
from shared.contract.rights import ASSIGN_TEAM_MEMBERS, MANAGE_TAGS
from shared.contract.spelling import Spellings

MAX_TEXT, MAX_URL = 10_000, 2_048  # characters, as for imports
MAX_LIST = 500
#: Characters of all custom fields of one change, as JSON.
MAX_CUSTOM = 1_000_000
#: Fields of an import that no record has: their values are split into other fields, find records, or are kept on links.
_ONLY_IN_FILES = frozenset({"full_name", "linked_account", "phone_prefix", "record_id", RELATIONSHIP})
#: What a person changes of a record: values by the name of their field, as the bodies below read them.
Changes = Mapping[str, object]
QUESTIONNAIRE_STATUSES = ("not_sent", "sent", "completed")


def _date(value: str) -> None:
    try:
        whole = date.fromisoformat(value).isoformat() == value
    except ValueError:
        whole = False
    if not whole:
        raise ValidationError(wrong.NO_DATE)


def _birth_date(value: str) -> None:
    _date(value)
    if value > date.today().isoformat():
        raise ValidationError(wrong.BORN_LATER)


def _matching(pattern: str, message: str) -> Checks:
    return [Pattern(pattern, error=message)]


#: By the check that the declaration of a field names, or by its type: what its final form must be.
_CHECKS: dict[str, Checks] = {
    "name": [validate.Length(1, MOST_NAME, error=wrong.TOO_LONG)],
    "email": [validate.Email(error=wrong.NO_EMAIL), validate.Length(max=MOST_EMAIL, error=wrong.TOO_LONG)],
    "phone": _matching(r"^\+[1-9][0-9]{3,14}$", wrong.NO_PHONE),
    "date": [_date],
    "birth_date": [_birth_date],
    "year_end": _matching(
        r"^(?:(?:0[1-9]|[12][0-9]|3[01])/(?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])/(?:0[1-9]|[12][0-9]|3[01]))$",
        wrong.NO_YEAR_END,
    ),
    "country": _matching(r"^[A-Z]{2}$", wrong.NO_COUNTRY),
    "language": _matching(r"^[a-z]{2}$", wrong.NO_LANGUAGE),
    "register_number": _matching(r"^[0-9]{11}$", wrong.NO_REGISTER_NUMBER),
    "enterprise_number": _matching(r"^[0-9]{10}$", wrong.NO_ENTERPRISE_NUMBER),
    "number": _matching(r"^-?[0-9]{1,100}(\.[0-9]{1,100})?$", wrong.NO_NUMBER),
    "url": [
        validate.URL(schemes={"http", "https"}, error=wrong.NO_URL),
        validate.Length(max=MAX_URL, error=wrong.TOO_LONG),
    ],
}


def _list() -> Many:
    return Many(Text(100, 1), MAX_LIST, allow_none=True)


def _checks(declared: Field) -> Checks:
    """The checks of a field: those of its own check, else those of its type."""
    return _CHECKS.get(declared.check) or _CHECKS.get(declared.type, ())


def _field(declared: Field) -> Many | Flag | Choice | Text:
    """The field of a body for a target field; null clears it, unless the record needs it."""
    if declared.type in ("list", "members"):
        return _list()
    if declared.type == "boolean":
        return Flag(allow_none=True)
    can_do_without = declared.key != "account.name"
    if declared.choices:
        return Choice(declared.choices, allow_none=can_do_without)
    return Text(MAX_TEXT, 1, allow_none=can_do_without, checks=_checks(declared))


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


def as_the_firm_writes(record: str, changes: Changes, reference: Reference) -> Changes:
    """The changes with tags, roles and folder template in the firm's spelling."""
    spelled = {**changes}
    for name, known in (
        ("tags", reference["tags" if record == "account" else "contact_tags"]),
        ("roles", reference["roles"]),
    ):
        given = spelled.get(name)
        if isinstance(given, list):
            spelled[name] = Spellings(known).adopted(given)
    template = spelled.get("folder_template")
    if isinstance(template, str):
        spelled["folder_template"] = Spellings(reference["folder_templates"]).of(template) or template
    return spelled


def outside_directory(record: str, changes: Changes, reference: Reference) -> dict[str, list[str]]:
    """Messages by field for values that the firm's reference data does not have."""
    problems: dict[str, list[str]] = {}
    members = {member["id"] for member in reference["team_members"]}
    checks: tuple[tuple[str, Callable[[object], bool]], ...] = (
        ("assignees", lambda value: _entries(value) <= members),
        ("folder_template", lambda value: value in reference["folder_templates"]),
        ("questionnaire", lambda value: _named(value) in reference["questionnaires"]),
        ("language", lambda value: value in reference["languages"]),
    )
    for name, known in checks:
        if changes.get(name) and not known(changes[name]):
            problems[name] = [wrong.NOT_IN_DIRECTORY]
    custom = {field["name"]: field for field in reference["custom_fields"] if field["record"] == record}
    for name, value in custom_values(changes).items():
        if name not in custom:
            problems[f"custom.{name}"] = [wrong.NO_SUCH_FIELD]
        elif not _is_choice(value, custom[name].get("choices")):
            problems[f"custom.{name}"] = [wrong.NO_CHOICE]
    return problems


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


def _named(value: object) -> object:
    """The name of a questionnaire."""
    return value.get("name") if isinstance(value, dict) else None


def _is_choice(value: object, choices: list[str] | None) -> bool:
    if value is None or choices is None:
        return True
    return set(value if isinstance(value, list) else [value]) <= set(choices)


def applied(record: Record, changes: Changes) -> dict[str, object]:
    """The record with the changes: null clears, custom fields are merged, lists are taken whole.

    Custom fields of the changes go by their ids.
    """
    custom = {**record.get("custom", {}), **custom_values(changes)}
    whole = {**record, **changes, "custom": {name: v for name, v in custom.items() if v is not None}}
    kept = {name: value for name, value in whole.items() if value is not None or name in FRAME}
    return {name: value for name, value in kept.items() if name != "custom" or value}
