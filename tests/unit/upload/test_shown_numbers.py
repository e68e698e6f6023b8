"""Numbers of workbooks are read as they are shown where their format makes a text of them."""

# ruff: noqa: E501
from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import xlwt

from services.upload.formats.cell_text import converter_of_code, number_text
from services.upload.ingest.reader import open_source
from tests.files.making import (
    X,
    ods,
    ods_rows,
    record,
    sheet_data,
    styles,
    worksheet,
    xlsb,
    xlsb_cell,
    xlsx,
    xlsx_parts,
    zipped,
)  # fmt: skip

SHOWN = [
    ("00000", 42, "00042"),
    ("00000", 1234567, "1234567"),
    ("00000", -42, "-00042"),
    ("0000\\.000\\.000", 403170701, "0403.170.701"),
    ('0000"."000"."000', 403170701, "0403.170.701"),
    ('"BE"0000000000', 403170701, "BE0403170701"),
    ('"BE "0000"."000"."000', 403170701, "BE 0403.170.701"),
    ('"BE"0', 403170701, "BE403170701"),
    ('"+"0', 32475123456, "+32475123456"),
    ("+0", 32475123456, "+32475123456"),
    ('"+32 "000" "00" "00" "00', 475123456, "+32 475 12 34 56"),
    ('"Klant "000', 7, "Klant 007"),
    ('"K-"0', 7, "K-7"),
    ('0#" "##" "##" "##" "##', 612345678, "06 12 34 56 78"),
    ("0# ## ## ## ##", 612345678, "06 12 34 56 78"),
    ('0###"/"##"."##"."##', 475123456, "0475/12.34.56"),
    ("[<=9999999]###\\-####;\\(###\\)\\ ###\\-####", 5551234567, "(555) 123-4567"),
    ("[<=9999999]###\\-####;\\(###\\)\\ ###\\-####", 5551234, "555-1234"),
    ("000\\-00\\-0000", 12345678, "012-34-5678"),
    ("00\\.00\\.00\\-000\\.00", 85073003328, "85.07.30-033.28"),
    ("[$-409]00000", 42, "00042"),
    ("[Red]00000", 42, "00042"),
    ("00000;[Red]-00000", -42, "-00042"),
    ("00000_)", 42, "00042"),
    ("00000", 1.5, "1.5"),
]
PLAIN = [
    ("General", 42), ("0", 42), ("#", 42), ("#,##0", 1234), ("0.00", 12.5), ("#,##0.00", 1234.5), ("0%", 0.5),
    ("# ##0", 1234), ("# ##0.00", 1234.5), ("### ### ##0", 1234567), ('"€ "0', 42), ('"€ "#,##0.00', 42), ("[$€-2] 0", 42),
    ('0" EUR"', 42), ('0" km"', 42), ("0_);(0)", 42), ("0.00E+00", 1234), ("# ?/?", 2), ("# ??/??", 2), ("@", 42),
    ('_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-', 42), ('"kr" #,##0', 42), ("$#,##0_);($#,##0)", 42), ("", 42),
]  # fmt: skip


@pytest.mark.parametrize(("code", "value", "text"), SHOWN)
def test_a_format_that_makes_a_text_of_a_number_shows_it(code: str, value: float, text: str) -> None:
    convert = converter_of_code(code)
    assert convert is not None
    assert convert(repr(value)) == text


@pytest.mark.parametrize(("code", "value"), PLAIN)
def test_amounts_are_read_as_they_are_stored(code: str, value: float) -> None:
    assert converter_of_code(code) is None
    assert number_text(repr(value)) == repr(value)


def xlsx_file(code: str, value: float) -> bytes:
    return xlsx([["Code", "Name"], [(value, 1), "Ann"], [(value, 1), "Bob"]], style=styles(code))


def xlsb_file(code: str, value: float) -> bytes:
    data = record(129) + record(145)
    for number, row in enumerate([["Code", "Name"], [(value, 1), "Ann"], [(value, 1), "Bob"]]):
        data += record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0))
        data += b"".join(xlsb_cell(cell, place) for place, cell in enumerate(row))
    return xlsb({"Clients": data + record(146) + record(130)}, [code])


