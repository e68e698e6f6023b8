"""Puts what a repair found of some rows of a chunk over what earlier repairs found there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec.structs import replace

from services.validator.repair.dependents import bonds_at
from services.validator.report.counting import rows_with
from shared.contract.counting import group_of
from shared.contract.documents.chunk import (
    SPOUSE,
    Amended,
    AmendedChecks,
    AmendedPlan,
    Checks,
    ChunkCounts,
    Create,
    EntryKey,
    Kept,
    Link,
    Plan,
    RowProblem,
    Update,
)
from shared.contract.documents.task import Counts
from shared.contract.overlay import amended_plan_over, keyed_over, named_fixes, rows_over

Entry = TypeVar("Entry", Create, Update, Link, Kept)


def amended_rows(n: int, offset_of: Mapping[int, int], checks: Checks, plan: Plan) -> Amended:
    """What is known of the rows of chunk `n`, from checks and plan of a group of rows; no counts yet.

    `offset_of` has the offset of each of these rows by its place in the group.
    """
    fixes = named_fixes(checks)
    return Amended(
        n=n,
        offsets=sorted(offset_of.values()),
        checks=AmendedChecks(
            problems=_problems(checks.problems, offset_of),
            fixes={offset: fixes[place] for place, offset in offset_of.items() if place in fixes},
        ),
        plan=AmendedPlan(
            buckets={offset: plan.buckets[place] for place, offset in offset_of.items()},
            creates={kind: _entries(own, offset_of) for kind, own in plan.creates.items()},
            updates={kind: _entries(own, offset_of) for kind, own in plan.updates.items()},
            links=_entries(plan.links, offset_of),
            kept=_entries(plan.kept, offset_of),
            problems=_problems(plan.problems, offset_of),
        ),
        keys={offset: bonds_at(checks.slots, place) for place, offset in offset_of.items()},
        rules={
            offset: [rule for rule, rows in enumerate(checks.rules) if place in rows]
            for place, offset in offset_of.items()
        },
    )


def _problems(problems: Iterable[RowProblem], offset_of: Mapping[int, int]) -> list[RowProblem]:
    """The problems of the rows of one chunk, with their offsets in the place of places."""
    return [p._replace(offset=offset_of[p.offset]) for p in problems if p.offset in offset_of]


def _entries(entries: Mapping[EntryKey, Entry], offset_of: Mapping[int, int]) -> dict[EntryKey, Entry]:
    """The same for entries of a plan."""
    moved = {}
    for key, entry in entries.items():
        offset = offset_of.get(entry.row)
        if offset is not None:
            moved[f"{offset}{SPOUSE if key.endswith(SPOUSE) else ''}"] = replace(entry, row=offset)
    return moved


def amended_over(earlier: Amended | None, fresh: Amended) -> Amended:
    """What is known of all amended rows of a chunk; the counts are those of `fresh`."""
    if earlier is None:
        return fresh
    offsets = fresh.offsets
    return Amended(
        n=fresh.n,
        offsets=sorted({*earlier.offsets, *offsets}),
        checks=AmendedChecks(
            problems=rows_over(earlier.checks.problems, fresh.checks.problems, offsets),
            fixes=keyed_over(earlier.checks.fixes, fresh.checks.fixes, offsets),
        ),
        plan=amended_plan_over(earlier.plan, fresh.plan, offsets),
        keys={**earlier.keys, **fresh.keys},
        rules={**earlier.rules, **fresh.rules},
        counts=fresh.counts,
    )


def counts_after(base: ChunkCounts, fresh: Amended, old: Counts) -> ChunkCounts:
    """How many rows of the chunk are in each bucket and have each problem, after a repair.

    `base` are the counts before it, `old` those of the rows that it checked again, as they were.
    """
    buckets = Counter(fresh.plan.buckets.values())
    problems = rows_with([*fresh.checks.problems, *fresh.plan.problems])
    return ChunkCounts(
        buckets=_changed(base.buckets, buckets, group_of(old, "buckets")),
        problems=_changed(base.problems, problems, group_of(old, "problems")),
    )


def _changed(base: Mapping[str, int], now: Mapping[str, int], old: Mapping[str, int]) -> dict[str, int]:
    names: Sequence[str] = [*base, *(name for name in now if name not in base)]
    return {name: base.get(name, 0) + now.get(name, 0) - old.get(name, 0) for name in names}
