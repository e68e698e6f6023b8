"""Rows of several chunks with the changes of a repair applied, as they are checked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.contract.documents.chunk import EditedCells, ReadProblem, TouchedChunk
from shared.contract.documents.values import Decision
from shared.contract.rows import is_of_cells


@dataclass
class EditedRows:
    """The rows that were added so far; `left_out`, `problems` and `decisions` name them by their place."""

    rows: list[list[str]] = field(default_factory=list)
    left_out: set[int] = field(default_factory=set)
    problems: list[ReadProblem] = field(default_factory=list)
    decisions: dict[int, Decision] = field(default_factory=dict)

    def add(self, now: EditedCells, offsets: Sequence[int], changes: TouchedChunk) -> None:
        """Add the rows of a chunk at `offsets`, which `now` holds, with the `changes` of the repair."""
        place = {offset: len(self.rows) + at for at, offset in enumerate(offsets)}
        self.rows += now.rows
        for cell in changes.cells:
            if cell.offset in place:
                self.rows[place[cell.offset]][cell.column] = cell.new
        ticked = {tick.offset: tick.new for tick in changes.ticks}
        left_out = set(now.left_out)
        self.left_out |= {
            at for offset, at in place.items() if not ticked.get(offset, offset not in left_out)
        }
        decided = {**now.decisions, **{change.offset: change.new for change in changes.decisions}}
        self.decisions |= {
            place[offset]: decision for offset, decision in decided.items() if offset in place and decision
        }
        edited = {cell.offset for cell in changes.cells}
        self.problems += [
            problem._replace(offset=place[problem.offset])
            for problem in now.problems
            if problem.offset not in edited or not is_of_cells(problem)
        ]
