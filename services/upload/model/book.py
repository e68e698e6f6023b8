"""What every family of workbooks gives: sheets by name, their filled rows as text, remarks on rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from services.upload.model.source import Problem, Row

# No spreadsheet has more (Excel, LibreOffice and Google Sheets alike).
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384

_MOST_REMARKS = 10_000
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Sheet:
    """A worksheet: its name and whether a person sees it; `key` is for the one who reads it."""

    name: str
    visible: bool = True
    key: str = ""


class Remarks:
    """Problems of rows that show only while cells are read, by row number; more than 10,000 are not kept."""

    def __init__(self) -> None:
        self.by_row: dict[int, list[Problem]] = {}
        self._count = 0

    def add(self, code: str, row: int, column: int) -> None:
        """Note a problem of a cell, `column` counted from 0; once, however often the sheet is read."""
        problem: Problem = {"code": code, "place": {"row": row, "column": column}, "params": {}}
        noted = self.by_row.get(row, [])
        if problem not in noted and self._count < _MOST_REMARKS:
            self.by_row.setdefault(row, noted).append(problem)
            self._count += 1


class Book(Protocol):
    """A workbook that was opened."""

    format: str
    sheets: list[Sheet]

    def rows(self, sheet: Sheet, remarks: Remarks) -> Iterator[tuple[int, Row]]:
        """The rows of a sheet that hold something, in order, with their numbers; cells from column A on.

        Raises ReadError; `corrupt` where the sheet is damaged, however many rows were given before.
        """


def put(row: Row, column: int, text: str) -> None:
    """Place a text in a row that is only as long as it must be."""
    gap = column - len(row)
    if gap == 0:
        row.append(text)
    elif gap > 0:
        row.extend([""] * gap)
        row.append(text)
    else:
        row[column] = text


def column_number(letters: str) -> int:
    """The number of a column from its letters, A being 0; -1 for what is none."""
    number = 0
    for letter in letters.upper()[:5]:
        place = _LETTERS.find(letter)
        if place < 0:
            return -1
        number = number * 26 + place + 1
    return number - 1
