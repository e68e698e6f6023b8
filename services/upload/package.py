"""Look through a zipped workbook before a parser touches it: true sizes, forbidden XML, extent of sheets."""

from __future__ import annotations

import itertools
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from defusedxml import DefusedXmlException, ElementTree

from services.upload.source import Limits, ReadError

CHUNK = 1 << 20
_TAIL = 1 << 12
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_SMALL_PART = 8 << 20
# A small workbook of few words may well shrink by more than the ratio; it cannot hurt.
_RATIO_FROM = 16 << 20
_MOST_ERRORS = 100_000

_ROW_START = re.compile(rb"<(?:\w+:)?row\b")
_CELL_START = re.compile(rb"<(?:\w+:)?c[ />]")

# Cells that reach far: columns from AA on, or rows with more digits than seen so far.
_FAR = rb'r="([A-Za-z]{2,3}\d+|[A-Za-z]{0,1}\d{%d,})"'
_FAR_LOOSE = rb"""\sr\s*=\s*["']\s*([A-Za-z]{2,3}\d+|[A-Za-z]{0,1}\d{%d,})"""
_FILLED_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br\s*=\s*["']\s*([A-Za-z]+)(\d+)[^>]*+(?<!/)>""")
_ERROR_CELL = re.compile(rb"""<(?:\w+:)?c\s([^>]*\bt="e"[^>]*)>(.*?)</(?:\w+:)?c>""", re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]+)(\d+)"')
_ERROR_VALUE = re.compile(rb"<(?:\w+:)?v>(#[A-Z0-9/!?_]+)<")


@dataclass
class Extent:
    """How far the filled cells of a part reach, at most; and its error cells by (row, column), 1-based."""

    rows: int = 0
    columns: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Package:
    """What was seen in the zip: the extent of each part that names cells, and the part of each sheet."""

    parts: dict[str, Extent]
    sheets: dict[str, str]

    def extent(self, sheet: str) -> Extent:
        """The extent of a sheet; the largest of all when its part cannot be told."""
        part = self.parts.get(self.sheets.get(sheet, ""))
        if part is not None:
            return part
        return max(self.parts.values(), key=lambda extent: extent.rows * extent.columns, default=Extent())


def inspect(path: Path, limits: Limits, most_cells: int) -> Package:
    """Inflate every member once, counting what really comes out rather than trusting the directory.

    Raises ReadError `unpacks_too_large`, `encrypted` or `corrupt`.
    """
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            members = archive.infolist()
            _check_directory(members, limits)
            budget = _Budget(limits, path.stat().st_size)
            parts = {_part_name(m.filename): _scan(file, m, budget, most_cells) for m in members}
            return Package(parts, _sheet_parts(archive))
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError, EOFError) as error:
        raise ReadError("corrupt", str(error)) from error
    except (NotImplementedError, RuntimeError, KeyError, SyntaxError, DefusedXmlException) as error:
        raise ReadError("corrupt", str(error)) from error


