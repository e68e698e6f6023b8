"""The list of skipped rows: the original columns and, per row, its number and the reasons; as a zipped CSV.

Rows that are loaded without a wrong value are in it, too, so that the value can be corrected and sent back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from services.notifier.lists.zipped_csv import write_zipped
from shared.contract.documents.chunk import EditedCells, RowProblem, RowsOutcome
from shared.contract.documents.values import Params
from shared.contract.fields import label
from shared.contract.problems import ERROR, LEFT_OUT, VALUE_LEFT_OUT, sentence, severity
from shared.contract.skipped_rows import REPORT

NAME = "skipped-rows.csv"
SKIPPED = "skipped"

#: By bucket, the code of the reason why a row without a problem of its own was skipped.
_BY_BUCKET = {"unselected": "not_selected", "duplicate": "duplicate_in_file"}
#: Buckets whose rows are not loaded.
WILL_BE_SKIPPED = frozenset({"invalid", "unselected"})

#: Why a row was skipped: codes with their parameters; `key` is the key of the field.
Reasons = list[tuple[str, Params]]


@dataclass(frozen=True)
class SkippedChunk:
    """A chunk with skipped rows."""

    cells: EditedCells
    problems: Sequence[RowProblem]
    buckets: Sequence[str]
    outcomes: RowsOutcome


class Columns:
    """The columns of the source that are written: all but those of an earlier list of skipped rows."""

    def __init__(self, names: Sequence[str]) -> None:
        self.kept = [index for index, name in enumerate(names) if name not in REPORT]
        self.header = [*(names[index] for index in self.kept), *REPORT]


@dataclass(frozen=True)
class Line:
    """One skipped row as it is written.

    `cells` are those of the kept columns, then the row's number, codes and sentences. `beyond` are the cells after the
    last column. `wrong` has sentences by the index of a wrong cell in `cells`; `codes` are the reasons why the row was
    skipped, none where it was loaded.
    """

    cells: list[str]
    beyond: list[str]
    wrong: dict[int, str]
    codes: tuple[str, ...] = ()


def lines(
    columns: Columns, chunks: Iterable[SkippedChunk], column_of: Mapping[str, int], lang: str
) -> Iterator[Line]:
    """The skipped rows of chunks, and those loaded without a value; only one chunk is in memory at a time.

    `column_of` has the index of the column that fills a field, by the key of the field.
    """
    places = {index: place for place, index in enumerate(columns.kept)}
    for chunk in chunks:
        cells, problems = chunk.cells, _of_rows(chunk, _is_error)
        without = _of_rows(chunk, VALUE_LEFT_OUT.__eq__)
        for offset, outcome in enumerate(chunk.outcomes.outcomes):
            skipped = outcome == SKIPPED
            reasons = _reasons(chunk, offset, problems) if skipped else without.get(offset, [])
            if not reasons:
                continue
            codes = tuple(dict.fromkeys(code for code, _ in reasons))
            sentences = " ".join(dict.fromkeys(_sentence(code, lang, params) for code, params in reasons))
            own = [cells.rows[offset][index] for index in columns.kept]
            wrong: dict[int, str] = {}
            for code, params in reasons:
                place = places.get(column_of.get(str(params.get("key", "")), -1))
                if place is not None:
                    wrong[place] = " ".join(filter(None, [wrong.get(place), _sentence(code, lang, params)]))
            beyond = cells.extra.get(offset, [])
            yield Line(
                [*own, str(cells.number(offset)), "; ".join(codes), sentences],
                beyond,
                wrong,
                codes if skipped else (),
            )


def outcomes_before_loading(buckets: Sequence[str]) -> RowsOutcome:
    """The outcomes that rows of these buckets will have: skipped, or blank for all that the list leaves out."""
    return RowsOutcome(outcomes=[SKIPPED if bucket in WILL_BE_SKIPPED else "" for bucket in buckets])


def write_archive(target: IO[bytes], columns: Columns, delimiter: str | None, rows: Iterable[Line]) -> int:
    """Write the zip of all skipped rows; gives how many there were."""
    # cells beyond the header belong to no column; at the end they move no other cell
    whole = ([*line.cells, *line.beyond] for line in rows)
    return write_zipped(target, NAME, delimiter, columns.header, whole)


def _of_rows(chunk: SkippedChunk, wanted: Callable[[str], bool]) -> dict[int, Reasons]:
    """The problems of rows with a wanted code, by offset."""
    by_row: dict[int, Reasons] = {}
    for offset, key, code, params in chunk.problems:
        if wanted(code):
            by_row.setdefault(offset, []).append((code, {"key": key, **params}))
    return by_row


def _is_error(code: str) -> bool:
    """Whether a problem is a reason why a row was not loaded."""
    return severity(code) == ERROR


def _reasons(chunk: SkippedChunk, offset: int, problems: Mapping[int, Reasons]) -> Reasons:
    at_load = chunk.outcomes.reasons.get(offset)
    if at_load:
        return [(at_load, {})]
    bucket = chunk.buckets[offset]
    chosen = [reason for reason in problems.get(offset, ()) if reason[0] in LEFT_OUT]
    if chosen and bucket == "unselected":
        return chosen
    if bucket in _BY_BUCKET:
        return [(_BY_BUCKET[bucket], {})]
    return problems.get(offset) or [("internal_error", {})]


def _sentence(code: str, lang: str, params: Params) -> str:
    key = str(params.get("key", ""))
    return sentence(
        code, lang, **{"field": label(key, lang), **{k: v for k, v in params.items() if k != "key"}}
    )
