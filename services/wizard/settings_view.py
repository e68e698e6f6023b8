"""The settings of an import as a form shows them, and those that a form asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict, cast

from babel import Locale
from flask_babel import get_locale, gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from services.wizard.answers import Field
from services.wizard.forms import untouched, whole
from services.wizard.mapping_view import RECORDS
from shared.contract import merging
from shared.contract.documents.job import Condition, Rule, Settings, Then
from shared.contract.documents.reference import Reference, TeamMember
from shared.contract.invalid_values import DROP_VALUE, SKIP_ROW, may_be_left_out
from shared.contract.requests import MATCH
from shared.contract.sendings import SEND_INVITATION

#: A form: texts by name, some names several times.
Form = MultiDict[str, str]
#: A half of a rule as texts of a form.
Half = dict[str, str]


class ShownRule(TypedDict):
    """A rule as rows of a form."""

    when: list[Half]
    then: list[Half]


SWITCHES = {
    "login": (lazy_gettext("Login"), lazy_gettext("may sign in to the client portal")),
    "notify": (lazy_gettext("Notify"), lazy_gettext("gets the system's notifications")),
    "email_sync": (lazy_gettext("E-mail sync"), lazy_gettext("mails show in the firm's inbox")),
    SEND_INVITATION: (lazy_gettext("Invitation"), lazy_gettext("gets a mail when the import is done")),
}
MATCH_KINDS = {
    "client_code": lazy_gettext("Client code"),
    "number": lazy_gettext("Register or enterprise number"),
    "email_and_name": lazy_gettext("E-mail address and name"),
    "name": lazy_gettext("Name"),
}
#: Which clients the import touches.
MODES = {
    merging.BOTH: lazy_gettext("add new clients, and bring those you have up to date"),
    merging.CREATE_ONLY: lazy_gettext("only add new clients; leave those you have as they are"),
    merging.UPDATE_ONLY: lazy_gettext("only bring clients you have up to date; add none"),
}
#: What becomes of a value where the client has another.
DEFAULTS = {
    merging.FILL_EMPTY: lazy_gettext("fill in what is empty; what the client has stays"),
    merging.OVERWRITE: lazy_gettext("the file wins"),
    merging.ASK: lazy_gettext("ask me for each difference, in the review"),
    merging.NEVER: lazy_gettext("change no value of the client, not even where it is empty"),
}
#: The same for one field; the first follows the choice for all.
MERGES = {
    "": lazy_gettext("as chosen for all"),
    merging.FILL_EMPTY: lazy_gettext("fill in where it is empty"),
    merging.OVERWRITE: lazy_gettext("the file wins"),
    merging.ASK: lazy_gettext("ask me"),
    merging.NEVER: lazy_gettext("never change"),
}
#: What becomes of a row with a wrong value in a field.
INVALIDS = {
    "": lazy_gettext("leave the row out"),
    DROP_VALUE: lazy_gettext("import the row without the value"),
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
    SEND_INVITATION: lazy_gettext("switch the invitation"),
    "leave_out": lazy_gettext("leave the row out"),
    "only": lazy_gettext("import only these rows"),
}
#: before the key of a field, as an effect of a rule: set its value
SET = "set:"
#: effects that are there or not, and need no value
_BARE = ("leave_out", "only")
#: what the form may have at most, each with room for one more: rules, and conditions and effects of a rule
MOST_RULES, MOST_PARTS = 101, 64
TAGS_TICKED = 60
LISTS = ("tags", "assignees", "roles")


def names(text: str) -> list[str]:
    """Names as a person lists them, between commas or on lines."""
    parts = (part.strip() for part in text.replace("\n", ",").replace(";", ",").split(","))
    return list(dict.fromkeys(part for part in parts if part))


def from_form(form: Form, settings: Settings, fields: Mapping[str, Field], directory: Reference) -> Settings:
    """The settings that a form asks for; `form` is a MultiDict. What nobody touched stays as it is."""
    members = directory["team_members"]
    return {
        **settings,
        "contacts": {
            key: {switch: f"{key}-{switch}" in form for switch in offered(settings)}
            for key in settings["contacts"]
        },
        "tags": _in_order(settings["tags"], [*form.getlist("tag"), *_more_tags(form, settings, directory)]),
        "assignees": _in_order(settings["assignees"], form.getlist("assignee")),
        "folder_template": _chosen(form.get("folder_template"), settings["folder_template"]),
        "language": _chosen(form.get("language"), settings["language"]),
        "questionnaire": _chosen(form.get("questionnaire"), settings["questionnaire"]),
        "match": _match(form, settings["match"]),
        "mode": form.get("mode", settings["mode"]),
        "on_change": form.get("on_change", settings.get("on_change", "skip")),
        "merge_default": form.get("merge_default", settings["merge_default"]),
        "merge": _by_field(form, "merge", settings["merge"], merged(fields)),
        "on_invalid": _by_field(form, "invalid", settings.get("on_invalid", {}), optional(fields)),
        "rules": rules_from(form, settings["rules"], members),
    }


def offered(settings: Settings) -> list[str]:
    """The switches that a contact has here: that of the invitation only where invitations can be sent."""
    given = {switch for each in settings["contacts"].values() for switch in each}
    return [switch for switch in SWITCHES if switch in given or switch != SEND_INVITATION]


def for_new_clients(form: Mapping[str, str], current: Settings) -> dict[str, str | None]:
    """The language and the questionnaire that a form asks for, where they differ from the present ones."""
    asked = {
        "language": _chosen(form.get("language"), current["language"]),
        "questionnaire": _chosen(form.get("questionnaire"), current["questionnaire"]),
    }
    now = {"language": current["language"], "questionnaire": current["questionnaire"]}
    return {name: value for name, value in asked.items() if value != now[name]}


def languages_of(directory: Reference) -> list[tuple[str, str]]:
    """The languages of the firm, as code and name in the language of the page."""
    named = (get_locale() or Locale("en")).languages
    return [(code, f"{named.get(code, code)}".capitalize()) for code in directory["languages"]]


def _chosen(given: str | None, current: str | None) -> str | None:
    return current if untouched(given, current or "") else given or None


def _in_order(current: Sequence[str], chosen: Sequence[str]) -> list[str]:
    """The chosen values: first the earlier ones, in their order."""
    return list(dict.fromkeys([*(one for one in current if one in chosen), *chosen]))


def other_tags(settings: Settings, directory: Reference) -> list[str]:
    """The tags that the form has no ticks for."""
    return [tag for tag in settings["tags"] if tag not in directory["tags"][:TAGS_TICKED]]


def _more_tags(form: Form, settings: Settings, directory: Reference) -> list[str]:
    others, given = other_tags(settings, directory), form.get("more_tags")
    return others if given is None or untouched(given, ", ".join(others)) else names(given)


def assignees_shown(settings: Settings, directory: Reference) -> list[TeamMember]:
    """The team to choose from, and those chosen who have left it, by their ids."""
    team = directory["team_members"]
    known = {member["id"] for member in team}
    gone: list[TeamMember] = [{"id": one, "name": one} for one in settings["assignees"] if one not in known]
    return [*team, *gone]


def _match(form: Form, current: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The keys by which records are found: in the earlier order, new ones last; with none ticked, the earlier ones."""
    ticked = {name: form.getlist(f"match-{name}") for name in MATCH}
    known = {name: [kind for kind in MATCH[name] if kind in kinds] for name, kinds in ticked.items()}
    return {name: _in_order(current[name], kinds) or list(current[name]) for name, kinds in known.items()}


