"""Reads the table of an HTML page, which many programs write under the name .xls."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from services.upload.dialect.encoding import find_encoding
from services.upload.model.book import MOST_COLUMNS, CellProblems, Sheet
from services.upload.model.rows import Row, put
from services.upload.model.source import Limits, ReadError

MOST_BYTES = 64 << 20
_CHUNK = 1 << 16
_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_HEAD = 1 << 14
_UNSEEN = ("script", "style", "head", "title")
# So many columns may be taken by cells over several rows, in all.
_MOST_COVERED = 4 << 20
_BREAKS = ("br", "p", "div", "li")

Numbered = list[tuple[int, Row]]


class Workbook:
    """An HTML page as a workbook of one sheet: its largest table; a table within a cell is text of that cell."""

    format = "html"

    def __init__(self, path: Path, limits: Limits) -> None:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise ReadError("too_large", "HTML", size=size, max=MOST_BYTES)
        parser = _Tables(limits.cell_length + 1)
        with path.open(encoding=_encoding(path), errors="replace") as file:
            while chunk := file.read(_CHUNK):
                parser.feed(chunk.replace("\0", ""))
        parser.close()
        tables = [
            (table, hidden) for table, hidden in zip(parser.tables, parser.hidden, strict=True) if table
        ]
        if not tables:
            raise ReadError("unsupported_format", found="html")
        self._rows, self._hidden = max(tables, key=lambda pair: sum(len(row) for _, row in pair[0]))
        self.sheets = [Sheet("")]

    def rows(self, sheet: Sheet, problems: CellProblems) -> Iterator[tuple[int, Row]]:
        """Give the filled rows of the table, see `model.book.Book`."""
        for number in self._hidden:
            problems.hide(number)
        return iter([(number, list(row)) for number, row in self._rows])


def _encoding(path: Path) -> str:
    """Detect the encoding by byte order mark, by the declaration of the page, or by the bytes."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    named = _CHARSET.search(head)
    if named:
        try:
            name = codecs.lookup(named[1].decode("ascii", "replace")).name
        except LookupError:
            name = ""
        if name and name not in ("iso8859-1", "ascii", "utf-8"):
            return name
    return find_encoding(path).name


class _Tables(HTMLParser):
    """Collects the filled rows of all outer tables of a page."""

    def __init__(self, longest: int) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Numbered] = []
        self.hidden: list[list[int]] = []
        self._hidden = False
        self._longest = longest
        self._depth = 0
        self._unseen = 0
        self._number = 0
        self._row: Row | None = None
        self._column = 0
        self._span = 1
        self._parts: list[str] | None = None
        self._below: dict[int, int] = {}
        self._covered = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, row or cell."""
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
                self.hidden.append([])
                self._number, self._below = 0, {}
        elif self._depth > 1 or not self._depth:
            return
        elif tag == "tr":
            self._end_row()
            self._row, self._column = [], 0
            self._number += 1
            self._hidden = _is_hidden(dict(attrs))
        elif tag in ("td", "th"):
            self._start_cell(dict(attrs))
        elif tag in _BREAKS and self._parts:
            self._parts.append("\n")

    def _start_cell(self, attributes: dict[str, str | None]) -> None:
        self._end_cell()
        if self._row is None:
            self._row, self._column = [], 0
            self._number += 1
        while self._below.get(self._column, 0) >= self._number:
            self._column += 1
        self._span = _span(attributes.get("colspan"))
        rows = _span(attributes.get("rowspan"))
        if rows > 1:
            self._cover(rows)
        self._parts = []

    def _cover(self, rows: int) -> None:
        """Note the columns that the open cell takes in the rows below."""
        self._covered += self._span
        if self._covered > _MOST_COVERED:
            raise ReadError("unpacks_too_large", "cells over several rows", max=_MOST_COVERED)
        for column in range(self._column, self._column + self._span):
            self._below[column] = self._number + rows - 1

    def handle_endtag(self, tag: str) -> None:
        """End a table, row or cell."""
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        elif tag == "table" and self._depth:
            if self._depth == 1:
                self._end_row()
            self._depth -= 1
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
        elif self._depth == 1 and tag == "tr":
            self._end_row()

    def handle_data(self, data: str) -> None:
        """Add text to the open cell."""
        if self._parts is not None and not self._unseen:
            self._parts.append(" ".join(data.split()) if data.strip() else " ")
            if data[-1:].isspace():
                self._parts.append(" ")

    def close(self) -> None:
        """End the last row, also where the page ends within a table."""
        super().close()
        if self._depth:
            self._end_row()

    def _end_cell(self) -> None:
        if self._parts is None or self._row is None:
            return
        lines = "".join(self._parts).split("\n")
        text = "\n".join(line.strip() for line in lines).strip()[: self._longest]
        if self._column >= MOST_COLUMNS:
            raise ReadError("too_many_columns", count=self._column + 1, max=MOST_COLUMNS)
        if text:
            put(self._row, self._column, text)
        self._column += self._span
        self._parts = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row:
            self.tables[-1].append((self._number, self._row))
            if self._hidden:
                self.hidden[-1].append(self._number)
        self._row = None


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "hidden" in attributes or "display:none" in style


def _span(text: str | None) -> int:
    return min(max(int(text), 1), MOST_COLUMNS) if text and text.isdecimal() else 1
