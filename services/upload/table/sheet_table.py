"""Finds the table in a workbook of any format: the sheet, the header, and the rows below it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from services.upload.model.book import Book, CellProblems, Sheet
from services.upload.model.rows import Row, trimmed
from services.upload.model.source import Found, Limits, Overrides, Problem, ReadError, Source, no_rows
from services.upload.table.footers import DataFilter
from services.upload.table.header import SEEN, find_header
from services.upload.table.header_words import names_a_column
from services.upload.table.value_shapes import shape_of

_BLOCK = 64
# A sheet is a cover where the list has so many times more cells.
_TIMES_LARGER = 10
# Notes take at most two columns: a term and its explanation.
_WIDEST_NOTES = 2
# A text of so many words is no name of a column.
_SENTENCE = 3
# Facts about a list take at most so many rows.
_MOST_FACTS = 20

Numbered = list[tuple[int, Row]]


def open_table(book: Book, limits: Limits, overrides: Overrides) -> Source:
    """Give the table of a workbook as a Source; raises ReadError."""
    sheet, first = _choose(book, overrides.sheet)
    table = _Table(book, sheet, first)
    header = find_header(table.shown(first), overrides.header_row, table.first_column)
    if len(header.names) > limits.columns:
        raise ReadError("too_many_columns", count=len(header.names), max=limits.columns)
    if any(len(cell) > limits.cell_length for cell in header.cells):
        raise ReadError("cell_too_long", row=header.row, column="?", max=limits.cell_length)
    found = Found(
        format=book.format,
        header_row=header.row,
        sheet=sheet.name,
        sheets=[sheet.name for sheet in book.sheets],
        hidden_sheets=[sheet.name for sheet in book.sheets if not sheet.visible],
        header=header.cells,
        names=header.names,
        preamble=header.preamble,
        first_column=table.first_column,
        problems=_others(book.sheets, sheet) + header.problems,
        skipped=header.skip,
        groups=header.groups,
    )
    if first[-1][0] <= header.skip:
        raise no_rows(found)
    data_filter = DataFilter(len(header.names), header.skip, bool(header.row))
    source = Source(
        found,
        limits,
        lambda: data_filter.filtered(table.blocks(header.skip - bool(header.row))),
        no_data=data_filter,
        hidden=table.problems.hidden,
        leaves_out_hidden=bool(overrides.leave_out_hidden),
    )
    source.row_problems = table.problems.by_row
    return source


def _others(sheets: list[Sheet], chosen: Sheet) -> list[Problem]:
    if len(sheets) == 1:
        return []
    params = {"sheet": chosen.name, "count": len(sheets) - 1}
    return [{"code": "other_sheets", "place": {"sheet": chosen.name}, "params": params}]


def unknown_sheet(wanted: str, names: Sequence[str]) -> ReadError:
    """Make the error for a sheet that the workbook does not have."""
    return ReadError("unknown_sheet", sheet=wanted, sheets=", ".join(names) or "–")


def _choose(book: Book, wanted: str | None) -> tuple[Sheet, Numbered]:
    """Choose the sheet that is asked for, or else that of the list; gives its first filled rows, too.

    The list is on the first visible sheet with two filled rows, unless that looks like the cover of another one.
    """
    names = [sheet.name for sheet in book.sheets]
    if wanted is not None:
        if wanted not in names:
            raise unknown_sheet(wanted, names)
        chosen = book.sheets[names.index(wanted)]
        first = _first_rows(book, chosen)
        if not first:
            raise ReadError("empty", sheets=names)
        return chosen, first
    filled = [
        (sheet, first) for sheet in book.sheets if sheet.visible and (first := _first_rows(book, sheet))
    ]
    if not filled:
        raise ReadError("empty", sheets=names)
    if _is_form(filled):
        return filled[0]
    lists = [(sheet, first) for sheet, first in filled if len(first) > 1] or filled
    best = lists[0]
    for other in lists[1:]:
        if _is_cover(best[1], other[1]):
            best = other
    return best


def _is_form(filled: list[tuple[Sheet, Numbered]]) -> bool:
    """Whether the first sheet is an empty form, and the other sheets only explain it."""
    rows = filled[0][1]
    if len(rows) > 1 or _filled(rows[0][1]) <= _WIDEST_NOTES:
        return False
    return all(_filled(row) <= _WIDEST_NOTES for _, others in filled[1:] for _, row in others)


def _is_cover(rows: Numbered, other: Numbered) -> bool:
    """Whether a sheet introduces another: it has sentences, is far smaller, has one column of text, or facts in two."""
    if _is_of_sentences(rows) and not _is_of_sentences(other):
        return True
    mine, others = _cells(rows), _cells(other)
    if others >= _TIMES_LARGER * mine:
        return True
    if max(_filled(row) for _, row in rows) > _WIDEST_NOTES or _filled(other[0][1]) <= _WIDEST_NOTES:
        return False
    titled = _filled(rows[0][1]) == 1
    return (titled and others > mine) or (_is_of_facts(rows) and others > 2 * mine)


def _is_of_sentences(rows: Numbered) -> bool:
    """Whether each row is a text of several words in one cell."""
    texts = [_cells_of(row) for _, row in rows[:_MOST_FACTS]]
    return all(len(cells) == 1 and len(cells[0].split()) >= _SENTENCE for cells in texts)


def _is_of_facts(rows: Numbered) -> bool:
    """Whether the rows are names with one value each (firm, date, user): the values are of several kinds."""
    if len(rows) > _MOST_FACTS:
        return False
    kinds = {shape_of(row[-1]) for _, row in rows[1:] if _filled(row) > 1}
    named = sum(
        cells[0].endswith(":") or names_a_column(cells[0]) for cells in (_cells_of(row) for _, row in rows)
    )
    return 2 * named >= len(rows) or ("word" in kinds and bool(kinds & {"date", "number", "email", "code"}))


def _cells_of(row: Row) -> Row:
    return [cell for cell in row if cell]


def _cells(rows: Numbered) -> int:
    return sum(_filled(row) for _, row in rows)


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell)


def _first_rows(book: Book, sheet: Sheet) -> Numbered:
    rows = ((number, trimmed([row])[0]) for number, row in book.rows(sheet, CellProblems()))
    return list(itertools.islice(((number, row) for number, row in rows if any(row)), SEEN))


class _Table:
    """The rows of one sheet, without the empty columns at its left."""

    def __init__(self, book: Book, sheet: Sheet, first: Numbered) -> None:
        self._book = book
        self._sheet = sheet
        self.problems = CellProblems()
        self.first_column = min(_first_filled(row) for _, row in first)
        self._width = max(len(row) for _, row in first)

    def shown(self, rows: Numbered) -> Numbered:
        """Give the rows without the empty columns, all of one width."""
        blank = [""] * self._width
        return [(number, (row + blank[len(row) :])[self.first_column :]) for number, row in rows]

    def blocks(self, skip: int) -> Iterator[list[Row]]:
        """Give all rows after row number `skip` in short lists; blank rows are []."""
        block: list[Row] = []
        last, left = skip, self.first_column
        for number, row in self._book.rows(self._sheet, self.problems):
            if number <= skip:
                continue
            for _ in range(number - last - 1):
                block.append([])
                if len(block) >= _BLOCK:
                    yield block
                    block = []
            block.append(self._moved(row) if left else row)
            last = number
            if len(block) >= _BLOCK:
                yield block
                block = []
        if block:
            yield block

    def _moved(self, row: Row) -> Row:
        """Give the row from the table's first column on; filled cells left of that go to its end."""
        stray = [cell for cell in row[: self.first_column] if cell]
        row = row[self.first_column :]
        return row + [""] * (self._width - self.first_column - len(row)) + stray if stray else row


def _first_filled(row: Row) -> int:
    return next(column for column, cell in enumerate(row) if cell)