def merged(fields: Mapping[str, Field]) -> dict[str, str]:
    """The labels of the mapped fields whose merge may be chosen, by key; the partner is a contact like any other."""
    shown = {key: field["label"] for key, field in fields.items() if not key.startswith("spouse.")}
    return shown | {
        f"contact.{name}": field["label"]
        for key, field in fields.items()
        if key.startswith("spouse.") and f"contact.{(name := key.removeprefix('spouse.'))}" not in shown
    }


def optional(fields: Mapping[str, Field]) -> dict[str, str]:
    """The labels of the mapped fields without whose value a row can be imported, by key."""
    return {key: field["label"] for key, field in fields.items() if may_be_left_out(key)}


def shown_invalid(settings: Settings, key: str) -> str:
    """What is chosen for a wrong value of a field, as an option of the form: leaving the row out is the usual."""
    chosen = settings.get("on_invalid", {}).get(key, SKIP_ROW)
    return "" if chosen == SKIP_ROW else chosen


def _by_field(form: Form, what: str, current: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    """Choices by the key of a field; a blank one leaves the field to what is usual."""
    chosen = dict(current)
    for key in keys:
        given = form.get(f"{what}-{key}")
        if given is None or untouched(given, current.get(key, "")):
            continue
        if given:
            chosen[key] = given
        else:
            chosen.pop(key, None)
    return chosen


def rules_from(form: Form, current: Sequence[Rule], members: Sequence[TeamMember]) -> list[Rule]:
    """The rules of a form: `rule-<r>-when-<n>-…` and `rule-<r>-then-<n>-…`; those without a half are left out.

    A half that is as it was shown is kept, also where its text would be read otherwise.
    """
    if "rules" not in form:
        return list(current)
    rules = []
    for r, old in zip(range(MOST_RULES), [*current, *[_NO_RULE] * MOST_RULES], strict=False):
        if form.get(f"rule-{r}-remove"):
            continue
        rule = _rule_from(form, f"rule-{r}", old, members)
        if (rule["when"] and rule["then"]) or (rule == old and old is not _NO_RULE):
            rules.append(rule)
    return rules


_NO_RULE: Rule = {"when": [], "then": {}}


def _rule_from(form: Form, at: str, old: Rule, members: Sequence[TeamMember]) -> Rule:
    when: list[Condition] = []
    then: dict[str, object] = {}
    shown = _shown(old, members)
    effects = _flat(old["then"])
    for n in range(MOST_PARTS):
        place = f"{at}-when-{n}"
        if n < len(old["when"]) and _as_shown(form, place, shown["when"][n]):
            when.append(old["when"][n])
        elif condition := _condition(form, place):
            when.append(condition)
        place = f"{at}-then-{n}"
        if n < len(effects) and _as_shown(form, place, shown["then"][n]):
            what, value = effects[n]
            _add(then, what, value)
        else:
            for what, value in _effect(form, place, members).items():
                _add(then, what, value)
    return {"when": when, "then": cast("Then", then)}


def _flat(then: Then) -> list[tuple[str, object]]:
    """The effects of a rule, one by one: each value that it sets is an effect of its own."""
    found: list[tuple[str, object]] = []
    for what, effect in then.items():
        if what == "set":
            found += [(f"{SET}{key}", text) for key, text in then["set"].items()]
        else:
            found.append((what, effect))
    return found


def _add(then: dict[str, object], what: str, value: object) -> None:
    """Add one effect, as `_flat` has it."""
    if what.startswith(SET):
        then["set"] = {**cast("dict[str, str]", then.get("set", {})), what.removeprefix(SET): str(value)}
    else:
        then[what] = value


def _as_shown(form: Form, at: str, shown: Mapping[str, str]) -> bool:
    return all(untouched(form.get(f"{at}-{part}", ""), text) for part, text in shown.items())


def _condition(form: Form, at: str) -> Condition | None:
    place, _, what = form.get(f"{at}-place", "").partition(":")
    if place not in ("field", "column"):
        return None
    column = whole(what)
    where: Condition = (
        {"field": what} if place == "field" else {"column": column if column is not None else -1}
    )
    test, value = form.get(f"{at}-test", "is"), form.get(f"{at}-value", "").strip()
    if (place == "column" and column is None) or test not in TESTS:
        return None
    if test in ("blank", "not_blank"):
        return {**where, "blank": test == "blank"}
    if test == "one_of":
        return {**where, "one_of": names(value)} if names(value) else None
    if not value and test not in ("is", "is_not"):
        return None
    return cast("Condition", {**where, test: value})


def _effect(form: Form, at: str, members: Sequence[TeamMember]) -> dict[str, object]:
    what, value = form.get(f"{at}-what", ""), form.get(f"{at}-value", "").strip()
    if what in _BARE:
        return {what: True}
    if what.startswith(SET) and value:
        return {what: value}
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


def _member(given: str, members: Sequence[TeamMember]) -> str:
    """The id of a team member that is named by id, name or e-mail; what fits none is left for the API to refuse."""
    wanted = given.casefold()
    for member in members:
        if wanted in (str(member.get(part, "")).casefold() for part in ("id", "name", "email")):
            return member["id"]
    return given


def labels_of(fields: Mapping[str, Field]) -> dict[str, str]:
    """The labels of fields by key, with the record behind those that several records have."""
    shared = Counter(field["label"] for field in fields.values())
    return {
        key: f"{field['label']} ({RECORDS[field['record']]})"
        if shared[field["label"]] > 1 and field["record"] in RECORDS
        else field["label"]
        for key, field in fields.items()
    }


def effects_of(settable: Mapping[str, Field], settings: Settings) -> list[tuple[str, str]]:
    """What a rule may do, with its words: the effects, and setting each field that may be set."""
    switches = offered(settings)
    sets = [
        (f"{SET}{key}", gettext("set %(field)s to", field=label))
        for key, label in labels_of(settable).items()
    ]
    effects = [(what, str(words)) for what, words in EFFECTS.items()]
    return [*(each for each in effects if each[0] not in SWITCHES or each[0] in switches), *sets]


def rules_of(settings: Settings, members: Sequence[TeamMember]) -> list[ShownRule]:
    """The rules as rows of a form, each with room for one more half, and an empty one at the end."""
    return [*(_shown(rule, members) for rule in settings["rules"]), {"when": [{}], "then": [{}]}]


def _shown(rule: Rule, members: Sequence[TeamMember]) -> ShownRule:
    called = {member["id"]: member["name"] for member in members}
    when: list[Half] = []
    for condition in rule["when"]:
        place = f"field:{condition['field']}" if "field" in condition else f"column:{condition['column']}"
        test = next(test for test in TESTS if test in condition)
        given: object = cast("Mapping[str, object]", condition)[test]
        value = "" if test == "blank" else _text(given)
        if test == "blank" and not given:
            test = "not_blank"
        when.append({"place": place, "test": test, "value": value})
    then: list[Half] = []
    for what, effect in _flat(rule["then"]):
        if isinstance(effect, list) and what == "assignees":
            effect = [called.get(one, one) for one in effect]
        then.append({"what": what, "value": _text(effect)})
    return {"when": [*when, {}], "then": [*then, {}]}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return gettext("on") if value else gettext("off")
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
