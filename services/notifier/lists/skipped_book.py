"""The list of skipped rows as a workbook: all cells as text, the wrong ones marked, with a note that says why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import IO

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter

from services.notifier.lists.skipped_rows import Columns, Line
from services.notifier.lists.text_cells import TEXT, Cell, head, put, styled
from services.notifier.mails.texts import text_of

#: All notes of a sheet are made in memory, in one part. A cell beyond them is red without a note; `_reason` says why.
MOST_NOTES = 2_000
#: How many columns a sheet has (Excel specifications and limits).
MOST_COLUMNS = 16_384
SEEN_FOR_WIDTHS = 100
NARROWEST, WIDEST = 9, 42

_MARK = PatternFill("solid", start_color="FFFFD9D9")


def write_book(target: IO[bytes], columns: Columns, rows: Iterable[Line], lang: str) -> int:
    """Write the workbook of all skipped rows; gives how many there were. Memory does not grow with them."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(text_of("skipped_sheet", lang))
    rows = iter(rows)
    first = list(islice(rows, SEEN_FOR_WIDTHS))
    for at, width in enumerate(_widths(columns, first), 1):
        column = sheet.column_dimensions[get_column_letter(at)]
        column.width, column.number_format = width, TEXT
    sheet.freeze_panes = "A2"
    sheet.append(list(head(sheet, columns.header)))
    body = _Body(sheet)
    for line in chain(first, rows):
        sheet.append(body.cells(line))
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns.header))}{body.rows + 1}"
    book.save(target)
    return body.rows


class _Body:
    """Makes the cells of lines. A write-only sheet lets each line use the same cell objects again."""

    def __init__(self, sheet: object) -> None:
        self.sheet = sheet
        self.rows = self.notes = 0
        self._plain: list[Cell] = []
        self._marked: list[Cell] = []

    def cells(self, line: Line) -> list[Cell | None]:
        """The cells of a line."""
        texts = [*line.cells, *line.beyond][:MOST_COLUMNS]
        while len(self._plain) < len(texts):
            self._plain.append(styled(self.sheet, number_format=TEXT))
            self._marked.append(styled(self.sheet, number_format=TEXT, fill=_MARK))
        self.rows += 1
        return [self._cell(place, text, line.wrong.get(place)) for place, text in enumerate(texts)]

    def _cell(self, place: int, text: str, wrong: str | None) -> Cell | None:
        if not text and wrong is None:
            return None  # the format of its column makes it text when a person fills it
        cell = self._plain[place] if wrong is None else self._marked[place]
        if wrong is not None and self.notes < MOST_NOTES:
            self.notes += 1
            cell = styled(self.sheet, number_format=TEXT, fill=_MARK)
            cell.comment = Comment(wrong, "Carryover", height=90, width=280)
        return put(cell, text)


def _widths(columns: Columns, seen: Sequence[Line]) -> list[int]:
    """The width of each column in characters, after its longest text in the first lines, within bounds."""
    by_column = zip(columns.header, *(line.cells for line in seen), strict=True)
    return [min(max(NARROWEST, *(len(text) + 2 for text in texts)), WIDEST) for texts in by_column]
