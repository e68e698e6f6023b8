"""Finds the rows of a page: by bucket, problem and text, from a cursor on, within a time that a person accepts."""

from __future__ import annotations

import time
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from services.validator.rows.ordering import MOST_SORTED, Orders, in_order, packed, unpacked
from services.validator.rows.searching import has_text, searched_words
from services.validator.rows.view import RowsOfChunk
from shared.contract.documents.chunk import Buckets, RowsOutcome
from shared.contract.documents.job import Job
from shared.contract.documents.values import Position
from shared.plumbing.mongo import Session
from shared.plumbing.row_store import RowStore
from shared.plumbing.task_store import TaskStore

#: After so many seconds a page ends even if it is not full; its cursor goes on.
PAGE_SECONDS = 0.08
SKIPPED = "skipped"

#: Numbers by chunk and name.
ByChunk = dict[int, dict[str, int]]


class Conditions(TypedDict, total=False):
    """The conditions of a request; `q` is a text, and so is `contains`, in the cells of the `column`."""

    bucket: str
    problem: str
    q: str
    outcome: str
    column: int
    contains: str
    blank: bool


@dataclass(frozen=True)
class Wanted:
    """Which rows: all conditions that are given hold."""

    bucket: str | None = None
    problem: str | None = None
    text: str | None = None
    outcome: str | None = None
    column: int | None = None
    contains: str | None = None
    blank: bool | None = None

    @classmethod
    def of(cls, query: Conditions) -> Wanted:
        """The conditions of a request."""
        return cls(
            query.get("bucket"),
            query.get("problem"),
            query.get("q"),
            query.get("outcome"),
            query.get("column"),
            query.get("contains"),
            query.get("blank"),
        )

    @property
    def words(self) -> list[str]:
        """The words that occur in the cells of each row."""
        return [*searched_words(self.text or ""), *searched_words(self.contains or "")]

    def fits(self, row: Sequence[str]) -> bool:
        """Whether the cells of a row are as wanted."""
        if self.text and not has_text(row, searched_words(self.text)):
            return False
        if self.column is None:
            return True
        cell = row[self.column] if self.column < len(row) else ""
        if self.blank is not None and self.blank != (not cell.strip()):
            return False
        return self.contains is None or has_text([cell], searched_words(self.contains))


class TooManyToSort(Exception):
    """The list has more rows than can be sorted."""


#: The orders of the rows that this process showed last.
ORDERS = Orders()


