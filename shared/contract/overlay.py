"""Replaces the checks and plans of repaired rows by the new ones.

Lists hold entries that begin with the offset of their row; mappings are keyed by the offset, or by the key of an entry
of a plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from msgspec.structs import replace

from shared.contract.documents.chunk import (
    SPOUSE,
    AmendedPlan,
    Buckets,
    Checks,
    EntryKey,
    NamedFix,
    Plan,
    PlannedCreates,
    PlanProblems,
)

#: What replaces the field of a fix that checking made to a full name; the full name itself is not kept.
FULL_NAME = "contact.full_name"

K = TypeVar("K")
V = TypeVar("V")
PlanPart = TypeVar("PlanPart", Buckets, Plan, PlannedCreates, PlanProblems)


class OfRow(Protocol):
    """An entry that says which row it is of."""

    @property
    def offset(self) -> int:
        """The offset of the row."""


R = TypeVar("R", bound=OfRow)


def entry_keys(offsets: Iterable[int]) -> list[EntryKey]:
    """The keys that entries of these rows can have in a plan, in their order."""
    return [f"{offset}{letter}" for offset in offsets for letter in ("", SPOUSE)]


def rows_over(base: Iterable[R], fresh: Iterable[R], offsets: Collection[int]) -> list[R]:
    """The entries, with the fresh ones in the place of all of the rows at `offsets`."""
    amended = set(offsets)
    return [*(entry for entry in base if entry.offset not in amended), *fresh]


def keyed_over(base: Mapping[K, V], fresh: Mapping[K, V], keys: Collection[K]) -> dict[K, V]:
    """The same for a mapping: `keys` are those that the fresh entries take the place of."""
    return {**{key: entry for key, entry in base.items() if key not in keys}, **fresh}


def plan_over(base: PlanPart, fresh: AmendedPlan, offsets: Collection[int]) -> PlanPart:
    """A plan, or a view of it, with the amended plan of the rows at `offsets`."""
    changes: dict[str, object] = {}
    keys = set(entry_keys(offsets))
    if isinstance(base, Buckets):
        changes["buckets"] = [fresh.buckets.get(at, bucket) for at, bucket in enumerate(base.buckets)]
    if isinstance(base, (Plan, PlanProblems)):
        changes["problems"] = rows_over(base.problems, fresh.problems, offsets)
    if isinstance(base, (Plan, PlannedCreates)):
        changes["creates"] = _by_collection(base.creates, fresh.creates, keys)
    if isinstance(base, Plan):
        changes["updates"] = _by_collection(base.updates, fresh.updates, keys)
        changes["links"] = keyed_over(base.links, fresh.links, keys)
        changes["kept"] = keyed_over(base.kept, fresh.kept, keys)
    return replace(base, **changes)


def amended_plan_over(base: AmendedPlan, fresh: AmendedPlan, offsets: Collection[int]) -> AmendedPlan:
    """The amended plan of earlier repairs, with that of a new repair for the rows at `offsets`."""
    keys = set(entry_keys(offsets))
    return AmendedPlan(
        buckets={**base.buckets, **fresh.buckets},
        creates=_by_collection(base.creates, fresh.creates, keys),
        updates=_by_collection(base.updates, fresh.updates, keys),
        links=keyed_over(base.links, fresh.links, keys),
        kept=keyed_over(base.kept, fresh.kept, keys),
        problems=rows_over(base.problems, fresh.problems, offsets),
    )


def _by_collection(
    base: Mapping[str, Mapping[EntryKey, V]], fresh: Mapping[str, Mapping[EntryKey, V]], keys: set[EntryKey]
) -> dict[str, dict[EntryKey, V]]:
    return {kind: keyed_over(base.get(kind, {}), own, keys) for kind, own in fresh.items()}


def rules_over(base: Sequence[Sequence[int]], fresh: Mapping[int, Collection[int]]) -> list[list[int]]:
    """The rows of each rule; `fresh` has, by offset, the rules of amended rows."""
    return [
        [*(row for row in rows if row not in fresh), *(at for at, own in fresh.items() if rule in own)]
        for rule, rows in enumerate(base)
    ]


def named_fixes(checks: Checks) -> dict[int, list[NamedFix]]:
    """The fixes of checked rows with the keys of their fields."""
    names = [*checks.fields, FULL_NAME]  # a place of -1 is the full name
    return {
        offset: [NamedFix(names[fix.field], fix.code, fix.value) for fix in fixes]
        for offset, fixes in checks.fixes.items()
    }
