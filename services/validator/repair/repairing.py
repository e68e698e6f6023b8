"""Repairs rows of a checked job: only what a repair touches, and what depends on it, is checked again.

Two who repair at once are told apart by the number of repairs they saw: the second is tried again on what the first
left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from services.validator.repair.rechecking import Rechecked, Rechecker, Touched
from services.validator.report.job_report import examples_in
from services.validator.row_steps import Position, by_chunk
from services.validator.rows.grid import Grid, Wanted
from shared.contract.job import Status, columns_by_field
from shared.contract.problems import DOUBTS
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.job_store import JobStore
from shared.plumbing.mongo import Database, in_transaction
from shared.plumbing.row_store import CHANGES, RowNumbers, RowStore
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
    """What a person asks: by chunk and offset, new cells by column, whether the row is selected, and decisions.

    A decision has any of `is` (`same` or `new`: whether the row means the record in doubt), `as` (which one: the id of
    a record, or chunk, offset and number of a row), and `to_account` (values without a person go to the account). It
    is laid over what was decided before; None takes a part back.
    """

    cells: dict[Position, dict[int, str]] = field(default_factory=dict)
    ticks: dict[Position, bool] = field(default_factory=dict)
    decisions: dict[Position, dict[str, Any]] = field(default_factory=dict)

    def positions(self) -> list[Position]:
        """The rows that are spoken of, in file order."""
        return sorted({*self.cells, *self.ticks, *self.decisions})


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
        where = RowNumbers.of(self.rows, job["source"])
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

    def changing(self, job: Mapping[str, Any], asked: Sequence[Mapping[str, Any]]) -> Changes:
        """The changes of single rows, by their numbers; raises `NoSuchRow`."""
        changes, width = Changes(), job["source"]["columns"]
        named = {change["same_as"]["row"] for change in asked if "row" in change.get("same_as", {})}
        positions = self.positions_of(job, named | {change["row"] for change in asked})
        for change in asked:
            position = positions[change["row"]]
            for column, value in change.get("cells", {}).items():
                if int(column) >= width:
                    raise NoSuchRow({"row": change["row"], "column": int(column)})
                changes.cells.setdefault(position, {})[int(column)] = value
            if "selected" in change:
                changes.ticks[position] = change["selected"]
            decision = _decision(change, positions)
            if decision:
                changes.decisions[position] = decision
        return changes

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

    def deciding(self, job: Mapping[str, Any], wanted: Wanted, decision: Mapping[str, Any]) -> Changes:
        """One decision for all rows of a filter about which a person must decide, or has decided."""
        changes = Changes()
        for n, offsets in by_chunk(self.matching(job, wanted)).items():
            doubtful = {p[0] for p in self.rows.problems(job["revision"], n) if p[2] in DOUBTS}
            before = self.rows.cells_at(job["source"]["revision"], n, offsets)["decisions"]
            for offset in offsets:
                if offset in doubtful or "is" in before.get(offset, {}):
                    changes.decisions[(n, offset)] = dict(decision)
        return changes

    def moving(self, job: Mapping[str, Any], problem: str) -> Changes:
        """Give the values that end in no record to the account of their row."""
        changes = Changes()
        for n in Grid(TaskStore(self.db), self.rows, job).chunks(Wanted(problem=problem), 0):
            offsets = {p[0] for p in self.rows.problems(job["revision"], n) if p[2] == problem}
            changes.decisions |= {(n, offset): {"to_account": True} for offset in offsets}
        return changes

    def undoing(self, number: int) -> Changes:
        """The changes that take a repair back, where nobody changed the same cells since."""
        changes = Changes()
        for part in self.rows.repair(number):
            offsets = sorted({entry[0] for name in CHANGES for entry in part[name]})
            job = self.jobs.get(self.job_id)
            now = self.rows.cells_at(job["source"]["revision"], part["n"], offsets)
            place = {offset: at for at, offset in enumerate(offsets)}
            for offset, column, old, new in part["cells"]:
                if now["rows"][place[offset]][column] == new:
                    changes.cells.setdefault((part["n"], offset), {})[column] = old
            for offset, old, new in part["ticks"]:
                if (offset not in now["left_out"]) == new:
                    changes.ticks[(part["n"], offset)] = old
            for offset, old, new in part["decisions"]:
                if now["decisions"].get(offset, {}) == new:
                    changes.decisions[(part["n"], offset)] = {**UNDECIDED, **old}
        return changes


def _decision(change: Mapping[str, Any], positions: Mapping[int, Position]) -> dict[str, Any]:
    """The parts of a decision that a change of one row has, as they are kept."""
    decision: dict[str, Any] = {"is": change["decision"]} if "decision" in change else {}
    if "same_as" in change:
        named = change["same_as"]
        decision["as"] = named["id"] if "id" in named else [*positions[named["row"]], named["row"]]
    if "to_account" in change:
        decision["to_account"] = change["to_account"]
    return decision


#: Takes back all that was decided of a row.
UNDECIDED: Mapping[str, None] = {"is": None, "as": None, "to_account": None}


def merged(before: Mapping[str, Any], decision: Mapping[str, Any]) -> dict[str, Any]:
    """A decision laid over an earlier one; None takes a part back, and who is meant goes with whether."""
    kept = {name: value for name, value in before.items() if name != "as" or "is" not in decision}
    return {name: value for name, value in {**kept, **decision}.items() if value}


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

    def run(self) -> Repaired | None:
        """Do it; None when somebody else came first."""
        asked = self.changes.positions()
        touched = self._difference(asked)
        if not touched:
            return Repaired(self.job, asked)
        edited = [(n, offset) for n, own in touched.items() for offset in own["offsets"]]
        if len(edited) <= MOST_AT_ONCE:
            rechecker = Rechecker(self.db, self.rows, self.directory, self.job)
            judged = rechecker.affected(edited, touched, MOST_AT_ONCE)
            if judged is not None:
                return self._write(touched, asked, rechecker.recheck(judged, touched))
        return self._leave_to_workers(asked, touched)

    # what changes

    def _difference(self, asked: Sequence[Position]) -> Touched:
        """By chunk, the cells, ticks and decisions that really change."""
        touched: Touched = {}
        for n, offsets in by_chunk(asked).items():
            now = self.rows.cells_at(self.source_revision, n, offsets)
            own: dict[str, Any] = {part: [] for part in (*CHANGES, "offsets")}
            for row, offset in zip(now["rows"], offsets, strict=True):
                cells = self.changes.cells.get((n, offset), {})
                own["cells"] += [
                    [offset, column, row[column], new] for column, new in cells.items() if row[column] != new
                ]
                was = offset not in now["left_out"]
                tick = self.changes.ticks.get((n, offset), was)
                own["ticks"] += [[offset, was, tick]] if tick != was else []
                decided = now["decisions"].get(offset, {})
                decision = merged(decided, self.changes.decisions.get((n, offset), {}))
                own["decisions"] += [[offset, decided, decision]] if decision != decided else []
            own["offsets"] = sorted({entry[0] for part in CHANGES for entry in own[part]})
            if own["offsets"]:
                touched[n] = own
        return touched

    # the end

    def _write(self, touched: Touched, asked: list[Position], now: Rechecked) -> Repaired | None:
        def write(session: Any) -> bool:
            number = self.job["repairs"] + 1
            self.rows.keep_repair(number, self.source_revision, self.revision, touched, self.about, session)
            for kind, (more, fewer) in now.named.items():
                self.rows.amend_named(self.revision, kind, more, fewer, session)
            self._add_examples(now.report, session)
            if not self.jobs.repaired(self.job, session, counts=now.counts, report=now.report):
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

    def _leave_to_workers(self, asked: list[Position], touched: Touched) -> Repaired | None:
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
