"""Finds the rows of a page: by bucket, problem and text, from a cursor on, within a time that a person accepts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.validator.rows.searching import has_text, searched_words
from shared.plumbing.row_store import RowStore
from shared.plumbing.task_store import TaskStore

#: A page that is not full by then ends there; its cursor goes on.
PAGE_SECONDS = 0.08
SKIPPED = "skipped"


@dataclass(frozen=True)
class Wanted:
    """Which rows: all conditions that are given hold."""

    bucket: str | None = None
    problem: str | None = None
    text: str | None = None
    outcome: str | None = None

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> Wanted:
        """The conditions of a request."""
        return cls(query.get("bucket"), query.get("problem"), query.get("q"), query.get("outcome"))


class Grid:
    """The rows of a checked job."""

    def __init__(self, tasks: TaskStore, rows: RowStore, job: Mapping[str, Any]) -> None:
        self.tasks = tasks
        self.rows = rows
        self.job = job
        self.revision = job["revision"]

    def page(
        self, wanted: Wanted, start: tuple[int, int], limit: int
    ) -> tuple[dict[int, list[int]], tuple[int, int] | None]:
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

    def chunks(self, wanted: Wanted, start: int) -> Iterator[int]:
        """The chunks, from `start` on, that may hold such rows."""
        buckets, problems = self._counts(wanted)
        skipped: dict[int, Any] = {}
        if wanted.outcome == SKIPPED:  # later they may become fewer, never more
            skipped = self.tasks.numbers_by_chunk(self.job, "load", "rows_skipped")
        candidates: Iterator[int] = iter(range(start, len(self.job["source"]["chunks"])))
        if wanted.text:
            candidates = self.rows.candidates(self.revision, searched_words(wanted.text), start)
        for n in candidates:
            if wanted.bucket and not buckets.get(n, {}).get(wanted.bucket):
                continue
            if wanted.problem and not problems.get(n, {}).get(wanted.problem):
                continue
            if wanted.outcome == SKIPPED and not skipped.get(n):
                continue
            yield n

    def _counts(
        self, wanted: Wanted, session: Any = None
    ) -> tuple[dict[int, dict[str, int]], dict[int, dict[str, int]]]:
        """By chunk how many rows are in each bucket, and how many have each problem."""
        buckets = self.tasks.counts_by_chunk(self.job, "plan", "buckets") if wanted.bucket else {}
        problems: dict[int, dict[str, int]] = {}
        if wanted.problem:
            problems = self.tasks.counts_by_chunk(self.job, "plan", "problems")
            _add(problems, self.tasks.counts_by_chunk(self.job, "check", "problems"))
        for n, counts in self.rows.amended_counts(self.revision, session).items():
            buckets[n], problems[n] = counts["buckets"], counts["problems"]
        if wanted.problem:
            _add(problems, self.tasks.counts_by_chunk(self.job, "load", "problems"))
        return buckets, problems

    def first_with(self, session: Any = None) -> dict[str, int]:
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
            buckets = self.rows.plan(self.revision, n, "buckets")["buckets"]
            fits &= {offset for offset, bucket in enumerate(buckets) if bucket == wanted.bucket}
        if wanted.outcome and fits:
            outcomes = self._outcomes(n).get("outcomes", ())
            fits &= {offset for offset, outcome in enumerate(outcomes) if outcome == wanted.outcome}
        if wanted.text and fits:
            words = searched_words(wanted.text)
            cells = self.rows.cells(self.job["source"]["revision"], n)["rows"]
            fits = {offset for offset in fits if has_text(cells[offset], words)}
        yield from sorted(fits)

    def shown(self, n: int, offsets: list[int]) -> dict[str, Any]:
        """Everything about some rows of a chunk."""
        return {
            **self.rows.cells_at(self.job["source"]["revision"], n, offsets),
            **self.rows.found_at(self.revision, n, offsets),
            "outcomes": self._outcomes(n),
        }

    def _with_problem(self, n: int, code: str) -> set[int]:
        """The rows of a chunk that have a problem, found by checking or when they were to be loaded."""
        found = {p[0] for p in self.rows.problems(self.revision, n) if p[2] == code}
        at_load = self._outcomes(n).get("reasons", {})
        return found | {int(offset) for offset, reason in at_load.items() if reason == code}

    def _outcomes(self, n: int) -> dict[str, Any]:
        """What became of the rows of a chunk; nothing before it is loaded."""
        return self.rows.find("outcomes", self.revision, n, "outcomes", "reasons") or {}


def _add(problems: dict[int, dict[str, int]], more: Mapping[int, Mapping[str, int]]) -> None:
    """Add counts of problems to those by chunk."""
    for n, counts in more.items():
        problems[n] = dict(Counter(problems.get(n)) + Counter(counts))
