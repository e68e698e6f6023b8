"""Turns what a person asks for into changes: of single rows, of all rows with a problem, or of a filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from services.validator.repair.changes import (
    UNDECIDED,
    Changes,
    FixRequest,
    RowRequest,
    by_chunk,
    decision_of,
    fixed_text,
)
from services.validator.rows.grid import Grid, Wanted
from shared.contract.custom_fields import Names
from shared.contract.documents.job import Job, Mapping
from shared.contract.documents.values import Decision, Position
from shared.contract.invalid_values import may_be_left_out
from shared.contract.job import built_from, columns_by_field, mapping_of
from shared.contract.problems import DOUBTS
from shared.plumbing.job_store import JobStore
from shared.plumbing.mongo import Database
from shared.plumbing.row_store import RowNumbers, RowStore
from shared.plumbing.task_store import TaskStore

_NOTHING: Decision = {}


class NoSuchRow(Exception):
    """The file has no row of that number, or no column of that index; `place` names it."""

    def __init__(self, place: int | dict[str, int]) -> None:
        super().__init__(str(place))
        self.place = place


class Requests:
    """The requests for changes of one job."""

    def __init__(self, db: Database, firm: str, job_id: str) -> None:
        self.db = db
        self.jobs = JobStore(db, firm)
        self.rows = RowStore(db, firm, job_id)
        self.job_id = job_id

    def positions_of(self, job: Job, numbers: Iterable[int]) -> dict[int, Position]:
        """The chunk and offset of rows, by their number as a person sees it; raises `NoSuchRow`."""
        where = RowNumbers.of(self.rows, job["source"])
        found: dict[int, Position] = {}
        for number in numbers:
            position = where.position(number)
            if position is None:
                raise NoSuchRow(number)
            found[number] = position
        return found

    def matching(self, job: Job, wanted: Wanted) -> list[Position]:
        """All rows of a filter."""
        grid = self._grid(job)
        return [(n, offset) for n in grid.chunks(wanted, 0) for offset in grid.offsets(n, wanted)]

    def changing(self, job: Job, asked: Sequence[RowRequest]) -> Changes:
        """The changes of single rows, by their numbers; raises `NoSuchRow`."""
        changes, width = Changes(), job["source"]["columns"]
        names = Names.of_job(job)
        named = {each["same_as"]["row"] for each in asked if "same_as" in each and "row" in each["same_as"]}
        positions = self.positions_of(job, named | {change["row"] for change in asked})
        for change in asked:
            position = positions[change["row"]]
            for column, value in change.get("cells", {}).items():
                if int(column) >= width:
                    raise NoSuchRow({"row": change["row"], "column": int(column)})
                changes.cells.setdefault(position, {})[int(column)] = value
            if "selected" in change:
                changes.ticks[position] = change["selected"]
            decision = decision_of(change, positions, names)
            if decision:
                changes.decisions[position] = decision
        return changes

    def fixing(self, job: Job, fix: FixRequest) -> Changes:
        """The changes of one repair on all rows that have a problem, in its column or in one that is named.

        A field that is built from several columns has no column of its own: one must be named.
        """
        changes, columns_of = Changes(), _repairable_columns(mapping_of(job))
        for n in self._grid(job).chunks(Wanted(problem=fix["problem"]), 0):
            found = [p for p in self.rows.problems_of(job["revision"], n) if p.code == fix["problem"]]
            spots = {(p.offset, fix.get("column", columns_of.get(p.field))) for p in found}
            offsets = sorted({offset for offset, column in spots if column is not None})
            now = self.rows.edited_cells_at(job["source"]["revision"], n, offsets)
            for offset, column in spots:
                if column is not None:
                    old = now.rows[offsets.index(offset)][column]
                    changes.cells.setdefault((n, offset), {})[column] = fixed_text(old, fix)
        return changes

    def accepting(self, job: Job, fix: FixRequest) -> Changes:
        """Put into each cell that has a problem what checking suggests in its place, where it suggests something."""
        changes, columns_of = Changes(), _repairable_columns(mapping_of(job))
        for n in self._grid(job).chunks(Wanted(problem=fix["problem"]), 0):
            for p in self.rows.problems_of(job["revision"], n):
                column, suggestion = columns_of.get(p.field), p.params.get("suggestion")
                wanted = p.code == fix["problem"] and fix.get("column", column) == column
                if wanted and column is not None and isinstance(suggestion, str):
                    changes.cells.setdefault((n, p.offset), {})[column] = suggestion
        return changes

    def deciding(self, job: Job, wanted: Wanted, decision: Decision) -> Changes:
        """One decision for all rows of a filter about which a person must decide, or has decided."""
        changes = Changes()
        for n, offsets in by_chunk(self.matching(job, wanted)).items():
            doubtful = {p.offset for p in self.rows.problems_of(job["revision"], n) if p.code in DOUBTS}
            before = self.rows.edited_cells_at(job["source"]["revision"], n, offsets).decisions
            for offset in offsets:
                if offset in doubtful or "is" in before.get(offset, _NOTHING):
                    changes.decisions[(n, offset)] = decision
        return changes

    def moving(self, job: Job, problem: str) -> Changes:
        """Give the values that end in no record to the account of their row."""
        changes, decision = Changes(), Decision(to_account=True)
        for n in self._grid(job).chunks(Wanted(problem=problem), 0):
            offsets = {p.offset for p in self.rows.problems_of(job["revision"], n) if p.code == problem}
            changes.decisions |= {(n, offset): decision for offset in offsets}
        return changes

    def choosing(self, job: Job, fix: FixRequest, part: Literal["take", "without"]) -> Changes:
        """Add the fields with a problem, or those of one column, to a part of the decisions about their rows."""
        changes, columns_of = Changes(), columns_by_field(mapping_of(job))
        for n in self._grid(job).chunks(Wanted(problem=fix["problem"]), 0):
            fields: dict[int, set[str]] = {}
            for p in self.rows.problems_of(job["revision"], n):
                in_column = fix.get("column", columns_of.get(p.field)) == columns_of.get(p.field)
                if p.code == fix["problem"] and in_column and (part == "take" or may_be_left_out(p.field)):
                    fields.setdefault(p.offset, set()).add(p.field)
            before = self.rows.edited_cells_at(job["source"]["revision"], n, sorted(fields)).decisions
            for offset, own in fields.items():
                chosen = sorted({*(before.get(offset, _NOTHING).get(part) or ()), *own})
                changes.decisions[(n, offset)] = {"take": chosen} if part == "take" else {"without": chosen}
        return changes

    def undoing(self, number: int) -> Changes:
        """The changes that undo a repair, where nobody changed the same cells since."""
        changes = Changes()
        for part in self.rows.repair_of(number):
            touched = (part.cells, part.ticks, part.decisions)
            offsets = sorted({change[0] for own in touched for change in own})
            job = self.jobs.get(self.job_id)
            now = self.rows.edited_cells_at(job["source"]["revision"], part.n, offsets)
            place = {offset: at for at, offset in enumerate(offsets)}
            for offset, column, old, new in part.cells:
                if now.rows[place[offset]][column] == new:
                    changes.cells.setdefault((part.n, offset), {})[column] = old
            for tick in part.ticks:
                if (tick.offset not in now.left_out) == tick.new:
                    changes.ticks[(part.n, tick.offset)] = tick.old
            for decided in part.decisions:
                if now.decisions.get(decided.offset, _NOTHING) == decided.new:
                    changes.decisions[(part.n, decided.offset)] = {**UNDECIDED, **decided.old}
        return changes

    def _grid(self, job: Job) -> Grid:
        return Grid(TaskStore(self.db), self.rows, job)


def _repairable_columns(mapping: Mapping) -> dict[str, int]:
    """By the key of a field the one column whose cells are its values."""
    of_several = {key for key, sources in built_from(mapping).items() if len(sources) > 1}
    return {key: column for key, column in columns_by_field(mapping).items() if key not in of_several}
