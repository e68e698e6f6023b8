"""The values that reading works with: limits, a person's choices, what was found, batches of rows, the error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Protocol, TypedDict

from services.upload.model.rows import (
    Row,
    has_longer_cell,
    joined,
    may_have_blanks,
    trimmed,
    without_trailing_blanks,
)
from shared.contract.documents.values import Params

# A problem names so many rows one by one.
_NAMED = 10


class Place(TypedDict, total=False):
    """Where a problem is: `row` counts from 1 as a spreadsheet does, `column` from 0; None is the whole row."""

    row: int
    column: int | None
    sheet: str


class Problem(TypedDict):
    """A problem of a file: its code, its place, and what its sentence needs."""

    code: str
    place: Place
    params: Params


@dataclass(frozen=True)
class Limits:
    """The largest file that a firm may send.

    `bytes` and `unzipped` are sizes in bytes, `cell_length` counts characters. `ratio` is the unpacked size over the
    packed size, `members` the number of files in a zip.
    """

    bytes: int = 1 << 30
    rows: int = 2_000_000
    columns: int = 1_000
    cell_length: int = 32_767
    unzipped: int = 1 << 30
    ratio: int = 200
    members: int = 2_000


@dataclass(frozen=True)
class Overrides:
    """What a person decides of how a file is read; None leaves a choice to detection.

    `quote` "" makes quotes plain characters. `header_row` is the number of the row in a spreadsheet; 0 is a table
    without a header. `leave_out_hidden` takes the tick off rows that are hidden or filtered out.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    leave_out_hidden: bool | None = None


class ReadError(Exception):
    """A file cannot be read.

    `code` is stable, `params` are for its sentence, `detail` is for the log. `found` is set for `no_rows` alone: what
    was found in a sound file that has a header and no rows.
    """

    def __init__(self, code: str, detail: str = "", **params: object) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.found: Found | None = None
        self.code = code
        self.detail = detail
        self.params = params


