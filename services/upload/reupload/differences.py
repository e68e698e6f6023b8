"""Compares a returned list of skipped rows with its job: which row each line is, and which of its cells changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from services.upload.model.rows import EDGES, Row
from services.upload.model.source import Batch, Found, Limits, ReadError
from shared.contract.documents.chunk import EditedCells
from shared.contract.documents.job import Column
from shared.contract.documents.values import Position
from shared.contract.skipped_rows import MOST_ROWS, REPORT, ROW, guarded, unguarded

#: The largest file that may come back, in bytes.
MOST_BYTES = 50_000_000
#: The guard in front of a cell of full length makes it longer than a cell of an upload may be.
LIMITS = Limits(bytes=MOST_BYTES, rows=MOST_ROWS, cell_length=40_000, unzipped=1 << 29)
#: A refusal names so many rows or columns.
NAMED = 10

_NUMBER = re.compile(r"\d{1,9}(?:[.,]0+)?", re.ASCII)
_LINE_END = re.compile("\r\n?")


class Difference(NamedTuple):
    """A cell that the file has with another value than the job."""

    column: int
    old: str
    new: str


#: What changes, by chunk and by offset of the row; a row that the file repeats as it was has an empty list.
Changes = dict[int, dict[int, list[Difference]]]


class Rows(Protocol):
    """The rows of the job that the file belongs to."""

    def edited_cells_at(self, revision: int, n: int, offsets: Sequence[int]) -> EditedCells:
        """Give the cells of some rows of chunk `n`, in the order of `offsets`."""


class Numbers(Protocol):
    """Finds rows of that job by their numbers."""

    def position(self, number: int) -> Position | None:
        """Give the chunk and the offset of a row; None where the job has no such row."""


@dataclass(frozen=True)
class Layout:
    """The columns of the file: `row` has the number of the row, `columns` maps the others to columns of the source."""

    row: int
    columns: Mapping[int, int]

    @classmethod
    def of(cls, found: Found, columns: Sequence[Column]) -> Layout:
        """Find the columns of the job by their names; columns of the file without a header are ignored.

        Raises ReadError `repair_without_rows` or `repair_unknown_columns`.
        """
        at = {name: place for place, name in enumerate(found.names)}
        if ROW not in at:
            raise ReadError("repair_without_rows")
        known = {unguarded(column["name"]): column["index"] for column in columns}
        placed: dict[int, int] = {}
        unknown = []
        for place, (header, name) in enumerate(zip(found.header, found.names, strict=True)):
            if name in REPORT or not header:
                continue
            if unguarded(name) in known:
                placed[place] = known[unguarded(name)]
            else:
                unknown.append(name)
        if unknown:
            raise ReadError("repair_unknown_columns", columns=_named(unknown))
        return cls(at[ROW], placed)


def differences(
    rows: Rows, revision: int, numbers: Numbers, layout: Layout, batches: Iterable[Batch]
) -> Changes:
    """Compare each line of the file with the row of the job that it names.

    `revision` is that of the job's source. Raises ReadError `repair_unknown_rows` or `repair_rows_twice`, and what
    reading the batches raises.
    """
    changes: Changes = {}
    unknown: list[str] = []
    twice: list[str] = []
    for batch in batches:
        for n, by_offset in _placed(batch, numbers, layout, unknown).items():
            known = changes.setdefault(n, {})
            offsets = sorted({at for at, _ in by_offset})
            now = dict(zip(offsets, rows.edited_cells_at(revision, n, offsets).rows, strict=True))
            for at, row in by_offset:
                if at in known:
                    twice.append(row[layout.row])
                known[at] = list(_differing(now[at], row, layout.columns))
    if unknown:
        raise ReadError("repair_unknown_rows", rows=_named(unknown))
    if twice:
        raise ReadError("repair_rows_twice", rows=_named(twice))
    return changes


def _placed(
    batch: Batch, numbers: Numbers, layout: Layout, unknown: list[str]
) -> dict[int, list[tuple[int, Row]]]:
    """Group the lines of a batch by chunk, each with its offset; the numbers of other lines go to `unknown`."""
    placed: dict[int, list[tuple[int, Row]]] = {}
    for row in batch.rows:
        text = row[layout.row]
        position = numbers.position(int(re.split("[.,]", text)[0])) if _NUMBER.fullmatch(text) else None
        if position is None:
            unknown.append(text)
            continue
        placed.setdefault(position[0], []).append((position[1], row))
    return placed


def changed_columns(changes: Changes) -> set[int]:
    """Give the columns in which the file changes a cell."""
    return {each.column for own in changes.values() for cells in own.values() for each in cells}


def _differing(old: Row, line: Row, columns: Mapping[int, int]) -> Iterator[Difference]:
    for place, column in columns.items():
        new = unguarded(line[place])
        if new != old[column] and not _is_as_sent(line[place], old[column]):
            yield Difference(column, old[column], new)


def _is_as_sent(cell: str, old: str) -> bool:
    """Whether a cell is the old one after writing and reading a list or a workbook."""
    return _as_read(cell) == _as_read(guarded(old)) or _as_read(unguarded(cell)) == _as_read(old)


def _as_read(text: str) -> str:
    """Give a cell as reading gives it: no NUL, line feeds for line ends, trimmed."""
    return _LINE_END.sub("\n", text.replace("\0", "")).strip(EDGES)


def _named(all_of_them: Sequence[str]) -> str:
    places = list(dict.fromkeys(all_of_them))
    shown = ", ".join(place or "“”" for place in places[:NAMED])
    return f"{shown} (+ {len(places) - NAMED})" if len(places) > NAMED else shown
