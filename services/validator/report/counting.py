"""Counts what checking and planning found in rows, so that the sum over chunks is the count of the job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from urllib.parse import quote_plus

from services.validator.check.rules import SWITCHES
from shared.contract.documents.chunk import (
    SPOUSE,
    Checks,
    Create,
    EntryKey,
    FoundRows,
    Link,
    Plan,
    RowProblem,
    Update,
)
from shared.contract.documents.job import Settings
from shared.contract.documents.reference import Reference
from shared.contract.documents.task import Counts
from shared.contract.problems import DOUBTS, ERROR, severity
from shared.contract.sendings import SEND_INVITATION

#: Buckets of rows that nothing comes of.
NOT_LOADED = frozenset({"invalid", "unselected"})
#: Problems that a mapping of values can settle once for all rows.
UNKNOWN = frozenset(
    {
        "unknown_option",
        "unknown_country",
        "ambiguous_country",
        "unknown_language",
        "unknown_team_member",
        "unknown_folder_template",
        "unknown_own_choice",
    }
)
#: Unknown values that one chunk names.
MOST_UNKNOWN = 200


class Planned(Protocol):
    """What is counted of a plan."""

    creates: dict[str, dict[EntryKey, Create]]
    updates: dict[str, dict[EntryKey, Update]]
    links: dict[EntryKey, Link]
    problems: list[RowProblem]


def check_counts(checks: Checks) -> Counts:
    """Rows with each problem, values with each fix, and filled custom fields."""
    columns = dict(zip(checks.fields, checks.values, strict=True))
    return {
        "problems": rows_with(checks.problems),
        "fixes": dict(Counter(fix.code for fixes in checks.fixes.values() for fix in fixes)),
        "custom": {
            key.split("custom.")[1]: sum(value is not None for value in values)
            for key, values in columns.items()
            if "custom." in key
        },
        "unknown": unknown_values(checks.problems),
    }


def new_tags(plan: Planned, reference: Reference) -> dict[str, int]:
    """How many records will get each tag that the firm does not have yet, under its collection and the quoted tag.

    Accounts and contacts have tags of their own, so one name may be two new tags.
    """
    known = {"accounts": set(reference["tags"]), "contacts": set(reference["contact_tags"])}
    found: Counter[str] = Counter()
    for collection, have in known.items():
        given = [create.record.get("tags") for create in plan.creates[collection].values()]
        given += [update.add.get("tags") for update in plan.updates[collection].values()]
        for tags in given:
            if isinstance(tags, list):
                fresh = {tag for tag in tags if isinstance(tag, str)} - have
                found.update(f"{collection} {quote_plus(tag)}".replace(".", "%2E") for tag in fresh)
    return dict(found)


def rows_with(problems: Iterable[RowProblem]) -> dict[str, int]:
    """How many rows have each problem, however often."""
    return dict(Counter(code for _, code in {(problem.offset, problem.code) for problem in problems}))


def unknown_values(problems: Iterable[RowProblem]) -> dict[str, int]:
    """How many rows have each value that a choice does not know, under its field and the quoted value."""
    rows = {(at, key, str(params.get("value"))) for at, key, code, params in problems if code in UNKNOWN}
    found = Counter((key, value) for _, key, value in sorted(rows))
    return {
        f"{key} {quote_plus(value)}".replace(".", "%2E"): n
        for (key, value), n in found.most_common(MOST_UNKNOWN)
    }


def plan_counts(plan: Plan, checks: Checks, settings: Settings, reference: Reference) -> Counts:
    """The counts of a planned chunk: of its plan, and rows that wait for a decision alone."""
    buckets = dict(enumerate(plan.buckets))
    counts = _counts_of_plan(plan, buckets, checks.rules, settings, reference)
    return {**counts, "asked": _asked([*checks.problems, *plan.problems], buckets)}


def found_counts(found: FoundRows, settings: Settings, reference: Reference) -> Counts:
    """The counts of single rows, from what is kept of their check and their plan."""
    fixes = Counter(fix.code for fixes in found.fixes.values() for fix in fixes)
    return {
        **_counts_of_plan(found, found.buckets, found.rules, settings, reference),
        "asked": _asked(found.problems, found.buckets),
        "unknown": unknown_values(found.problems),
        "fixes": dict(fixes),
    }


def _asked(problems: Iterable[RowProblem], buckets: Mapping[int, str]) -> dict[str, int]:
    """How many rows are invalid for nothing but a question that a person must answer."""
    wrong: dict[int, set[str]] = {}
    for offset, _, code, _ in problems:
        if severity(code) == ERROR:
            wrong.setdefault(offset, set()).add(code)
    return {
        "rows": sum(codes <= DOUBTS and buckets.get(offset) == "invalid" for offset, codes in wrong.items())
    }


def _counts_of_plan(
    plan: Planned,
    buckets: Mapping[int, str],
    rules: Sequence[Sequence[int]],
    settings: Settings,
    reference: Reference,
) -> Counts:
    """Rows in each bucket, with each problem, and under each rule; how many records they make and change, and tags."""
    records = {f"{kind}_create": len(plan.creates[kind]) for kind in ("accounts", "contacts")}
    records |= {f"{kind}_update": len(plan.updates[kind]) for kind in ("accounts", "contacts")}
    records["partners_create"] = sum(key.endswith(SPOUSE) for key in plan.creates["contacts"])
    return {
        "buckets": dict(Counter(buckets.values())),
        "problems": rows_with(plan.problems),
        "records": {**records, "links_create": sum(not link.known for link in plan.links.values())},
        "touches": _touches(plan, settings),
        "new_tags": new_tags(plan, reference),
        "rules": {
            str(rule): sum(buckets[row] not in NOT_LOADED for row in own) for rule, own in enumerate(rules)
        },
    }


def _invited(plan: Planned, settings: Settings) -> int:
    """How many contacts are invited: those of new links with the switch on, who may log in and have an address."""
    records = {create.id: create.record for create in plan.creates["contacts"].values()}
    found = set()
    for link in (each for each in plan.links.values() if not each.known):
        switches = settings["contacts"] if link.switches is None else link.switches
        on = [field for field, given in switches.items() if given.get(SEND_INVITATION) and given.get("login")]
        record = records.get(link.contact)
        if on and (record is None or any(record.get(field.partition(".")[2]) for field in on)):
            found.add(link.contact)
    return len(found)


def _touches(plan: Planned, settings: Settings) -> dict[str, int]:
    """How many records get what each setting gives."""
    touched: Counter[str] = Counter()
    wanted = set(settings["tags"])
    for create in plan.creates["accounts"].values():
        record = create.record
        assignees, questionnaire = record["assignees"], record.get("questionnaire")
        named = questionnaire.get("name") if isinstance(questionnaire, dict) else None
        touched["tags"] += bool(wanted)
        touched["assignees"] += isinstance(assignees, list) and not set(settings["assignees"]).isdisjoint(
            assignees
        )
        touched["folder_template"] += record.get("folder_template") == settings["folder_template"]
        touched["questionnaire"] += named == settings["questionnaire"]
    for update in plan.updates["accounts"].values():
        touched["tags"] += not wanted.isdisjoint(update.add.get("tags", ()))
    for create in plan.creates["contacts"].values():
        touched["language"] += create.record.get("language") == settings["language"]
    for link in (each for each in plan.links.values() if not each.known):
        switches = settings["contacts"] if link.switches is None else link.switches
        touched.update({name for given in switches.values() for name, on in given.items() if on})
    touched[SEND_INVITATION] = _invited(plan, settings)
    shown = {"tags", "assignees", *SWITCHES}
    if settings["folder_template"]:
        shown.add("folder_template")
    if settings["questionnaire"]:
        shown.add("questionnaire")
    if settings["language"]:
        shown.add("language")
    return {name: number for name, number in touched.items() if number and name in shown}
