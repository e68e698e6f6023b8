"""Reads OpenDocument spreadsheets as a stream (ODF 1.3 part 3): a package (.ods) or one XML file (.fods)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from services.upload.containers.zip_parts import CHUNK, Budget, Package
from services.upload.formats.cell_text import boolean_text, duration_text, is_uncertain, iso_text, number_text
from services.upload.formats.xml_stream import local, parsed
from services.upload.model.book import MOST_COLUMNS, MOST_ROWS, CellProblems, Sheet
from services.upload.model.rows import Row, put
from services.upload.model.source import Limits, ReadError

_DURATION = re.compile(r"(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d+))?S)?)?")
# A number with zeros in front, a plus, a bracket or words, and signs between its digits; and an amount, which is none.
_TEXT_OF_NUMBER = re.compile(r"(?=[0+(]|[^\W\d_]|\d+[ /-])[^\d,%€$£]*\d[\d ()./-]*")
_AMOUNT = re.compile(
    r"(?:[1-9]\d{0,2}(?:[ .\u00a0\u202f]\d{3})*|0) ?(?:EUR|USD|GBP|CHF)?|(?:EUR|USD|GBP|CHF) ?[\d. ]+"
)
_NUMBERS = ("float", "currency", "percentage")
# What a repeated cell takes beside its text.
_CELL_BYTES = 16
_CELLS = ("table-cell", "covered-table-cell")


class _Part(Protocol):
    """Opens the XML of the content from its beginning."""

    def __call__(self) -> Iterator[bytes]: ...


class Workbook:
    """An OpenDocument spreadsheet; `flat` is the form of one XML file."""

    def __init__(self, path: Path, limits: Limits, flat: bool = False) -> None:
        self.format = "fods" if flat else "ods"
        self._content = _flat(path) if flat else _packed(path, limits)
        self._longest = limits.cell_length + 1
        self._budget = Budget(limits, path.stat().st_size)
        tables = _Tables()
        for _ in parsed(self._content(), tables):
            pass
        self.sheets = tables.sheets()
        if not self.sheets:
            raise ReadError("corrupt", "no tables")

    def rows(self, sheet: Sheet, problems: CellProblems) -> Iterator[tuple[int, Row]]:
        """Give the filled rows of a sheet, see `model.book.Book`."""
        cells = _RowCollector(int(sheet.key), self._longest, problems, self._budget)
        for _ in parsed(self._content(), cells):
            yield from cells.taken()
            if cells.done:
                return


def _flat(path: Path) -> _Part:
    def content() -> Iterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    return content


def _packed(path: Path, limits: Limits) -> _Part:
    package = Package(path, limits)
    manifest = "META-INF/manifest.xml"
    if manifest in package and b"encryption-data" in package.small(manifest):
        raise ReadError("encrypted")
    return lambda: package.chunks("content.xml")


class _Tables:
    """Collects the names of the tables, and the styles that hide them."""

    def __init__(self) -> None:
        self._style = ""
        self._hiding: set[str] = set()
        self._named: list[tuple[str, str]] = []
        self._depth = 0

    def sheets(self) -> list[Sheet]:
        """Give the tables as sheets."""
        return [
            Sheet(name, style not in self._hiding, str(place))
            for place, (name, style) in enumerate(self._named)
        ]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note a table, or a style that hides tables."""
        if name.endswith(":table"):
            self._depth += 1
            if self._depth == 1:
                self._named.append((_get(attributes, "name"), _get(attributes, "style-name")))
        elif name.endswith(":table-properties"):
            if _get(attributes, "display") == "false":
                self._hiding.add(self._style)
        elif name.endswith(":style"):
            self._style = _get(attributes, "name")

    def end(self, name: str) -> None:
        """Note the end of a table."""
        if name.endswith(":table"):
            self._depth -= 1

    def text(self, data: str) -> None:
        """Ignore text."""


def _get(attributes: dict[str, str], wanted: str) -> str:
    return next((value for name, value in attributes.items() if local(name) == wanted), "")


