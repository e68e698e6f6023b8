"""Reads SpreadsheetML, the XML of Excel 2003, which many programs write under the name .xls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from services.upload.containers.zip_parts import CHUNK
from services.upload.formats.cell_text import (
    SHOWN,
    Convert,
    boolean_text,
    converter_of_code,
    is_uncertain,
    iso_text,
    kind_of_code,
    number_text,
)
from services.upload.formats.xml_stream import local, parsed
from services.upload.model.book import MOST_COLUMNS, MOST_ROWS, CellProblems, Sheet
from services.upload.model.rows import Row, put
from services.upload.model.source import Limits, ReadError

_NO_DAY = "1899-12-31T"


class Workbook:
    """An XML file with the root `Workbook`."""

    format = "xml"

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._longest = limits.cell_length + 1
        sheets = _Sheets()
        for _ in parsed(self._chunks(), sheets):
            pass
        self.sheets = sheets.found
        self._converts = sheets.converts
        if not self.sheets:
            raise ReadError("unsupported_format", found="xml")

    def rows(self, sheet: Sheet, problems: CellProblems) -> Iterator[tuple[int, Row]]:
        """Give the filled rows of a sheet, see `model.book.Book`."""
        cells = _RowCollector(int(sheet.key), self._longest, self._converts, problems)
        for _ in parsed(self._chunks(), cells):
            yield from cells.rows
            cells.rows.clear()
            if cells.place > int(sheet.key):
                return

    def _chunks(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk


def _get(attributes: dict[str, str], wanted: str) -> str:
    return next((value for name, value in attributes.items() if local(name) == wanted), "")


class _Sheets:
    """Collects the worksheets, whether they are visible, and the styles that make texts of numbers."""

    def __init__(self) -> None:
        self.found: list[Sheet] = []
        self.converts: dict[str, Convert] = {}
        self._style = ""
        self._parts: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note a worksheet or a style."""
        name = local(name)
        if name == "Worksheet":
            self.found.append(Sheet(_get(attributes, "Name"), True, str(len(self.found))))
        elif name == "Style":
            self._style = _get(attributes, "ID")
        elif name == "NumberFormat":
            code = _get(attributes, "Format")
            convert = converter_of_code(code) if kind_of_code(code) == SHOWN else None
            if convert:
                self.converts[self._style] = convert
        elif name == "Visible":
            self._parts = []

    def text(self, data: str) -> None:
        """Add text of the element `Visible`."""
        if self._parts is not None:
            self._parts.append(data)

    def end(self, name: str) -> None:
        """Note whether the last worksheet is visible."""
        if self._parts is not None and local(name) == "Visible":
            if self.found and "".join(self._parts) != "SheetVisible":
                last = self.found[-1]
                self.found[-1] = Sheet(last.name, False, last.key)
            self._parts = None


class _RowCollector:
    """Collects the filled rows of the worksheet at the place `wanted`."""

    def __init__(
        self, wanted: int, longest: int, converts: dict[str, Convert], problems: CellProblems
    ) -> None:
        self.rows: list[tuple[int, Row]] = []
        self.place = -1
        self._wanted = wanted
        self._longest = longest
        self._converts = converts
        self._problems = problems
        self._number = 0
        self._row: Row = []
        self._column = -1
        self._across = 0
        self._style = ""
        self._type = ""
        self._parts: list[str] | None = None
        self._row_span = 0
        self._hidden = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin a worksheet, a row, a cell or its data."""
        name = local(name)
        if name == "Worksheet":
            self.place += 1
        elif self.place != self._wanted:
            return
        elif name == "Row":
            self._number = _place(_get(attributes, "Index"), self._number + 1 + self._row_span, MOST_ROWS)
            self._row_span = _place(_get(attributes, "Span"), 0, MOST_ROWS)
            self._row, self._column, self._across = [], 0, 0
            self._hidden = _get(attributes, "Hidden") == "1"
        elif name == "Cell":
            self._column = _place(_get(attributes, "Index"), self._column + self._across + 1, MOST_COLUMNS)
            self._across = _place(_get(attributes, "MergeAcross"), 0, MOST_COLUMNS)
            self._style = _get(attributes, "StyleID")
        elif name == "Data":
            self._type = _get(attributes, "Type")
            self._parts = []

    def text(self, data: str) -> None:
        """Add text to the open cell."""
        if self._parts is not None:
            self._parts.append(data)

    def end(self, name: str) -> None:
        """End a cell or a row."""
        if self.place != self._wanted:
            return
        name = local(name)
        if name == "Data" and self._parts is not None:
            text = self._content("".join(self._parts)[: self._longest])
            if text:
                put(self._row, self._column - 1, text)
            self._parts = None
        elif name == "Row" and self._row:
            self.rows.append((self._number, self._row))
            if self._hidden:
                self._problems.hide(self._number)
            self._row = []

    def _content(self, text: str) -> str:
        if self._type == "Number":
            if convert := self._converts.get(self._style):
                return convert(text.strip())
            if is_uncertain(text.strip()):
                self._problems.add("precision_lost", self._number, self._column - 1)
            return number_text(text.strip())
        if self._type == "Boolean":
            return boolean_text(text)
        if self._type == "DateTime":
            shown = iso_text(text)
            return shown.removeprefix(_NO_DAY) if shown.startswith(_NO_DAY) else shown
        return text


def _place(text: str, default: int, most: int) -> int:
    place = int(text[:9]) if text.isdecimal() else default
    if place > most:
        raise ReadError("corrupt", f"place {place} is past {most}")
    return place
