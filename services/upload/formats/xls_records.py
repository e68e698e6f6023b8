"""Reads from the binary records of XLS (MS-XLS) what the library leaves out: shown numbers, errors, hidden rows."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from services.upload.formats.cell_text import SHOWN, Convert, converter_of_code, kind_of_code

_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
_BOF = (0x009, 0x209, 0x409, 0x809)
_EOF, _SHEET, _FORMAT_OLD, _FORMAT, _STYLE = 0x0A, 0x85, 0x1E, 0x41E, 0xE0
# The record of a row: where it has its flags, and the one of a hidden row (MS-XLS 2.4.221).
_ROW, _ROW_FLAGS, _ROW_HIDDEN = 0x208, 12, 0x20
_FILE_PASS = 0x2F
_FORMULA, _NUMBER, _RK, _MANY_RK, _TRUTH_OR_ERROR = (0x06, 0x206, 0x406), 0x203, 0x27E, 0xBD, 0x205

Overlay = dict[int, list[tuple[int, str]]]


def error_text(code: int) -> str:
    """Give the text of an error by its number in a binary workbook."""
    return _ERRORS.get(code, "#ERROR!")


def rk_number(packed: int) -> float:
    """Unpack a number of 30 bits (MS-XLS 2.5.217)."""
    if packed & 2:
        value = float((packed >> 2) - (1 << 30 if packed & 0x80000000 else 0))
    else:
        value = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))[0]
    return value / 100 if packed & 1 else value


def is_encrypted(stream: bytes) -> bool:
    """Whether the records after the first are encrypted (MS-XLS 2.4.117); the library sees that of some kinds alone."""
    for kind, _ in _records(stream, 0):
        if kind in (_FILE_PASS, _SHEET, _EOF):
            return kind == _FILE_PASS
    return False


class CellOverlays:
    """The texts that replace values of the library, sheet by sheet; `hidden` has the hidden rows of the last sheet."""

    def __init__(self, stream: bytes) -> None:
        self._stream = stream
        self.hidden: list[int] = []
        codes: dict[int, str] = {}
        formats: list[int] = []
        self._starts: list[int] = []
        for kind, data in _records(stream, 0):
            if kind == _SHEET and len(data) >= 4:
                self._starts.append(struct.unpack_from("<I", data)[0])
            elif kind == _FORMAT and len(data) > 5:
                codes[struct.unpack_from("<H", data)[0]] = _format_code(data)
            elif kind == _STYLE and len(data) >= 4:
                formats.append(struct.unpack_from("<H", data, 2)[0])
            elif kind == _EOF:
                break
        shown = {number: code for number, code in codes.items() if kind_of_code(code) == SHOWN}
        self._converts: dict[int, Convert] = {
            place: convert
            for place, number in enumerate(formats)
            if number in shown and (convert := converter_of_code(shown[number]))
        }

    def overlay(self, place: int) -> Overlay:
        """Give, by row number, the cells of a sheet that get another text: column, from 0, and text."""
        found: Overlay = {}
        self.hidden = []
        if place >= len(self._starts):
            return found
        depth = 0
        for kind, data in _records(self._stream, self._starts[place]):
            depth += (kind in _BOF) - (kind == _EOF)
            if depth <= 0:
                break
            if kind == _ROW and len(data) > _ROW_FLAGS and data[_ROW_FLAGS] & _ROW_HIDDEN:
                self.hidden.append(struct.unpack_from("<H", data)[0] + 1)
            for row, column, text in self._texts(kind, data):
                found.setdefault(row + 1, []).append((column, text))
        return found

    def _texts(self, kind: int, data: bytes) -> Iterator[tuple[int, int, str]]:
        if kind == _MANY_RK:
            yield from self._many(data)
        if len(data) < 8:
            return
        row, column, style = struct.unpack_from("<HHH", data)
        if kind == _TRUTH_OR_ERROR and data[7]:
            yield row, column, error_text(data[6])
        elif kind in _FORMULA and len(data) >= 14:
            if data[12:14] != b"\xff\xff":
                yield from self._shown(row, column, style, struct.unpack_from("<d", data, 6)[0])
            elif data[6] == 2:
                yield row, column, error_text(data[8])
        elif kind == _RK and len(data) >= 10:
            yield from self._shown(row, column, style, rk_number(struct.unpack_from("<I", data, 6)[0]))
        elif kind == _NUMBER and len(data) >= 14:
            yield from self._shown(row, column, style, struct.unpack_from("<d", data, 6)[0])

    def _many(self, data: bytes) -> Iterator[tuple[int, int, str]]:
        if not self._converts or len(data) < 6:
            return
        row, column = struct.unpack_from("<HH", data)
        for place in range((len(data) - 6) // 6):
            style, packed = struct.unpack_from("<HI", data, 4 + 6 * place)
            yield from self._shown(row, column + place, style, rk_number(packed))

    def _shown(self, row: int, column: int, style: int, value: float) -> Iterator[tuple[int, int, str]]:
        convert = self._converts.get(style)
        if convert:
            yield row, column, convert(repr(value))


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    end = len(stream)
    while start + 4 <= end:
        kind, length = struct.unpack_from("<HH", stream, start)
        yield kind, stream[start + 4 : start + 4 + length]
        start += 4 + length


def _format_code(data: bytes) -> str:
    """Decode the code of a number format: two bytes of length, one for the width of characters, the text."""
    length, wide = struct.unpack_from("<HB", data, 2)
    content = data[5:]
    return (
        content[: 2 * length].decode("utf-16-le", "replace")
        if wide & 1
        else content[:length].decode("latin-1")
    )
