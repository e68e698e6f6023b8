"""What `PUT /directory` sets: parts that follow from others, and what cannot be set beside what records hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypedDict, cast

from marshmallow import ValidationError

from shared.contract.bounded import Address, WebAddress
from shared.contract.custom_fields import id_of
from shared.contract.documents.reference import (
    CustomField,
    LetterSender,
    Locale,
    Notices,
    Reference,
    Retention,
    SettingsDefaults,
    TeamMember,
)
from shared.contract.notices import may_get_copies
from shared.contract.problems import wrong_values

#: Different values of a field that are looked at before its type changes; a field with more keeps its type.
MOST_VALUES = 5_000
Errors = dict[str, object]
ValuesOf = Callable[[CustomField], list[object]]


class Changes(TypedDict, total=False):
    """The parts of the reference data that a body sets."""

    team_members: list[TeamMember]
    tags: list[str]
    contact_tags: list[str]
    roles: list[str]
    folder_templates: list[str]
    folder_template_folders: dict[str, list[str]]
    questionnaires: list[str]
    custom_fields: list[CustomField]
    languages: list[str]
    locale: Locale
    sender: LetterSender
    limits: dict[str, int]
    retention: Retention
    defaults: SettingsDefaults
    notices: Notices
    events: str
    revision: int


def fitted(
    given: Changes, current: Reference, values_of: ValuesOf, domains: Iterable[str]
) -> tuple[Changes, Errors]:
    """The parts with those that follow from them, and messages by place for what cannot be.

    Folders of templates that are gone, and copies for people who left, go with them. A name is in its list once.
    """
    fit, wrong = given.copy(), Errors()
    for part in ("tags", "contact_tags", "roles", "folder_templates", "questionnaires", "languages"):
        if part in given:
            fit[part] = list(dict.fromkeys(given[part]))
    whole = cast("Reference", {**current, **given})
    templates = whole["folder_templates"]
    folders = whole.get("folder_template_folders", {})
    if "folder_template_folders" in given:
        unknown = [name for name in folders if name not in templates]
        if unknown:
            wrong["folder_template_folders"] = {name: {"key": [wrong_values.NO_TEMPLATE]} for name in unknown}
    elif "folder_templates" in given:
        fit["folder_template_folders"] = {name: own for name, own in folders.items() if name in templates}
    _fit_notices(given, fit, wrong, whole, domains)
    if "custom_fields" in given:
        _check_types(given["custom_fields"], current["custom_fields"], values_of, wrong)
    return fit, wrong


def _fit_notices(
    given: Changes, fit: Changes, wrong: Errors, whole: Reference, domains: Iterable[str]
) -> None:
    may = may_get_copies(whole["team_members"], domains)
    notices = whole.get("notices")
    if notices is None:
        return
    if "notices" in given:
        beyond = [at for at, copy in enumerate(notices["copies"]) if not may(copy["to"])]
        if beyond:
            wrong["notices"] = {"copies": {at: {"to": [wrong_values.NO_MEMBER]} for at in beyond}}
    elif "team_members" in given:
        fit["notices"] = {**notices, "copies": [copy for copy in notices["copies"] if may(copy["to"])]}


def _check_types(
    given: Sequence[CustomField], before: Sequence[CustomField], values_of: ValuesOf, wrong: Errors
) -> None:
    """Refuse another type where records hold values that the type cannot have."""
    known = {(each["record"], id_of(each)): each for each in before}
    places: dict[int, object] = {}
    for at, custom in enumerate(given):
        was = known.get((custom["record"], id_of(custom)))
        if was is None or was["type"] == custom["type"]:
            continue
        values = values_of(was)
        if len(values) > MOST_VALUES or not all(fits(value, custom) for value in values):
            places[at] = {"type": [wrong_values.OTHER_TYPE]}
    if places:
        wrong["custom_fields"] = places


_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_PHONE = re.compile(r"\+[1-9]\d{3,14}")


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _loads(field: Any) -> Callable[[str], bool]:
    def loads(text: str) -> bool:
        try:
            field.deserialize(text)
        except ValidationError:
            return False
        return True

    return loads


_OF_TYPE: Mapping[str, Callable[[str], bool]] = {
    "text": lambda text: True,
    "number": lambda text: bool(_NUMBER.fullmatch(text)),
    "date": _is_date,
    "email": _loads(Address()),
    "url": _loads(WebAddress()),
    "phone": lambda text: bool(_PHONE.fullmatch(text)),
}


def fits(value: object, custom: CustomField) -> bool:
    """Whether a value that a record holds is one of a custom field as it would be."""
    choices = custom.get("choices")
    if custom["type"] == "multi-choice":
        return isinstance(value, list) and (choices is None or set(value) <= set(choices))
    if isinstance(value, list):
        return False
    if custom["type"] == "choice":
        return choices is None or value in choices
    check = _OF_TYPE.get(custom["type"])
    return check is None or check(str(value))
