"""What all workbooks have in common: sheets, filled rows as text, and problems of cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from services.upload.model.rows import Row
from services.upload.model.source import Problem

# The bounds of a sheet in Excel, LibreOffice and Google Sheets.
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384

_MOST_PROBLEMS = 10_000
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Sheet:
    """A worksheet: its name, whether a person sees it, and the key by which its reader finds it."""

    name: str
    visible: bool = True
    key: str = ""


class CellProblems:
    """What reading a sheet shows beside its cells: problems by row number, at most 10,000, and the hidden rows."""

    def __init__(self) -> None:
        self.by_row: dict[int, list[Problem]] = {}
        self.hidden: set[int] = set()
        self._count = 0

    def hide(self, row: int) -> None:
        """Note that the program of the file does not show a row."""
        self.hidden.add(row)

    def add(self, code: str, row: int, column: int) -> None:
        """Add a problem of a cell once, however often the sheet is read; `column` counts from 0."""
        problem: Problem = {"code": code, "place": {"row": row, "column": column}, "params": {}}
        noted = self.by_row.get(row, [])
        if problem not in noted and self._count < _MOST_PROBLEMS:
            self.by_row.setdefault(row, noted).append(problem)
            self._count += 1


class Book(Protocol):
    """An open workbook."""

    format: str
    sheets: list[Sheet]

    def rows(self, sheet: Sheet, problems: CellProblems) -> Iterator[tuple[int, Row]]:
        """Give the filled rows of a sheet in order, with their numbers; cells start at column A.

        Raises ReadError; `corrupt` where the sheet is damaged, perhaps after some rows.
        """


def column_number(letters: str) -> int:
    """Give the number of a column from its letters, A being 0; -1 for text that is none."""
    number = 0
    for letter in letters.upper()[:5]:
        place = _LETTERS.find(letter)
        if place < 0:
            return -1
        number = number * 26 + place + 1
    return number - 1
