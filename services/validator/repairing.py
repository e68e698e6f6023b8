"""Repairs rows of a checked job: only what a repair touches, and what depends on it, is checked again.

What depends on a row are the rows that share a record with it, before or after. They are found over the whole
file by their matching keys; a group of rows that no key connects to another row gets the same answer alone as
in the whole file. Two who repair at once are told apart by the number of repairs they saw: the second is tried
again on what the first left.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from services.validator.checking import CheckedRows, check_rows
from services.validator.dependents import Bond, Dependents, bonds_at
from services.validator.grid import Grid, Wanted
from services.validator.grouping import Grouping
from services.validator.planning import COLLECTION
from services.validator.report_of_job import examples_in, summarised
from services.validator.reporting import Totals
from services.validator.row_steps import (
    Position,
    check_plan,
    checked_document,
    context_of,
    counts_of_found,
    identified,
    numbered,
    orders_of,
    plan_context,
    planned_document,
    problem_counts,
    rows_to_plan,
    rows_with,
    values_by_row,
)
from services.validator.searching import words_of
from shared.contract.job import Status, columns_by_field
from shared.contract.keys import WIDTH, packed, unpacked
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.job_store import JobStore
from shared.plumbing.mongo import Database, in_transaction
from shared.plumbing.row_store import SPOUSE, RowNumbers, RowStore, laid_over, named_fixes
from shared.plumbing.task_store import TaskStore

#: More rows than this are checked again by the workers, with the whole file.
MOST_AT_ONCE = 2_000
TRIES = 5


class NoSuchRow(Exception):
    """The file has no row of that number, or no column of that index; `place` names it."""

    def __init__(self, place: Any) -> None:
        super().__init__(str(place))
        self.place = place


class OvertakenError(Exception):
    """Others kept changing the job."""


@dataclass
class Changes:
    """What a person asks: by chunk and offset, new cells by column, and whether the row is selected."""

    cells: dict[Position, dict[int, str]] = field(default_factory=dict)
    ticks: dict[Position, bool] = field(default_factory=dict)

    def positions(self) -> list[Position]:
        """The rows that are spoken of, in file order."""
        return sorted({*self.cells, *self.ticks})


@dataclass
class Repaired:
    """The job after a repair, the rows that were asked for, and whether the workers check the file again."""

    job: dict[str, Any]
    positions: list[Position]
    again: bool = False
    changed: int = 0


class Repairer:
    """Repairs one job."""

    def __init__(self, db: Database, firm: str, job_id: str) -> None:
        self.db = db
        self.jobs = JobStore(db, firm)
        self.rows = RowStore(db, firm, job_id)
        self.directory = DirectoryStore(db, firm)
        self.job_id = job_id

    def positions_of(self, job: Mapping[str, Any], numbers: Iterable[int]) -> dict[int, Position]:
        """Where rows stand, by their number as a person sees it; raises `NoSuchRow`."""
        where = RowNumbers(self.rows, job["source"])
        found: dict[int, Position] = {}
        for number in numbers:
            position = where.position(number)
            if position is None:
                raise NoSuchRow(number)
            found[number] = position
        return found

    def repair(self, changes: Changes, by: str, what: str, undoes: int | None = None) -> Repaired:
        """Make the changes, check again what they touch; raises `OvertakenError` when others never let go."""
        for _ in range(TRIES):
            job = self.jobs.get(self.job_id)
            if job["status"] != Status.VALIDATED:
                raise OvertakenError
            attempt = _Attempt(
                self, job, changes, {"at": datetime.now(UTC), "by": by, "what": what, "undoes": undoes}
            )
            done = attempt.run()
            if done is not None:
                return done
        raise OvertakenError

    def matching(self, job: Mapping[str, Any], wanted: Wanted) -> list[Position]:
        """All rows of a filter."""
        grid = Grid(TaskStore(self.db), self.rows, job)
        return [(n, offset) for n in grid.chunks(wanted, 0) for offset in grid.offsets(n, wanted)]

    def fixing(self, job: Mapping[str, Any], fix: Mapping[str, Any]) -> Changes:
        """The changes of one repair on all rows that have a problem, in its column or in one that is named."""
        changes, columns_of = Changes(), columns_by_field(job["mapping"])
        for n in Grid(TaskStore(self.db), self.rows, job).chunks(Wanted(problem=fix["problem"]), 0):
            found = [p for p in self.rows.problems(job["revision"], n) if p[2] == fix["problem"]]
            spots = {(p[0], fix.get("column", columns_of.get(p[1]))) for p in found}
            offsets = sorted({offset for offset, column in spots if column is not None})
            now = self.rows.cells_at(job["source"]["revision"], n, offsets)
            for offset, column in spots:
                if column is not None:
                    old = now["rows"][offsets.index(offset)][column]
                    changes.cells.setdefault((n, offset), {})[column] = _fixed(old, fix)
        return changes

    def undoing(self, number: int) -> Changes:
        """The changes that take a repair back, where nobody changed the same cells since."""
        changes = Changes()
        for part in self.rows.repair(number):
            offsets = sorted({entry[0] for entry in (*part["cells"], *part["ticks"])})
            job = self.jobs.get(self.job_id)
            now = self.rows.cells_at(job["source"]["revision"], part["n"], offsets)
            place = {offset: at for at, offset in enumerate(offsets)}
            for offset, column, old, new in part["cells"]:
                if now["rows"][place[offset]][column] == new:
                    changes.cells.setdefault((part["n"], offset), {})[column] = old
            for offset, old, new in part["ticks"]:
                if (offset not in now["left_out"]) == new:
                    changes.ticks[(part["n"], offset)] = old
        return changes


def _fixed(old: str, fix: Mapping[str, Any]) -> str:
    if fix["action"] == "replace":
        return old.replace(fix["find"], fix["value"])
    return fix["value"] if fix["action"] == "set" else ""


class _Attempt:
    """One try at a repair, on the job as it was read."""

    def __init__(
        self, repairer: Repairer, job: dict[str, Any], changes: Changes, about: dict[str, Any]
    ) -> None:
        self.db, self.rows, self.jobs = repairer.db, repairer.rows, repairer.jobs
        self.directory = repairer.directory
        self.job, self.changes, self.about = job, changes, about
        self.revision, self.source_revision = job["revision"], job["source"]["revision"]
        self.reference = self.directory.reference()
        self.dependents: Dependents
        self.named: dict[str, tuple[set[str], set[str]]] = {}

    def run(self) -> Repaired | None:
        """Do it; None when somebody else came first."""
        asked = self.changes.positions()
        touched = self._difference(asked)
        changed = sum(bool(own["cells"] or own["ticks"]) for own in touched.values())
        if not changed:
            return Repaired(self.job, asked)
        edited = [(n, offset) for n, own in touched.items() for offset in own["offsets"]]
        group = self._group(edited, touched) if len(edited) <= MOST_AT_ONCE else None
        if group is None:
            return self._leave_to_workers(asked, touched)
        report = self._recheck(group, touched)
        return self._write(touched, asked, **report)

    # what changes

    def _difference(self, asked: Sequence[Position]) -> dict[int, dict[str, Any]]:
        """By chunk, the cells and ticks that really change."""
        touched: dict[int, dict[str, Any]] = {}
        for n, offsets in _by_chunk(asked).items():
            now = self.rows.cells_at(self.source_revision, n, offsets)
            own: dict[str, Any] = {"cells": [], "ticks": [], "offsets": []}
            for row, offset in zip(now["rows"], offsets, strict=True):
                cells = self.changes.cells.get((n, offset), {})
                own["cells"] += [
                    [offset, column, row[column], new] for column, new in cells.items() if row[column] != new
                ]
                was = offset not in now["left_out"]
                tick = self.changes.ticks.get((n, offset), was)
                own["ticks"] += [[offset, was, tick]] if tick != was else []
            own["offsets"] = sorted({entry[0] for entry in (*own["cells"], *own["ticks"])})
            if own["offsets"]:
                touched[n] = own
        return touched

    # what depends on it

    def _group(
        self, edited: Sequence[Position], touched: Mapping[int, Mapping[str, Any]]
    ) -> list[Position] | None:
        """The edited rows and all that share a record with them, before or after; None where they are too many."""
        chunks = len(self.job["source"]["chunks"])
        self.dependents = Dependents(self.rows, self.revision, chunks, orders_of(self.job["settings"]))
        found, _, _ = self._checked(edited, touched)
        fresh = [
            Bond(COLLECTION[slot], keys, own.ids[place] if place in own.held else None)
            for slot, own in self._identities(found, edited).items()
            for place, keys in enumerate(found.keys[slot])
        ]
        return self.dependents.group(edited, fresh, MOST_AT_ONCE)

    def _identities(self, found: CheckedRows, positions: Sequence[Position]) -> dict[str, Any]:
        return identified(self.directory, self.job, found, positions)

    def _checked(
        self, positions: Sequence[Position], touched: Mapping[int, Mapping[str, Any]]
    ) -> tuple[CheckedRows, list[list[str]], frozenset[int]]:
        """Check rows as they will be after the repair; gives their cells and which are left out, by place."""
        rows: list[list[str]] = []
        left_out: set[int] = set()
        as_read: list[list[Any]] = []
        for n, offsets in _by_chunk(positions).items():
            now = self.rows.cells_at(self.source_revision, n, offsets)
            own = touched.get(n, {"cells": [], "ticks": []})
            at = {offset: place for place, offset in enumerate(offsets)}
            out = set(now["left_out"])
            for offset, column, _, new in own["cells"]:
                if offset in at:
                    now["rows"][at[offset]][column] = new
            for offset, _, selected in own["ticks"]:
                (out.discard if selected else out.add)(offset)
            edited = {entry[0] for entry in own["cells"]}
            as_read += [[len(rows) + at[p[0]], *p[1:]] for p in now["problems"] if p[0] not in edited]
            left_out |= {len(rows) + place for place, offset in enumerate(offsets) if offset in out}
            rows += now["rows"]
        how, context = check_plan(self.job, self.reference), context_of(self.job, self.reference)
        return check_rows(rows, how, context, frozenset(left_out), as_read), rows, frozenset(left_out)

    # check, match and plan again

    def _recheck(self, group: list[Position], touched: dict[int, dict[str, Any]]) -> dict[str, Any]:
        found, cells, left_out = self._checked(group, touched)
        slots = self._identities(found, group)
        checks = checked_document(found, slots, left_out)
        adds = self._regroup(checks, group)
        rows = rows_to_plan(checks, group)
        context = plan_context(self.directory, self.job, rows, adds)
        plan, plan_counts = planned_document(self.job, rows, checks, context)
        tags = {key: values for key, values in found.columns.items() if key.endswith(".tags")}
        counts = problem_counts(found.problems, found.fixes, tags, self.reference)
        more = Totals.of(counts, plan_counts)
        before = Totals()
        for n, places in _places_by_chunk(group).items():
            own = touched.setdefault(n, {"cells": [], "ticks": []})
            offsets = [group[place][1] for place in places]
            old = self.rows.found_at(self.revision, n, offsets)
            old_counts = counts_of_found(old, self.job["settings"])
            before = Totals.of(before, old_counts)
            own["amended"] = self._amended(n, places, group, checks, plan, old_counts)
            own["words"] = words_of(cells[place] for place in places)
        totals = Totals.of(self.job["report"]["totals"], more, self._named(group, checks)).less(before)
        counts, report = summarised(self.directory, self.job, totals)
        return {"counts": counts, "report": report}

    def _named(self, group: Sequence[Position], checks: Mapping[str, Any]) -> dict[str, dict[str, int]]:
        """Note which of the firm's records these rows mean now and did before: no other row means them."""
        now: dict[str, set[str]] = {kind: set() for kind in self.job["settings"]["match"]}
        for slot, own in checks["slots"].items():
            now[COLLECTION[slot]] |= {own["ids"][place] for place in own["hits"]}
        before = self.dependents.records_of(group)
        self.named = {kind: (now[kind] - before[kind], before[kind] - now[kind]) for kind in now}
        return {"named": {kind: len(more) - len(fewer) for kind, (more, fewer) in self.named.items()}}

    def _regroup(
        self, checks: dict[str, Any], group: list[Position]
    ) -> dict[str, dict[int, Mapping[str, Any]]]:
        """Decide anew which of these rows mean the same record; gives what others say of those that lead."""
        grouping = Grouping(orders_of(self.job["settings"]), self.job["source"]["chunks"])
        grouping.see(checks["slots"])
        values = values_by_row(checks)
        whole: dict[str, Any] = {
            "follows": {slot: {} for slot in checks["slots"]},
            "doubts": [],
            "repeats": [],
            "linked": {"contact": [], "spouse": []},
        }
        place_of = {position: place for place, position in enumerate(group)}
        for n, places in _places_by_chunk(group).items():
            slots = {slot: _taken(own, places) for slot, own in checks["slots"].items()}
            own_values = {slot: [rows[place] for place in places] for slot, rows in values.items()}
            offsets = [group[place][1] for place in places]
            grouped = grouping.place(n, slots, partial(dict, own_values), offsets)
            for slot, follows in grouped["follows"].items():
                whole["follows"][slot].update(
                    {str(place_of[(n, int(offset))]): led for offset, led in follows.items()}
                )
            for part in ("doubts", "repeats"):
                whole[part] += [place_of[(n, offset)] for offset in grouped[part]]
            for slot, linked in grouped["linked"].items():
                whole["linked"][slot] += [place_of[(n, offset)] for offset in linked]
        checks["groups"] = whole
        adds: dict[str, dict[int, Mapping[str, Any]]] = {}
        for n, by_slot in numbered(grouping.adds(), self.rows, self.source_revision).items():
            for slot, by_offset in by_slot.items():
                for offset, said in by_offset.items():
                    adds.setdefault(slot, {})[place_of[(n, int(offset))]] = said
        return adds

    def _amended(
        self,
        n: int,
        places: list[int],
        group: list[Position],
        checks: dict[str, Any],
        plan: dict[str, Any],
        old_counts: Mapping[str, Any],
    ) -> dict[str, Any]:
        """What is known of the amended rows of one chunk, those of this repair over those of earlier ones."""
        offset_of = {place: group[place][1] for place in places}
        fresh: dict[str, Any] = {
            "checks": {
                "problems": _moved(checks["problems"], offset_of),
                "fixes": _moved_keys(named_fixes(checks), offset_of),
            },
            "plan": {
                "buckets": {str(offset): plan["buckets"][place] for place, offset in offset_of.items()},
                "problems": _moved(plan["problems"], offset_of),
                **{part: _moved_keys(plan[part], offset_of) for part in ("links", "kept")},
                **{
                    part: {kind: _moved_keys(entries, offset_of) for kind, entries in plan[part].items()}
                    for part in ("creates", "updates")
                },
            },
            "keys": {str(offset): bonds_at(checks["slots"], place) for place, offset in offset_of.items()},
            "rules": {
                str(offset): [rule for rule, rows in enumerate(checks["rules"]) if place in rows]
                for place, offset in offset_of.items()
            },
        }
        earlier = self.rows.find("amended", self.revision, n)
        counts = self._chunk_counts(n, earlier, fresh, old_counts)
        if earlier is None:
            return {"offsets": sorted(offset_of.values()), **fresh, "counts": counts}
        offsets = set(offset_of.values())
        plan_over = laid_over(earlier["plan"], fresh["plan"], offsets)
        plan_over["buckets"] = {**earlier["plan"]["buckets"], **fresh["plan"]["buckets"]}
        return {
            "offsets": sorted({*earlier["offsets"], *offsets}),
            "checks": laid_over(earlier["checks"], fresh["checks"], offsets),
            "plan": plan_over,
            "keys": {**earlier["keys"], **fresh["keys"]},
            "rules": {**earlier["rules"], **fresh["rules"]},
            "counts": counts,
        }

    def _chunk_counts(
        self, n: int, earlier: Mapping[str, Any] | None, fresh: Mapping[str, Any], old: Mapping[str, Any]
    ) -> dict[str, dict[str, int]]:
        """How many rows of the chunk are in each bucket and have each problem, after this repair."""
        tasks = TaskStore(self.db)
        base = earlier["counts"] if earlier else tasks.counts_of_chunk(self.job, n, ("check", "plan"))
        now = {
            "buckets": Counter(fresh["plan"]["buckets"].values()),
            "problems": rows_with([*fresh["checks"]["problems"], *fresh["plan"]["problems"]]),
        }
        return {
            part: {
                name: base[part].get(name, 0) + now[part].get(name, 0) - old[part].get(name, 0)
                for name in {*base[part], *now[part]}
            }
            for part in ("buckets", "problems")
        }

    # the end

    def _write(
        self, touched: dict[int, dict[str, Any]], asked: list[Position], **parts: Any
    ) -> Repaired | None:
        def write(session: Any) -> bool:
            number = self.job["repairs"] + 1
            self.rows.keep_repair(number, self.source_revision, self.revision, touched, self.about, session)
            for kind, (more, fewer) in self.named.items():
                self.rows.amend_named(self.revision, kind, more, fewer, session)
            self._add_examples(parts["report"], session)
            if not self.jobs.repaired(self.job, session, **parts):
                session.abort_transaction()
                return False
            return True

        if not in_transaction(self.db, write):
            return None
        changed = sum(len(own.get("offsets", ())) for own in touched.values())
        return Repaired(self.jobs.get(self.job["_id"]), asked, changed=changed)

    def _add_examples(self, report: dict[str, Any], session: Any) -> None:
        """Written with the repair: the report of a moment later may be another repair's already."""
        first = Grid(TaskStore(self.db), self.rows, self.job).first_with(session)
        for problem in report["problems"]:
            n = first.get(problem["code"])
            problem["examples"] = examples_in(self.rows, self.job, problem["code"], n, session)

    def _leave_to_workers(self, asked: list[Position], touched: dict[int, dict[str, Any]]) -> Repaired | None:
        """Keep the changes and have the whole file checked again."""

        def write(session: Any) -> dict[str, Any] | None:
            number = self.job["repairs"] + 1
            self.rows.keep_repair(number, self.source_revision, self.revision, touched, self.about, session)
            moved = self.jobs.check_again(self.job, self.about["by"], session)
            if moved is None:
                session.abort_transaction()
            return moved

        moved = in_transaction(self.db, write)
        changed = sum(len(own["offsets"]) for own in touched.values())
        return Repaired(moved, asked, again=True, changed=changed) if moved else None


