"""Checks, matches and plans again the rows that a repair touches, and those that depend on them.

What depends on a row are the rows that share a record with it, before or after. A group of rows that no key connects
to another row gets the same answer alone as in the whole file.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.validator.check.checking import CheckedRows, check_rows
from services.validator.match.grouping import Grouping, Values
from services.validator.match.identifying import Identified
from services.validator.plan.planning import COLLECTION
from services.validator.repair.dependents import Bond, Dependents, bonds_at
from services.validator.report.job_report import summarised
from services.validator.report.summary import Totals
from services.validator.row_steps import (
    Numbers,
    Position,
    by_chunk,
    check_plan,
    checked_document,
    context_of,
    counts_of_found,
    decisions_of,
    fresh_ids,
    identified,
    orders_of,
    plan_context,
    planned_document,
    problem_counts,
    rows_to_plan,
    rows_with,
    values_by_row,
)
from services.validator.rows.searching import words_of
from shared.contract.keys import WIDTH, packed, unpacked
from shared.contract.rows import is_of_cells
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.mongo import Database
from shared.plumbing.row_store import CHANGES, SPOUSE, RowStore, _named_fixes, laid_over
from shared.plumbing.task_store import TaskStore

#: By chunk what a repair changes: `cells`, `ticks`, `decisions`; rechecking adds what it `amended`, and the `words`.
Touched = dict[int, dict[str, Any]]
NOTHING_TOUCHED: Mapping[str, list[Any]] = {part: [] for part in CHANGES}


@dataclass(frozen=True)
class Judged:
    """Rows as they will be after a repair: what checking found, by place, and the records that they mean."""

    positions: list[Position]
    cells: list[list[str]]
    left_out: frozenset[int]
    found: CheckedRows
    slots: Mapping[str, Identified]

    def bonds(self) -> list[Bond]:
        """What ties these rows to others."""
        return [
            Bond(COLLECTION[slot], keys, own.ids[place] if place in own.held else None)
            for slot, own in self.slots.items()
            for place, keys in enumerate(self.found.keys[slot])
        ]


@dataclass(frozen=True)
class Rechecked:
    """The counts and the report of the job; by kind, records that rows mean since, and those none means any more."""

    counts: dict[str, int]
    report: dict[str, Any]
    named: dict[str, tuple[set[str], set[str]]]


class Rechecker:
    """Checks rows of one job again."""

    def __init__(
        self, db: Database, rows: RowStore, directory: DirectoryStore, job: Mapping[str, Any]
    ) -> None:
        self.rows, self.directory, self.job = rows, directory, job
        self.tasks = TaskStore(db)
        self.revision, self.source_revision = job["revision"], job["source"]["revision"]
        self.reference = directory.reference()
        self.orders = orders_of(job["settings"])
        self.dependents = Dependents(rows, self.revision, len(job["source"]["chunks"]))

    def affected(self, edited: list[Position], touched: Touched, most: int) -> Judged | None:
        """The edited rows and all that share a record with them, before or after; None where more than `most`."""
        judged = self._judged(edited, touched)
        group = self.dependents.group(edited, judged.bonds(), most)
        if group is None:
            return None
        return judged if group == edited else self._judged(group, touched)

    def _judged(self, positions: list[Position], touched: Touched) -> Judged:
        rows: list[list[str]] = []
        left_out: set[int] = set()
        as_read: list[list[Any]] = []
        decisions: dict[int, Any] = {}
        for n, offsets in by_chunk(positions).items():
            now = self.rows.cells_at(self.source_revision, n, offsets)
            own = touched.get(n, NOTHING_TOUCHED)
            at = {offset: place for place, offset in enumerate(offsets)}
            out = set(now["left_out"])
            for offset, column, _, new in own["cells"]:
                if offset in at:
                    now["rows"][at[offset]][column] = new
            for offset, _, selected in own["ticks"]:
                (out.discard if selected else out.add)(offset)
            taken = {**now["decisions"], **{offset: new for offset, _, new in own["decisions"]}}
            decisions |= {
                len(rows) + at[offset]: taken[offset] for offset in taken if offset in at and taken[offset]
            }
            edited = {entry[0] for entry in own["cells"]}
            stay = [p for p in now["problems"] if p[0] not in edited or not is_of_cells(p)]
            as_read += [[len(rows) + at[p[0]], *p[1:]] for p in stay]
            left_out |= {len(rows) + place for place, offset in enumerate(offsets) if offset in out}
            rows += now["rows"]
        how, context = check_plan(self.job, self.reference), context_of(self.job, self.reference, self.rows)
        decided = decisions_of(self.job, decisions, len(rows))
        found = check_rows(rows, how, context, frozenset(left_out), as_read, decided)
        slots = identified(self.directory, self.job, found, positions)
        return Judged(positions, rows, frozenset(left_out), found, slots)

    def recheck(self, judged: Judged, touched: Touched) -> Rechecked:
        """Match and plan rows anew, and note by chunk what is amended."""
        found, group = judged.found, judged.positions
        checks = checked_document(found, judged.slots, judged.left_out)
        adds = self._regroup(checks, group)
        rows = rows_to_plan(checks, group)
        context = plan_context(self.directory, self.job, rows, adds)
        plan, plan_counts = planned_document(self.job, rows, checks, context)
        tags = {key: values for key, values in found.columns.items() if key.endswith(".tags")}
        more = Totals.of(problem_counts(found.problems, found.fixes, tags, self.reference), plan_counts)
        before = Totals()
        for n, places in _places_by_chunk(group).items():
            own = touched.setdefault(n, {part: [] for part in CHANGES})
            old = self.rows.found_at(self.revision, n, [group[place][1] for place in places])
            old_counts = counts_of_found(old, self.job["settings"])
            before = Totals.of(before, old_counts)
            own["amended"] = self._amended(n, places, group, checks, plan, old_counts)
            own["words"] = words_of(judged.cells[place] for place in places)
        named = self._named(group, checks)
        grown = {kind: len(more_named) - len(fewer) for kind, (more_named, fewer) in named.items()}
        totals = Totals.of(self.job["report"]["totals"], more, {"named": grown}).less(before)
        counts, report = summarised(self.directory, self.job, totals)
        return Rechecked(counts, report, named)

    def _named(
        self, group: Sequence[Position], checks: Mapping[str, Any]
    ) -> dict[str, tuple[set[str], set[str]]]:
        """By kind, the firm's records that these rows mean now and not before, and the other way round."""
        now: dict[str, set[str]] = {kind: set() for kind in self.orders}
        for slot, own in checks["slots"].items():
            now[COLLECTION[slot]] |= {own["ids"][place] for place in own["hits"]}
        before = self.dependents.records_of(group)
        return {kind: (now[kind] - before[kind], before[kind] - now[kind]) for kind in now}

    def _regroup(
        self, checks: dict[str, Any], group: list[Position]
    ) -> dict[str, dict[int, Mapping[str, Any]]]:
        """Decide anew which of these rows mean the same record; gives what others say of those that lead."""
        place_of = {position: place for place, position in enumerate(group)}
        values = values_by_row(checks)

        def values_of(n: int) -> Values:
            at = {offset: place for (chunk, offset), place in place_of.items() if chunk == n}
            return {
                slot: {offset: rows[place] for offset, place in at.items()} for slot, rows in values.items()
            }

        grouping = Grouping(
            self.orders, self.job["source"]["chunks"], values_of, fresh_ids(self.directory.firm, self.job)
        )
        parts = {n: _taken(checks, places) for n, places in _places_by_chunk(group).items()}
        offsets = {n: [group[place][1] for place in places] for n, places in _places_by_chunk(group).items()}
        for part in parts.values():
            grouping.see(part)
        for n, part in parts.items():
            grouping.look(n, part, offsets[n])
        grouping.settle()
        numbers = Numbers(self.rows, self.source_revision)
        checks["groups"] = _joined(
            {n: numbers.told(grouping.place(n, part, offsets[n])) for n, part in parts.items()}, place_of
        )
        adds: dict[str, dict[int, Mapping[str, Any]]] = {}
        for n, by_slot in grouping.adds().items():
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
                "fixes": _moved_keys(_named_fixes(checks), offset_of),
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
        base = earlier["counts"] if earlier else self.tasks.counts_of_chunk(self.job, n, ("check", "plan"))
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


