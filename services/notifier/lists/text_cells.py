"""Cells of workbooks that are text, whatever they look like, and sheets of nothing but them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from shared.contract.skipped_rows import guarded

#: What a cell can hold (Excel specifications and limits).
MOST_CHARACTERS = 32_767
TEXT = "@"
_HEAD = PatternFill("solid", start_color="FFE8ECF1")
#: Characters that XML cannot hold, and text that looks like the escape of one (ECMA-376 part 1, 22.9.2.19).
_TO_ESCAPE = re.compile(r"[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_WIDTH = 22


class Cell(Protocol):
    """The attributes of a cell of openpyxl that are set here, but for its style."""

    value: str | None
    data_type: str
    comment: Comment


def styled(sheet: object, **styles: object) -> Cell:
    """A cell of a write-only sheet with a style."""
    cell: Cell = WriteOnlyCell(sheet)
    for name, value in styles.items():
        setattr(cell, name, value)
    return cell


def put(cell: Cell, text: str) -> Cell:
    """Give the cell a text, whatever it looks like; an empty one makes it a cell without a value."""
    if not text:
        cell.value = None
        return cell
    if text.startswith("'"):
        text = guarded(text)  # one more `'`, so that reading the file again gives the same text
    cell.value = _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)[:MOST_CHARACTERS]
    cell.data_type = "s"
    return cell


def head(sheet: object, names: Sequence[str]) -> Iterator[Cell]:
    """The cells of the header."""
    for name in names:
        style = {"font": Font(bold=True), "fill": _HEAD, "alignment": Alignment(vertical="top")}
        yield put(styled(sheet, number_format=TEXT, **style), name)


class TextSheet:
    """A sheet with a header and rows of text; a write-only sheet lets each row use the same cells again."""

    def __init__(self, book: Workbook, title: str, header: Sequence[str]) -> None:
        self._sheet = book.create_sheet(title)
        for at in range(1, len(header) + 1):
            column = self._sheet.column_dimensions[get_column_letter(at)]
            column.width, column.number_format = _WIDTH, TEXT
        self._sheet.freeze_panes = "B2"
        self._sheet.append(list(head(self._sheet, header)))
        self._cells = [styled(self._sheet, number_format=TEXT) for _ in header]
        self.rows = 0

    def append(self, texts: Sequence[str]) -> None:
        """Add a row."""
        self.rows += 1
        self._sheet.append(
            [put(cell, text) if text else None for cell, text in zip(self._cells, texts, strict=True)]
        )

    def end(self) -> None:
        """Put a filter on the header, when all rows are there."""
        last = get_column_letter(len(self._cells))
        self._sheet.auto_filter.ref = f"A1:{last}{self.rows + 1}"
