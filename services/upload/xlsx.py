"""Read XLSX as a stream (ECMA-376, transitional and strict): memory holds the shared strings and a few rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException, ElementTree

from services.upload.book import MOST_COLUMNS, MOST_ROWS, Remarks, Sheet, column_number, put
from services.upload.cells import (
    Convert,
    boolean_text,
    converter,
    is_uncertain,
    iso_text,
    kind_of,
    number_text,
)
from services.upload.package import Package, resolved
from services.upload.source import Limits, ReadError, Row
from services.upload.xml_events import local, parsed

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DIGITS = "0123456789"
_UNSEEN = ("hidden", "veryhidden")
# A shorter number cannot have too many digits, `1E+15` apart.
_SHORT = 4


class Workbook:
    """An XLSX package: sheets from its relationships, or from its part names where those are missing."""

    format = "xlsx"

    def __init__(self, path: Path, limits: Limits) -> None:
        self._package = Package(path, limits)
        self._longest = limits.cell_length + 1
        self._strings: list[str] | None = None
        self._read_parts()

    def rows(self, sheet: Sheet, remarks: Remarks) -> Iterator[tuple[int, Row]]:
        """The filled rows of a sheet, see `book.Book`."""
        if self._strings is None:
            self._strings = self._shared_strings()
        cells = _Cells(self._strings, self._styles, self._longest, remarks)
        for _ in parsed(self._package.chunks(sheet.key), cells):
            if cells.rows:
                yield from cells.rows
                cells.rows.clear()
        if not cells.is_worksheet:
            raise ReadError("corrupt", f"{sheet.key} is no worksheet")

    def _read_parts(self) -> None:
        root = self._relations("").get("officeDocument", {})
        home = next(iter(root.values()), "xl/workbook.xml")
        if home not in self._package:
            home = next((name for name in self._package.members if name.endswith("workbook.xml")), home)
        relations = self._relations(home)
        workbook = self._tree(home)
        self.sheets = self._sheets(workbook, relations.get("worksheet", {}))
        if not self.sheets:
            raise ReadError("corrupt", "no worksheets")
        self._strings_part = _only(relations.get("sharedStrings"), resolved(home, "sharedStrings.xml"))
        properties = next((e for e in workbook.iter() if local_tag(e) == "workbookPr"), None)
        from_1904 = properties is not None and boolean_text(properties.get("date1904", "0")) == "TRUE"
        styles = _only(relations.get("styles"), resolved(home, "styles.xml"))
        self._styles = _converters(self._tree(styles), from_1904) if styles in self._package else []

    def _sheets(self, workbook: Element, parts: dict[str, str]) -> list[Sheet]:
        sheets = []
        numbered = sorted(
            (name for name in self._package.members if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)),
            key=lambda name: (len(name), name),
        )
        named = [element for element in workbook.iter() if local_tag(element) == "sheet"]
        for place, element in enumerate(named):
            identity = next((value for key, value in element.items() if key.endswith("}id")), "")
            part = parts.get(identity, "")
            if not parts and place < len(numbered):
                part = numbered[place]
            if part in self._package:
                visible = element.get("state", "visible").lower() not in _UNSEEN
                sheets.append(Sheet(element.get("name", ""), visible, part))
        return sheets

    def _relations(self, part: str) -> dict[str, dict[str, str]]:
        """The targets of a part's relationships: by the last word of their type, then by their id."""
        folder, _, name = part.rpartition("/")
        place = f"{folder}/_rels/{name}.rels".lstrip("/")
        found: dict[str, dict[str, str]] = {}
        if place in self._package:
            for element in self._tree(place).iter():
                kind, identity = element.get("Type", "").rpartition("/")[2], element.get("Id", "")
                if element.get("TargetMode") != "External":
                    found.setdefault(kind, {})[identity] = resolved(part, element.get("Target", ""))
        return found

    def _tree(self, part: str) -> Element:
        try:
            tree: Element = ElementTree.fromstring(self._package.small(part), forbid_dtd=True)
        except (SyntaxError, ValueError, LookupError, DefusedXmlException) as error:
            raise ReadError("corrupt", f"{part}: {error!r}") from error
        return tree

    def _shared_strings(self) -> list[str]:
        if self._strings_part not in self._package:
            return []
        strings = _Strings(self._longest)
        for _ in parsed(self._package.chunks(self._strings_part), strings):
            pass
        return strings.found


