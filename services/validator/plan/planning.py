"""Plans rows: what will be created, updated and linked for each; loading runs this plan as it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

from services.validator.check.checking import SLOTS
from services.validator.check.rules import settings_under
from shared.contract.records import CLEAR, RENAMED, compare

#: A person who is known by something else has a new address where the file gives another.
NEW_ADDRESS = {"email": "overwrite"}
COLLECTION = {"account": "accounts", "contact": "contacts", "spouse": "contacts"}


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
    """The plan of some rows.

    `buckets` has a bucket per row. `creates` and `updates` go by collection; each entry carries the `row` that
    it belongs to. `links` hold the row, both ids, and the chunk that leads where that is not the row's. `kept`
    are values of existing records that differ from the row's and stay; `problems` are (row, field, code, params).
    """

    buckets: list[str] = field(default_factory=list)
    creates: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"accounts": [], "contacts": []})
    updates: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"accounts": [], "contacts": []})
    links: list[dict[str, Any]] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)
    problems: list[tuple[int, str, str, dict[str, Any]]] = field(default_factory=list)


@dataclass(frozen=True)
class Rows:
    """The rows to plan: checked values by field key, and what each row means, by slot.

    `bad` rows are not loaded, `left_out` were deselected by a person, `repeats` say nothing new; `linked` are,
    by slot, the rows whose link an earlier row makes. `rules` has,
    per rule of the settings, its rows; `assigned` the members that a rule took from a column.
    """

    columns: Mapping[str, Sequence[Any]]
    count: int
    places: Mapping[str, Sequence[Place | None]]
    bad: frozenset[int] = frozenset()
    left_out: frozenset[int] = frozenset()
    repeats: frozenset[int] = frozenset()
    linked: Mapping[str, frozenset[int]] = field(default_factory=dict)
    rules: Sequence[Sequence[int]] = ()
    assigned: Mapping[int, Mapping[int, Sequence[str]]] = field(default_factory=dict)

    @cached_property
    def rules_of(self) -> dict[int, tuple[int, ...]]:
        """The rules of each row that has any."""
        found: dict[int, tuple[int, ...]] = {}
        for index, rows in enumerate(self.rules):
            for row in rows:
                found[row] = (*found.get(row, ()), index)
        return found


@dataclass(frozen=True)
class PlanContext:
    """What planning needs besides the rows.

    `existing` are the records that rows matched, by collection and id; `linked` the pairs that are linked;
    `adds` by slot and row what other rows say of the record this row leads, as `Grouping.adds` gives it.
    """

    settings: Mapping[str, Any]
    existing: Mapping[str, Mapping[str, dict[str, Any]]]
    linked: frozenset[tuple[str, str]]
    importer: str
    default_members: Sequence[str] = ()
    adds: Mapping[str, Mapping[int, Mapping[str, Any]]] = field(default_factory=dict)


def plan_rows(rows: Rows, context: PlanContext) -> Plan:
    """Plan rows that were checked and matched."""
    return _Planner(rows, context).plan()


class _Planner:
    def __init__(self, rows: Rows, context: PlanContext) -> None:
        self.rows = rows
        self.context = context
        self.done = Plan()
        self.by_slot = {slot: _Values(slot, rows.columns) for slot in SLOTS if slot in rows.places}
        self.under: dict[tuple[int, ...], dict[str, Any]] = {(): dict(context.settings)}

    def plan(self) -> Plan:
        for row in range(self.rows.count):
            self.done.buckets.append(self._bucket_of(row))
        return self.done

    def _bucket_of(self, row: int) -> str:
        if row in self.rows.left_out:
            return "unselected"
        if row in self.rows.bad:
            return "invalid"
        account = self.rows.places["account"][row] if "account" in self.rows.places else None
        if self.context.settings["on_match"] == "skip" and account is not None and account.known:
            return "unchanged" if account.leads else "duplicate"
        settings = self._settings_of(row)
        acts: dict[str, str] = {}
        for slot in self.by_slot:
            place = self.rows.places[slot][row]
            if place is not None:
                acts[slot] = self._record(slot, row, place, settings)
        return _bucket(acts, self._links(row, settings), row in self.rows.repeats)

    def _settings_of(self, row: int) -> dict[str, Any]:
        rules = self.rows.rules_of.get(row, ())
        if rules not in self.under:
            self.under[rules] = settings_under(self.context.settings, rules)
        return self.under[rules]

    def _record(self, slot: str, row: int, place: Place, settings: Mapping[str, Any]) -> str:
        """Plan one record of a row; gives create, update, unchanged or follow."""
        if not place.leads:
            return "follow"
        values = self.by_slot[slot].of(row)
        self._take_what_others_say(slot, row, values)
        if slot == "account":
            self._assign(row, values)
        collection = COLLECTION[slot]
        existing = self.context.existing[collection].get(place.identity)
        if not place.known or existing is None:
            alone = row not in self.context.adds.get(slot, {})
            record = values if alone and self.by_slot[slot].simple else _nested(values)
            if slot == "spouse" and "contact" in self.by_slot:
                self._speak_like_the_other(row, record)
            self._complete(slot, record, settings)
            entry = {"row": row, "slot": slot, "_id": place.identity, "record": record}
            self.done.creates[collection].append(entry)
            return "create"
        return self._update(slot, row, existing, values, settings)

    def _speak_like_the_other(self, row: int, record: dict[str, Any]) -> None:
        """A spouse speaks the language of the household, unless the file says another."""
        language = self.by_slot["contact"].of(row).get("language")
        if language not in (None, CLEAR):
            record.setdefault("language", language)

    def _take_what_others_say(self, slot: str, row: int, values: dict[str, Any]) -> None:
        """Later rows add to lists and fill what this row leaves blank; where they differ, the earlier row counts."""
        said = self.context.adds.get(slot, {}).get(row)
        if said is None:
            return
        for name, more in said["lists"].items():
            name = RENAMED.get(name, name)
            values[name] = _union(_as_list(values.get(name)), more)
        for name, value in said["singles"].items():
            values.setdefault(name, value)

    def _assign(self, row: int, values: dict[str, Any]) -> None:
        """Add the members that rules take from a column for this row."""
        for index in self.rows.rules_of.get(row, ()):
            members = self.rows.assigned.get(index, {}).get(row)
            if members:
                values["assignees"] = _union(_as_list(values.get("assignees")), members)

    def _complete(self, slot: str, record: dict[str, Any], settings: Mapping[str, Any]) -> None:
        """Give a new record what the settings have for it."""
        if slot != "account":
            if settings["language"]:
                record.setdefault("language", settings["language"])
            return
        record.setdefault("type", "Other")
        if record["type"] == "Company":
            record.setdefault("company_name", record["name"])
        record["tags"] = _union(record.get("tags"), settings["tags"])
        if settings.get("roles"):
            record["roles"] = _union(record.get("roles"), settings["roles"])
        named = record.get("assignees") or ([] if settings["assignees"] else [self.context.importer])
        record["assignees"] = _union(named, settings["assignees"], self.context.default_members)
        if settings["folder_template"]:
            record.setdefault("folder_template", settings["folder_template"])
        if settings["questionnaire"]:
            record["questionnaire"] = {"name": settings["questionnaire"], "status": "not_sent"}

    def _update(
        self,
        slot: str,
        row: int,
        existing: dict[str, Any],
        values: dict[str, Any],
        settings: Mapping[str, Any],
    ) -> str:
        if slot == "account" and settings["tags"]:
            values["tags"] = _union(_as_list(values.get("tags")), settings["tags"])
        if settings["on_match"] == "skip":
            change, kept = compare(existing, values, {}, "never")
        else:
            merge = settings["merge"] if slot == "account" else {**NEW_ADDRESS, **settings["merge"]}
            change, kept = compare(existing, values, merge)
        if kept:
            self.done.kept.append({"row": row, "slot": slot, "fields": kept})
        if not change:
            return "unchanged"
        seen = {
            name: existing[part]
            for name, part in (("_id", "_id"), ("revision", "revision"), ("made_by", "job"))
        }
        self.done.updates[COLLECTION[slot]].append({"row": row, "slot": slot, **seen, **change})
        return "update"

    def _links(self, row: int, settings: Mapping[str, Any]) -> int:
        places = self.rows.places
        account = places["account"][row] if "account" in places else None
        if account is None:
            return 0
        new = 0
        for slot in ("contact", "spouse"):
            contact = places[slot][row] if slot in places else None
            if contact is None or row in self.rows.linked.get(slot, ()):
                continue
            if (account.identity, contact.identity) in self.context.linked:
                continue
            link: dict[str, Any] = {
                "row": row,
                "slot": slot,
                "account": account.identity,
                "contact": contact.identity,
            }
            if not account.leads:
                link["account_chunk"] = account.chunk
            if not contact.leads:
                link["contact_chunk"] = contact.chunk
            if settings["contacts"] != self.context.settings["contacts"]:
                link["switches"] = settings["contacts"]
            self.done.links.append(link)
            new += 1
        return new


class _Values:
    """The values of a slot, turned from columns into rows once; `simple` when a row can become a record as it is."""

    def __init__(self, slot: str, columns: Mapping[str, Sequence[Any]]) -> None:
        prefix = f"{slot}."
        own = {key[len(prefix) :]: values for key, values in columns.items() if key.startswith(prefix)}
        self.names = [RENAMED.get(name, name) for name in own]
        self.rows = list(zip(*own.values(), strict=True))
        clears = any(CLEAR in values for values in own.values())
        self.simple = not clears and not any(name.startswith("custom.") for name in own)

    def of(self, row: int) -> dict[str, Any]:
        """The filled values of a row."""
        if not self.rows:
            return {}
        return {
            name: value for name, value in zip(self.names, self.rows[row], strict=True) if value is not None
        }


def _union(*lists: Sequence[str] | None) -> list[str]:
    filled = [items for items in lists if items]
    if len(filled) < 2:
        return list(filled[0]) if filled else []
    return list(dict.fromkeys(chain.from_iterable(filled)))


def _as_list(value: Any) -> list[str]:
    """A list as it stands; a cell that asks to empty the list adds nothing to it."""
    return value if isinstance(value, list) else []


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    """Custom fields are kept in a part of their own; in a new record there is nothing to clear."""
    filled = {name: value for name, value in values.items() if value != CLEAR}
    record = {name: value for name, value in filled.items() if not name.startswith("custom.")}
    custom = {name[7:]: value for name, value in filled.items() if name.startswith("custom.")}
    if custom:
        record["custom"] = custom
    return record


def _bucket(acts: Mapping[str, str], new_links: int, repeated: bool) -> str:
    done = set(acts.values())
    if repeated and not done & {"create", "update"}:
        return "duplicate"
    if "create" in done or (new_links and "follow" in done):
        return "new"
    if "update" in done or new_links:
        return "update"
    return "unchanged" if done - {"follow"} else "duplicate"
