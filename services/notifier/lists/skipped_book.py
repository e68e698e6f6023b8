"""The list of skipped rows as a workbook: all cells as text, the wrong ones marked, with a note that says why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from services.notifier.lists.skipped_rows import Columns, Line
from services.notifier.mails.texts import text_of
from shared.contract.skipped_rows import guarded

#: All notes of a sheet stand in one part that is made in memory; the marks and `_reason` tell of the others.
MOST_NOTES = 2_000
#: What a cell can hold (Excel specifications and limits), and how many columns a sheet has.
MOST_CHARACTERS = 32_767
MOST_COLUMNS = 16_384
SEEN_FOR_WIDTHS = 100
NARROWEST, WIDEST = 9, 42

_TEXT = "@"
_MARK = PatternFill("solid", start_color="FFFFD9D9")
_HEAD = PatternFill("solid", start_color="FFE8ECF1")
#: What XML cannot hold, and what would be read as standing for it (ECMA-376 part 1, 22.9.2.19).
_UNSPEAKABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def write_book(target: IO[bytes], columns: Columns, rows: Iterable[Line], lang: str) -> int:
    """Write the workbook of all skipped rows; gives how many there were. Memory does not grow with them."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(text_of("skipped_sheet", lang))
    rows = iter(rows)
    first = list(islice(rows, SEEN_FOR_WIDTHS))
    for at, width in enumerate(_widths(columns, first), 1):
        column = sheet.column_dimensions[get_column_letter(at)]
        column.width, column.number_format = width, _TEXT
    sheet.freeze_panes = "A2"
    sheet.append(list(_head(sheet, columns.header)))
    body = _Body(sheet)
    for line in chain(first, rows):
        sheet.append(body.cells(line))
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns.header))}{body.rows + 1}"
    book.save(target)
    return body.rows


class _Body:
    """Makes the cells of lines; a sheet that is only written takes the same cells again for every line."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self.rows = self.notes = 0
        self._plain: list[Any] = []
        self._marked: list[Any] = []

    def cells(self, line: Line) -> list[Any]:
        """The cells of a line."""
        texts = [*line.cells, *line.beyond][:MOST_COLUMNS]
        while len(self._plain) < len(texts):
            self._plain.append(_styled(self.sheet, number_format=_TEXT))
            self._marked.append(_styled(self.sheet, number_format=_TEXT, fill=_MARK))
        self.rows += 1
        return [self._cell(place, text, line.wrong.get(place)) for place, text in enumerate(texts)]

    def _cell(self, place: int, text: str, wrong: str | None) -> Any:
        if not text and wrong is None:
            return None  # its column says that what is filled in is text
        cell = self._plain[place] if wrong is None else self._marked[place]
        if wrong is not None and self.notes < MOST_NOTES:
            self.notes += 1
            cell = _styled(self.sheet, number_format=_TEXT, fill=_MARK)
            cell.comment = Comment(wrong, "Carryover", height=90, width=280)
        return _put(cell, text)


def _head(sheet: Any, names: Sequence[str]) -> Iterator[Any]:
    for name in names:
        style = {"number_format": _TEXT, "font": Font(bold=True), "fill": _HEAD}
        yield _put(_styled(sheet, **style, alignment=Alignment(vertical="top")), name)


def _styled(sheet: Any, **styles: Any) -> Any:
    cell = WriteOnlyCell(sheet)
    for name, value in styles.items():
        setattr(cell, name, value)
    return cell


def _put(cell: Any, text: str) -> Any:
    """Give the cell a text, whatever it looks like."""
    if not text:
        cell.value = None
        return cell
    if text.startswith("'"):
        text = guarded(text)  # so that what comes back is told from what a person or a CSV put there
    cell.value = _UNSPEAKABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)[:MOST_CHARACTERS]
    cell.data_type = "s"
    return cell


def _widths(columns: Columns, seen: Sequence[Line]) -> list[int]:
    """Wide enough for most of what the first lines hold."""
    by_column = zip(columns.header, *(line.cells for line in seen), strict=True)
    return [min(max(NARROWEST, *(len(text) + 2 for text in texts)), WIDEST) for texts in by_column]
