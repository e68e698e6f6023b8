"""The plain values of reading: limits, what a person overrides, what was found, rows in batches, and the one
error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from services.upload.model.edges import joined, trimmed

# Rows that are named one by one in problems.
_TOLD = 10

Row = list[str]
Problem = dict[str, Any]


@dataclass(frozen=True)
class Limits:
    """What a firm lets in. Sizes in bytes, lengths in characters, `ratio` as unpacked over packed size."""

    bytes: int = 1 << 30
    rows: int = 2_000_000
    columns: int = 1_000
    cell_length: int = 32_767
    unzipped: int = 1 << 30
    ratio: int = 200
    members: int = 2_000


@dataclass(frozen=True)
class Overrides:
    """What the person decided instead of us; None leaves the finding to us.

    `quote` "" means that quotes are plain characters. `header_row` is the row number in a spreadsheet,
    0 says that the table has no header.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    sheet: str | None = None
    header_row: int | None = None


class ReadError(Exception):
    """A file that cannot be read, as a stable `code`, `params` for its sentence, `detail` for the log.

    `found` is what was learned before, where the file is sound and only holds no rows (`no_rows`).
    """

    def __init__(self, code: str, detail: str = "", **params: Any) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.found: Found | None = None
        self.code = code
        self.detail = detail
        self.params: dict[str, Any] = params


@dataclass(frozen=True)
class Found:
    """What was learned of a file before its rows are read.

    `encodings` holds the chosen encoding first, then its rivals, each as {"encoding", "sample"} where the
    sample is
    a line of the file with accents; it is empty when every encoding reads the file alike. `header` is the raw
    header ([] without one), `names` are unique. `header_row` is 1-based as in a spreadsheet, 0 without a
    header.
    `preamble` counts the filled rows above the table. `first_column` is the number of empty columns left of
    the table, which are not part of the rows. `hidden_sheets` are those of `sheets` that a person does not
    see. `packed_as` is the name of the file within a zip. `skipped` counts all rows above the first that holds
    data, 0 where that is the row after the header. `groups` are names above the header that cover several
    columns, for each column.
    """

    format: str
    encoding: str | None = None
    encodings: list[dict[str, str]] = field(default_factory=list)
    delimiter: str | None = None
    quote: str | None = None
    header_row: int = 1
    sheet: str | None = None
    sheets: list[str] = field(default_factory=list)
    hidden_sheets: list[str] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    preamble: int = 0
    first_column: int = 0
    packed_as: str | None = None
    problems: list[Problem] = field(default_factory=list)
    skipped: int = 0
    groups: list[str] = field(default_factory=list)


def no_rows(found: Found) -> ReadError:
    """The error for a table that is sound, and a header with nothing below it."""
    error = ReadError("no_rows", header_row=found.header_row)
    error.found = found
    return error


class Doubts:
    """Rows that may be read otherwise than they were meant: their numbers, under the code of the reason.

    `taken` gives the codes of a row once. `first` has the first numbers of each code, `counts` how many there are.
    """

    def __init__(self) -> None:
        self._open: dict[int, list[str]] = {}
        self.first: dict[str, list[int]] = {}
        self.counts: dict[str, int] = {}

    def add(self, number: int, code: str) -> None:
        """Note a row."""
        codes = self._open.setdefault(number, [])
        if code in codes:
            return
        codes.append(code)
        self.counts[code] = self.counts.get(code, 0) + 1
        first = self.first.setdefault(code, [])
        if len(first) < _TOLD:
            first.append(number)

    def __bool__(self) -> bool:
        """Whether there are rows whose codes nobody took."""
        return bool(self._open)

    def taken(self, number: int) -> list[str]:
        """The codes of a row, which are forgotten then."""
        return self._open.pop(number, [])

    def clear(self) -> None:
        """Forget all."""
        for noted in (self._open, self.first, self.counts):
            noted.clear()


@dataclass
class Batch:
    """Some consecutive data rows, each as wide as the table.

    `numbers` are the row numbers as a spreadsheet shows them, `first_row` the first of them. `long` holds the
    cells beyond the table's width, `short` marks the rows that were padded, `doubts` has the codes of rows that may be
    read otherwise than they were meant, all by offset in `rows`.
    """

    numbers: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    long: dict[int, Row] = field(default_factory=dict)
    short: list[int] = field(default_factory=list)
    doubts: list[tuple[int, str]] = field(default_factory=list)

    @property
    def first_row(self) -> int:
        return self.numbers[0]

    def split(self, size: int) -> tuple[Batch, Batch]:
        """The first `size` rows and the rest."""
        return self._part(0, size), self._part(size, len(self.rows))

    def _part(self, start: int, end: int) -> Batch:
        return Batch(
            self.numbers[start:end],
            self.rows[start:end],
            {offset - start: extra for offset, extra in self.long.items() if start <= offset < end},
            [offset - start for offset in self.short if start <= offset < end],
            [(offset - start, code) for offset, code in self.doubts if start <= offset < end],
        )