class Grid:
    """The rows of a checked job."""

    def __init__(self, tasks: TaskStore, rows: RowStore, job: Job) -> None:
        self.tasks = tasks
        self.rows = rows
        self.job = job
        self.revision = job["revision"]

    def page(
        self, wanted: Wanted, start: Position, limit: int
    ) -> tuple[dict[int, list[int]], Position | None]:
        """The offsets of the next rows, by chunk, and where to go on; None at the end."""
        until = time.monotonic() + PAGE_SECONDS
        found: dict[int, list[int]] = {}
        count = 0
        for n in self.chunks(wanted, start[0]):
            if count and time.monotonic() > until:
                return found, (n, 0)
            for offset in self.offsets(n, wanted):
                if n == start[0] and offset < start[1]:
                    continue
                if count == limit:
                    return found, (n, offset)
                found.setdefault(n, []).append(offset)
                count += 1
        return found, None

    def sorted_page(
        self, wanted: Wanted, column: int, descending: bool, start: int, limit: int
    ) -> tuple[list[Position], int | None]:
        """The rows from a place on in the order of a column, and the place to go on at; raises `TooManyToSort`."""
        state = (self.rows.db.name, self.job["_id"], self.revision, self.job["source"]["revision"])
        key = (*state, self.job["repairs"], wanted, column, descending)
        order = ORDERS.get(key, lambda: self._order(wanted, column, descending))
        following = start + limit
        page = [unpacked(row) for row in order[start:following]]
        return page, following if following < len(order) else None

    def _order(self, wanted: Wanted, column: int, descending: bool) -> array[int]:
        chosen: dict[int, list[int]] = {}
        count = 0
        for n in self.chunks(wanted, 0):
            chosen[n] = list(self.offsets(n, wanted))
            count += len(chosen[n])
            if count > MOST_SORTED:
                raise TooManyToSort
        cells = self.rows.cells_of_column(self.job["source"]["revision"], column, chosen)
        rows = [packed(n, offset) for n, offsets in chosen.items() for offset in offsets]
        texts = [cells[n][offset] for n, offsets in chosen.items() for offset in offsets]
        return array("Q", (rows[at] for at in in_order(texts, descending)))

    def chunks(self, wanted: Wanted, start: int) -> Iterator[int]:
        """The chunks, from `start` on, that may have such rows."""
        buckets, problems = self._counts(wanted)
        skipped: dict[int, int] = {}
        if wanted.outcome == SKIPPED:  # later they may become fewer, never more
            skipped = self.tasks.numbers_by_chunk(self.job, "load", "rows_skipped")
        candidates: Iterator[int] = iter(range(start, len(self.job["source"]["chunks"])))
        if wanted.words:
            candidates = self.rows.candidates(self.revision, wanted.words, start)
        for n in candidates:
            if wanted.bucket and not buckets.get(n, {}).get(wanted.bucket):
                continue
            if wanted.problem and not problems.get(n, {}).get(wanted.problem):
                continue
            if wanted.outcome == SKIPPED and not skipped.get(n):
                continue
            yield n

    def _counts(self, wanted: Wanted, session: Session = None) -> tuple[ByChunk, ByChunk]:
        """By chunk how many rows are in each bucket, and how many have each problem."""
        buckets = self.tasks.counts_by_chunk(self.job, "plan", "buckets") if wanted.bucket else {}
        problems: ByChunk = {}
        if wanted.problem:
            problems = self.tasks.counts_by_chunk(self.job, "plan", "problems")
            _add(problems, self.tasks.counts_by_chunk(self.job, "check", "problems"))
        for n, counts in self.rows.counts_of_amended(self.revision, session).items():
            buckets[n], problems[n] = counts.buckets, counts.problems
        if wanted.problem:
            _add(problems, self.tasks.counts_by_chunk(self.job, "load", "problems"))
        return buckets, problems

    def first_with(self, session: Session = None) -> dict[str, int]:
        """The first chunk in which each problem occurs, as the session sees it."""
        _, problems = self._counts(Wanted(problem="any"), session)
        first: dict[str, int] = {}
        for n in sorted(problems):
            for code, number in problems[n].items():
                if number:
                    first.setdefault(code, n)
        return first

    def offsets(self, n: int, wanted: Wanted) -> Iterator[int]:
        """The rows of a chunk that are wanted, in their order."""
        fits = set(range(self.job["source"]["chunks"][n]))
        if wanted.problem:
            fits &= self._with_problem(n, wanted.problem)
        if wanted.bucket:
            buckets = self.rows.plan_of(Buckets, self.revision, n).buckets
            fits &= {offset for offset, bucket in enumerate(buckets) if bucket == wanted.bucket}
        if wanted.outcome and fits:
            outcomes = self._outcomes(n) or RowsOutcome()
            fits &= {at for at, outcome in enumerate(outcomes.outcomes) if outcome == wanted.outcome}
        if (wanted.text or wanted.column is not None) and fits:
            cells = self.rows.edited_cells(self.job["source"]["revision"], n).rows
            fits = {offset for offset in fits if wanted.fits(cells[offset])}
        yield from sorted(fits)

    def shown(self, n: int, offsets: list[int]) -> RowsOfChunk:
        """Everything about some rows of a chunk."""
        return RowsOfChunk(
            self.rows.edited_cells_at(self.job["source"]["revision"], n, offsets),
            self.rows.found_in(self.revision, n, offsets),
            self._outcomes(n),
        )

    def _with_problem(self, n: int, code: str) -> set[int]:
        """The rows of a chunk that have a problem, found by checking or when they were to be loaded."""
        found = {
            problem.offset for problem in self.rows.problems_of(self.revision, n) if problem.code == code
        }
        outcomes = self._outcomes(n) or RowsOutcome()
        return found | {offset for offset, reason in outcomes.reasons.items() if reason == code}

    def _outcomes(self, n: int) -> RowsOutcome | None:
        """What became of the rows of a chunk; None before it is loaded."""
        return self.rows.read_if_kept(RowsOutcome, self.revision, n)


def _add(problems: ByChunk, more: Mapping[int, Mapping[str, int]]) -> None:
    """Add counts of problems to those by chunk."""
    for n, counts in more.items():
        problems[n] = dict(Counter(problems.get(n)) + Counter(counts))
