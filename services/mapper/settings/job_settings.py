"""The settings of an import: what it applies to records that it makes, and how it finds those that exist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from shared.contract.custom_fields import Names, customs_of, customs_set, id_of
from shared.contract.documents.job import ChosenSettings, Condition, Rule, Settings, Then
from shared.contract.documents.job import Mapping as FieldMapping
from shared.contract.documents.reference import Reference
from shared.contract.documents.values import ProblemAt
from shared.contract.fields import FIELDS, SETTABLE
from shared.contract.fields.client_files import LAYOUT
from shared.contract.invalid_values import may_be_left_out
from shared.contract.job import targets_of
from shared.contract.merging import BOTH, FILL_EMPTY, OVERWRITE
from shared.contract.requests import MATCH
from shared.contract.rights import ASSIGN_TEAM_MEMBERS, MANAGE_TAGS
from shared.contract.sendings import SEND_INVITATION, chooses_invitations
from shared.contract.spelling import Spellings

Named = TypeVar("Named", Settings, Then)
EMAIL_FIELDS = ("email", "email_secondary")
#: What a contact may do and receives, unless somebody chooses otherwise.
SWITCHES = {"login": True, "notify": True, "email_sync": True}


@dataclass(frozen=True)
class Chooser:
    """Who chooses settings: their rights, and the ids of team members whom they may assign without any right.

    `invites` says whether invitations can be sent at all.
    """

    rights: frozenset[str]
    own: frozenset[str] = frozenset()
    invites: bool = False


class SettingsError(Exception):
    """Settings that cannot be used; `problems` has one entry per place: `{setting, code, params}`."""

    def __init__(self, problems: list[ProblemAt]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def first_settings(mapping: FieldMapping, reference: Reference) -> Settings:
    """The settings before anybody chooses any; contacts without a language get that of the firm, if it has one.

    In a list of ours that comes back a person has changed values, so that its values count.
    """
    own = mapping.get("recognised", {}).get("preset") == LAYOUT
    language = reference["locale"]["language"]
    return {
        "contacts": {key: dict(SWITCHES) for key in _mapped_emails(mapping)},
        "tags": [],
        "assignees": [],
        "folder_template": reference["folder_templates"][0] if reference["folder_templates"] else None,
        "language": language if language in reference["languages"] else None,
        "questionnaire": None,
        "rules": [],
        "match": {name: list(kinds) for name, kinds in MATCH.items()},
        "mode": BOTH,
        "on_doubt": "skip",
        "on_change": "skip",
        "merge_default": OVERWRITE if own else FILL_EMPTY,
        "merge": {},
        "on_invalid": {},
    }


def _mapped_emails(mapping: FieldMapping) -> list[str]:
    targets = targets_of(mapping)
    return [f"contact.{name}" for name in EMAIL_FIELDS if f"contact.{name}" in targets]


def follow_mapping(settings: Settings, mapping: FieldMapping) -> Settings:
    """The settings with all switches, for just those e-mail fields that the mapping fills."""
    given = settings["contacts"]
    switches = {
        key: {name: given.get(key, {}).get(name, usual) for name, usual in SWITCHES.items()}
        | ({SEND_INVITATION: True} if given.get(key, {}).get(SEND_INVITATION) else {})
        for key in _mapped_emails(mapping)
    }
    return {**settings, "contacts": switches}


def with_offered(settings: Settings, *, invites: bool) -> Settings:
    """The settings with the switch for invitations of each e-mail field, where invitations can be sent."""
    if not invites:
        return settings
    offered = {SEND_INVITATION: False}
    return {**settings, "contacts": {key: offered | given for key, given in settings["contacts"].items()}}


def names_of(reference: Reference, mapping: FieldMapping) -> Names:
    """What the custom fields of the firm, and those that the mapping makes, are called."""
    return Names([*reference["custom_fields"], *customs_of(mapping)])


def with_keys(settings: Settings, turned: Callable[[str], str]) -> Settings:
    """The settings with the keys of fields in another form: custom fields by their ids, or by their names."""
    return {
        **settings,
        "merge": {turned(key): policy for key, policy in settings["merge"].items()},
        "on_invalid": {turned(key): what for key, what in settings.get("on_invalid", {}).items()},
        "rules": [_rule_with_keys(rule, turned) for rule in settings["rules"]],
    }


def _rule_with_keys(rule: Rule, turned: Callable[[str], str]) -> Rule:
    when: list[Condition] = [
        {**condition, "field": turned(condition["field"])} if "field" in condition else condition
        for condition in rule["when"]
    ]
    then = rule["then"]
    if "set" in then:
        then = {**then, "set": {turned(key): text for key, text in then["set"].items()}}
    return {"when": when, "then": then}


def confirm_settings(
    given: ChosenSettings,
    current: Settings,
    mapping: FieldMapping,
    reference: Reference,
    chooser: Chooser,
) -> Settings:
    """The current settings with those that a person chose; raises `SettingsError` with every problem."""
    chosen: Settings = {**current, **given}
    if "match" in given:
        chosen["match"] = {**current["match"], **given["match"]}
    chosen = follow_mapping(chosen, mapping)
    problems = [
        _problem("contacts", "unknown_field", key)
        for key in given.get("contacts", {})
        if key not in {f"contact.{name}" for name in EMAIL_FIELDS}
    ]
    names = names_of(reference, mapping)
    chosen = _as_the_firm_writes(with_keys(chosen, names.path), reference)
    problems += [
        _problem("merge", "no_merge_field", names.key(key))
        for key in chosen["merge"]
        if not (key in FIELDS and FIELDS[key].record != "spouse") and not names.knows(key)
    ]
    on_invalid = chosen.get("on_invalid", {})
    problems += [
        _problem("on_invalid", "not_left_out", names.key(key))
        for key in on_invalid
        if not may_be_left_out(key) or not (key in FIELDS or names.knows(key))
    ]
    problems += _outside_directory(chosen, reference)
    problems += _wrong_rules(chosen["rules"], mapping, reference)
    problems += settings_not_allowed(chosen, reference, chooser)
    if chooses_invitations(chosen) and not chooser.invites:
        problems.append(_problem("contacts", "no_invitations", SEND_INVITATION))
    if problems:
        raise SettingsError(problems)
    return {**chosen, "custom_fields": customs_set(chosen["rules"], reference["custom_fields"])}


def _as_the_firm_writes(settings: Settings, reference: Reference) -> Settings:
    """The settings and rules with the names that the firm has in its spelling."""
    rules: list[Rule] = [{**rule, "then": _spelled(rule["then"], reference)} for rule in settings["rules"]]
    return {**_spelled(settings, reference), "rules": rules}


def _spelled(given: Named, reference: Reference) -> Named:
    spelled = given.copy()
    if "tags" in spelled:
        spelled["tags"] = Spellings(reference["tags"]).adopted(spelled["tags"])
    if "roles" in spelled:
        spelled["roles"] = Spellings(reference["roles"]).adopted(spelled["roles"])
    if template := spelled.get("folder_template"):
        spelled["folder_template"] = Spellings(reference["folder_templates"]).of(template) or template
    if questionnaire := spelled.get("questionnaire"):
        spelled["questionnaire"] = Spellings(reference["questionnaires"]).of(questionnaire) or questionnaire
    if language := spelled.get("language"):
        spelled["language"] = Spellings(reference["languages"]).of(language) or language
    return spelled


def settings_not_allowed(settings: Settings, reference: Reference, chooser: Chooser) -> list[ProblemAt]:
    """Problems for new tags and other assignees in settings and rules, where the chooser has no right to them."""
    members = {member["id"] for member in reference["team_members"]}
    places: dict[str, Settings | Then] = {
        "": settings,
        **{f"rules.{at}.": rule["then"] for at, rule in enumerate(settings["rules"])},
    }
    problems: list[ProblemAt] = []
    for place, given in places.items():
        if MANAGE_TAGS not in chooser.rights:
            new = [tag for tag in given.get("tags", ()) if tag not in reference["tags"]]
            problems += [_problem(f"{place}tags", "may_not_create_tag", tag) for tag in new]
        if ASSIGN_TEAM_MEMBERS not in chooser.rights:
            others = [one for one in given.get("assignees", ()) if one in members - chooser.own]
            problems += [_problem(f"{place}assignees", "may_not_assign", other) for other in others]
    return problems


def _outside_directory(given: Settings | Then, reference: Reference) -> list[ProblemAt]:
    """Problems for names that the firm's directory does not have; tags may be new."""
    members = {member["id"] for member in reference["team_members"]}
    assignees = given.get("assignees", ())
    problems = [_problem("assignees", "not_in_directory", one) for one in assignees if one not in members]
    for setting, value, known in (
        ("folder_template", given.get("folder_template"), reference["folder_templates"]),
        ("questionnaire", given.get("questionnaire"), reference["questionnaires"]),
        ("language", given.get("language"), reference["languages"]),
    ):
        if value is not None and value not in known:
            problems.append(_problem(setting, "not_in_directory", value))
    return problems


