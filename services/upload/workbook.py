"""Read XLSX workbooks: choose the sheet, turn typed cells into the text that a person means by them."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from services.upload.header import SEEN, find_header
from services.upload.package import Extent, Package, inspect
from services.upload.source import Found, Limits, Overrides, Problem, ReadError, Row, Source
from services.upload.trimming import trimmed

# The parser holds the whole rectangle of a sheet, about 85 bytes a cell, and aborts the process when that
# fails.
MOST_CELLS = 40_000_000
_BLOCK = 64
_OTHER_ENDINGS = (".xls", ".xla", ".xlsb", ".ods")

# Excel keeps 15 digits; what follows them in a binary number was never typed by anybody.
_EXACT = 1e15

T = TypeVar("T")


def open_workbook(path: Path, limits: Limits, overrides: Overrides) -> Source:
    """Find the sheet and its header; raises ReadError."""
    package = inspect(path, limits, MOST_CELLS)
    workbook = _guarded(lambda: _parsed(path))
    sheet, problems = _choose(workbook, package, overrides.sheet)
    table = _Table(sheet, package.extent(sheet.name))
    first = list(itertools.islice(table.filled(), SEEN))
    if not first:
        raise ReadError("empty")
    header = find_header(first, overrides.header_row, table.first_column)
    if len(header.names) > limits.columns:
        raise ReadError("too_many_columns", count=len(header.names), max=limits.columns)
    if first[-1][0] <= header.row:
        raise ReadError("no_rows", header_row=header.row)
    found = Found(
        format="xlsx",
        header_row=header.row,
        sheet=sheet.name,
        sheets=[meta.name for meta in workbook.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet],
        header=header.cells,
        names=header.names,
        preamble=header.preamble,
        first_column=table.first_column,
        problems=problems + header.problems,
    )
    return Source(found, limits, lambda: table.blocks(skip=header.row))


def _parsed(path: Path) -> CalamineWorkbook:
    """The parser believes these endings rather than the content, so such a file is handed over as bytes."""
    if path.suffix.lower() in _OTHER_ENDINGS:
        with path.open("rb") as file:
            return CalamineWorkbook.from_filelike(file)
    return CalamineWorkbook.from_path(str(path))


def _choose(
    workbook: CalamineWorkbook, package: Package, wanted: str | None
) -> tuple[CalamineSheet, list[Problem]]:
    """The sheet that is asked for, else the first visible one with two filled rows, else with one."""
    names = [meta.name for meta in workbook.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
    visible = [
        meta.name
        for meta in workbook.sheets_metadata
        if meta.typ == SheetTypeEnum.WorkSheet and meta.visible == SheetVisibleEnum.Visible
    ]
    if wanted is not None and wanted not in names:
        raise ReadError("unknown_sheet", sheet=wanted, sheets=names)
    poor: CalamineSheet | None = None
    for name in [wanted] if wanted is not None else visible:
        sheet = _load(workbook, package, name)
        filled = sum(1 for _ in itertools.islice(_Table(sheet, Extent()).filled(), 2))
        if filled == 2 or (filled and wanted is not None):
            return sheet, _others(names, sheet)
        poor = poor or (sheet if filled else None)
    if poor is None:
        raise ReadError("empty", sheets=names)
    return poor, _others(names, poor)


def _others(names: list[str], chosen: CalamineSheet) -> list[Problem]:
    if len(names) == 1:
        return []
    params = {"sheet": chosen.name, "count": len(names) - 1}
    return [{"code": "other_sheets", "place": {"sheet": chosen.name}, "params": params}]


def _load(workbook: CalamineWorkbook, package: Package, name: str) -> CalamineSheet:
    extent = package.extent(name)
    if extent.rows * extent.columns > MOST_CELLS:
        raise ReadError("unpacks_too_large", f"{extent.rows} x {extent.columns} cells", max=MOST_CELLS)
    return _guarded(lambda: workbook.get_sheet_by_name(name))


def _guarded(parse: Callable[[], T]) -> T:
    """Run the parser so that all its failures, its panics among them, come out as ReadError."""
    try:
        return parse()
    except PasswordError as error:
        raise ReadError("encrypted", str(error)) from error
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        raise ReadError("corrupt", str(error)) from error


class _Table:
    """The records of one sheet from its first row on, without the empty columns at its sides."""

    def __init__(self, sheet: CalamineSheet, extent: Extent) -> None:
        self._sheet = sheet
        self.first_column = sheet.start[1] if sheet.start else 0
        self._errors: dict[int, list[tuple[int, str]]] = {}
        for (row, column), text in extent.errors.items():
            self._errors.setdefault(row, []).append((column - 1 - self.first_column, text))

    def blocks(self, skip: int = 0) -> Iterator[list[Row]]:
        """All records but the first `skip` in short lists, cells as text."""
        if not self._sheet.height:
            return
        rows = enumerate(_guarded(self._sheet.iter_rows), 1)
        records = (self._record(number, row) for number, row in itertools.islice(rows, skip, None))
        while block := _guarded(lambda: list(itertools.islice(records, _BLOCK))):
            yield block

    def filled(self) -> Iterator[tuple[int, Row]]:
        """The records that are not blank, with their row numbers."""
        number = 0
        for block in self.blocks():
            for row in trimmed(block):
                number += 1
                if any(row):
                    yield number, row

    def _record(self, number: int, row: list[Any]) -> Row:
        record = [value if type(value) is str else cell_text(value) for value in row]
        for column, text in self._errors.get(number, ()):
            if 0 <= column < len(record) and not record[column]:
                record[column] = text
        return record


def cell_text(value: object) -> str:
    """A typed cell as text: whole numbers as digits, fractions to 15, dates as ISO 8601, TRUE or FALSE."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return value.date().isoformat()
        return value.isoformat(timespec="seconds")
    if isinstance(value, datetime.time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, datetime.timedelta):
        return _duration_text(value)
    return str(value)


def _number_text(value: float) -> str:
    if value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    shown = Decimal(f"{value:.15g}")
    return format(shown, "f") if shown.is_finite() else ""


def _duration_text(value: datetime.timedelta) -> str:
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
