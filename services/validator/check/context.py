"""What a check needs to know before it looks at rows: of the job, of the firm, and of the rights of the job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.validator.check.mapped_columns import built_columns, fields_of
from shared.contract.custom_fields import Names
from shared.contract.date_order import OrderDecision, decide_order
from shared.contract.documents.job import Condition, Job, Rule, Settings
from shared.contract.documents.job import Mapping as ColumnsMapping
from shared.contract.documents.reference import CustomField, Reference
from shared.contract.documents.values import Decision
from shared.contract.invalid_values import DROP_VALUE
from shared.contract.job import mapping_of, settings_of, sources_of_built
from shared.contract.rights import ASSIGN_TEAM_MEMBERS, MANAGE_TAGS, rights_of
from shared.contract.spelling import Spellings, by_spelling, spelling_key
from shared.values.context import ValueContext, context_of_firm

#: New tags of one kind that a job may make; a column with more different tags holds something else.
MOST_NEW_TAGS = 500


@dataclass(frozen=True)
class CheckPlan:
    """How rows are checked: the confirmed mapping, the kind of import, the rules of the settings.

    `dropped` are the keys of fields whose wrong values are left out, so that their row is loaded.
    `set_fields` are the custom fields of the firm whose values rules set.
    `orders` has the order of dates, by index of column, as it was decided over the whole file.
    """

    mapping: ColumnsMapping
    kind: str
    rules: Sequence[Rule] = ()
    orders: Mapping[int, OrderDecision] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    set_fields: Sequence[CustomField] = ()


@dataclass(frozen=True)
class CheckContext(ValueContext):
    """What checks need to know of the firm, and of the rights under which a job works.

    `tags` has by field key the only tags that may be used, where no new ones may be made; `withheld` the names, by id,
    of members who may not be assigned.
    `names` has by field key the names that the firm has, in its spelling. `reserved` keeps new names of a field for
    the job, and gives all that its chunks have asked for, in their order; of the fields in `limited` no others may be
    made.
    """

    tags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Spellings] = field(default_factory=dict)
    reserved: Callable[[str, Sequence[str]], Sequence[str]] = lambda _key, names: names
    limited: frozenset[str] = frozenset()


class NewNames(Protocol):
    """Keeps which new names a job may make, over all its chunks."""

    def reserve_names(self, revision: int, kind: str, names: set[str], most: int) -> set[str]:
        """Which of some new names the job may make, at most `most` in all."""

    def reserved_names(self, revision: int, kind: str) -> list[str]:
        """The new names that the job may make, in the order in which its chunks asked for them."""


def check_plan(job: Job, reference: Reference) -> CheckPlan:
    """How the rows of a job are checked."""
    orders = decided_orders(job, reference["locale"]["date_order"])
    names = Names.of_job(job)
    chosen = settings_of(job).get("on_invalid") or {}
    dropped = frozenset(names.path(key) for key, what in chosen.items() if what == DROP_VALUE)
    set_fields = settings_of(job).get("custom_fields") or ()
    return CheckPlan(mapping_of(job), job["kind"], _rules_by_id(job), orders, dropped, set_fields)


def _rules_by_id(job: Job) -> list[Rule]:
    """The rules of a job, with custom fields by their ids."""
    names = Names.of_job(job)

    def by_id(condition: Condition) -> Condition:
        return {**condition, "field": names.path(condition["field"])} if "field" in condition else condition

    rules = settings_of(job)["rules"]
    return [{"when": [by_id(each) for each in rule["when"]], "then": rule["then"]} for rule in rules]


def decided_orders(job: Job, firm_order: str) -> dict[int, OrderDecision]:
    """The order of dates in each column of dates: as a person chose, else decided from all cells of the column."""
    mapping = mapping_of(job)
    evidence = {column["index"]: column["dates"] for column in job["source"]["column_list"]}
    chosen = mapping.get("date_order")
    for index, built in built_columns(mapping).items():
        sources = sources_of_built(built)
        # the order of parts that are put together shows in no column of the file
        evidence[index] = evidence[sources[0]] if len(sources) == 1 else {}
    return {
        index: OrderDecision(chosen, undecided=False, conflicting=False)
        if chosen
        else decide_order(evidence[index], firm_order)
        for index, target in fields_of(mapping)
        if target.type == "date"
    }


def context_of(job: Job, reference: Reference, new_names: NewNames, most_names: int) -> CheckContext:
    """What the checks of a job need to know of the firm; `most_names` is the room for tags of one kind."""
    mapping, rights = mapping_of(job), rights_of(job)
    tags = {"account.tags": reference["tags"], "contact.tags": reference["contact_tags"]}

    def reserved(key: str, new: Sequence[str]) -> Sequence[str]:
        agreed = new_names.reserved_names(job["revision"], key)
        known = by_spelling(agreed)
        fresh = {name for name in new if spelling_key(name) not in known}
        if not fresh:
            return agreed
        most = min(MOST_NEW_TAGS, max(0, most_names - len(tags.get(key, ()))))
        new_names.reserve_names(job["revision"], key, fresh, most)
        return new_names.reserved_names(job["revision"], key)

    may_make = MANAGE_TAGS in rights
    others = [member for member in reference["team_members"] if member["id"] != job["created_by"]]
    of_firm = context_of_firm(reference)
    return CheckContext(
        today=of_firm.today,
        country=mapping.get("phone_region") or of_firm.country,
        languages=of_firm.languages,
        members=of_firm.members,
        date_order=mapping.get("date_order") or of_firm.date_order,
        choices=of_firm.choices,
        values=_values_by_id(mapping),
        tags={} if may_make else {key: frozenset(known) for key, known in tags.items()},
        names=_names_of(reference, settings_of(job)),
        reserved=reserved,
        limited=frozenset(tags) if may_make else frozenset(),
        withheld={} if ASSIGN_TEAM_MEMBERS in rights else {each["id"]: each["name"] for each in others},
    )


def _values_by_id(mapping: ColumnsMapping) -> dict[str, dict[str, str]]:
    """What texts mean by the key of their field, custom fields by their ids."""
    names = Names.of_mapping(mapping)
    return {names.path(key): meant for key, meant in (mapping.get("values") or {}).items()}


def _names_of(reference: Reference, settings: Settings) -> dict[str, Spellings]:
    """The names that the firm has, by field key; those of the settings are as good as made."""
    chosen = [settings, *(rule["then"] for rule in settings["rules"])]
    own = {
        "account.tags": [*reference["tags"], *(tag for each in chosen for tag in each.get("tags", ()))],
        "contact.tags": reference["contact_tags"],
        "account.roles": [*reference["roles"], *(role for each in chosen for role in each.get("roles", ()))],
        "account.folder_template": reference["folder_templates"],
    }
    return {key: Spellings(names) for key, names in own.items() if names}


def decisions_of(job: Job, decided: Mapping[int, Decision], count: int) -> dict[int, Decision]:
    """What was decided of rows, by offset: by a person, else by the settings for all rows."""
    if settings_of(job).get("on_doubt", "skip") != "create":
        return dict(decided)
    everywhere: Decision = {"is": "new"}
    return {offset: {**everywhere, **decided.get(offset, everywhere)} for offset in range(count)}
