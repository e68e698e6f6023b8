"""Plans a chunk: per row what will be created, updated and linked; loading runs this plan as it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.validator.checking import SLOTS
from services.validator.checks import CLEAR

LISTS = frozenset({"tags", "assignees", "roles"})
BUCKETS = ("new", "update", "unchanged", "duplicate", "invalid", "unselected")
COLLECTION = {"account": "accounts", "contact": "contacts", "spouse": "contacts"}
#: Where a file's column is called otherwise than the record's part.
RENAMED = {"team_members": "assignees"}


@dataclass(frozen=True)
class Place:
    """What a row means for one slot.

    The record's id, whether the firm has it, whether this row leads, and the chunk of the row that does.
    """

    identity: str
    known: bool
    leads: bool
    chunk: int


@dataclass
class Plan:
    """The plan of a chunk.

    `buckets` has a bucket per row. `creates` and `updates` go by collection; each entry carries the `row`
    (offset) that it belongs to. `links` hold the row, both ids, and the chunk that leads where that is not the row's.
    """

    buckets: list[str] = field(default_factory=list)
    creates: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"accounts": [], "contacts": []})
    updates: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"accounts": [], "contacts": []})
    links: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class PlanContext:
    """What planning needs besides the rows.

    `existing` are the records that rows matched, by collection and id; `linked` the ids of links that exist;
    `adds` by slot and offset what later rows add to the lists of the record this row leads.
    """

    settings: Mapping[str, Any]
    existing: Mapping[str, Mapping[str, dict[str, Any]]]
    linked: frozenset[tuple[str, str]]
    importer: str
    default_members: Sequence[str] = ()
    adds: Mapping[str, Mapping[int, Mapping[str, list[str]]]] = field(default_factory=dict)


def plan_rows(
    columns: Mapping[str, Sequence[Any]],
    count: int,
    bad: set[int],
    repeats: set[int],
    places: Mapping[str, Sequence[Place | None]],
    context: PlanContext,
) -> Plan:
    """Plan the rows of a chunk. `places` has, by slot, what each row means; `repeats` say nothing new."""
    plan = Plan()
    by_slot = {slot: _Values(slot, columns) for slot in SLOTS if slot in places}
    for offset in range(count):
        if offset in bad:
            plan.buckets.append("invalid")
            continue
        acts: dict[str, str] = {}
        for slot, own in by_slot.items():
            place = places[slot][offset]
            if place is not None:
                acts[slot] = _plan_record(plan, slot, offset, place, own, context)
        new_links = _plan_links(plan, offset, places, context)
        plan.buckets.append(_bucket(acts, new_links, offset in repeats))
    return plan


class _Values:
    """The values of a slot, turned from columns into rows once; `simple` when a row can become a record as it is."""

    def __init__(self, slot: str, columns: Mapping[str, Sequence[Any]]) -> None:
        prefix = f"{slot}."
        own = {key[len(prefix) :]: values for key, values in columns.items() if key.startswith(prefix)}
        self.names = [RENAMED.get(name, name) for name in own]
        self.rows = list(zip(*own.values(), strict=True))
        clears = any(CLEAR in values for values in own.values())
        self.simple = not clears and not any(name.startswith("custom.") for name in own)

    def of(self, offset: int) -> dict[str, Any]:
        """The filled values of a row."""
        return {
            name: value
            for name, value in zip(self.names, self.rows[offset], strict=True)
            if value is not None
        }


def _plan_record(
    plan: Plan,
    slot: str,
    offset: int,
    place: Place,
    columns: _Values,
    context: PlanContext,
) -> str:
    """Plan one record of a row; gives create, update, unchanged or follow."""
    if not place.leads:
        return "follow"
    values = columns.of(offset)
    for name, more in context.adds.get(slot, {}).get(offset, {}).items():
        values[name] = list(dict.fromkeys([*(values.get(name) or []), *more]))
    collection = COLLECTION[slot]
    existing = context.existing[collection].get(place.identity)
    if not place.known or existing is None:
        record = _new_record(slot, values if columns.simple else _nested(values), context)
        plan.creates[collection].append(
            {"row": offset, "slot": slot, "_id": place.identity, "record": record}
        )
        return "create"
    change = _changes(existing, values, context.settings)
    if not change:
        return "unchanged"
    plan.updates[collection].append(
        {"row": offset, "slot": slot, "_id": place.identity, "revision": existing["revision"], **change}
    )
    return "update"


def _new_record(slot: str, record: dict[str, Any], context: PlanContext) -> dict[str, Any]:
    settings = context.settings
    if slot != "account":
        return record
    record.setdefault("type", "Other")
    if record["type"] == "Company":
        record.setdefault("company_name", record["name"])
    record["tags"] = _union(record.get("tags"), settings["tags"])
    named = record.get("assignees") or ([] if settings["assignees"] else [context.importer])
    record["assignees"] = _union(named, settings["assignees"], context.default_members)
    record.setdefault("folder_template", settings["folder_template"])
    if settings.get("questionnaire"):
        record["questionnaire"] = {"name": settings["questionnaire"], "status": "not_sent"}
    return record


def _union(*lists: Sequence[str] | None) -> list[str]:
    return list(dict.fromkeys(item for items in lists for item in items or ()))


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    """Custom fields are kept in a part of their own; in a new record there is nothing to clear."""
    filled = {name: value for name, value in values.items() if value != CLEAR}
    record = {name: value for name, value in filled.items() if not name.startswith("custom.")}
    custom = {name[7:]: value for name, value in filled.items() if name.startswith("custom.")}
    if custom:
        record["custom"] = custom
    return record


def _changes(
    existing: Mapping[str, Any], values: Mapping[str, Any], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """What an update would change: `set`, `unset`, `add`, and `was` with the values before."""
    if settings["on_match"] == "skip":
        return {}
    change: dict[str, Any] = {"set": {}, "unset": [], "add": {}, "was": {}}
    for name, value in values.items():
        policy = settings["merge"].get(name, "fill_empty")
        have = _have(existing, name)
        if name in LISTS and isinstance(value, list):
            fresh = [item for item in value if item not in (have or [])]
            if fresh:
                change["add"][name], change["was"][name] = fresh, have
        elif value == CLEAR:
            if have not in (None, "", []) and policy != "never":
                change["unset"].append(name)
                change["was"][name] = have
        elif have != value and (have in (None, "", []) or policy == "overwrite") and policy != "never":
            change["set"][name], change["was"][name] = value, have
    return change if change["was"] else {}


def _have(record: Mapping[str, Any], name: str) -> Any:
    if name.startswith("custom."):
        return (record.get("custom") or {}).get(name[7:])
    return record.get(name)


def _plan_links(
    plan: Plan, offset: int, places: Mapping[str, Sequence[Place | None]], context: PlanContext
) -> int:
    account = places["account"][offset] if "account" in places else None
    if account is None:
        return 0
    new = 0
    for slot in ("contact", "spouse"):
        contact = places[slot][offset] if slot in places else None
        if contact is not None and (account.identity, contact.identity) not in context.linked:
            link = {"row": offset, "account": account.identity, "contact": contact.identity}
            if not account.leads:
                link["account_chunk"] = account.chunk
            if not contact.leads:
                link["contact_chunk"] = contact.chunk
            plan.links.append(link)
            new += 1
    return new


def _bucket(acts: Mapping[str, str], new_links: int, repeated: bool) -> str:
    done = set(acts.values())
    if repeated:
        return "duplicate"
    if "create" in done or (new_links and "follow" in done):
        return "new"
    if "update" in done or new_links:
        return "update"
    return "unchanged" if done - {"follow"} else "duplicate"
