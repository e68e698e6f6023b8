"""The settings of an import as a form shows them, and those that a form asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext

from services.wizard.forms import untouched, whole
from shared.contract.requests import MATCH

SWITCHES = {
    "login": (lazy_gettext("Login"), lazy_gettext("may sign in to the client portal")),
    "notify": (lazy_gettext("Notify"), lazy_gettext("gets the system's notifications")),
    "email_sync": (lazy_gettext("E-mail sync"), lazy_gettext("mails show in the firm's inbox")),
}
MATCH_KINDS = {
    "client_code": lazy_gettext("Client code"),
    "number": lazy_gettext("Register or enterprise number"),
    "email_and_name": lazy_gettext("E-mail address and name"),
    "name": lazy_gettext("Name"),
}
FILL_EMPTY = "fill_empty"
MERGES = {
    FILL_EMPTY: lazy_gettext("fill in where it is empty"),
    "overwrite": lazy_gettext("overwrite"),
    "never": lazy_gettext("never change"),
}
TESTS = {
    "is": lazy_gettext("is"),
    "is_not": lazy_gettext("is not"),
    "one_of": lazy_gettext("is one of"),
    "contains": lazy_gettext("contains"),
    "blank": lazy_gettext("is empty"),
    "not_blank": lazy_gettext("is not empty"),
}
EFFECTS = {
    "tags": lazy_gettext("add the tags"),
    "assignees": lazy_gettext("assign to"),
    "assignees_from": lazy_gettext("assign to those in the column"),
    "roles": lazy_gettext("add the roles"),
    "folder_template": lazy_gettext("make folders from"),
    "language": lazy_gettext("set the language"),
    "questionnaire": lazy_gettext("link the questionnaire"),
    "login": lazy_gettext("switch the login"),
    "notify": lazy_gettext("switch notifications"),
    "email_sync": lazy_gettext("switch the e-mail sync"),
}
#: what the form may have at most, each with room for one more: rules, and conditions and effects of a rule
MOST_RULES, MOST_PARTS = 101, 11
TAGS_TICKED = 60
LISTS = ("tags", "assignees", "roles")


def names(text: str) -> list[str]:
    """Names as a person lists them, between commas or on lines."""
    parts = (part.strip() for part in text.replace("\n", ",").replace(";", ",").split(","))
    return list(dict.fromkeys(part for part in parts if part))


def from_form(
    form: Any, settings: Mapping[str, Any], fields: Mapping[str, Any], directory: Mapping[str, Any]
) -> dict[str, Any]:
    """The settings that a form asks for; `form` is a MultiDict. What nobody touched stays as it is."""
    members = directory["team_members"]
    single = ("folder_template", "language", "questionnaire")
    return {
        **settings,
        "contacts": {
            key: {switch: f"{key}-{switch}" in form for switch in SWITCHES} for key in settings["contacts"]
        },
        "tags": _in_order(settings["tags"], [*form.getlist("tag"), *_more_tags(form, settings, directory)]),
        "assignees": _in_order(settings["assignees"], form.getlist("assignee")),
        **{name: _chosen(form.get(name), settings[name]) for name in single},
        "match": _match(form, settings["match"]),
        "on_match": form.get("on_match", settings["on_match"]),
        "on_change": form.get("on_change", settings["on_change"]),
        "merge": _merge(form, settings["merge"], fields),
        "rules": rules_from(form, settings["rules"], members),
    }


def _chosen(given: str | None, current: str | None) -> str | None:
    return current if untouched(given, current or "") else given or None


def _in_order(current: Sequence[str], chosen: Sequence[str]) -> list[str]:
    """What is chosen: first what was there, in its order."""
    return list(dict.fromkeys([*(one for one in current if one in chosen), *chosen]))


def other_tags(settings: Mapping[str, Any], directory: Mapping[str, Any]) -> list[str]:
    """The tags that the form has no ticks for."""
    return [tag for tag in settings["tags"] if tag not in directory["tags"][:TAGS_TICKED]]


def _more_tags(form: Any, settings: Mapping[str, Any], directory: Mapping[str, Any]) -> list[str]:
    others, given = other_tags(settings, directory), form.get("more_tags")
    return others if untouched(given, ", ".join(others)) else names(given)


def assignees_shown(settings: Mapping[str, Any], directory: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The team to choose from, and those chosen who have left it, by their ids."""
    team = directory["team_members"]
    known = {member["id"] for member in team}
    return [*team, *({"id": one, "name": one} for one in settings["assignees"] if one not in known)]


def _match(form: Any, current: Mapping[str, Any]) -> dict[str, Any]:
    """By what records are found: in the order it had, what is new at the end; none ticked changes nothing."""
    ticked = {name: form.getlist(f"match-{name}") for name in MATCH}
    known = {name: [kind for kind in MATCH[name] if kind in kinds] for name, kinds in ticked.items()}
    return {name: _in_order(current[name], kinds) or list(current[name]) for name, kinds in known.items()}


