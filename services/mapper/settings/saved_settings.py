"""The settings that a saved mapping keeps: what is saved of them, and what a later file gets of them.

What the firm no longer has, such as a tag or a colleague, is left out, and the job names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from services.mapper.headers.normalising import plain
from services.mapper.settings.job_settings import Chooser, SettingsError, confirm_settings, names_of
from shared.contract.custom_fields import Names
from shared.contract.documents.job import ChosenSettings, Profile, ProfileSource, Rule, Settings
from shared.contract.documents.job import Mapping as FieldMapping
from shared.contract.documents.reference import Reference
from shared.contract.documents.values import ProblemAt

#: Parts of the settings of a job that follow from others, or are about this job alone.
_OF_THE_JOB = ("custom_fields", "profile", "left_out")
#: What is left out may show the next problem of the same place, a few times at most.
MOST_ATTEMPTS = 10


def settings_by_header(settings: Settings, places: Mapping[int, int]) -> Settings:
    """The settings as they are saved: columns of rules as `places` has them, without what is about their job alone."""
    rules = [moved for rule in settings["rules"] if (moved := _moved(rule, places))]
    return {**_of_any_job(settings), "rules": rules}


def _of_any_job(settings: Settings) -> Settings:
    return cast("Settings", {name: value for name, value in settings.items() if name not in _OF_THE_JOB})


def settings_of_profile(
    profile: Profile, first: Settings, mapping: FieldMapping, reference: Reference, chooser: Chooser
) -> Settings:
    """The first settings of a job with those of its saved mapping; `first` where it keeps none.

    What the firm no longer has, and what the chooser has no right to, is left out and listed in `left_out`.
    """
    if "settings" not in profile:
        return first
    given, gone = _with_columns(profile, mapping, names_of(reference, mapping))
    gone += _gone_tags(given, reference["tags"])
    confirmed = first
    for _attempt in range(MOST_ATTEMPTS):
        try:
            confirmed = confirm_settings(cast("ChosenSettings", given), first, mapping, reference, chooser)
            break
        except SettingsError as error:
            gone += error.problems
            for problem in error.problems:
                _leave_out(given, problem)
            _drop_empty(given)
    known = ProfileSource(
        id=profile["id"], name=profile["name"], saved_at=profile["saved_at"].date().isoformat()
    )
    return {**confirmed, "profile": known, "left_out": gone}


def _with_columns(
    profile: Profile, mapping: FieldMapping, names: Names
) -> tuple[dict[str, Any], list[ProblemAt]]:
    """The saved settings, the columns of rules as this file has them; rules whose column it lacks are left out."""
    places: dict[int, int] = {}
    free = [(plain(column["header"]), column["index"]) for column in mapping["columns"]]
    for at, header in enumerate(profile.get("settings_headers", profile["headers"])):
        found = next((one for one in free if one[0] == plain(header)), None)
        if found:
            free.remove(found)
            places[at] = found[1]
    saved = profile["settings"]
    rules: list[Rule] = []
    gone: list[ProblemAt] = []
    for number, rule in enumerate(saved["rules"]):
        moved = _moved(rule, places)
        customs = [key for condition in rule["when"] if ".custom." in (key := condition.get("field", ""))]
        if moved is None or not all(map(names.knows, customs)):
            gone.append({"setting": f"rules.{number}", "code": "rule_without_column", "params": {}})
        else:
            rules.append(moved)
    return {**_of_any_job(saved), "rules": rules}, gone


def _moved(rule: Rule, places: Mapping[int, int]) -> Rule | None:
    """A rule with its columns at other places; None where one of them has none."""
    named = [condition["column"] for condition in rule["when"] if "column" in condition]
    then = rule["then"].copy()
    if "assignees_from" in then:
        named.append(then["assignees_from"])
    if not places.keys() >= set(named):
        return None
    if "assignees_from" in then:
        then["assignees_from"] = places[then["assignees_from"]]
    when = [
        {**condition, "column": places[condition["column"]]} if "column" in condition else {**condition}
        for condition in rule["when"]
    ]
    return cast("Rule", {"when": when, "then": then})


def _gone_tags(given: dict[str, Any], known: Sequence[str]) -> list[ProblemAt]:
    """Take out tags that the firm no longer has; gives them as problems."""
    gone: list[ProblemAt] = []
    for place, own in [
        ("", given),
        *((f"rules.{n}.", rule["then"]) for n, rule in enumerate(given["rules"])),
    ]:
        left = [tag for tag in own.get("tags", ()) if tag not in known]
        if left:
            own["tags"] = [tag for tag in own["tags"] if tag in known]
            gone += [
                {"setting": f"{place}tags", "code": "not_in_directory", "params": {"value": tag}}
                for tag in left
            ]
    _drop_empty(given)
    return gone


def _leave_out(given: dict[str, Any], problem: ProblemAt) -> None:
    """Take out of settings what a problem is about."""
    place, value = str(problem.get("setting")), problem["params"].get("value")
    holder: dict[str, Any] = given
    name, _, rest = place.partition(".")
    if name == "rules":
        number, _, name = rest.partition(".")
        if not name:
            given["rules"][int(number)] = {"when": [], "then": {}}
            return
        holder = given["rules"][int(number)]["then"]
    part = holder.get(name)
    if isinstance(part, list):
        holder[name] = [one for one in part if one != value]
    elif isinstance(part, dict):
        holder[name] = {key: own for key, own in part.items() if key != value}
    else:
        holder.pop(name, None)


def _drop_empty(given: dict[str, Any]) -> None:
    """Take rules out that do nothing any more."""
    for rule in given["rules"]:
        rule["then"] = {what: own for what, own in rule["then"].items() if own not in ([], {}, None)}
    given["rules"] = [rule for rule in given["rules"] if rule["then"]]
