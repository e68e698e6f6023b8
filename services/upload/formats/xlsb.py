"""Reads XLSB, the binary form of XLSX (MS-XLSB), as a stream."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException, ElementTree

from services.upload.containers.zip_parts import Package, resolved
from services.upload.formats.cell_text import DIGITS, Convert, converter_of_format, float_text
from services.upload.formats.xls_records import error_text, rk_number
from services.upload.model.book import MOST_COLUMNS, MOST_ROWS, CellProblems, Sheet
from services.upload.model.rows import Row, put
from services.upload.model.source import Limits, ReadError

_HOME = "xl/workbook.bin"
_LONGEST_RECORD = 64 << 20

# Records, see MS-XLSB 2.3.2.
_ROW, _RK, _ERROR, _TRUTH, _REAL, _STRING, _SHARED = 0, 2, 3, 4, 5, 6, 7
_FORMULA_STRING, _FORMULA_NUMBER, _FORMULA_TRUTH, _FORMULA_ERROR = 8, 9, 10, 11
_STRING_ITEM, _FORMAT, _STYLE, _PROPERTIES, _SHEET = 19, 44, 47, 153, 156
_BEGIN_STYLES, _END_STYLES, _BEGIN_DATA, _END_DATA = 617, 618, 145, 146

# Where the head of a row has its flags, and the one of a hidden row (MS-XLSB 2.4.741).
_ROW_FLAGS, _ROW_HIDDEN = 11, 0x10

Record = tuple[int, bytes]


class Workbook:
    """An XLSB package."""

    format = "xlsb"

    def __init__(self, path: Path, limits: Limits) -> None:
        self._package = Package(path, limits)
        self._longest = limits.cell_length + 1
        self._read_parts()

    def _read_parts(self) -> None:
        targets = self._targets()
        self.sheets: list[Sheet] = []
        from_1904 = False
        for kind, data in self._records(_HOME):
            if kind == _PROPERTIES and data:
                from_1904 = bool(data[0] & 1)
            elif kind == _SHEET:
                state, _ = _unpacked("<II", data, 0)
                identity, end = _wide(data, 8)
                name, _ = _wide(data, end)
                kind_of_part, part = targets.get(identity, ("", ""))
                if kind_of_part == "worksheet" and part in self._package:
                    self.sheets.append(Sheet(name, state == 0, part))
        if not self.sheets:
            raise ReadError("corrupt", "no worksheets")
        self._styles = self._read_styles(from_1904)
        self._strings: list[str] | None = None

    def _targets(self) -> dict[str, tuple[str, str]]:
        try:
            tree = ElementTree.fromstring(self._package.small("xl/_rels/workbook.bin.rels"), forbid_dtd=True)
        except (ParseError, ValueError, LookupError, DefusedXmlException) as error:
            raise ReadError("corrupt", repr(error)) from error
        return {
            element.get("Id", ""): (
                element.get("Type", "").rpartition("/")[2],
                resolved(_HOME, element.get("Target", "")),
            )
            for element in tree.iter()
        }

    def _read_styles(self, from_1904: bool) -> dict[int, Convert]:
        codes: dict[int, str] = {}
        formats: list[int] = []
        wanted = False
        for kind, data in self._records("xl/styles.bin"):
            if kind == _FORMAT:
                codes[_unpacked("<H", data, 0)[0]] = _wide(data, 2)[0]
            elif kind in (_BEGIN_STYLES, _END_STYLES):
                wanted = kind == _BEGIN_STYLES
            elif kind == _STYLE and wanted:
                formats.append(_unpacked("<H", data, 2)[0])
        found = (
            (place, converter_of_format(number, codes, from_1904)) for place, number in enumerate(formats)
        )
        return {place: convert for place, convert in found if convert}

    def _records(self, part: str) -> Iterator[Record]:
        return _records(self._package.chunks(part)) if part in self._package else iter(())

    def rows(self, sheet: Sheet, problems: CellProblems) -> Iterator[tuple[int, Row]]:
        """Give the filled rows of a sheet, see `model.book.Book`."""
        if self._strings is None:
            self._strings = [
                _wide(data, 1)[0][: self._longest]
                for kind, data in self._records("xl/sharedstrings.bin")
                if kind == _STRING_ITEM
            ]
        row: Row = []
        number, inside, is_hidden = 0, False, False
        for kind, data in self._records(sheet.key):
            if kind in (_ROW, _END_DATA) and inside:
                if row:
                    if is_hidden:
                        problems.hide(number)
                    yield number, row
                    row = []
                inside = kind == _ROW
                number = self._row_number(data, number) if inside else number
                is_hidden = inside and len(data) > _ROW_FLAGS and bool(data[_ROW_FLAGS] & _ROW_HIDDEN)
            elif kind == _BEGIN_DATA:
                inside = True
            elif inside and _RK <= kind <= _FORMULA_ERROR:
                self._add_cell(kind, data, row, number, problems)

    def _row_number(self, data: bytes, before: int) -> int:
        number = int(_unpacked("<I", data, 0)[0]) + 1
        if not before < number <= MOST_ROWS:
            raise ReadError("corrupt", f"row {number} after row {before}")
        return number

    def _add_cell(self, kind: int, data: bytes, row: Row, number: int, problems: CellProblems) -> None:
        column, style = _unpacked("<II", data, 0)
        if column >= MOST_COLUMNS:
            raise ReadError("corrupt", f"there is no column {column + 1}")
        text = self._text(kind, data, style & 0xFFFFFF, problems, (number, column))
        if text:
            put(row, column, text)

    def _text(
        self, kind: int, data: bytes, style: int, problems: CellProblems, place: tuple[int, int]
    ) -> str:
        if kind == _SHARED:
            return self._shared(_unpacked("<I", data, 8)[0])
        if kind in (_STRING, _FORMULA_STRING):
            return _wide(data, 8)[0][: self._longest]
        if kind in (_ERROR, _FORMULA_ERROR):
            return error_text(data[8])
        if kind in (_TRUTH, _FORMULA_TRUTH):
            return "TRUE" if data[8] else "FALSE"
        value = rk_number(_unpacked("<I", data, 8)[0]) if kind == _RK else _unpacked("<d", data, 8)[0]
        convert = self._styles.get(style)
        if convert is not None:
            return convert(repr(value))
        if abs(value) >= 10**DIGITS:
            problems.add("precision_lost", *place)
        return float_text(value)

    def _shared(self, place: int) -> str:
        strings = self._strings or []
        if place >= len(strings):
            raise ReadError("corrupt", f"there is no shared string {place}")
        return strings[place]


def _records(chunks: Iterable[bytes]) -> Iterator[Record]:
    """Give the records of a part as kind and content; raises ReadError `corrupt` for a cut one."""
    data, start = b"", 0
    for chunk in chunks:
        data, start = data[start:] + chunk, 0
        while record := _record(data, start):
            kind, content, start = record
            yield kind, content
    if start < len(data):
        raise ReadError("corrupt", "the last record is cut")


def _record(data: bytes, start: int) -> tuple[int, bytes, int] | None:
    """Give the record at `start` and the start of the next one; None while its end is missing."""
    kind, place = _number(data, start, 2)
    length, place = _number(data, place, 4)
    if length > _LONGEST_RECORD:
        raise ReadError("corrupt", f"a record of {length} bytes")
    if place < 0 or place + length > len(data):
        return None
    return kind, data[place : place + length], place + length


def _number(data: bytes, place: int, most: int) -> tuple[int, int]:
    """Decode a number of at most `most` bytes, and give where it ends; -1 where its end is missing.

    A byte has seven bits of the number; the eighth says that another byte follows.
    """
    value = 0
    for index in range(most):
        if not 0 <= place < len(data):
            return 0, -1
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            break
    return value, place


def _unpacked(form: str, data: bytes, offset: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, data, offset)
    except struct.error as error:
        raise ReadError("corrupt", str(error)) from error


def _wide(data: bytes, offset: int) -> tuple[str, int]:
    """Decode a text after its length, and give where it ends."""
    length = _unpacked("<I", data, offset)[0]
    start = offset + 4
    if length == 0xFFFFFFFF:
        return "", start
    end = start + 2 * length
    if end > len(data):
        raise ReadError("corrupt", "a text is cut")
    return data[start:end].decode("utf-16-le", "replace").replace("\0", ""), end