def _wrong_rules(rules: Sequence[Rule], mapping: FieldMapping, reference: Reference) -> list[ProblemAt]:
    """Problems for columns, fields and names in rules that do not exist."""
    indexes = {column["index"] for column in mapping["columns"]}
    problems: list[ProblemAt] = []
    for number, rule in enumerate(rules):
        place = f"rules.{number}"
        named = [c["column"] for c in rule["when"] if "column" in c]
        if "assignees_from" in rule["then"]:
            named.append(rule["then"]["assignees_from"])
        problems += [_problem(place, "unknown_column", index) for index in named if index not in indexes]
        problems += [
            _problem(place, "unknown_field", c["field"])
            for c in rule["when"]
            if "field" in c and c["field"] not in FIELDS and ".custom." not in c["field"]
        ]
        customs = [*customs_of(mapping), *reference["custom_fields"]]
        own = {f"{custom['record']}.custom.{id_of(custom)}" for custom in customs}
        problems += [
            _problem(f"{place}.set", "unknown_field", key)
            for key in rule["then"].get("set", {})
            if key not in SETTABLE and key not in own
        ]
        outside = _outside_directory(rule["then"], reference)
        problems += [{**problem, "setting": f"{place}.{problem['setting']}"} for problem in outside]
    return problems


def _problem(setting: str, code: str, value: object) -> ProblemAt:
    return {"setting": setting, "code": code, "params": {"value": value, "index": value, "target": value}}
