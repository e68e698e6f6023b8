"""Writes workbooks part by part, so that each has exactly the defect that its name says."""

# ruff: noqa: E501
from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"

Parts = dict[str, bytes]


def zipped(parts: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of the parts, the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            member = zipfile.ZipInfo(name, (2024, 1, 2, 3, 4, 6))
            member.compress_type = method
            archive.writestr(member, content)
    return out.getvalue()


def letters(column: int) -> str:
    """The letters of a column counted from 0."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


class X(str):
    """A cell, or a row, that is XML already; `@` in it is replaced by the reference of the cell."""


def cell(value: Any, row: int, column: int, style: int = 0) -> str:
    """The XML of a cell; a pair is a value and its style."""
    if isinstance(value, tuple):
        value, style = value
    place = f"{letters(column)}{row}"
    styled = f' s="{style}"' if style else ""
    if value is None:
        return f'<c r="{place}"{styled}/>' if style else ""
    if isinstance(value, X):
        return value.replace("@", place)
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"{styled}><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"{styled}><v>{value!r}</v></c>'
    return f'<c r="{place}" t="inlineStr"{styled}><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def sheet_data(rows: Iterable[Any], start: int = 1, left: int = 0) -> str:
    """The rows of a sheet; None is a row that is not there."""
    text = []
    for number, row in enumerate(rows, start):
        if isinstance(row, X):
            text.append(row)
        elif row is not None:
            cells = "".join(cell(value, number, column) for column, value in enumerate(row, left))
            text.append(f'<row r="{number}">{cells}</row>')
    return "".join(text)


def worksheet(data: str, before: str = "", after: str = "", space: str = MAIN) -> str:
    """A worksheet part around its rows."""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<worksheet xmlns="{space}">{before}<sheetData>{data}</sheetData>{after}</worksheet>'
    )


def styles(*codes: str | int) -> str:
    """A styles part whose styles 1, 2, … have these number formats, by code or by number."""
    custom = {code: 164 + place for place, code in enumerate(codes) if isinstance(code, str)}
    formats = "".join(
        f'<numFmt numFmtId="{number}" formatCode={quoteattr(code)}/>' for code, number in custom.items()
    )
    numbers = [0, *(custom[code] if isinstance(code, str) else code for code in codes)]
    xfs = "".join(f'<xf numFmtId="{number}" fontId="0" applyNumberFormat="1"/>' for number in numbers)
    named = '<cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs>'
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts>{named}<cellXfs>{xfs}</cellXfs></styleSheet>'
    )


def strings(*items: str) -> str:
    """A part of shared strings; an item that begins with `<` is XML already."""
    plain = '<t xml:space="preserve">{}</t>'
    text = "".join(
        f"<si>{item if item.startswith('<') else plain.format(escape(item))}</si>" for item in items
    )
    return f'<sst xmlns="{MAIN}">{text}</sst>'


def xlsx_parts(
    sheets: Mapping[str, str],
    *,
    states: Mapping[str, str] | None = None,
    style: str | None = None,
    shared: str | None = None,
    from_1904: bool = False,
    strict: bool = False,
) -> Parts:
    """The parts of a plain XLSX: sheets by name, each the whole XML of its part."""
    space, office = (STRICT, STRICT_OFFICE) if strict else (MAIN, OFFICE)
    states = states or {}
    listed, relations = "", ""
    parts: dict[str, str] = {}
    for place, (name, content) in enumerate(sheets.items(), 1):
        state = f' state="{states[name]}"' if name in states else ""
        listed += f'<sheet name={quoteattr(name)} sheetId="{place}"{state} r:id="rId{place}"/>'
        relations += _relation(f"rId{place}", f"{office}/worksheet", f"worksheets/sheet{place}.xml")
        parts[f"xl/worksheets/sheet{place}.xml"] = content
    if style is not None:
        relations += _relation("rId90", f"{office}/styles", "styles.xml")
        parts["xl/styles.xml"] = style
    if shared is not None:
        relations += _relation("rId91", f"{office}/sharedStrings", "sharedStrings.xml")
        parts["xl/sharedStrings.xml"] = shared
    properties = '<workbookPr date1904="1"/>' if from_1904 else ""
    head = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": _relations(_relation("rId1", f"{office}/officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{office}">{properties}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(relations),
    }
    return {name: content.encode() for name, content in {**head, **parts}.items()}


def _relation(identity: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{identity}" Type="{kind}" Target="{target}"/>'


def _relations(text: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}">{text}</Relationships>'


def xlsx(rows: Iterable[Any], **options: Any) -> bytes:
    """A workbook of one sheet called Clients."""
    return zipped(xlsx_parts({"Clients": worksheet(sheet_data(rows))}, **options))


# OpenDocument


def ods(tables: Mapping[str, str], hidden: Iterable[str] = (), **more: str) -> bytes:
    """A spreadsheet package: tables by name, each the XML of its rows."""
    return zipped({
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": ods_content(tables, hidden),
        "META-INF/manifest.xml": '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        **more,
    })  # fmt: skip


def ods_content(tables: Mapping[str, str], hidden: Iterable[str] = (), root: str = "document-content") -> str:
    """The content part, or with the root `document` a whole file."""
    space = "urn:oasis:names:tc:opendocument:xmlns"
    hiding = set(hidden)
    text = "".join(
        f'<table:table table:name={quoteattr(name)} table:style-name="{"off" if name in hiding else "on"}">{rows}</table:table>'
        for name, rows in tables.items()
    )
    look = "".join(
        f'<style:style style:name="{name}" style:family="table"><style:table-properties table:display="{shown}"/></style:style>'
        for name, shown in (("on", "true"), ("off", "false"))
    )
    kind = ' office:mimetype="application/vnd.oasis.opendocument.spreadsheet"' if root == "document" else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:{root} xmlns:office="{space}:office:1.0" '
        f'xmlns:table="{space}:table:1.0" xmlns:text="{space}:text:1.0" xmlns:style="{space}:style:1.0" '
        f'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"{kind}>'
        f"<office:automatic-styles>{look}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{text}</office:spreadsheet></office:body></office:{root}>"
    )


def ods_rows(*rows: Iterable[Any]) -> str:
    """Rows of an OpenDocument table."""
    return "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)


def ods_cell(value: Any) -> str:
    """The XML of a cell."""
    if isinstance(value, X):
        return value
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, bool):
        text = str(value).lower()
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{text}"><text:p>{text.upper()}</text:p></table:table-cell>'
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


# XLSB


def record(kind: int, content: bytes = b"") -> bytes:
    """One record of XLSB."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, size = len(content), b""
    while True:
        length, low = length >> 7, length & 0x7F
        size += bytes([low | (0x80 if length else 0)])
        if not length:
            return head + size + content


def wide(text: str) -> bytes:
    """A text with its length before it."""
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb_cell(value: Any, column: int, style: int = 0) -> bytes:
    """The record of a cell; bytes are an error."""
    if isinstance(value, tuple):
        value, style = value
    head = struct.pack("<II", column, style)
    if isinstance(value, bytes):
        return record(3, head + value)
    if isinstance(value, bool):
        return record(4, head + bytes([value]))
    if isinstance(value, int) and abs(value) < 1 << 29:
        return record(2, head + struct.pack("<I", (value << 2 | 2) & 0xFFFFFFFF))
    if isinstance(value, int | float):
        return record(5, head + struct.pack("<d", value))
    return record(6, head + wide(value))


def xlsb_sheet(rows: Iterable[Iterable[Any]]) -> bytes:
    """A worksheet part."""
    data = record(129) + record(145)
    for number, row in enumerate(rows):
        data += record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0))
        data += b"".join(xlsb_cell(value, place) for place, value in enumerate(row) if value is not None)
    return data + record(146) + record(130)