def xls_file(code: str, value: float) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Clients")
    style = xlwt.easyxf(num_format_str=code)
    for number, name in enumerate(["Name", "Ann", "Bob"]):
        sheet.write(number, 1, name)
        sheet.write(number, 0, "Code" if not number else value, style)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xml_file(code: str, value: float) -> bytes:
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    quoted = code.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    rows = "".join(
        f'<Row><Cell ss:StyleID="s1"><Data ss:Type="Number">{value}</Data></Cell>'
        f'<Cell><Data ss:Type="String">{name}</Data></Cell></Row>'
        for name in ("Ann", "Bob")
    )
    head = "".join(f'<Cell><Data ss:Type="String">{name}</Data></Cell>' for name in ("Code", "Name"))
    return (
        f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}"><Styles><Style ss:ID="s1">'
        f'<NumberFormat ss:Format="{quoted}"/></Style></Styles><Worksheet ss:Name="Clients"><Table>'
        f"<Row>{head}</Row>{rows}</Table></Worksheet></Workbook>"
    ).encode()


def read(folder: Path, content: bytes) -> list[str]:
    path = folder / "list"
    path.write_bytes(content)
    return [row[0] for batch in open_source(path).batches() for row in batch.rows]


@pytest.mark.parametrize("made", [xlsx_file, xlsb_file, xls_file, xml_file])
@pytest.mark.parametrize(("code", "value", "text"), SHOWN[:16:3])
def test_every_format_shows_them_alike(
    tmp_path: Path, made: Callable[[str, float], bytes], code: str, value: float, text: str
) -> None:
    assert read(tmp_path, made(code, value)) == [text, text]


@pytest.mark.parametrize(
    ("value", "shown", "text"),
    [
        ("42", "00042", "00042"),
        ("403170701", "0403.170.701", "0403.170.701"),
        ("403170701", "BE0403170701", "BE0403170701"),
        ("32475123456", "+32475123456", "+32475123456"),
        ("475123456", "+32 475 12 34 56", "+32 475 12 34 56"),
        ("5551234567", "(555) 123-4567", "(555) 123-4567"),
        ("7", "Klant 007", "Klant 007"),
        ("1234", "1.234", "1234"),
        ("1234", "1 234", "1234"),
        ("1234", "1234,00 €", "1234"),
        ("1234", "€ 1.234", "1234"),
        ("1234", "EUR 1.234", "1234"),
        ("0.5", "50%", "0.5"),
        ("-1234", "(1234)", "-1234"),
        ("12345.678", "12346", "12345.678"),
    ],
)
def test_open_document_keeps_what_it_shows(tmp_path: Path, value: str, shown: str, text: str) -> None:
    stored = f'office:value-type="float" office:value="{value}"'
    cell = X(f"<table:table-cell {stored}><text:p>{shown}</text:p></table:table-cell>")
    rows = ["Code", "Name"], [cell, "Ann"], [cell, "Bob"]
    assert read(tmp_path, ods({"Clients": ods_rows(*rows)})) == [text, text]


@pytest.mark.parametrize("code", ["h:mm", "hh:mm:ss", "[h]:mm"])
def test_a_time_is_a_time_where_days_count_from_1904(tmp_path: Path, code: str) -> None:
    data = worksheet(sheet_data([["Time", "Name"], [(0.5, 1), "Ann"], [(0.5, 1), "Bob"]]))
    parts = xlsx_parts({"Clients": data}, style=styles(code), from_1904=True)
    assert read(tmp_path, zipped(parts)) == ["12:00:00", "12:00:00"]
    book = xlwt.Workbook()
    book.dates_1904 = True
    sheet = book.add_sheet("Clients")
    for number, name in enumerate(["Name", "Ann", "Bob"]):
        sheet.write(number, 1, name)
        sheet.write(number, 0, "Time" if not number else 0.5, xlwt.easyxf(num_format_str=code))
    out = io.BytesIO()
    book.save(out)
    assert read(tmp_path, out.getvalue()) == ["12:00:00", "12:00:00"]


def test_a_date_is_the_first_day_where_days_count_from_1904(tmp_path: Path) -> None:
    data = worksheet(sheet_data([["Day", "Name"], [(0.5, 1), "Ann"], [(1.0, 1), "Bob"]]))
    parts = xlsx_parts({"Clients": data}, style=styles("dd/mm/yyyy"), from_1904=True)
    assert read(tmp_path, zipped(parts)) == ["1904-01-01T12:00:00", "1904-01-02"]