def merged(fields: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The names whose merge may be chosen, with the labels of all mapped fields that have the name."""
    labels: dict[str, list[str]] = {}
    for key, field in fields.items():
        name = key.partition(".")[2]
        if not name.startswith("custom."):
            labels.setdefault(name, []).append(field["label"])
    return {name: " · ".join(dict.fromkeys(found)) for name, found in labels.items()}


def _merge(form: Any, current: Mapping[str, str], fields: Mapping[str, Any]) -> dict[str, str]:
    chosen = dict(current)
    for name in merged(fields):
        given = form.get(f"merge-{name}")
        if not untouched(given, current.get(name, FILL_EMPTY)):
            chosen[name] = given
    return chosen


def rules_from(
    form: Any, current: Sequence[Mapping[str, Any]], members: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The rules of a form: `rule-<r>-when-<n>-…` and `rule-<r>-then-<n>-…`; those without a half are left out.

    A half that is as it was shown is kept, also where its text would be read otherwise.
    """
    if "rules" not in form:
        return [dict(rule) for rule in current]
    rules = []
    for r, old in zip(range(MOST_RULES), [*current, *[_NO_RULE] * MOST_RULES], strict=False):
        if form.get(f"rule-{r}-remove"):
            continue
        rule = _rule_from(form, f"rule-{r}", old, members)
        if (rule["when"] and rule["then"]) or (rule == old and old is not _NO_RULE):
            rules.append(rule)
    return rules


_NO_RULE: Mapping[str, Any] = {"when": [], "then": {}}


def _rule_from(
    form: Any, at: str, old: Mapping[str, Any], members: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    when: list[dict[str, Any]] = []
    then: dict[str, Any] = {}
    shown = {**old, **_shown(old, members)}
    effects = list(old["then"].items())
    for n in range(MOST_PARTS):
        place = f"{at}-when-{n}"
        if n < len(old["when"]) and _as_shown(form, place, shown["when"][n]):
            when.append(old["when"][n])
        elif condition := _condition(form, place):
            when.append(condition)
        place = f"{at}-then-{n}"
        if n < len(effects) and _as_shown(form, place, shown["then"][n]):
            then |= dict([effects[n]])
        else:
            then |= _effect(form, place, members)
    return {"when": when, "then": then}


def _as_shown(form: Any, at: str, shown: Mapping[str, str]) -> bool:
    return all(untouched(form.get(f"{at}-{part}", ""), text) for part, text in shown.items())


def _condition(form: Any, at: str) -> dict[str, Any] | None:
    place, _, what = form.get(f"{at}-place", "").partition(":")
    if place not in ("field", "column"):
        return None
    where: dict[str, Any] = {"field": what} if place == "field" else {"column": whole(what)}
    test, value = form.get(f"{at}-test", "is"), form.get(f"{at}-value", "").strip()
    if None in where.values() or test not in TESTS:
        return None
    if test in ("blank", "not_blank"):
        return {**where, "blank": test == "blank"}
    if test == "one_of":
        return {**where, "one_of": names(value)} if names(value) else None
    return {**where, test: value} if value or test in ("is", "is_not") else None


def _effect(form: Any, at: str, members: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    what, value = form.get(f"{at}-what", ""), form.get(f"{at}-value", "").strip()
    if what not in EFFECTS or not value:
        return {}
    if what == "assignees":
        return {what: [_member(name, members) for name in names(value)]}
    if what in LISTS:
        return {what: names(value)}
    if what in SWITCHES:
        return {what: value.casefold() in ("on", "yes", "1", str(gettext("on")).casefold())}
    if what == "assignees_from":
        column = whole(value)
        return {} if column is None else {what: column}
    return {what: value}


def _member(given: str, members: Sequence[Mapping[str, Any]]) -> str:
    """The id of a team member that is named by id, name or e-mail; what fits none is left for the API to refuse."""
    wanted = given.casefold()
    for member in members:
        if wanted in (str(member.get(part, "")).casefold() for part in ("id", "name", "email")):
            return member["id"]
    return given


def rules_of(settings: Mapping[str, Any], members: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rules as rows of a form, each with room for one more half, and an empty one at the end."""
    return [*(_shown(rule, members) for rule in settings["rules"]), {"when": [{}], "then": [{}]}]


def _shown(rule: Mapping[str, Any], members: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    called = {member["id"]: member["name"] for member in members}
    when = []
    for condition in rule["when"]:
        place = f"field:{condition['field']}" if "field" in condition else f"column:{condition['column']}"
        test = next(test for test in TESTS if test in condition)
        value = "" if test == "blank" else _text(condition[test])
        if test == "blank" and not condition[test]:
            test = "not_blank"
        when.append({"place": place, "test": test, "value": value})
    then = []
    for what, value in rule["then"].items():
        shown = [called.get(one, one) for one in value] if what == "assignees" else value
        then.append({"what": what, "value": _text(shown)})
    return {"when": [*when, {}], "then": [*then, {}]}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("on") if value else gettext("off")
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