def _places_by_chunk(group: Sequence[Position]) -> dict[int, list[int]]:
    """By chunk the places of its rows in a group."""
    return by_chunk((n, place) for place, (n, _) in enumerate(group))


def _taken(checks: Mapping[str, Any], places: Sequence[int]) -> dict[str, Any]:
    """What was found, of some of the rows."""
    decisions = {str(at): checks["decisions"].get(str(place)) for at, place in enumerate(places)}
    return {
        "slots": {slot: _slot_taken(own, places) for slot, own in checks["slots"].items()},
        "names": bytes(checks["names"][place] for place in places) if checks["names"] else b"",
        "decisions": {at: decision for at, decision in decisions.items() if decision},
    }


def _slot_taken(own: Mapping[str, Any], places: Sequence[int]) -> dict[str, Any]:
    flat, said, held = unpacked(own["keys"]), unpacked(own["said"], "I"), unpacked(own["held"])
    hits = {place: at for at, place in enumerate(own["hits"])}
    return {
        "keys": packed(flat[place * WIDTH : place * WIDTH + WIDTH] for place in places),
        "ids": [own["ids"][place] for place in places],
        "said": array("I", [said[place] for place in places]).tobytes(),
        "hits": [at for at, place in enumerate(places) if place in hits],
        "held": packed(held[hits[p] * WIDTH : hits[p] * WIDTH + WIDTH] for p in places if p in hits),
    }


def _joined(by_chunk: Mapping[int, Mapping[str, Any]], place_of: Mapping[Position, int]) -> dict[str, Any]:
    """What grouping found of the rows of several chunks, by their places in the group."""
    whole: dict[str, Any] = {
        "follows": {},
        "renamed": {},
        "doubts": [],
        "repeats": [],
        "linked": {},
        "lost": [],
    }
    for n, grouped in by_chunk.items():
        for part in ("follows", "renamed"):
            for slot, own in grouped[part].items():
                moved = {str(place_of[(n, int(offset))]): value for offset, value in own.items()}
                whole[part].setdefault(slot, {}).update(moved)
        for part in ("doubts", "lost"):
            whole[part] += [[place_of[(n, offset)], *rest] for offset, *rest in grouped[part]]
        whole["repeats"] += [place_of[(n, offset)] for offset in grouped["repeats"]]
        for slot, linked in grouped["linked"].items():
            whole["linked"].setdefault(slot, []).extend(place_of[(n, offset)] for offset in linked)
    return whole


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