def _by_chunk(positions: Iterable[Position]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for n, offset in positions:
        found.setdefault(n, []).append(offset)
    return found


def _places_by_chunk(group: Sequence[Position]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for place, (n, _) in enumerate(group):
        found.setdefault(n, []).append(place)
    return found


def _taken(own: Mapping[str, Any], places: Sequence[int]) -> dict[str, Any]:
    """What was found for a slot, of some of the rows."""
    flat, said = unpacked(own["keys"]), unpacked(own["said"], "I")
    held = dict(zip(own["hits"], own["held"], strict=True))
    hits = {at: held[place] for at, place in enumerate(places) if place in held}
    return {
        "keys": packed(flat[place * WIDTH : place * WIDTH + WIDTH] for place in places),
        "ids": [own["ids"][place] for place in places],
        "said": array("I", [said[place] for place in places]).tobytes(),
        "hits": list(hits),
        "held": list(hits.values()),
    }


def _moved(entries: Iterable[Sequence[Any]], offset_of: Mapping[int, int]) -> list[list[Any]]:
    """Entries that begin with a place, of the rows of one chunk, with offsets in its place."""
    return [[offset_of[entry[0]], *entry[1:]] for entry in entries if entry[0] in offset_of]


def _moved_keys(entries: Mapping[str, Any], offset_of: Mapping[int, int]) -> dict[str, Any]:
    """The same for what is keyed by place."""
    moved = {}
    for key, entry in entries.items():
        spouse = SPOUSE if key.endswith(SPOUSE) else ""
        offset = offset_of.get(int(key.removesuffix(SPOUSE)))
        if offset is not None:
            moved[f"{offset}{spouse}"] = {**entry, "row": offset} if isinstance(entry, dict) else entry
    return moved
