"""Checks, matches and plans again the rows that a repair touches, and those that depend on them.

What depends on a row are the rows that share a record with it, before or after. A group of rows that no key connects
to another row gets the same answer alone as in the whole file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.checking import check_rows
from services.validator.check.context import check_plan, context_of, decisions_of
from services.validator.check.slots import COLLECTION
from services.validator.match.identified import Identified, checks_of
from services.validator.match.identifying import identify_rows
from services.validator.match.new_ids import fresh_ids
from services.validator.plan.context import plan_context
from services.validator.plan.planning import plan_rows
from services.validator.plan.rows_to_plan import rows_to_plan
from services.validator.repair.amending import amended_over, amended_rows, counts_after
from services.validator.repair.changes import by_chunk
from services.validator.repair.dependents import Dependents
from services.validator.repair.edited_rows import EditedRows
from services.validator.repair.regrouping import places_by_chunk, regroup
from services.validator.report.counting import check_counts, found_counts, plan_counts
from services.validator.report.job_report import report_from
from services.validator.report.summary import totals_less, totals_of
from services.validator.rows.row_numbers import NumberedRows
from services.validator.rows.searching import words_of
from shared.contract.documents.chunk import (
    Amended,
    AmendedBonds,
    Bond,
    CheckedIds,
    CheckedKeys,
    Checks,
    ChunkCounts,
    TouchedChunk,
)
from shared.contract.documents.job import Job, Report
from shared.contract.documents.task import Counts
from shared.contract.documents.values import Position
from shared.contract.job import report_of, settings_of
from shared.plumbing.directory_store import MOST_NAMES, DirectoryStore, record_id
from shared.plumbing.mongo import Database
from shared.plumbing.row_store import RowStore
from shared.plumbing.task_store import TaskStore
from shared.values.evidence import orders_of

#: By chunk what a repair changes; rechecking completes it with the amendments and the words.
Touched = dict[int, TouchedChunk]


@dataclass(frozen=True)
class CheckedGroup:
    """Rows as they will be after a repair: what checking found, by place, and the records that they mean."""

    positions: list[Position]
    cells: list[list[str]]
    left_out: frozenset[int]
    found: CheckedRows
    slots: Mapping[str, Identified]

    def bonds(self) -> list[Bond]:
        """What ties these rows to others."""
        return [
            Bond(COLLECTION[slot], keys, own.ids[place] if place in own.known_keys else None)
            for slot, own in self.slots.items()
            for place, keys in enumerate(self.found.keys[slot])
        ]


@dataclass(frozen=True)
class Rechecked:
    """The counts and the report of the job; by kind, records that rows mean since, and those none means any more."""

    counts: dict[str, int]
    report: Report
    named: dict[str, tuple[set[str], set[str]]]


class Rechecker:
    """Checks rows of one job again."""

    def __init__(self, db: Database, rows: RowStore, directory: DirectoryStore, job: Job) -> None:
        self.rows, self.directory, self.job = rows, directory, job
        self.tasks = TaskStore(db)
        self.revision, self.source_revision = job["revision"], job["source"]["revision"]
        self.settings = settings_of(job)
        self.reference = directory.reference()
        self.orders = orders_of(self.settings)
        self.make_id = partial(record_id, directory.firm)
        self.dependents = _dependents(rows, self.revision, len(job["source"]["chunks"]))

    def affected(self, edited: list[Position], touched: Touched, most: int) -> CheckedGroup | None:
        """The edited rows and all that share a record with them, before or after; None where more than `most`."""
        checked = self._checked(edited, touched)
        group = self.dependents.group(edited, checked.bonds(), most)
        if group is None:
            return None
        return checked if group == edited else self._checked(group, touched)

    def _checked(self, positions: list[Position], touched: Touched) -> CheckedGroup:
        """Check rows with the changes of the repair."""
        edited = EditedRows()
        for n, offsets in by_chunk(positions).items():
            now = self.rows.edited_cells_at(self.source_revision, n, offsets)
            edited.add(now, offsets, touched.get(n, TouchedChunk()))
        how = check_plan(self.job, self.reference)
        context = context_of(self.job, self.reference, self.rows, MOST_NAMES)
        decisions = decisions_of(self.job, edited.decisions, len(edited.rows))
        left_out = frozenset(edited.left_out)
        found = check_rows(edited.rows, how, context, left_out, edited.problems, decisions)
        slots = identify_rows(self.directory, self.make_id, self.job, found, positions)
        return CheckedGroup(positions, edited.rows, left_out, found, slots)

    def recheck(self, checked: CheckedGroup, touched: Touched) -> Rechecked:
        """Match and plan rows anew, and note by chunk what is amended."""
        group = checked.positions
        checks = checks_of(checked.found, checked.slots, checked.left_out)
        checks.groups, additions = regroup(
            checks,
            group,
            self.orders,
            self.job["source"]["chunks"],
            fresh_ids(self.make_id, self.job["_id"]),
            NumberedRows(self.rows, self.source_revision).number,
        )
        rows = rows_to_plan(checks, group)
        plan = plan_rows(rows, checks, plan_context(self.directory, self.job, rows, additions))
        before: list[Counts] = []
        for n, places in places_by_chunk(group).items():
            own = touched.setdefault(n, TouchedChunk())
            offset_of = {place: group[place][1] for place in places}
            found = self.rows.found_in(self.revision, n, list(offset_of.values()))
            old = found_counts(found, self.settings, self.reference)
            before.append(old)
            own.amended = self._amended(n, amended_rows(n, offset_of, checks, plan), old)
            own.words = words_of(checked.cells[place] for place in places)
        named = self._named(group, checks)
        grown = {kind: len(more) - len(fewer) for kind, (more, fewer) in named.items()}
        # how many rows fill a custom field is counted by a whole check alone
        found_now = {**check_counts(checks), "custom": {}}
        now = totals_of(
            [found_now, plan_counts(plan, checks, self.settings, self.reference), {"named": grown}]
        )
        totals = totals_less(totals_of([report_of(self.job)["totals"], now]), totals_of(before))
        counts, report = report_from(self.directory, self.job, totals)
        return Rechecked(counts, report, named)

    def _named(self, group: Sequence[Position], checks: Checks) -> dict[str, tuple[set[str], set[str]]]:
        """By kind, the firm's records that these rows mean now and not before, and the other way round."""
        now: dict[str, set[str]] = {kind: set() for kind in self.orders}
        for slot, own in checks.slots.items():
            now[COLLECTION[slot]] |= {own.ids[place] for place in own.matched}
        before = self.dependents.records_of(group)
        return {kind: (now[kind] - before[kind], before[kind] - now[kind]) for kind in now}

    def _amended(self, n: int, fresh: Amended, old: Counts) -> Amended:
        """What is known of the amended rows of one chunk, those of this repair over those of earlier ones."""
        earlier = self.rows.read_if_kept(Amended, self.revision, n)
        base = earlier.counts if earlier else self._checked_counts(n)
        fresh.counts = counts_after(base, fresh, old)
        return amended_over(earlier, fresh)

    def _checked_counts(self, n: int) -> ChunkCounts:
        counts = self.tasks.counts_of_chunk(self.job, n, ("check", "plan"))
        return ChunkCounts(buckets=counts["buckets"], problems=counts["problems"])


def _dependents(rows: RowStore, revision: int, chunks: int) -> Dependents:
    """Fetch the bonds of all rows of a job."""
    found = Dependents()
    for keys in rows.read_each(CheckedKeys, revision, chunks):
        found.add_keys(keys)
    for ids in rows.read_some(CheckedIds, revision, found.matched_in):
        found.add_ids(ids)
    for bonds in rows.read_each(AmendedBonds, revision, chunks):
        found.add_amended(bonds)
    return found
