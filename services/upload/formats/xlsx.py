"""Reads XLSX as a stream (ECMA-376, transitional and strict); memory holds the shared strings and a few rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException, ElementTree

from services.upload.containers.zip_parts import Package, resolved
from services.upload.formats.cell_text import Convert, boolean_text, converter_of_format
from services.upload.formats.xlsx_rows import RowCollector, integer, read_rows
from services.upload.formats.xlsx_strings import StringCollector, read_strings
from services.upload.model.book import CellProblems, Sheet
from services.upload.model.rows import Row
from services.upload.model.source import Limits, ReadError

_UNSEEN = ("hidden", "veryhidden")


class Workbook:
    """An XLSX package; its sheets come from its relationships, or from its part names where those are missing."""

    format = "xlsx"

    def __init__(self, path: Path, limits: Limits) -> None:
        self._package = Package(path, limits)
        self._longest = limits.cell_length + 1
        self._strings: list[str] | None = None
        self._read_parts()

    def rows(self, sheet: Sheet, problems: CellProblems) -> Iterator[tuple[int, Row]]:
        """Give the filled rows of a sheet, see `model.book.Book`."""
        if self._strings is None:
            self._strings = self._shared_strings()
        cells = RowCollector(self._strings, self._styles, self._longest, problems)
        for _ in read_rows(self._package.chunks(sheet.key), cells):
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
        """Give the targets of a part's relationships, by the last word of their type and by their id."""
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
        strings = StringCollector(self._longest)
        for _ in read_strings(self._package.chunks(self._strings_part), strings):
            pass
        return strings.found


def local_tag(element: Element) -> str:
    """Give the tag of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _only(targets: dict[str, str] | None, usual: str) -> str:
    return next(iter(targets.values())) if targets else usual


def _converters(styles: Element, from_1904: bool) -> list[Convert | None]:
    """Give, for each cell style, the function that turns stored numbers into text."""
    codes: dict[int, str] = {}
    formats: list[int] = []
    for element in styles.iter():
        if local_tag(element) == "numFmt":
            codes[integer(element.get("numFmtId"))] = element.get("formatCode", "")
        elif local_tag(element) == "cellXfs":
            formats = [integer(xf.get("numFmtId")) for xf in element if local_tag(xf) == "xf"]
    return [converter_of_format(number, codes, from_1904) for number in formats]
