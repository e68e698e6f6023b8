"""Reads XLS, the workbook of Excel 5 to 2003: by a library, with the texts that only its records give."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import olefile
from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from services.upload.containers.unwrapping import DAMAGE
from services.upload.formats.cell_text import DIGITS, duration_text, float_text, moment_text
from services.upload.formats.xls_records import CellOverlays, Overlay, is_encrypted
from services.upload.model.book import CellProblems, Sheet
from services.upload.model.rows import Row, put
from services.upload.model.source import Limits, ReadError

_STREAMS = ("Workbook", "Book")

T = TypeVar("T")


class Workbook:
    """An XLS file; the library holds the whole sheet that is read, at most 65,536 rows of 256 columns."""

    format = "xls"

    def __init__(self, path: Path, limits: Limits) -> None:
        content = path.read_bytes()
        self._longest = limits.cell_length + 1
        stream = workbook_stream(content)
        if is_encrypted(stream):
            raise ReadError("encrypted")
        self._book = _guarded(lambda: CalamineWorkbook.from_filelike(io.BytesIO(content)))
        self._overlays = CellOverlays(stream)
        self.sheets = [
            Sheet(meta.name, meta.visible == SheetVisibleEnum.Visible, str(place))
            for place, meta in enumerate(self._book.sheets_metadata)
            if meta.typ == SheetTypeEnum.WorkSheet
        ]
        if not self.sheets:
            raise ReadError("corrupt", "no worksheets")

    def rows(self, sheet: Sheet, problems: CellProblems) -> Iterator[tuple[int, Row]]:
        """Give the filled rows of a sheet, see `model.book.Book`."""
        place = int(sheet.key)
        table = _guarded(lambda: self._book.get_sheet_by_index(place))
        overlay = self._overlays.overlay(place)
        hidden = set(self._overlays.hidden)
        if table.height:
            start = table.start[1] if table.start else 0
            for number, row in self._filled(_guarded(table.iter_rows), start, overlay, problems):
                if number in hidden:
                    problems.hide(number)
                yield number, row
        yield from sorted((number, _laid([], cells)) for number, cells in overlay.items())

    def _filled(
        self, rows: Iterator[list[Any]], start: int, overlay: Overlay, problems: CellProblems
    ) -> Iterator[tuple[int, Row]]:
        number = 0
        while (values := _guarded(lambda: next(rows, None))) is not None:
            number += 1
            row = [""] * start + [self._text(value) for value in values]
            for column, value in enumerate(values, start):
                if type(value) in (int, float) and abs(value) >= 10**DIGITS:
                    problems.add("precision_lost", number, column)
            row = _laid(row, overlay.pop(number, []))
            if any(row):
                yield number, row

    def _text(self, value: object) -> str:
        return value[: self._longest].replace("\0", "") if isinstance(value, str) else cell_text(value)


def _laid(row: Row, cells: list[tuple[int, str]]) -> Row:
    """Put the texts of an overlay into a row, and cut blanks at its end."""
    for column, text in cells:
        put(row, column, text)
    while row and not row[-1]:
        row.pop()
    return row


def workbook_stream(content: bytes) -> bytes:
    """Give the records of the workbook; raises ReadError `corrupt` where the compound file has none."""
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as compound:
            for name in _STREAMS:
                if compound.exists(name):
                    return bytes(compound.openstream(name).read())
    except (*DAMAGE, MemoryError) as error:
        raise ReadError("corrupt", str(error)) from error
    raise ReadError("corrupt", "the compound file holds no workbook")


def _guarded(parse: Callable[[], T]) -> T:
    """Run the library; all its failures, panics too, are raised as ReadError."""
    try:
        return parse()
    except PasswordError as error:
        raise ReadError("encrypted", str(error)) from error
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        raise ReadError("corrupt", str(error)) from error


def cell_text(value: object) -> str:
    """Write a value of the library as text: plain numbers, ISO 8601 dates, TRUE or FALSE."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, datetime.datetime):
        return moment_text(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        return duration_text(value.hour * 3600 + value.minute * 60 + value.second)
    if isinstance(value, datetime.timedelta):
        return duration_text(round(value.total_seconds()))
    return str(value)