def xlsb(
    sheets: Mapping[str, bytes],
    codes: Iterable[str] = (),
    hidden: Iterable[str] = (),
    from_1904: bool = False,
) -> bytes:
    """A workbook whose styles 1, 2, … have these number formats."""
    listed, relations = b"", ""
    parts: dict[str, bytes] = {}
    for place, (name, content) in enumerate(sheets.items(), 1):
        listed += record(
            156, struct.pack("<II", name in set(hidden), place) + wide(f"rId{place}") + wide(name)
        )
        relations += _relation(f"rId{place}", f"{OFFICE}/worksheet", f"worksheets/sheet{place}.bin")
        parts[f"xl/worksheets/sheet{place}.bin"] = content
    formats = list(codes)
    look = b"".join(
        record(44, struct.pack("<H", 164 + place) + wide(code)) for place, code in enumerate(formats)
    )
    numbers = [0, *range(164, 164 + len(formats))]
    look += (
        record(617)
        + b"".join(record(47, struct.pack("<HH12x", 0, number)) for number in numbers)
        + record(618)
    )
    workbook = record(131) + record(153, struct.pack("<III", from_1904, 0, 0)) + listed + record(132)
    return zipped({
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"/>',
        "xl/workbook.bin": workbook,
        "xl/_rels/workbook.bin.rels": _relations(relations),
        "xl/styles.bin": look,
        **parts,
    })  # fmt: skip