def _check_directory(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.members:
        raise ReadError("unpacks_too_large", "members", max=limits.members)
    if any(member.flag_bits & 1 for member in members):
        raise ReadError("encrypted")


class _Budget:
    """Counts unpacked bytes over all members against the limits."""

    def __init__(self, limits: Limits, packed: int) -> None:
        self._limits = limits
        self._packed = packed
        self._unpacked = 0

    def spend(self, count: int) -> None:
        self._unpacked += count
        if self._unpacked > self._limits.unzipped:
            raise ReadError("unpacks_too_large", "unzipped", max=self._limits.unzipped)
        most = max(_RATIO_FROM, self._limits.ratio * self._packed)
        if self._unpacked > most:
            raise ReadError("unpacks_too_large", "ratio", max=most)


def _inflated(file: BinaryIO, member: zipfile.ZipInfo, budget: _Budget) -> Iterator[bytes]:
    """The member's content in chunks, inflated without asking how long it claims to be."""
    file.seek(member.header_offset)
    signature, name_length, extra_length = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    if signature != b"PK\x03\x04":
        raise ReadError("corrupt", "local header missing")
    file.seek(name_length + extra_length, 1)
    left, total = member.compress_size, 0
    inflater = _inflater(member)
    while left > 0 and (packed := file.read(min(left, CHUNK))):
        left -= len(packed)
        while packed:
            chunk = inflater.decompress(packed, CHUNK) if inflater else packed
            packed = inflater.unconsumed_tail if inflater else b""
            budget.spend(len(chunk))
            total += len(chunk)
            yield chunk
    if total != member.file_size:
        raise ReadError("corrupt", f"{member.filename} is {total} bytes, not {member.file_size}")


def _inflater(member: zipfile.ZipInfo) -> zlib._Decompress | None:
    if member.compress_type == zipfile.ZIP_STORED:
        return None
    if member.compress_type == zipfile.ZIP_DEFLATED:
        return zlib.decompressobj(-zlib.MAX_WBITS)
    raise ReadError("corrupt", f"compression method {member.compress_type}")


def _scan(file: BinaryIO, member: zipfile.ZipInfo, budget: _Budget, most_cells: int) -> Extent:
    """The extent of a part: roughly at first, exactly where the rough one is over the cap."""
    extent = Extent()
    tail = b""
    chunks = _inflated(file, member, budget)
    first = next(chunks, b"")
    if not _is_markup(first):
        for _ in chunks:  # counted all the same
            pass
        return extent
    counted = _Counted()
    for chunk in itertools.chain([first], chunks):
        tail = _look(tail + chunk, extent, member.filename)
        counted.add(chunk)
    if extent.rows * extent.columns > most_cells:
        extent.rows, extent.columns = _exact(file, member)
    extent.rows, extent.columns = max(extent.rows, counted.rows), max(extent.columns, counted.columns)
    return extent


class _Counted:
    """Rows and cells that carry no reference count on from the one before; so their number bounds the extent
    too.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.columns = 0
        self._in_row = 0

    def add(self, text: bytes) -> None:
        prefixed = b":row" in text
        self.rows += text.count(b":row" if prefixed else b"<row")
        cells = text.count(b"<c ") + text.count(b"<c>")
        if prefixed or text.count(b'<c r="') < cells:
            first, *others = (len(_CELL_START.findall(row)) for row in _ROW_START.split(text))
            self._in_row += first
            self.columns = max(self.columns, self._in_row, *others)
            self._in_row = others[-1] if others else self._in_row


def _is_markup(head: bytes) -> bool:
    start = head[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith((b"<", b"\xff\xfe", b"\xfe\xff", b"\0"))


def _look(text: bytes, extent: Extent, name: str) -> bytes:
    """Widen the extent by what the text names; returns the end of the text to be seen again with what
    follows.
    """
    if b"\0" in text:
        raise ReadError("corrupt", f"{name} is not UTF-8")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise ReadError("corrupt", f"{name} declares a document type")
    loose = b"='" in text or b" =" in text or b"= " in text
    digits = len(str(extent.rows))
    for reference in re.findall((_FAR_LOOSE if loose else _FAR) % (digits + 1), text):
        letters = reference.rstrip(b"0123456789")
        extent.columns = max(extent.columns, 26, _column(letters))
        row = len(reference) - len(letters)
        extent.rows = max(extent.rows, 10**row - 1)
    extent.columns = max(extent.columns, 26)
    extent.rows = max(extent.rows, 9)
    if b't="e"' in text:
        _note_errors(text, extent)
    return text[-_TAIL:]


def _column(letters: bytes) -> int:
    """The number of a column, A being 1; letters beyond a spreadsheet's reach give a number beyond it."""
    number = 0
    for letter in letters.upper()[:7]:
        number = number * 26 + letter - 64
    return number


def _note_errors(text: bytes, extent: Extent) -> None:
    for attributes, content in _ERROR_CELL.findall(text):
        reference, value = _REFERENCE.search(attributes), _ERROR_VALUE.search(content)
        if reference and value and len(extent.errors) < _MOST_ERRORS:
            extent.errors[int(reference[2]), _column(reference[1])] = value[1].decode("ascii")


def _exact(file: BinaryIO, member: zipfile.ZipInfo) -> tuple[int, int]:
    """The last row and column of the cells that hold something; styled empty cells do not count."""
    rows = columns = 0
    tail = b""
    for chunk in _inflated(file, member, _Budget(Limits(unzipped=1 << 62), 1 << 62)):
        text = tail + chunk
        found = _FILLED_CELL.findall(text)
        if found:
            rows = max(rows, max(int(digits[:10]) for _, digits in found))
            columns = max(columns, *(_column(letters) for letters in {letters for letters, _ in found}))
        tail = text[-_TAIL:]
    return rows, columns


def _part_name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Which part holds which sheet, by the workbook's relationships (ECMA-376 part 1, 18.2.19 and 9.2)."""
    members = {_part_name(member.filename): member for member in archive.infolist()}
    workbook = members.get("xl/workbook.xml")
    relations = members.get("xl/_rels/workbook.xml.rels")
    if not workbook or not relations or max(workbook.file_size, relations.file_size) > _SMALL_PART:
        return {}
    targets = {
        element.get("Id"): _target(element.get("Target", ""))
        for element in ElementTree.fromstring(archive.read(relations)).iter()
    }
    sheets = {}
    for element in ElementTree.fromstring(archive.read(workbook)).iter():
        if element.tag.endswith("}sheet"):
            identity = next((value for key, value in element.items() if key.endswith("}id")), None)
            sheets[element.get("name", "")] = targets.get(identity, "")
    return sheets


def _target(target: str) -> str:
    path = PurePosixPath("/xl") / target.replace("\\", "/")
    return _part_name(str(path).replace("/./", "/"))
