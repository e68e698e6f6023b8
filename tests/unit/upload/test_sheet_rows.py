"""Rows of workbooks that are no clients, or that the program of the file does not show, in every format."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from services.upload.ingest.reader import open_source
from services.upload.model.source import Overrides, Source
from tests.files.making import (
    X,
    ods,
    ods_cell,
    record,
    sheet_data,
    worksheet,
    xlsb,
    xlsb_cell,
    xlsx_parts,
    zipped,
)  # fmt: skip

Rows = list[list[str]]

HEADER = ["Klant", "E-mail", "Omzet"]
BODY = [[f"Firma {n}", f"info{n}@voorbeeld.be", f"{1000 + n}"] for n in range(6)]


def xlsx_file(rows: Rows, hidden: set[int]) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for number, row in enumerate(rows, 1):
        sheet.append([cell or None for cell in row])
        sheet.row_dimensions[number].hidden = number in hidden
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def ods_file(rows: Rows, hidden: set[int]) -> bytes:
    text = ""
    for number, row in enumerate(rows, 1):
        look = ' table:visibility="filter"' if number in hidden else ""
        text += f"<table:table-row{look}>{''.join(ods_cell(cell or None) for cell in row)}</table:table-row>"
    return ods({"Clients": text})


def xlsb_file(rows: Rows, hidden: set[int]) -> bytes:
    data = record(129) + record(145)
    for number, row in enumerate(rows):
        flags = 0x10 if number + 1 in hidden else 0
        data += record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, flags, 0, 0))
        data += b"".join(xlsb_cell(cell, place) for place, cell in enumerate(row) if cell)
    return xlsb({"Clients": data + record(146) + record(130)})


def spreadsheetml_file(rows: Rows, hidden: set[int]) -> bytes:
    text = ""
    for number, row in enumerate(rows, 1):
        cells = "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row)
        look = ' ss:Hidden="1"' if number in hidden else ""
        text += f"<Row{look}>{cells}</Row>"
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="Clients">'
        f"<Table>{text}</Table></Worksheet></Workbook>"
    ).encode()


def html_file(rows: Rows, hidden: set[int]) -> bytes:
    text = ""
    for number, row in enumerate(rows, 1):
        look = ' style="height: 0; display: none"' if number in hidden else ""
        text += f"<tr{look}>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>"
    return f"<html><body><table>{text}</table></body></html>".encode()


def csv_file(rows: Rows, hidden: set[int]) -> bytes:
    assert not hidden, "text hides no rows"
    return "\n".join(";".join(row) for row in rows).encode()


WORKBOOKS: dict[str, Callable[[Rows, set[int]], bytes]] = {
    "xlsx": xlsx_file, "ods": ods_file, "xlsb": xlsb_file, "xml": spreadsheetml_file, "html": html_file,
}  # fmt: skip
FORMATS = {**WORKBOOKS, "csv": csv_file}


def opened(folder: Path, content: bytes, overrides: Overrides | None = None) -> tuple[Source, Rows]:
    path = folder / "list"
    path.write_bytes(content)
    source = open_source(path, overrides=overrides)
    return source, [row for batch in source.batches() for row in batch.rows]


def codes(source: Source) -> dict[str, object]:
    return {problem["code"]: problem["params"] for problem in source.found.problems}


@pytest.mark.parametrize("format", FORMATS)
def test_a_total_is_read_and_starts_without_its_tick(tmp_path: Path, format: str) -> None:
    rows = [HEADER, *BODY, ["Totaal", "", "6015"]]
    source, read = opened(tmp_path, FORMATS[format](rows, set()))
    assert read == rows[1:]
    assert source.starting_unticked() == [8]
    assert codes(source)["total_rows"] == {"count": 1, "rows": "8"}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("foot", [[], [["Pagina 1 van 2", "", ""]]])
def test_a_header_that_is_repeated_on_each_page_is_left_out(tmp_path: Path, format: str, foot: Rows) -> None:
    rows = [HEADER, *BODY[:3], *foot, HEADER, *BODY[3:], *foot]
    source, read = opened(tmp_path, FORMATS[format](rows, set()))
    assert [row for row in read if row[1]] == BODY
    assert codes(source)["rows_left_out"] == {"count": 1 + len(foot), "rows": "5, 6" if foot else "5"}
    assert source.starting_unticked() == ([10] if foot else [])


@pytest.mark.parametrize("format", WORKBOOKS)
@pytest.mark.parametrize("above", [[], [["Klantenlijst", "", ""]]])
def test_hidden_rows_are_read_and_pointed_out(tmp_path: Path, format: str, above: Rows) -> None:
    first = 1 + len(above)
    hidden = {first, first + 2, first + 5}  # a hidden header is no row of the list
    content = WORKBOOKS[format]([*above, HEADER, *BODY], hidden)
    source, read = opened(tmp_path, content)
    assert read == BODY
    assert source.hidden == [first + 2, first + 5]
    assert codes(source)["hidden_rows"] == {"count": 2, "rows": f"{first + 2}, {first + 5}"}
    assert source.starting_unticked() == []
    without, read = opened(tmp_path, content, Overrides(leave_out_hidden=True))
    assert read == BODY
    assert without.starting_unticked() == [first + 2, first + 5]
    assert "hidden_rows_left_out" in codes(without)


@pytest.mark.parametrize(
    ("flag", "hidden"),
    [('hidden="1"', [3]), ("", []), ('hidden="0"', []), ('ht="15" hidden="true" customHeight="1"', [3])],
)
def test_a_row_of_numbers_may_be_hidden(tmp_path: Path, flag: str, hidden: list[int]) -> None:
    rows = [
        X(f'<row r="{n}" {flag if n == 3 else ""}><c r="A{n}"><v>{n}</v></c><c r="B{n}"><v>{n}</v></c></row>')
        for n in range(2, 9)
    ]
    data = sheet_data([["Code", "Fee"], *rows])
    source, read = opened(tmp_path, zipped(xlsx_parts({"Clients": worksheet(data)})))
    assert len(read) == 7
    assert source.hidden == hidden


def test_a_row_of_xls_may_be_hidden(tmp_path: Path) -> None:
    content = bytearray(
        (Path(__file__).parents[2] / "files/workbook/padded-codes-and-dates.xls").read_bytes()
    )
    row = content.index(struct.pack("<HHH", 0x208, 16, 1))  # the record of the second row
    content[row + 4 + 12] |= 0x20
    source, _ = opened(tmp_path, bytes(content))
    assert source.hidden == [2]


@pytest.mark.parametrize("filled", range(1, 4))
def test_blank_cells_at_the_end_of_a_row_are_usual_in_a_workbook(tmp_path: Path, filled: int) -> None:
    book = openpyxl.Workbook()
    for row in (["Name", "Phone", "Notes"], ["Ann", "0475", "x"], ["Bob", "0476", "y"][:filled]):
        book.active.append(row)
    book.save(tmp_path / "list.xlsx")
    (batch,) = open_source(tmp_path / "list.xlsx").batches()
    assert batch.short == []
    assert batch.rows[1] == [*["Bob", "0476", "y"][:filled], *[""] * (3 - filled)]
