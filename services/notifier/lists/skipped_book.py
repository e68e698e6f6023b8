"""The list of skipped rows as a workbook: all cells as text, the wrong ones marked, with a note that says why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO, Protocol

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from services.notifier.lists.skipped_rows import Columns, Line
from services.notifier.mails.texts import text_of
from shared.contract.skipped_rows import guarded

#: All notes of a sheet are made in memory, in one part. A cell beyond them is red without a note; `_reason` says why.
MOST_NOTES = 2_000
#: What a cell can hold (Excel specifications and limits), and how many columns a sheet has.
MOST_CHARACTERS = 32_767
MOST_COLUMNS = 16_384
SEEN_FOR_WIDTHS = 100
NARROWEST, WIDEST = 9, 42

_TEXT = "@"
_MARK = PatternFill("solid", start_color="FFFFD9D9")
_HEAD = PatternFill("solid", start_color="FFE8ECF1")
#: Characters that XML cannot hold, and text that looks like the escape of one (ECMA-376 part 1, 22.9.2.19).
_TO_ESCAPE = re.compile(r"[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


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


class _Cell(Protocol):
    """The attributes of a cell of openpyxl that are set here, but for its style."""

    value: str | None
    data_type: str
    comment: Comment


class _Body:
    """Makes the cells of lines. A write-only sheet lets each line use the same cell objects again."""

    def __init__(self, sheet: object) -> None:
        self.sheet = sheet
        self.rows = self.notes = 0
        self._plain: list[_Cell] = []
        self._marked: list[_Cell] = []

    def cells(self, line: Line) -> list[_Cell | None]:
        """The cells of a line."""
        texts = [*line.cells, *line.beyond][:MOST_COLUMNS]
        while len(self._plain) < len(texts):
            self._plain.append(_styled(self.sheet, number_format=_TEXT))
            self._marked.append(_styled(self.sheet, number_format=_TEXT, fill=_MARK))
        self.rows += 1
        return [self._cell(place, text, line.wrong.get(place)) for place, text in enumerate(texts)]

    def _cell(self, place: int, text: str, wrong: str | None) -> _Cell | None:
        if not text and wrong is None:
            return None  # the format of its column makes it text when a person fills it
        cell = self._plain[place] if wrong is None else self._marked[place]
        if wrong is not None and self.notes < MOST_NOTES:
            self.notes += 1
            cell = _styled(self.sheet, number_format=_TEXT, fill=_MARK)
            cell.comment = Comment(wrong, "Carryover", height=90, width=280)
        return _put(cell, text)


def _head(sheet: object, names: Sequence[str]) -> Iterator[_Cell]:
    for name in names:
        style = {"font": Font(bold=True), "fill": _HEAD, "alignment": Alignment(vertical="top")}
        yield _put(_styled(sheet, number_format=_TEXT, **style), name)


def _styled(sheet: object, **styles: object) -> _Cell:
    cell: _Cell = WriteOnlyCell(sheet)
    for name, value in styles.items():
        setattr(cell, name, value)
    return cell


def _put(cell: _Cell, text: str) -> _Cell:
    """Give the cell a text, whatever it looks like; an empty one makes it a cell without a value."""
    if not text:
        cell.value = None
        return cell
    if text.startswith("'"):
        text = guarded(text)  # one more `'`, so that reading the file again gives the same text
    cell.value = _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)[:MOST_CHARACTERS]
    cell.data_type = "s"
    return cell


def _widths(columns: Columns, seen: Sequence[Line]) -> list[int]:
    """The width of each column in characters, after its longest text in the first lines, within bounds."""
    by_column = zip(columns.header, *(line.cells for line in seen), strict=True)
    return [min(max(NARROWEST, *(len(text) + 2 for text in texts)), WIDEST) for texts in by_column]
