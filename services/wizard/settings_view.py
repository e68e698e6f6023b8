"""The settings of an import as a form shows them, and those that a form asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext

from shared.contract.requests import MATCH

SWITCHES = {
    "login": (lazy_gettext("Login"), lazy_gettext("may sign in to the client portal")),
    "notify": (lazy_gettext("Notify"), lazy_gettext("gets the system's notifications")),
    "email_sync": (lazy_gettext("E-mail sync"), lazy_gettext("mails show in the firm's inbox")),
    "send_invitation": (lazy_gettext("Send invitation"), lazy_gettext("a mail to the client; better later")),
}
MATCH_KINDS = {
    "client_code": lazy_gettext("Client code"),
    "number": lazy_gettext("Register or enterprise number"),
    "email_and_name": lazy_gettext("E-mail address and name"),
    "name": lazy_gettext("Name"),
}
MERGES = {
    "fill_empty": lazy_gettext("fill in where it is empty"),
    "overwrite": lazy_gettext("overwrite"),
    "never": lazy_gettext("never change"),
}
TESTS = {
    "is": lazy_gettext("is"),
    "is_not": lazy_gettext("is not"),
    "one_of": lazy_gettext("is one of"),
    "contains": lazy_gettext("contains"),
    "blank": lazy_gettext("is empty"),
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
    "send_invitation": lazy_gettext("switch the invitation"),
}
#: how often a rule may have each of its halves in the form
MOST_PARTS = 10
LISTS = ("tags", "assignees", "roles")


def names(text: str) -> list[str]:
    """Names as a person lists them, between commas or on lines."""
    parts = (part.strip() for part in text.replace("\n", ",").replace(";", ",").split(","))
    return list(dict.fromkeys(part for part in parts if part))


def from_form(
    form: Any, settings: Mapping[str, Any], fields: Iterable[str], members: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The settings that a form asks for; `form` is a MultiDict."""
    merge = {
        name: form[f"merge-{name}"]
        for name in fields
        if form.get(f"merge-{name}", "fill_empty") != "fill_empty"
    }
    return {
        "contacts": {
            key: {switch: f"{key}-{switch}" in form for switch in SWITCHES} for key in settings["contacts"]
        },
        "tags": list(dict.fromkeys([*form.getlist("tag"), *names(form.get("more_tags", ""))])),
        "assignees": form.getlist("assignee"),
        **{name: form.get(name) or None for name in ("folder_template", "language", "questionnaire")},
        "match": _match(form, settings["match"]),
        "on_match": form.get("on_match", settings["on_match"]),
        "on_change": form.get("on_change", settings["on_change"]),
        "merge": merge,
        "rules": rules_from(form, members),
    }


def _match(form: Any, current: Mapping[str, Any]) -> dict[str, Any]:
    """By what records are found, in the usual order; a kind of record without any keeps what it had."""
    ticked = {
        name: [kind for kind in kinds if kind in form.getlist(f"match-{name}")]
        for name, kinds in MATCH.items()
    }
    return {name: kinds or list(current[name]) for name, kinds in ticked.items()}


def rules_from(form: Any, members: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rules of a form: `rule-<r>-when-<n>-…` and `rule-<r>-then-<n>-…`; those without a half are left out."""
    rules = []
    for r in range(int(form.get("rules", 0) or 0) + 1):
        if form.get(f"rule-{r}-remove"):
            continue
        parts = range(MOST_PARTS)
        when = [c for n in parts if (c := _condition(form, f"rule-{r}-when-{n}"))]
        then: dict[str, Any] = {}
        for n in parts:
            then |= _effect(form, f"rule-{r}-then-{n}", members)
        if when and then:
            rules.append({"when": when, "then": then})
    return rules


def _condition(form: Any, at: str) -> dict[str, Any] | None:
    place, _, what = form.get(f"{at}-place", "").partition(":")
    if place not in ("field", "column"):
        return None
    where: dict[str, Any] = {"field": what} if place == "field" else {"column": int(what)}
    test, value = form.get(f"{at}-test", "is"), form.get(f"{at}-value", "").strip()
    if test == "blank":
        return {**where, "blank": True}
    if test == "one_of":
        return {**where, "one_of": names(value)} if value else None
    return {**where, test: value} if value or test in ("is", "is_not") else None


def _effect(form: Any, at: str, members: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    what, value = form.get(f"{at}-what", ""), form.get(f"{at}-value", "").strip()
    if not what or not value:
        return {}
    if what == "assignees":
        return {what: [_member(name, members) for name in names(value)]}
    if what in LISTS:
        return {what: names(value)}
    if what in SWITCHES:
        return {what: value.casefold() in ("on", "yes", "1", str(gettext("on")).casefold())}
    if what == "assignees_from":
        return {what: int(value)} if value.isdigit() else {}
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
        when.append(
            {"place": place, "test": test, "value": _text(condition[test]) if test != "blank" else ""}
        )
    then = []
    for what, value in rule["then"].items():
        shown = [called.get(one, one) for one in value] if what == "assignees" else value
        then.append({"what": what, "value": _text(shown)})
    return {"when": [*when, {}], "then": [*then, {}]}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("on") if value else gettext("off")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
