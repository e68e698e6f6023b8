"""Checks the first rows of a file without writing anything, and shows what the mapping and the rules make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from services.validator.check.built_values import built_column
from services.validator.check.checked_rows import CheckedRows
from services.validator.check.checking import check_rows
from services.validator.check.context import check_plan, context_of
from services.validator.rows.view import FieldsOfFile, ShownFix, ShownProblem, shown_fix, shown_problems
from shared.contract.custom_fields import Names
from shared.contract.documents.chunk import EditedCells, NamedFix
from shared.contract.documents.job import Job
from shared.contract.documents.reference import Reference
from shared.contract.documents.values import Value
from shared.contract.job import built_of, mapping_of
from shared.contract.problems import LEFT_OUT
from shared.contract.records import masked


class ShownFirst(TypedDict):
    """One of the first rows: `values` by the key of a field, `built` the texts of the built values in their order.

    `rules` are the numbers, from 1, of the rules that apply to it. `left_out` says whether the row is left out by a
    value or by rules.
    """

    row: int
    values: dict[str, object]
    built: list[str]
    problems: list[ShownProblem]
    fixes: list[ShownFix]
    rules: list[int]
    left_out: bool


class ShownRule(TypedDict):
    """A rule by its number from 1: which of the first rows it applies to, and to how many of the rows counted."""

    number: int
    rows: list[int]
    counted: int


class Preview(TypedDict):
    """The first rows as they would be; `counted_rows` says over how many rows of the file rules were counted."""

    rows: list[ShownFirst]
    rules: list[ShownRule]
    left_out: int
    counted_rows: int


@dataclass
class NamesInMind:
    """Names that a job would make: a preview keeps them for itself, and reserves none."""

    names: dict[str, list[str]] = field(default_factory=dict)

    def reserve_names(self, revision: int, kind: str, names: set[str], most: int) -> set[str]:
        """All names that there is room for."""
        known = self.names.setdefault(kind, [])
        known += sorted(names.difference(known))[: max(0, most - len(known))]
        return names.intersection(known)

    def reserved_names(self, revision: int, kind: str) -> list[str]:
        """The names so far."""
        return self.names.get(kind, [])


def preview(
    job: Job, reference: Reference, cells: EditedCells, most_names: int, count: int, lang: str
) -> Preview:
    """The first `count` rows of the first chunk, as the check finds them under the mapping and the rules of the job."""
    how = check_plan(job, reference)
    context = context_of(job, reference, NamesInMind(), most_names)
    found = check_rows(cells.rows, how, context, as_read=cells.problems) if cells.rows else CheckedRows()
    left_out = {problem.offset for problem in found.problems if problem.code in LEFT_OUT}
    numbers = [cells.number(offset) for offset in range(min(count, len(cells.rows)))]
    rules = found.rules or [[] for _ in how.rules]
    return {
        "rows": _first_rows(job, found, cells, numbers, lang),
        "rules": [
            {
                "number": at + 1,
                "rows": [numbers[offset] for offset in rows if offset < len(numbers)],
                "counted": len(rows),
            }
            for at, rows in enumerate(rules)
        ],
        "left_out": len(left_out),
        "counted_rows": len(cells.rows),
    }


def _first_rows(
    job: Job, found: CheckedRows, cells: EditedCells, numbers: Sequence[int], lang: str
) -> list[ShownFirst]:
    mapping = mapping_of(job)
    fields, names = FieldsOfFile.of(mapping), Names.of_job(job)
    first = cells.rows[: len(numbers)]
    columns = list(zip(*first, strict=True))
    built = [built_column(one, columns) for one in built_of(mapping)] if first else []
    problems = shown_problems((p for p in found.problems if p.offset < len(first)), fields, names, lang)
    fixes: dict[int, list[ShownFix]] = {}
    for offset, key, code in found.fixes:
        if offset < len(first):
            value = found.columns[key][offset] if key in found.columns else None
            shown = shown_fix(NamedFix(key, code, value), first[offset], fields, names)
            fixes.setdefault(offset, []).append(shown)
    return [
        {
            "row": number,
            "values": {
                names.key(key): _shown(key, values[offset])
                for key, values in found.columns.items()
                if values[offset] is not None
            },
            "built": [texts[offset] for texts in built],
            "problems": problems.get(offset, []),
            "fixes": fixes.get(offset, []),
            "rules": [at + 1 for at, rows in enumerate(found.rules) if offset in rows],
            "left_out": any(p.offset == offset and p.code in LEFT_OUT for p in found.problems),
        }
        for offset, number in enumerate(numbers)
    ]


def _shown(key: str, value: Value) -> object:
    return masked(key.partition(".")[2], value)