class _RowCollector:
    """Collects the filled rows of the table at `place` among the tables."""

    def __init__(self, place: int, longest: int, problems: CellProblems, budget: Budget) -> None:
        self.done = False
        self._rows: list[tuple[int, int, Row]] = []
        self._place = place
        self._longest = longest
        self._problems = problems
        self._budget = budget
        self._repeated = 0
        self._tables = 0
        self._depth = 0
        self._skipped = 0
        self._number = 0
        self._row: Row = []
        self._row_times = 1
        self._hidden = False
        self._column = 0
        self._cell: dict[str, str] = {}
        self._lines: list[str] | None = None
        self._in_paragraph = False

    def taken(self) -> Iterator[tuple[int, Row]]:
        """Give the rows collected since the last call; a repeated row is given as often."""
        for number, times, row in self._rows:
            for offset in range(times):
                yield number + offset, list(row)
        self._rows.clear()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin a row, a cell or a part of its text."""
        name = local(name)
        if name == "table":
            self._depth += 1
            self._tables += self._depth == 1
        if self._depth != 1 or self._tables - 1 != self._place or self.done:
            return
        if self._skipped or name == "annotation":
            self._skipped += 1
        elif name in _CELLS:
            self._cell = {local(key): value for key, value in attributes.items()}
            self._lines = None
        elif name == "table-row":
            self._row, self._column = [], 0
            self._row_times = _times(_get(attributes, "number-rows-repeated"))
            self._hidden = _get(attributes, "visibility") in ("collapse", "filter")
        else:
            self._start_text(name, attributes)

    def _start_text(self, name: str, attributes: dict[str, str]) -> None:
        if name == "p":
            self._lines = [*(self._lines or []), ""]
            self._in_paragraph = True
        elif self._in_paragraph and name == "s":
            self.text(" " * min(_times(_get(attributes, "c")), self._longest))
        elif self._in_paragraph and name in ("tab", "line-break"):
            self.text("\t" if name == "tab" else "\n")

    def text(self, data: str) -> None:
        """Add text to the open paragraph."""
        if not self._in_paragraph or self._skipped or not self._lines:
            return
        if len(self._lines[-1]) < self._longest:
            self._lines[-1] += data

    def end(self, name: str) -> None:
        """End a row, a cell or a paragraph."""
        name = local(name)
        if name == "table":
            self.done = self.done or (self._depth == 1 and self._tables - 1 == self._place)
            self._depth -= 1
        if self._depth != 1 or self._tables - 1 != self._place or self.done:
            return
        if self._skipped:
            self._skipped -= 1
        elif name == "p":
            self._in_paragraph = False
        elif name in _CELLS:
            self._end_cell(name)
        elif name == "table-row":
            self._end_row()

    def _end_cell(self, name: str) -> None:
        times = _times(self._cell.get("number-columns-repeated", ""))
        text = self._content()[: self._longest] if name == "table-cell" else ""
        if text:
            if self._column + times > MOST_COLUMNS:
                raise ReadError("too_many_columns", count=self._column + times, max=MOST_COLUMNS)
            if times > 1:
                self._spend(times, [text])
            put(self._row, self._column, text)
            self._row.extend([text] * (times - 1))
        elif "formula" in self._cell and "value-type" not in self._cell:
            self._problems.add("formula_not_calculated", self._number + 1, self._column)
        self._column = min(self._column + times, MOST_COLUMNS)

    def _end_row(self) -> None:
        if self._row:
            if self._number + self._row_times > MOST_ROWS:
                raise ReadError("too_many_rows", max=MOST_ROWS)
            if self._row_times > 1:
                self._spend(self._row_times, self._row)
            self._rows.append((self._number + 1, self._row_times, self._row))
            if self._hidden:
                for number in range(self._number + 1, self._number + 1 + self._row_times):
                    self._problems.hide(number)
        self._number += self._row_times

    def _spend(self, times: int, cells: Row) -> None:
        """Count repeated cells as unpacked bytes before they are made; raises ReadError `unpacks_too_large`."""
        self._repeated += times * (sum(map(len, cells)) + _CELL_BYTES * len(cells))
        self._budget.check(self._repeated)

    def _content(self) -> str:
        cell, shown = self._cell, "\n".join(self._lines or [])
        kind = cell.get("value-type", "")
        if shown[:1] == "#" and kind in _NUMBERS:
            return shown
        if kind in _NUMBERS and "value" in cell:
            return self._number_text(cell["value"], shown.strip())
        if kind == "date":
            return iso_text(cell.get("date-value", shown))
        if kind == "time":
            return _time_text(cell.get("time-value", shown))
        if kind == "boolean":
            return boolean_text(cell.get("boolean-value", shown))
        return shown or cell.get("string-value", "")

    def _number_text(self, value: str, shown: str) -> str:
        """Write the stored number, or the shown text where that makes a text of it or is an error."""
        if shown.startswith("Err:"):
            return shown
        plain = number_text(value)
        if _is_text_of(shown, plain):
            return shown
        if is_uncertain(value):
            self._problems.add("precision_lost", self._number + 1, self._column)
        return plain


def _is_text_of(shown: str, plain: str) -> bool:
    """Whether a cell shows a whole number as a text: with zeros, a plus or words in front, or signs inside."""
    if not plain.isdecimal() or _AMOUNT.fullmatch(shown) or not _TEXT_OF_NUMBER.fullmatch(shown):
        return False
    return "".join(filter(str.isdecimal, shown)).endswith(plain)


def _times(text: str) -> int:
    return max(int(text[:12]), 1) if text.isdecimal() else 1


def _time_text(text: str) -> str:
    """Write a duration of ISO 8601 as hours, minutes and seconds."""
    match = _DURATION.fullmatch(text)
    if not match:
        return text
    sign, days, hours, minutes, seconds, fraction = match.groups()
    whole = int(days or 0) * 86_400 + int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    whole += bool(fraction) and fraction[0] >= "5"
    return duration_text(-whole if sign else whole)
