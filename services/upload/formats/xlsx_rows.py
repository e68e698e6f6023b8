"""Reads the rows of an XLSX worksheet: plain rows by a pattern, three times faster; others by the XML parser."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from services.upload.formats.cell_text import (
    DIGITS,
    Convert,
    boolean_text,
    is_uncertain,
    iso_text,
    number_text,
)
from services.upload.formats.xlsx_strings import decoded, unescaped
from services.upload.formats.xml_entities import has_plain_entities, without_entities
from services.upload.formats.xml_stream import local, parsed
from services.upload.model.book import MOST_COLUMNS, MOST_ROWS, CellProblems, column_number
from services.upload.model.rows import Row, put
from services.upload.model.source import ReadError

_DIGITS = "0123456789"
# No shorter number has too many digits; `1E+15` is longer.
_SHORT = 4

_OPENING = b"<worksheet><sheetData>"
_CLOSING = b"</sheetData>"
_ROW_END = b"</row>"
_FIRST_ROW = re.compile(rb"<sheetData>\s*(?=<row\s)")
_ENCODING = re.compile(rb"""encoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)
_LONGEST_HEAD = 1 << 20
_LONGEST_ROW = 4 << 20
_MANY = 200
_ROW_START = re.compile(r'\s*<row(?:\s[^<>]*?)?\sr="(\d{1,7})"[^<>]*>')
_HIDDEN = re.compile(r'\shidden="(?:1|true)"')
_PLAIN_CELL = re.compile(
    r'<c r="([A-Z]{1,3})\d+"(?: s="(\d+)")?(?: t="(s|n|b|str|e|inlineStr)")?'
    r'(?:/>|><v>([^<]*)</v></c>|><is><t(?: xml:space="preserve")?>([^<]*)</t></is></c>)'
)


def read_rows(chunks: Iterator[bytes], cells: RowCollector) -> Iterator[None]:
    """Read a worksheet part into `cells`, pausing after each piece; raises ReadError `corrupt`.

    The XML parser reads each row that is not plain. It reads all rows once many are not, or once there is a comment
    or CDATA.
    """
    head = b""
    for chunk in chunks:
        head += chunk
        if b"<row" in head or len(head) > _LONGEST_HEAD:
            break
    first = _FIRST_ROW.search(head)
    if (
        first is None
        or b"<!" in head
        or _ENCODING.search(head)
        or not head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<")
    ):
        yield from parsed(itertools.chain([head], chunks), cells)
        return
    yield from parsed([head[: first.end()], _CLOSING, b"</worksheet>"], cells)
    yield from _plain_rows(head[first.end() :], chunks, cells)


def _plain_rows(pending: bytes, chunks: Iterator[bytes], cells: RowCollector) -> Iterator[None]:
    rows = unusual = 0
    while True:
        end = pending.rfind(_ROW_END)
        ready, rest = (pending[:end], pending[end + len(_ROW_END) :]) if end >= 0 else (b"", pending)
        if b"<!" in ready or len(rest) > _LONGEST_ROW or (unusual > _MANY and 10 * unusual > rows):
            yield from parsed(itertools.chain([_OPENING, pending], chunks), cells)
            return
        if ready:
            pieces = decoded(ready).split("</row>")
            rows += len(pieces)
            unusual += sum(_add(piece, cells) for piece in pieces)
            yield
        if _CLOSING in rest:
            yield from (None for _ in chunks)
            return
        chunk = next(chunks, None)
        if chunk is None:
            raise ReadError("corrupt", "the sheet is cut")
        pending = rest + chunk


def _add(piece: str, cells: RowCollector) -> bool:
    """Read a row; gives whether the parser had to."""
    if cells.add_plain(piece):
        return False
    for _ in parsed([f"<worksheet>{piece}</row></worksheet>".encode()], cells):
        pass
    return True


def integer(text: str | None, default: int = 0) -> int:
    """Give the number of a text of digits, else the default."""
    return int(text) if text and text.isdecimal() else default