@dataclass(frozen=True)
class Found:
    """What was found in a file before its rows are read.

    `encodings` has the chosen encoding first, then its rivals, each with a `sample`: a line of the file with accents.
    It is empty where every encoding reads the file alike. `header` holds the texts of the header, [] without one;
    `names` are the same made unique. `header_row` counts from 1 as a spreadsheet does, 0 is no header. `preamble`
    counts the filled rows above the table. `first_column` counts the empty columns left of the table, which are no part
    of the rows. `hidden_sheets` are those of `sheets` that a person does not see. `packed_as` is the name of the file
    within a zip. `skipped` counts all rows above the first row of data, 0 where that row follows the header. `groups`
    has, for each column, the text of the upper of two rows of headers that covers it; [] for a header of one row.
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
    """The error for a sound table that has a header and no rows."""
    error = ReadError("no_rows", header_row=found.header_row)
    error.found = found
    return error


class Doubts:
    """Rows that may mean something else than they were read as, by the code of the reason.

    `first` has the numbers of the first rows of each code, `counts` the number of rows.
    """

    def __init__(self) -> None:
        self._open: dict[int, list[str]] = {}
        self.first: dict[str, list[int]] = {}
        self.counts: dict[str, int] = {}

    def add(self, number: int, code: str) -> None:
        """Add a row, once for each code."""
        codes = self._open.setdefault(number, [])
        if code in codes:
            return
        codes.append(code)
        self.counts[code] = self.counts.get(code, 0) + 1
        first = self.first.setdefault(code, [])
        if len(first) < _NAMED:
            first.append(number)

    def __bool__(self) -> bool:
        """Whether any row has codes that `taken` has not given yet."""
        return bool(self._open)

    def taken(self, number: int) -> list[str]:
        """Give the codes of a row and forget them."""
        return self._open.pop(number, [])

    def clear(self) -> None:
        """Forget all rows."""
        for part in (self._open, self.first, self.counts):
            part.clear()


@dataclass
class Batch:
    """Some consecutive rows of data, each as wide as the table.

    `numbers` are the numbers of the rows as a spreadsheet shows them. The other parts go by offset in `rows`: `long`
    has the cells beyond the width of the table, `short` the rows of a text that were padded, `doubts` the codes of
    rows that may mean something else than they were read as.
    """

    numbers: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    long: dict[int, Row] = field(default_factory=dict)
    short: list[int] = field(default_factory=list)
    doubts: list[tuple[int, str]] = field(default_factory=list)

    @property
    def first_row(self) -> int:
        """The number of the first row."""
        return self.numbers[0]

    def split(self, size: int) -> tuple[Batch, Batch]:
        """Give the first `size` rows and the rest."""
        return self._part(0, size), self._part(size, len(self.rows))

    def _part(self, start: int, end: int) -> Batch:
        return Batch(
            self.numbers[start:end],
            self.rows[start:end],
            {offset - start: extra for offset, extra in self.long.items() if start <= offset < end},
            [offset - start for offset in self.short if start <= offset < end],
            [(offset - start, code) for offset, code in self.doubts if start <= offset < end],
        )


class NoData(Protocol):
    """What was found among the rows that is no data, by the numbers of the rows; see `table.footers.DataFilter`."""

    left_out: list[int]
    totals: list[int]
    footer: list[int]


class Source:
    """An open file: what was found in it, and its rows, which can be read again and again.

    `blocks` starts to read from the beginning; it gives the records after the header in small lists, blank ones among
    them. After reading, `rows` and `blank_rows` are counts, and `last_row` is the number of the last row. `doubts` has
    mended rows, `row_problems` the problems of single cells by the number of their row. `left_out` has the numbers of
    rows that are no data (they count as blank), `totals` those of totals and page feet among the rows, `footer` those
    of rows at the end that look like notes, `hidden` those of rows that the program of the file does not show.
    `found.problems` has all of these.
    """

    def __init__(
        self,
        found: Found,
        limits: Limits,
        blocks: Callable[[], Iterable[list[Row]]],
        doubts: Doubts | None = None,
        no_data: NoData | None = None,
        hidden: AbstractSet[int] = frozenset(),
        leaves_out_hidden: bool = False,
    ) -> None:
        self.found = found
        self.doubts = Doubts() if doubts is None else doubts
        self.row_problems: dict[int, list[Problem]] = {}
        self.left_out: list[int] = no_data.left_out if no_data else []
        self.totals: list[int] = no_data.totals if no_data else []
        self.footer: list[int] = no_data.footer if no_data else []
        self.hidden: list[int] = []
        self._hidden = hidden
        self._leaves_out_hidden = leaves_out_hidden
        self.rows = 0
        self.blank_rows = 0
        self.last_row = 0
        self._known_problems = len(found.problems)
        self._limits = limits
        self._blocks = blocks

    def add_problem(self, problem: Problem) -> None:
        """Add a problem of the file that reading its rows does not show."""
        self.found.problems.insert(self._known_problems, problem)
        self._known_problems += 1

    def batches(self, size: int = 1_000) -> Iterator[Batch]:
        """Read all rows in batches of `size`.

        Raises ReadError where the file is over a limit, damaged, or without rows.
        """
        self.rows = self.blank_rows = 0
        del self.found.problems[self._known_problems :]
        number = self.found.skipped or self.found.header_row
        batch = Batch()
        for block in self._blocks():
            text = joined(block)
            rows = trimmed(block, text)
            if has_longer_cell(text, self._limits.cell_length):
                self._check_lengths(rows, number)
            self._add(batch, rows, number, text if rows is block else None)
            number += len(block)
            while len(batch.rows) >= size:
                full, batch = batch.split(size)
                yield self._counted(full)
        self.blank_rows -= len(self.left_out)
        self.last_row = number
        self._report()
        if batch.rows:
            yield self._counted(batch)
        if not self.rows:
            raise no_rows(self.found)

    def _report(self) -> None:
        """Add the problems that reading the rows has shown."""
        problems = self.found.problems
        above, left_out = self.found.skipped or self.found.header_row, set(self.left_out)
        self.hidden = sorted(number for number in self._hidden if number > above and number not in left_out)
        for row in self.doubts.first.get("unclosed_quote", []):
            problems.append({"code": "unclosed_quote", "place": {"row": row}, "params": {"row": row}})
        for code, reported in (("quotes_repaired", "rows_repaired"), ("rows_in_cell", "rows_in_cells")):
            if first := self.doubts.first.get(code):
                params = {"count": self.doubts.counts[code], "rows": ", ".join(map(str, first))}
                problems.append({"code": reported, "place": {"row": first[0]}, "params": params})
        for code, rows in self._of_rows():
            if rows:
                params = {"count": len(rows), "rows": ", ".join(map(str, sorted(rows)[:_NAMED]))}
                problems.append({"code": code, "place": {"row": min(rows)}, "params": params})

    def _of_rows(self) -> tuple[tuple[str, list[int]], ...]:
        """Give the codes of problems that name rows, with the numbers of these rows."""
        return (
            ("rows_left_out", self.left_out),
            ("total_rows", self.totals),
            ("footer_rows", self.footer),
            ("hidden_rows_left_out" if self._leaves_out_hidden else "hidden_rows", self.hidden),
        )

    def starting_unticked(self) -> list[int]:
        """Give the numbers of the rows that start without their tick, once all rows are read."""
        return sorted({*self.totals, *(self.hidden if self._leaves_out_hidden else ())})

    def _add(self, batch: Batch, rows: list[Row], before: int, text: str | None) -> None:
        """Add to the batch the rows that follow row number `before`; `text` has their joined cells, if known."""
        width = len(self.found.names)
        are_regular = not self.doubts and set(map(len, rows)) == {width}
        has_no_blanks = text is not None and not may_have_blanks(text, width)
        if are_regular and (has_no_blanks or all(map(any, rows))):
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
        """Pad a short row, and move the cells beyond the width of a long one to the batch."""
        if len(row) < width:
            if self.found.format == "csv":  # workbooks keep no blank cells at the end of a row
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