def local_tag(element: Element) -> str:
    """The tag of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _only(targets: dict[str, str] | None, usual: str) -> str:
    return next(iter(targets.values())) if targets else usual


def _converters(styles: Element, from_1904: bool) -> list[Convert | None]:
    """What turns the numbers of each cell style into text."""
    codes: dict[int, str] = {}
    formats: list[int] = []
    for element in styles.iter():
        if local_tag(element) == "numFmt":
            codes[_integer(element.get("numFmtId"))] = element.get("formatCode", "")
        elif local_tag(element) == "cellXfs":
            formats = [_integer(xf.get("numFmtId")) for xf in element if local_tag(xf) == "xf"]
    return [converter(*kind_of(number, codes), from_1904) for number in formats]


def _integer(text: str | None, default: int = 0) -> int:
    return int(text) if text and text.isdecimal() else default


def unescaped(text: str) -> str:
    """Characters that XML cannot hold, from their form `_x000D_` (ECMA-376 part 1, 22.9.2.19)."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text).replace("\0", "")


class _Strings:
    """Gathers the shared strings; one that is too long is cut just after it became so."""

    def __init__(self, longest: int) -> None:
        self.found: list[str] = []
        self._longest = longest
        self._parts: list[str] = []
        self._wanted = False
        self._phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "t":
            self._wanted = not self._phonetic
        elif name == "rPh":
            self._phonetic = True
        elif name == "si":
            self._parts = []

    def end(self, name: str) -> None:
        name = local(name)
        if name == "t":
            self._wanted = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            self.found.append(unescaped("".join(self._parts)[: self._longest]))

    def text(self, data: str) -> None:
        if self._wanted:
            self._parts.append(data)


class _Cells:
    """Gathers the filled rows of a worksheet in `rows`, to be taken out by whoever feeds it."""

    def __init__(
        self, strings: list[str], styles: list[Convert | None], longest: int, remarks: Remarks
    ) -> None:
        self.rows: list[tuple[int, Row]] = []
        self.is_worksheet = False
        self._strings = strings
        self._styles = dict(enumerate(styles))
        self._longest = longest
        self._remarks = remarks
        self._columns: dict[str, int] = {}
        self._number = 0
        self._row: Row = []
        self._column = -1
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
        if self._wanted:
            self._parts.append(data)

    def end(self, name: str) -> None:
        if name == self._v:
            self._value = "".join(self._parts)
            self._wanted = False
        elif name == self._c:
            self._end_cell()
        elif name == self._row_tag:
            if self._row:
                self.rows.append((self._number, self._row))
        elif name == self._t:
            if self._wanted:
                self._inline = (self._inline or "") + "".join(self._parts)
            self._wanted = False
        elif name == self._phonetic_tag:
            self._phonetic = False

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = _integer(attributes.get("r"))
        self._unnamed = number <= self._number
        self._number = self._number + 1 if self._unnamed else number
        if self._number > MOST_ROWS:
            raise ReadError("too_many_rows", max=MOST_ROWS)
        self._row = []
        self._column = -1

    def _end_cell(self) -> None:
        cell = self._cell
        reference = cell.get("r")
        if reference:
            letters = reference.rstrip(_DIGITS)
            column = self._columns.get(letters, -1)
            self._column = self._new_column(letters) if column < 0 else column
            if self._unnamed and not self._row:
                self._number = max(self._number, min(_integer(reference[len(letters) :]), MOST_ROWS))
        else:
            self._column += 1
        if self._value or self._inline:
            text = self._content(cell.get("t"), cell.get("s"))
            if text:
                put(self._row, self._column, text)
        elif self._formula and self._value is None and cell.get("t") != "str":
            self._remarks.add("formula_not_calculated", self._number, self._column)

    def _new_column(self, letters: str) -> int:
        column = column_number(letters.replace("$", ""))
        if not 0 <= column < MOST_COLUMNS:
            raise ReadError("corrupt", f"there is no column {letters[:20]}")
        self._columns[letters] = column
        return column

    def _content(self, kind: str | None, style: str | None) -> str:
        value = self._value or ""
        if kind == "s":
            return self._shared(value)
        if kind is None or kind == "n":
            return self._number_text(value, style)
        if kind == "inlineStr":
            return unescaped((value if self._inline is None else self._inline)[: self._longest])
        if kind == "b":
            return boolean_text(value)
        if kind == "d":
            return iso_text(value)
        return unescaped(value[: self._longest])

    def _number_text(self, value: str, style: str | None) -> str:
        value = value.strip() if value else (self._inline or "")
        convert = self._styles.get(_integer(style)) if self._styles else None
        if convert is not None:
            return convert(value)
        if len(value) > _SHORT and is_uncertain(value):
            self._remarks.add("precision_lost", self._number, self._column)
        return number_text(value[: self._longest])

    def _shared(self, value: str) -> str:
        try:
            place = int(value)
            if place >= 0:
                return self._strings[place]
        except (ValueError, IndexError):
            pass
        raise ReadError("corrupt", f"there is no shared string {value[:20]}")