class RowCollector:
    """Collects the filled rows of a worksheet in `rows`; the caller takes them out."""

    def __init__(
        self, strings: list[str], styles: list[Convert | None], longest: int, problems: CellProblems
    ) -> None:
        self.rows: list[tuple[int, Row]] = []
        self.is_worksheet = False
        self._strings = strings
        self._styles = dict(enumerate(styles))
        # Styles by their number as text; a cell without one has the first style.
        self._converted = {str(place) for place, convert in enumerate(styles) if convert}
        self._converted |= {""} if styles and styles[0] else set()
        self._longest = longest
        self._problems = problems
        self._columns: dict[str, int] = {}
        self._number = 0
        self._row: Row = []
        self._column = -1
        self._hidden = False
        self._cell: dict[str, str] = {}
        self._parts: list[str] = []
        self._inline: str | None = None
        self._value: str | None = None
        self._wanted = self._phonetic = self._formula = self._unnamed = False
        self._name_tags("")

    def _name_tags(self, prefix: str) -> None:
        self._c, self._v, self._t, self._f = (prefix + name for name in ("c", "v", "t", "f"))
        self._row_tag, self._phonetic_tag = prefix + "row", prefix + "rPh"
        self._texts = (self._v, self._t)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin a row, a cell or a part of it."""
        if name == self._c:
            self._cell = attributes
            self._value = self._inline = None
            self._formula = False
        elif name in self._texts:
            self._parts = []
            self._wanted = not self._phonetic
        elif name == self._row_tag:
            self._start_row(attributes)
        elif name == self._f:
            self._formula = True
        elif name == self._phonetic_tag:
            self._phonetic = True
        elif not self.is_worksheet:
            plain = local(name)
            self.is_worksheet = plain == "worksheet"
            self._name_tags(name[: len(name) - len(plain)])

    def text(self, data: str) -> None:
        """Add text to the open element."""
        if self._wanted:
            self._parts.append(data)

    def end(self, name: str) -> None:
        """End a row, a cell or a part of it."""
        if name == self._v:
            self._value = "".join(self._parts)
            self._wanted = False
        elif name == self._c:
            self._end_cell()
        elif name == self._row_tag:
            if self._row:
                self.rows.append((self._number, self._row))
                if self._hidden:
                    self._problems.hide(self._number)
        elif name == self._t:
            if self._wanted:
                self._inline = (self._inline or "") + "".join(self._parts)
            self._wanted = False
        elif name == self._phonetic_tag:
            self._phonetic = False

    def add_plain(self, text: str) -> bool:
        """Read a row without its end tag, if it is plain; False leaves it to the XML parser."""
        start = _ROW_START.match(text)
        number = int(start[1]) if start else 0
        if start is None or not self._number < number <= MOST_ROWS:
            return False
        if "&" in text and not has_plain_entities(text):
            return False
        found = _PLAIN_CELL.findall(text, start.end())
        filled, inline = text.count("</v>"), text.count("</t>")
        if text.count("<") != 1 + 4 * filled + 6 * inline + (len(found) - filled - inline):
            return False
        self._number, self._inline = number, None
        row = self._plain_row(found)
        while row and not row[-1]:
            row.pop()
        if row:
            self.rows.append((number, row))
            if "hidden" in start[0] and _HIDDEN.search(start[0]):
                self._problems.hide(number)
        return True

    def _plain_row(self, found: list[tuple[str, str, str, str, str]]) -> Row:
        """Give the texts of cells that are given as column letters, style, type, value and inline text."""
        row: Row = []
        for letters, style, kind, stored, inline in found:
            value = stored or inline
            if not value:
                continue
            if "&" in value:
                value = without_entities(value)
            column = self._columns.get(letters, -1)
            if column < 0:
                column = self._new_column(letters)
            if kind == "s":
                cell = self._shared(value)
            elif inline:
                cell = unescaped(value[: self._longest])
            elif not kind and style not in self._converted and len(value) <= DIGITS and value.isdecimal():
                cell = value if value[0] != "0" else str(int(value))
            else:
                self._column = column
                cell = self._content(kind, style, value)
            if column == len(row):
                row.append(cell)
            elif cell:
                put(row, column, cell)
        return row

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = integer(attributes.get("r"))
        self._unnamed = number <= self._number
        self._number = self._number + 1 if self._unnamed else number
        if self._number > MOST_ROWS:
            raise ReadError("too_many_rows", max=MOST_ROWS)
        self._row = []
        self._column = -1
        self._hidden = attributes.get("hidden") in ("1", "true")

    def _end_cell(self) -> None:
        cell = self._cell
        reference = cell.get("r")
        if reference:
            letters = reference.rstrip(_DIGITS)
            column = self._columns.get(letters, -1)
            self._column = self._new_column(letters) if column < 0 else column
            if self._unnamed and not self._row:
                self._number = max(self._number, min(integer(reference[len(letters) :]), MOST_ROWS))
        else:
            self._column += 1
        if self._value or self._inline:
            text = self._content(cell.get("t"), cell.get("s"), self._value or "")
            if text:
                put(self._row, self._column, text)
        elif self._formula and self._value is None and cell.get("t") != "str":
            self._problems.add("formula_not_calculated", self._number, self._column)

    def _new_column(self, letters: str) -> int:
        column = column_number(letters.replace("$", ""))
        if not 0 <= column < MOST_COLUMNS:
            raise ReadError("corrupt", f"there is no column {letters[:20]}")
        self._columns[letters] = column
        return column

    def _content(self, kind: str | None, style: str | None, value: str) -> str:
        if kind == "s":
            return self._shared(value)
        if not kind or kind == "n":
            return self._number_text(value.strip() if value else (self._inline or ""), style)
        if kind == "inlineStr":
            return unescaped((value if self._inline is None else self._inline)[: self._longest])
        if kind == "b":
            return boolean_text(value)
        if kind == "d":
            return iso_text(value)
        return unescaped(value[: self._longest])

    def _number_text(self, value: str, style: str | None) -> str:
        convert = self._styles.get(integer(style)) if self._styles else None
        if convert is not None:
            return convert(value)
        if len(value) > _SHORT and is_uncertain(value):
            self._problems.add("precision_lost", self._number, self._column)
        return number_text(value[: self._longest])

    def _shared(self, value: str) -> str:
        try:
            return self._strings[int(value)]
        except (ValueError, IndexError) as error:
            raise ReadError("corrupt", f"there is no shared string {value[:20]}") from error
