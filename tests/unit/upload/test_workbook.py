"""Tests reading of XLSX workbooks, and the refusal of harmful ones."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from services.upload.formats.xls import cell_text
from services.upload.ingest.reader import open_source
from services.upload.model.source import Limits, Overrides, ReadError, Source


def saved(folder: Path, *rows: list[Any], name: str = "clients.xlsx", hidden_first: bool = False) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    if hidden_first:
        sheet.title = "Secret"
        sheet.append(["do", "not"])
        sheet.append(["read", "me"])
        sheet.sheet_state = "hidden"
        sheet = workbook.create_sheet("Clients")
    for row in rows:
        sheet.append(row)
    path = folder / name
    workbook.save(folder / "saved.xlsx")
    (folder / "saved.xlsx").rename(path)
    return path


def rows_of(source: Source) -> list[list[str]]:
    return [row for batch in source.batches() for row in batch.rows]


def outcome(path: Path) -> str | list[list[str]]:
    """The rows, or the code of the refusal; anything else that is raised fails the test."""
    try:
        return rows_of(open_source(path))
    except ReadError as error:
        return error.code


def code_of(path: Path, limits: Limits | None = None, **overrides: Any) -> str:
    with pytest.raises(ReadError) as caught:
        rows_of(open_source(path, path.name, limits, Overrides(**overrides)))
    return caught.value.code


def rewritten(path: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """The same package with its parts changed."""
    target = path.with_name("rewritten.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target


def with_sheet_xml(path: Path, data: bytes) -> Path:
    """The same package with other rows in its first sheet."""

    def change(name: str, content: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return content
        start, end = content.index(b"<sheetData"), content.index(b"</sheetData>")
        return content[:start] + b"<sheetData>" + data + content[end:]

    return rewritten(path, change)


def test_typed_cells_become_the_text_a_person_means(tmp_path: Path) -> None:
    day = datetime.date(1985, 7, 30)
    path = saved(
        tmp_path,
        ["Name", "Code", "Born", "Seen", "Active", "Rate"],
        ["Ann", 403019261, day, datetime.datetime(2024, 1, 2, 3, 4, 5), True, 1.5],
        ["Bob", "0403019261", None, None, False, 0.1 + 0.2],
    )
    source = open_source(path)
    assert (source.found.format, source.found.sheet, source.found.header_row) == ("xlsx", "Sheet", 1)
    assert rows_of(source) == [
        ["Ann", "403019261", "1985-07-30", "2024-01-02T03:04:05", "TRUE", "1.5"],
        ["Bob", "0403019261", "", "", "FALSE", "0.3"],
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (-0.0, "0"),
        (85073003328.0, "85073003328"),
        (1e20, "100000000000000000000"),
        (0.000001, "0.000001"),
        (float("inf"), ""),
        (datetime.time(9, 30), "09:30:00"),
        (datetime.timedelta(hours=30, minutes=5), "30:05:00"),
        (datetime.datetime(2024, 5, 6), "2024-05-06"),
    ],
)
def test_a_number_or_time_is_written_plainly(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    for ending in ("csv", "xls", "ods"):
        path = saved(tmp_path, ["Name", "City"], ["Ann", "Gent"], name=f"clients.{ending}")
        assert open_source(path).found.format == "xlsx"
    text = tmp_path / "text.xlsx"
    text.write_text("Name;City\nAnn;Gent\n")
    assert open_source(text).found.format == "csv"


def test_a_table_apart_from_the_first_cell_keeps_its_row_numbers_and_column_letters(tmp_path: Path) -> None:
    path = saved(tmp_path, [], [], [None, None, "Name", None, "City"], [], [None, None, "Ann", "x", "Gent"])
    source = open_source(path)
    assert (source.found.header_row, source.found.first_column) == (3, 2)
    assert source.found.names == ["Name", "Column D", "City"]
    (batch,) = source.batches()
    assert (batch.numbers, batch.rows, source.blank_rows) == ([5], [["Ann", "x", "Gent"]], 1)


def test_the_first_visible_sheet_with_rows_is_read_and_hidden_ones_are_named(tmp_path: Path) -> None:
    path = saved(tmp_path, ["Name", "City"], ["Ann", "Gent"], hidden_first=True)
    found = open_source(path).found
    assert (found.sheet, found.sheets) == ("Clients", ["Secret", "Clients"])
    assert found.problems == [
        {"code": "other_sheets", "place": {"sheet": "Clients"}, "params": {"sheet": "Clients", "count": 1}}
    ]
    chosen = open_source(path, overrides=Overrides(sheet="Secret"))
    assert rows_of(chosen) == [["read", "me"]]
    assert code_of(path, sheet="Elsewhere") == "unknown_sheet"


def test_error_cells_are_not_taken_for_blanks(tmp_path: Path) -> None:
    path = saved(tmp_path, ["Name", "City"], ["Ann", "Gent"])
    row = (
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c><c r="B1" t="str"><v>City</v></c></row>'
    )
    row += (
        b'<row r="2"><c r="A2" t="str"><v>Ann</v></c><c r="B2" s="0" t="e"><f>NA()</f><v>#N/A</v></c></row>'
    )
    assert rows_of(open_source(with_sheet_xml(path, row))) == [["Ann", "#N/A"]]


def test_an_empty_workbook_and_a_lone_header_are_refused(tmp_path: Path) -> None:
    assert code_of(saved(tmp_path)) == "empty"
    assert code_of(saved(tmp_path, ["Name", "City"])) == "no_rows"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(rows=1), "too_many_rows"),
        (Limits(columns=1), "too_many_columns"),
        (Limits(cell_length=3), "cell_too_long"),
        (Limits(members=3), "unpacks_too_large"),
        (Limits(unzipped=1_000), "unpacks_too_large"),
    ],
)
def test_a_workbook_over_a_limit_is_refused(tmp_path: Path, limits: Limits, code: str) -> None:
    assert code_of(saved(tmp_path, ["Name", "City"], ["Anna", "Gent"], ["Bob", "Ath"]), limits) == code


def test_a_workbook_that_unpacks_to_far_more_than_its_size_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, ["Name", "City"], ["Ann", "Gent"])
    assert code_of(with_sheet_xml(path, b" " * (40 << 20))) == "unpacks_too_large"


CORNERS = [
    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    b'<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>',
    b"<row r='1'><c r='A1'><v>1</v></c><c s='0' r = 'XFD1048576'><v>1</v></c></row>",
    b"<row>" + b"<c><v>1</v></c>" * 5_000 + b"</row>" + b"<row><c><v>1</v></c></row>" * 10_000,
]


@pytest.mark.parametrize("corner", CORNERS)
def test_a_sheet_that_is_wider_than_allowed_is_refused(tmp_path: Path, corner: bytes) -> None:
    path = saved(tmp_path, ["Name", "City"], ["Ann", "Gent"])
    assert code_of(with_sheet_xml(path, corner)) == "too_many_columns"


def test_styled_empty_cells_far_away_do_not_count(tmp_path: Path) -> None:
    path = saved(tmp_path, ["Name", "City"], ["Ann", "Gent"])
    cells = (
        b'<row r="1"><c r="A1" t="str"><v>Name</v></c></row><row r="2"><c r="A2" t="str"><v>Ann</v></c></row>'
    )
    cells += b'<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert rows_of(open_source(with_sheet_xml(path, cells))) == [["Ann"]]


def test_document_types_and_entities_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, ["Name", "City"], ["Ann", "Gent"])

    def change(name: str, content: bytes) -> bytes:
        return content.replace(b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet', 1)

    assert code_of(rewritten(path, change)) == "corrupt"


def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, ["Name", "City"], ["Ann", "Gent"])
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("xl/worksheets/sheet1.xml")
    content = path.read_bytes()
    true, false = member.file_size.to_bytes(4, "little"), (10).to_bytes(4, "little")
    start = content.index(b"PK\x01\x02")
    path.write_bytes(content[:start] + content[start:].replace(true, false))
    assert code_of(path) == "corrupt"


def test_a_cut_workbook_is_corrupt(tmp_path: Path) -> None:
    path = saved(tmp_path, ["Name", "City"], ["Ann", "Gent"])
    content = path.read_bytes()
    for share in (0.3, 0.6, 0.95):
        path.write_bytes(content[: int(len(content) * share)])
        assert code_of(path) == "corrupt"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_broken_xml_is_corrupt(tmp_path: Path, part: str) -> None:
    path = saved(tmp_path, ["Name", "City"], ["Ann", "Gent"])
    broken = rewritten(path, lambda name, content: content[: len(content) // 2] if name == part else content)
    assert code_of(broken) in {"corrupt", "empty"}


@pytest.mark.parametrize("seed", range(40))
def test_damage_anywhere_in_a_workbook_never_raises_anything_else(tmp_path: Path, seed: int) -> None:
    path = saved(tmp_path, ["Name", "City"], ["Ann", "Gent"])
    content = bytearray(path.read_bytes())
    for step in range(5):
        content[(seed * 7_919 + step * 104_729) % len(content)] ^= 1 + (seed + step) % 255
    path.write_bytes(bytes(content))
    assert outcome(path)
