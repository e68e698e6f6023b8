"""Reads a list of skipped rows that comes back repaired: which row a line is, and which cells of it changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from services.upload.model.edges import EDGES
from services.upload.model.source import Batch, Found, Limits, ReadError, Row
from shared.contract.skipped_rows import MOST_ROWS, REPORT, ROW, guarded, unguarded

MOST_BYTES = 50_000_000
#: The guard in front of a cell of full length makes it longer than a cell of an upload may be.
LIMITS = Limits(bytes=MOST_BYTES, rows=MOST_ROWS, cell_length=40_000, unzipped=1 << 29)
#: How many rows or columns a refusal names.
NAMED = 10

_NUMBER = re.compile(r"\d{1,9}(?:[.,]0+)?", re.ASCII)
_LINE_END = re.compile("\r\n?")

Position = tuple[int, int]
#: By chunk and offset, the cells that changed: column, old and new value.
Changes = dict[int, dict[int, list[tuple[int, str, str]]]]


class Rows(Protocol):
    """What is asked of the rows of the repaired job."""

    def cells_at(self, revision: int, n: int, offsets: Sequence[int]) -> dict[str, Any]:
        """The cells of some rows of a chunk."""


class Numbers(Protocol):
    """Where the rows of the repaired job stand."""

    def position(self, number: int) -> Position | None:
        """The chunk and the offset of a row."""


@dataclass(frozen=True)
class Layout:
    """Where a line of the file has the number of its row, and which columns of the source its other cells are."""

    row: int
    columns: Mapping[int, int]

    @classmethod
    def of(cls, found: Found, columns: Sequence[Mapping[str, Any]]) -> Layout:
        """Recognise the columns of the repaired job by their names; those without a header are passed over.

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
    """What the file changes, for each row of it; rows that it repeats as they were have no changes.

    `revision` is that of the source of the repaired job. Raises ReadError `repair_unknown_rows` or
    `repair_rows_twice`, and what reading raises.
    """
    changes: Changes = {}
    unknown: list[str] = []
    twice: list[str] = []
    for batch in batches:
        for n, by_offset in _placed(batch, numbers, layout, unknown).items():
            known = changes.setdefault(n, {})
            offsets = sorted({at for at, _ in by_offset})
            now = dict(zip(offsets, rows.cells_at(revision, n, offsets)["rows"], strict=True))
            for at, row in by_offset:
                if at in known:
                    twice.append(row[layout.row])
                known[at] = list(_changed(now[at], row, layout.columns))
    if unknown:
        raise ReadError("repair_unknown_rows", rows=_named(unknown))
    if twice:
        raise ReadError("repair_rows_twice", rows=_named(twice))
    return changes


def _placed(
    batch: Batch, numbers: Numbers, layout: Layout, unknown: list[str]
) -> dict[int, list[tuple[int, Row]]]:
    """The lines of a batch by the chunk of their row, each with its offset; other lines become `unknown`."""
    placed: dict[int, list[tuple[int, Row]]] = {}
    for row in batch.rows:
        text = row[layout.row]
        position = numbers.position(int(re.split("[.,]", text)[0])) if _NUMBER.fullmatch(text) else None
        if position is None:
            unknown.append(text)
            continue
        placed.setdefault(position[0], []).append((position[1], row))
    return placed


def _changed(old: Row, line: Row, columns: Mapping[int, int]) -> Iterator[tuple[int, str, str]]:
    for place, column in columns.items():
        new = unguarded(line[place])
        if new != old[column] and not _is_as_it_went_out(line[place], old[column]):
            yield column, old[column], new


def _is_as_it_went_out(cell: str, old: str) -> bool:
    """Whether a cell is what reading makes of the old one, as a list or a workbook has it."""
    return _as_read(cell) == _as_read(guarded(old)) or _as_read(unguarded(cell)) == _as_read(old)


def _as_read(text: str) -> str:
    """A cell as files give it back: no NUL, one kind of line end, nothing at its edges."""
    return _LINE_END.sub("\n", text.replace("\0", "")).strip(EDGES)


def _named(told: Sequence[str]) -> str:
    places = list(dict.fromkeys(told))
    shown = ", ".join(place or "“”" for place in places[:NAMED])
    return f"{shown} (+ {len(places) - NAMED})" if len(places) > NAMED else shown
