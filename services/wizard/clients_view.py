"""What the pages of clients show: the filters of a list with their choices, and the fields of a record in groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from flask_babel import gettext, lazy_gettext

from services.wizard.account_types import ACCOUNT_TYPES
from services.wizard.answers import Field
from services.wizard.letters_view import STATUSES
from services.wizard.people import called
from services.wizard.review_rows import language_name
from shared.contract.fields import FIELDS
from shared.contract.records import RENAMED

TYPES = FIELDS["account.type"].choices


class Filter(NamedTuple):
    """A filter of a list: its name in the query, its label, and its choices as values with their names."""

    name: str
    label: str
    choices: Sequence[tuple[str, str]]


def filters_offered(kind: str, lists: Mapping[str, Any]) -> list[Filter]:
    """The filters of a list of accounts or contacts, with the choices of the firm."""
    tags = lists["tags" if kind == "accounts" else "contact_tags"]
    languages = [(code, language_name(code)) for code in lists["languages"]]
    shared = [
        Filter("tag", gettext("Tag"), [(tag, tag) for tag in tags]),
        Filter("language", gettext("Language"), languages),
    ]
    if kind == "contacts":
        states = [(name, str(words)) for name, words in STATUSES.items()]
        return [*shared, Filter("invitation", gettext("Invitation"), states)]
    members = [(member["id"], member["name"]) for member in lists["team_members"]]
    questionnaires = [(name, name) for name in lists["questionnaires"]]
    return [
        Filter("type", gettext("Type"), [(each, str(ACCOUNT_TYPES.get(each, each))) for each in TYPES]),
        *shared,
        Filter("assignee", gettext("Team member"), members),
        Filter("questionnaire", gettext("Questionnaire"), questionnaires),
    ]


def record_name(fields: Mapping[str, Any]) -> str:
    """The name of an account or a contact."""
    parts = [fields.get("first_name"), fields.get("last_name")]
    named = fields.get("name") or " ".join(part for part in parts if part) or fields.get("email")
    return str(named or gettext("(without a name)"))


#: What the states of a questionnaire are called.
QUESTIONNAIRE_STATUSES = {
    "not_sent": lazy_gettext("not sent"),
    "sent": lazy_gettext("sent"),
    "completed": lazy_gettext("completed"),
}
#: Fields that are in files alone, or that the page shows at a place of their own.
_ELSEWHERE = frozenset({"full_name", "linked_account", "phone_prefix", "record_id", "relationship"})
_IDENTITY = frozenset(
    {
        "name", "type", "company_name", "client_code", "kbo_number", "tax_id", "prefix", "first_name", "middle_name",
        "last_name", "suffix", "national_number", "date_of_birth", "job_title", "status",
    }
)  # fmt: skip
_REACHED = frozenset(
    {
        "email", "email_secondary", "phone", "mobile", "phone_secondary", "fax", "website", "language",
        "address_line1", "house_number", "box", "postal_code", "city", "state", "country",
    }
)  # fmt: skip


def questionnaire_status(name: str) -> str:
    """What the state of a questionnaire is called."""
    return str(QUESTIONNAIRE_STATUSES.get(name, name))


def type_name(name: str) -> str:
    """What the type of an account is called."""
    return str(ACCOUNT_TYPES.get(name, name))


def plain_value(value: Any) -> str:
    """A value of a history as a text: the entries of a list, the name of a questionnaire and its state."""
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, Mapping):
        return f"{value.get('name', '')} ({questionnaire_status(str(value.get('status', '')))})"
    return str(value)


def control_id(name: str) -> str:
    """The id of a control in the page; names of own fields hold any sign."""
    return "".join(sign if sign.isalnum() and sign.isascii() else f"_{ord(sign):x}" for sign in name)


def part_of(field: Field) -> str:
    """The part of a record that a field fills, as the API names it."""
    name = field["key"].partition(".")[2]
    return RENAMED.get(name, name)


def groups_of(kind: str, known: Iterable[Field]) -> list[tuple[str, list[Field]]]:
    """The fields of a record in groups with their names: who it is, where it is reached, how the firm works with it."""
    own = [
        each
        for each in known
        if each["key"].startswith(f"{kind.removesuffix('s')}.") and part_of(each) not in _ELSEWHERE
    ]
    customs = [each for each in own if ".custom." in each["key"]]
    plain = [each for each in own if ".custom." not in each["key"]]
    return [
        (gettext("Who it is"), [each for each in plain if part_of(each) in _IDENTITY]),
        (gettext("How it is reached"), [each for each in plain if part_of(each) in _REACHED]),
        (gettext("In the firm"), [each for each in plain if part_of(each) not in _IDENTITY | _REACHED]),
        (gettext("Own fields"), customs),
    ]


def choices_of(kind: str, field: Field, lists: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The values that a field may have, with their names; none where any text will do."""
    name = part_of(field)
    if name == "assignees":
        return [(member["id"], member["name"]) for member in lists["team_members"]]
    if name == "language":
        return [(code, language_name(code)) for code in lists["languages"]]
    if name == "folder_template":
        return [(each, each) for each in lists["folder_templates"]]
    if name == "type":
        return [(each, str(ACCOUNT_TYPES.get(each, each))) for each in field["choices"]]
    for custom in lists["custom_fields"]:
        if f"custom.{custom['name']}" == name and f"{custom['record']}s" == kind:
            return [(each, each) for each in custom.get("choices") or ()]
    return [(each, each) for each in field["choices"]]


def namer(kind: str, field: Field, lists: Mapping[str, Any]) -> Callable[[object], str]:
    """What gives a value of a field as people read it; a member who left is no id of a token."""
    names = dict(choices_of(kind, field, lists))
    if part_of(field) == "assignees":
        people = lists.get("people", names)
        return lambda value: called(str(value), people)
    return lambda value: str(names.get(str(value), value))


def shown_values(
    kind: str, values: Mapping[str, Any], known: Mapping[str, Field], lists: Mapping[str, Any]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """The filled fields of a record in groups: labels with their values as people read them."""
    groups = []
    for title, own in groups_of(kind, known.values()):
        filled = []
        for each in own:
            name = part_of(each)
            custom = name.removeprefix("custom.") if name.startswith("custom.") else None
            value = values.get("custom", {}).get(custom) if custom else values.get(name)
            if value not in (None, "", []):
                filled.append((each["label"], _readable(value, namer(kind, each, lists))))
        groups.append((title, filled))
    return groups


def _readable(value: Any, name: Callable[[object], str]) -> str:
    if isinstance(value, list):
        return ", ".join(map(name, value))
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return name(value)
