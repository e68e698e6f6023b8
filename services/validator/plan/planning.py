"""Plans rows: what will be created, updated and linked for each; loading runs this plan as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from services.validator.check.rules import settings_under
from services.validator.check.slots import COLLECTION, name_field
from services.validator.plan.context import PlanContext
from services.validator.plan.links import planned_links
from services.validator.plan.new_records import complete_account, complete_person, new_record
from services.validator.plan.row_values import RowValues, as_list, union
from services.validator.plan.rows_to_plan import Place, RowsToPlan
from shared.contract.documents.chunk import (
    SLOTS,
    SPOUSE,
    Checks,
    Create,
    EntryKey,
    Groups,
    Kept,
    Link,
    Plan,
    RowProblem,
    Slot,
    Update,
)
from shared.contract.documents.job import Settings
from shared.contract.documents.record import Record
from shared.contract.documents.values import Value
from shared.contract.keys import KEY_FIELDS, WIDTH, keys_of, unpacked
from shared.contract.merging import CREATE_ONLY, NEVER, UPDATE_ONLY, Merge, differ, difference, merge_of
from shared.contract.problems import KEPT_AS_CODES, NOT_A_CLIENT_YET, VALUE_DIFFERS
from shared.contract.records import CLEAR, FIELD_OF, RENAMED, masked
from shared.values.judging import shown


def plan_rows(rows: RowsToPlan, checks: Checks, context: PlanContext, n: int = -1) -> Plan:
    """Plan the rows of chunk `n`, of which `checks` are."""
    planned = Planner(rows, context).run()
    _give_keys(planned, checks.slots, context)
    return Plan(
        n=n,
        buckets=planned.buckets,
        creates={kind: _by_row(entries) for kind, entries in planned.creates.items()},
        updates={kind: _by_row(entries) for kind, entries in planned.updates.items()},
        links=_by_row(planned.links),
        kept=_by_row(planned.kept),
        problems=[*_problems(rows, checks.groups or Groups()), *planned.problems],
    )


def _problems(rows: RowsToPlan, groups: Groups) -> list[RowProblem]:
    """What matching asks a person, and the values that give way to those of earlier rows."""
    problems = [RowProblem(row, name_field(slot), code, params) for row, slot, code, params in groups.doubts]
    doubtful = {doubt.offset for doubt in groups.doubts} | rows.bad | rows.left_out
    problems += [
        RowProblem(row, name, "conflict_in_file", params)
        for row, name, params in groups.lost
        if row not in doubtful
    ]
    return problems


class _OfRow(Protocol):
    @property
    def row(self) -> int: ...

    @property
    def slot(self) -> str: ...


Entry = TypeVar("Entry", bound=_OfRow)


def _by_row(entries: Iterable[Entry]) -> dict[EntryKey, Entry]:
    """The entries by offset of their row; those of the spouse have a letter after it."""
    return {f"{entry.row}{SPOUSE if entry.slot == 'spouse' else ''}": entry for entry in entries}


def _give_keys(planned: Planner, slots: Mapping[str, Slot], context: PlanContext) -> None:
    """Give new records their keys, and changed ones those that follow from their new values."""
    keys = {slot: unpacked(found.keys) for slot, found in slots.items()}
    for collection, created in planned.creates.items():
        for entry in created:
            own = keys[entry.slot][entry.row * WIDTH : entry.row * WIDTH + WIDTH]
            entry.keys = [key for key in own if key]
        for change in planned.updates[collection]:
            before = context.existing[collection][change.id]
            after: dict[str, object] = {**before, **change.set, **dict.fromkeys(change.unset)}
            texts = {name: text for name in KEY_FIELDS if isinstance(text := after.get(name), str)}
            fresh = keys_of(change.slot, {**texts, "merged_keys": before.get("merged_keys")})
            if fresh != before["keys"]:
                change.set["keys"], change.was["keys"] = fresh, before["keys"]


class Planner:
    """Plans rows one by one.

    `buckets` has a bucket per row. `creates` and `updates` go by collection. `kept` are values of existing records
    that differ from the row's and stay; `problems` say so, and which records are not to be made.
    """

    def __init__(self, rows: RowsToPlan, context: PlanContext) -> None:
        self.rows = rows
        self.context = context
        self.buckets: list[str] = []
        self.creates: dict[str, list[Create]] = {"accounts": [], "contacts": []}
        self.updates: dict[str, list[Update]] = {"accounts": [], "contacts": []}
        self._pairs: set[tuple[str, str]] = set()
        self.links: list[Link] = []
        self.kept: list[Kept] = []
        self.problems: list[RowProblem] = []
        self._merges: dict[str, Merge] = {
            slot: merge_of(context.settings, "account" if slot == "account" else "contact") for slot in SLOTS
        }
        self._by_slot: dict[str, RowValues] = {
            slot: RowValues(slot, rows.columns) for slot in SLOTS if slot in rows.places
        }
        self._under: dict[tuple[int, ...], Settings] = {(): context.settings}

    def run(self) -> Planner:
        """Plan all rows."""
        self.buckets = [self._bucket_of(row) for row in range(self.rows.count)]
        return self

    def _bucket_of(self, row: int) -> str:
        if row in self.rows.left_out:
            return "unselected"
        if row in self.rows.bad:
            return "invalid"
        account = self.rows.places["account"][row] if "account" in self.rows.places else None
        mode = self.context.settings["mode"]
        if mode == CREATE_ONLY and account is not None and account.known:
            return "unchanged" if account.leads else "duplicate"
        places = {slot: place for slot in self._by_slot if (place := self.rows.places[slot][row]) is not None}
        if mode == UPDATE_ONLY:
            if not any(place.known for place in ([account] if account else places.values())):
                self._note(row, name_field(next(iter(self._by_slot))), NOT_A_CLIENT_YET)
                return "unselected"
            places = self._only_known(row, places)
        settings = self._settings_of(row)
        acts = {slot: self._record(slot, row, place, settings) for slot, place in places.items()}
        links = self._new_links(row, settings)
        self.links += links
        made = sum(not link.known for link in links)
        return _bucket(acts, made, bool(links), row in self.rows.repeats)

    def _new_links(self, row: int, settings: Settings) -> list[Link]:
        """The links of a row; of a contact with an account of the firm those that no earlier row of the chunk makes."""
        links = planned_links(row, self.rows, self.context, settings)
        if row not in self.rows.accounts:
            return links
        fresh = [link for link in links if (link.account, link.contact) not in self._pairs]
        self._pairs |= {(link.account, link.contact) for link in fresh}
        return fresh

    def _note(self, row: int, key: str, code: str, **params: object) -> None:
        self.problems.append(RowProblem(row, key, code, params))

    def _only_known(self, row: int, places: Mapping[str, Place]) -> dict[str, Place]:
        """The records of a row that the firm has; those that it does not have are not added to its clients."""
        for slot, place in places.items():
            if not place.known:
                self._note(row, name_field(slot), "person_not_added")
        return {slot: place for slot, place in places.items() if place.known}

    def _settings_of(self, row: int) -> Settings:
        rules = self.rows.rules_of.get(row, ())
        if rules not in self._under:
            self._under[rules] = settings_under(self.context.settings, rules)
        return self._under[rules]

    def _record(self, slot: str, row: int, place: Place, settings: Settings) -> str:
        """Plan one record of a row; gives create, update, unchanged or follow."""
        if not place.leads:
            return "follow"
        values = self._by_slot[slot].of(row)
        self._merge_additions(slot, row, values)
        if slot == "account":
            self._assign(row, values)
        collection = COLLECTION[slot]
        existing = self.context.existing[collection].get(place.identity)
        if place.known and existing is not None:
            return self._update(slot, row, existing, values, settings)
        alone = row not in self.context.additions.get(slot, {})
        record = dict[str, object](values) if alone and self._by_slot[slot].simple else new_record(values)
        if slot == "account":
            complete_account(record, settings, self.context, self.rows.account_type(row))
        else:
            complete_person(record, settings, self._language_at_home(slot, row))
        self.creates[collection].append(Create(row=row, slot=slot, id=place.identity, record=record))
        return "create"

    def _language_at_home(self, slot: str, row: int) -> object:
        """The language of the contact of the row for a spouse, else that of the account, in the file or at the firm."""
        for other in ("contact", "account") if slot == "spouse" else ("account",):
            own = self._by_slot[other].of(row).get("language") if other in self._by_slot else None
            if own not in (None, CLEAR):
                return own
        account = self.rows.account_of(row)
        known = self.context.existing["accounts"].get(account.identity) if account else None
        return known.get("language") if known else None

    def _merge_additions(self, slot: str, row: int, values: dict[str, Value]) -> None:
        """Later rows add to lists and fill what this row leaves blank; where they differ, the earlier row counts."""
        additions = self.context.additions.get(slot, {}).get(row)
        if additions is None:
            return
        for name, more in additions.lists.items():
            name = RENAMED.get(name, name)
            values[name] = union(as_list(values.get(name)), more)
        for name, value in additions.singles.items():
            values.setdefault(name, value)

    def _assign(self, row: int, values: dict[str, Value]) -> None:
        """Add the members that rules take from a column for this row."""
        for index in self.rows.rules_of.get(row, ()):
            members = self.rows.assigned.get(index, {}).get(row)
            if members:
                values["assignees"] = union(as_list(values.get("assignees")), members)

    def _merge(self, slot: str, row: int) -> Merge:
        """How the values of a row are merged: by the settings, but for the fields that a person chose to take."""
        taken = self.rows.taken.get(row, ())
        return self._merges[slot].taking(key.partition(".")[2] for key in taken if key.startswith(f"{slot}."))

    def _note_differences(
        self, slot: str, row: int, kept: Mapping[str, Sequence[object]], merge: Merge
    ) -> None:
        """Note where the record keeps another value than the row has, unless it is never to be changed.

        An account that is called like its persons follows them, so another name of it is no difference.
        """
        for name, (old, new) in kept.items():
            if (slot, name) == ("account", "name") and row in self.rows.named_after_people:
                continue
            if merge.policy(name) != NEVER and differ(old, new):
                texts = {"old": shown(str(masked(name, old))), "new": shown(str(masked(name, new)))}
                texts |= {"of": name} if name in KEPT_AS_CODES else {}
                self._note(row, f"{slot}.{FIELD_OF.get(name, name)}", VALUE_DIFFERS, **texts)

    def _update(
        self, slot: str, row: int, existing: Record, values: dict[str, Value], settings: Settings
    ) -> str:
        if slot == "account" and settings["tags"]:
            values["tags"] = union(as_list(values.get("tags")), settings["tags"])
        merge = self._merge(slot, row)
        change, kept = difference(existing, values, merge)
        if kept:
            self.kept.append(Kept(row=row, slot=slot, fields=kept))
            self._note_differences(slot, row, kept, merge)
        if not change.was:
            return "unchanged"
        update = Update(
            row=row,
            slot=slot,
            id=existing["_id"],
            revision=existing["revision"],
            made_by=existing["job"],
            set=change.set,
            unset=change.unset,
            add=change.add,
            was=change.was,
        )
        self.updates[COLLECTION[slot]].append(update)
        return "update"


def _bucket(acts: Mapping[str, str], new_links: int, says_more: bool, repeated: bool) -> str:
    """The bucket of a row; one that `says_more` makes links, or changes what a contact is to its account."""
    done = set(acts.values())
    if repeated and not says_more and not done & {"create", "update"}:
        return "duplicate"
    if "create" in done or (new_links and "follow" in done):
        return "new"
    if "update" in done or says_more:
        return "update"
    return "unchanged" if done - {"follow"} else "duplicate"