class Source:
    """A file that was opened: what was found in it, and its rows as often as they are asked for.

    `blocks` starts reading anew and gives the records after the header, blank ones included, in small lists.
    Once read, `rows` and `blank_rows` are counts, `last_row` is the number of the last row, `doubts` has the rows that
    were repaired, and `row_problems` what is wrong with cells of a row, by its number. `left_out` holds the numbers of
    rows that are no data (they come as blank ones) and `footer` those of rows at the end that may be none;
    `found.problems` has all of it.
    """

    def __init__(
        self,
        found: Found,
        limits: Limits,
        blocks: Callable[[], Iterable[list[Row]]],
        doubts: Doubts | None = None,
        left_out: list[int] | None = None,
        footer: list[int] | None = None,
    ) -> None:
        self.found = found
        self.doubts = Doubts() if doubts is None else doubts
        self.row_problems: dict[int, list[Problem]] = {}
        self.left_out = [] if left_out is None else left_out
        self.footer = [] if footer is None else footer
        self.rows = 0
        self.blank_rows = 0
        self.last_row = 0
        self._known_problems = len(found.problems)
        self._limits = limits
        self._blocks = blocks

    def batches(self, size: int = 1_000) -> Iterator[Batch]:
        """Read all rows in batches of `size`; afterwards `rows` and `blank_rows` hold the counts.

        Raises ReadError when the file turns out to be over a limit, damaged or without rows.
        """
        self.rows = self.blank_rows = 0
        del self.found.problems[self._known_problems :]
        number = self.found.skipped or self.found.header_row
        batch = Batch()
        for block in self._blocks():
            texts = joined(block)
            rows = trimmed(block, texts)
            if max(map(len, texts)) > self._limits.cell_length:
                self._check_lengths(rows, number)
            self._add(batch, rows, number)
            number += len(block)
            while len(batch.rows) >= size:
                full, batch = batch.split(size)
                yield self._counted(full)
        self.blank_rows -= len(self.left_out)
        self.last_row = number
        self._tell()
        if batch.rows:
            yield self._counted(batch)
        if not self.rows:
            raise no_rows(self.found)

    def _tell(self) -> None:
        """What was only learned from the rows."""
        problems = self.found.problems
        for row in self.doubts.first.get("unclosed_quote", []):
            problems.append({"code": "unclosed_quote", "place": {"row": row}, "params": {"row": row}})
        for code, told in (("quotes_repaired", "rows_repaired"), ("rows_in_cell", "rows_in_cells")):
            if first := self.doubts.first.get(code):
                params = {"count": self.doubts.counts[code], "rows": ", ".join(map(str, first))}
                problems.append({"code": told, "place": {"row": first[0]}, "params": params})
        for code, rows in (("rows_left_out", self.left_out), ("footer_rows", self.footer)):
            if rows:
                params = {"count": len(rows), "rows": ", ".join(map(str, sorted(rows)[:_TOLD]))}
                problems.append({"code": code, "place": {"row": min(rows)}, "params": params})

    def _add(self, batch: Batch, rows: list[Row], before: int) -> None:
        """Add the rows that follow row number `before`."""
        width = len(self.found.names)
        if not self.doubts and all(map(any, rows)) and set(map(len, rows)) == {width}:
            batch.numbers.extend(range(before + 1, before + 1 + len(rows)))
            batch.rows.extend(rows)
            return
        for number, row in enumerate(rows, before + 1):
            if not any(row):
                self.blank_rows += 1
                continue
            batch.doubts.extend((len(batch.rows), code) for code in self.doubts.taken(number))
            batch.numbers.append(number)
            batch.rows.append(row if len(row) == width else self._fit(row, width, number, batch))

    def _fit(self, row: Row, width: int, number: int, batch: Batch) -> Row:
        """Pad a short row and set the filled cells of a long one aside, noting either in the batch."""
        if len(row) < width:
            batch.short.append(len(batch.rows))
            return row + [""] * (width - len(row))
        extra = without_trailing_blanks(row[width:])
        columns = width + len(extra)
        if columns > self._limits.columns:
            raise ReadError("too_many_columns", row=number, count=columns, max=self._limits.columns)
        if extra:
            batch.long[len(batch.rows)] = extra
        return row[:width]

    def _check_lengths(self, rows: list[Row], before: int) -> None:
        limit = self._limits.cell_length
        for number, row in enumerate(rows, before + 1):
            for column, cell in enumerate(row):
                if len(cell) > limit:
                    raise ReadError("cell_too_long", row=number, column=self._name(column), max=limit)

    def _name(self, column: int) -> str:
        names = self.found.names
        return names[column] if column < len(names) else str(column + 1)

    def _counted(self, batch: Batch) -> Batch:
        self.rows += len(batch.rows)
        if self.rows > self._limits.rows:
            raise ReadError("too_many_rows", max=self._limits.rows)
        return batch


def without_trailing_blanks(row: Row) -> Row:
    """The row up to its last filled cell."""
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]
