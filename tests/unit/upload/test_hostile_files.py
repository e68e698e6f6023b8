"""Tests that files made to harm their reader are refused by kind, in few steps, and the worker reads on."""

from __future__ import annotations

import contextlib
import os
import signal
import struct
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.upload.ingest.reader import open_source
from services.upload.model.source import Limits, ReadError
from services.upload.sandbox.client import open_isolated
from services.upload.sandbox.limits import Bounds
from tests.files.making import (
    MAIN,
    X,
    ods,
    ods_rows,
    sheet_data,
    worksheet,
    xlsb,
    xlsb_sheet,
    xlsx,
    xlsx_parts,
    zipped,
)

#: Calls of functions until a refusal, with `FEW_ROWS` rows as the limit: four times those of a sound file of that size.
STEPS, FEW_ROWS = 10_000_000, 20_000
LIST = [["Name", "Town"], ["Ilse", "Lier"], ["Joris", "Ath"]]
SHEET = "xl/worksheets/sheet1.xml"


def with_sheet(pieces: Iterator[bytes], path: Path) -> None:
    """A workbook whose sheet is streamed into it."""
    parts = xlsx_parts({"Clients": ""})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            if name != SHEET:
                archive.writestr(name, content)
        with archive.open(SHEET, "w") as part:
            part.write(f'<worksheet xmlns="{MAIN}"><sheetData>{sheet_data(LIST)}'.encode())
            for piece in pieces:
                part.write(piece)
            part.write(b"</sheetData></worksheet>")


def rows_of_nothing(path: Path) -> None:
    block = b'<row><c t="str"><v>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</v></c></row>' * 20_000
    with_sheet((block for _ in range(300)), path)


def blanks(path: Path) -> None:
    with_sheet((b" " * (1 << 20) for _ in range(400)), path)


def huge_cell(path: Path) -> None:
    start = b'<row r="4"><c r="A4" t="inlineStr"><is><t>'
    pieces = [start, *(bytes([97 + n % 26]) * (1 << 20) for n in range(100)), b"</t></is></c></row>"]
    with_sheet(iter(pieces), path)


def noise_in_a_cell(path: Path) -> None:
    """A hundred megabytes that do not shrink enough for the ratio to stop them."""
    line = b"".join(struct.pack(">I", n * 2_654_435_761 % (1 << 32)).hex().encode() for n in range(1 << 17))
    start = b'<row r="4"><c r="A4" t="inlineStr"><is><t>'
    with_sheet(iter([start, *(line[n:] + line[:n] for n in range(100)), b"</t></is></c></row>"]), path)


def nested_bomb(path: Path) -> None:
    inner = zipped({"a.csv": b"a;b\n" + b"0" * (64 << 20)})
    path.write_bytes(zipped({"inner.zip": inner}))


def flat_bomb(path: Path) -> None:
    path.write_bytes(zipped({"a.csv": b"a;b\n" * (32 << 20)}))


def quadratic_entity(path: Path) -> None:
    entity = f'<!DOCTYPE w [<!ENTITY a "{"a" * 50_000}">]>'
    sheet = worksheet(
        sheet_data([*LIST, X(f'<row r="4"><c r="A4" t="str"><v>{"&a;" * 50_000}</v></c></row>')])
    )
    sheet = sheet.replace("<worksheet", entity + "<worksheet", 1)
    path.write_bytes(zipped({**xlsx_parts({"Clients": ""}), SHEET: sheet}))


def external_entity(path: Path) -> None:
    shared = f'<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/hostname">]><sst xmlns="{MAIN}"><si><t>&a;</t></si></sst>'
    data = sheet_data([[X('<c r="@" t="s"><v>0</v></c>'), "x"], *LIST])
    path.write_bytes(zipped(xlsx_parts({"Clients": worksheet(data)}, shared=shared)))


def entity_in_ods(path: Path) -> None:
    content = ods({"Clients": ods_rows(*LIST)})
    path.write_bytes(content)
    with zipfile.ZipFile(path) as archive:
        text = archive.read("content.xml").decode()
    text = text.replace(
        "<office:document-content", '<!DOCTYPE a [<!ENTITY b "c">]><office:document-content', 1
    )
    path.write_bytes(ods({"Clients": ""}, **{"content.xml": text}))


def lying_header(path: Path) -> None:
    content = xlsx(LIST)
    path.write_bytes(content)
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo(SHEET).file_size
    path.write_bytes(content.replace(struct.pack("<I", size), struct.pack("<I", 10)))


def overlapping_members(path: Path) -> None:
    """Every entry of the directory points to the same bytes."""
    content = zipped({f"part{number:03}.xml": b"x" * 1_000 for number in range(200)})
    start = content.index(b"PK\x01\x02")
    head, directory = content[:start], bytearray(content[start:])
    place = directory.find(b"PK\x01\x02")
    while place >= 0:
        directory[place + 42 : place + 46] = struct.pack("<I", 0)
        place = directory.find(b"PK\x01\x02", place + 1)
    path.write_bytes(head + bytes(directory))


def thousands_of_members(path: Path) -> None:
    parts = xlsx_parts({"Clients": worksheet(sheet_data(LIST))})
    path.write_bytes(zipped({**parts, **{f"xl/media/{number}.png": b"" for number in range(5_000)}}))


def far_corner(path: Path) -> None:
    path.write_bytes(xlsx([*LIST, X('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')]))


def far_corner_in_xlsb(path: Path) -> None:
    path.write_bytes(xlsb({"Clients": xlsb_sheet([*LIST, [*[None] * 16_383, "x"]])}))


def column_that_is_none(path: Path) -> None:
    path.write_bytes(xlsx([*LIST, X('<row r="4"><c r="ZZZZZ4"><v>1</v></c></row>')]))


def rows_repeated_for_ever(path: Path) -> None:
    row = (
        '<table:table-row table:number-rows-repeated="999999999"><table:table-cell '
        'office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
    )
    path.write_bytes(ods({"Clients": ods_rows(*LIST) + row}))


def deep_xml(path: Path) -> None:
    with_sheet((b"<a>" * 100_000 for _ in range(20)), path)


def record_that_is_too_long(path: Path) -> None:
    sheet = xlsb_sheet(LIST) + b"\x07\xff\xff\xff\x7f"
    path.write_bytes(xlsb({"Clients": sheet}))


def parts_that_point_at_themselves(path: Path) -> None:
    """A compound file whose allocation table is one circle."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    head += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0, 0, 0, 0)
    path.write_bytes(head.ljust(512, b"\0") + struct.pack("<I", 0) * 128 * 4)


HOSTILE: list[tuple[Callable[[Path], None], set[str]]] = [
    (rows_of_nothing, {"unpacks_too_large", "too_many_rows"}),
    (blanks, {"unpacks_too_large"}),
    (huge_cell, {"unpacks_too_large"}),
    (noise_in_a_cell, {"cell_too_long"}),
    (nested_bomb, {"unsupported_format"}),
    (flat_bomb, {"unpacks_too_large"}),
    (quadratic_entity, {"corrupt"}),
    (external_entity, {"corrupt"}),
    (entity_in_ods, {"corrupt"}),
    (lying_header, {"corrupt"}),
    (overlapping_members, {"corrupt"}),
    (thousands_of_members, {"unpacks_too_large"}),
    (far_corner, {"too_many_columns"}),
    (far_corner_in_xlsb, {"too_many_columns"}),
    (column_that_is_none, {"corrupt"}),
    (rows_repeated_for_ever, {"too_many_rows"}),
    (deep_xml, {"corrupt", "unpacks_too_large"}),
    (record_that_is_too_long, {"corrupt"}),
    (parts_that_point_at_themselves, {"corrupt", "unsupported_format"}),
]


def steps_of(path: Path) -> int:
    """How many functions are called until the file is refused, in this process; the machine's speed does not count."""
    steps = 0

    def note(*_: object) -> None:
        nonlocal steps
        steps += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        with pytest.raises(ReadError):
            for _ in open_source(path, limits=Limits(rows=FEW_ROWS)).batches():
                pass
    finally:
        sys.setprofile(before)
    return steps


@pytest.mark.parametrize(("make", "codes"), HOSTILE, ids=lambda value: getattr(value, "__name__", ""))
def test_a_hostile_file_is_refused_by_kind_after_few_steps(
    tmp_path: Path, make: Callable[[Path], None], codes: set[str]
) -> None:
    path = tmp_path / "clients.xlsx"
    make(path)
    with pytest.raises(ReadError) as caught:
        for _ in open_isolated(path).batches():
            pass
    assert caught.value.code in codes, str(caught.value)
    assert steps_of(path) < STEPS


def test_a_million_shared_strings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "clients.xlsx"
    items = "".join(f"<si><t>Client {number:07}</t></si>" for number in range(1_000_000))
    shared = f'<sst xmlns="{MAIN}">{items}</sst>'
    data = sheet_data([["Name", "Town"], [X('<c r="@" t="s"><v>999999</v></c>'), "Lier"]])
    path.write_bytes(zipped(xlsx_parts({"Clients": worksheet(data)}, shared=shared)))
    rows = [row for batch in open_isolated(path).batches() for row in batch.rows]
    assert rows == [["Client 0999999", "Lier"]]


def test_a_child_that_asks_for_too_much_memory_is_stopped_and_the_next_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "clients.xlsx"
    items = "".join(f"<si><t>{number:0100}</t></si>" for number in range(400_000))
    data = sheet_data(LIST)
    shared = f'<sst xmlns="{MAIN}">{items}</sst>'
    path.write_bytes(zipped(xlsx_parts({"Clients": worksheet(data)}, shared=shared)))
    with pytest.raises(ReadError) as caught:
        open_isolated(path, bounds=Bounds(memory=80 << 20))
    assert caught.value.code == "reading_too_large"
    path.write_bytes(xlsx(LIST))
    assert [batch.rows for batch in open_isolated(path).batches()] == [LIST[1:]]


def test_a_child_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "clients.xlsx"
    block = b"".join(b'<row><c t="str"><v>%d</v></c></row>' % (number * 7_919) for number in range(20_000))
    with_sheet((b"<row/>" + block for _ in range(4)), path)
    with pytest.raises(ReadError) as caught:
        for _ in open_isolated(path, bounds=Bounds(idle_seconds=0.0005)).batches():
            pass
    assert caught.value.code == "reading_too_slow"


def test_a_child_that_takes_too_much_processor_time_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text("Name;City\n" + "Ann;Gent\n" * 3_000_000)
    with pytest.raises(ReadError) as caught:
        for _ in open_isolated(
            path, limits=Limits(rows=5_000_000), bounds=Bounds(processor_seconds=1)
        ).batches():
            pass
    assert caught.value.code == "reading_too_slow"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_that_is_ended_from_outside_says_so(tmp_path: Path, number: int) -> None:
    path = tmp_path / "clients.csv"
    path.write_text("Name;City\n" + "Ann;Gent\n" * 400_000)
    source = open_isolated(path)
    batches = source.batches()
    next(batches)
    os.kill(reading_child(path), number)
    with pytest.raises(ReadError) as caught:
        for _ in batches:
            pass
    assert caught.value.code == "reading_stopped"


def reading_child(path: Path) -> int:
    """The process that has the file open: the only one that reads it, by its id."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(os.readlink(handle) == str(path) for handle in (process / "fd").iterdir()):
                return int(process.name)
    raise AssertionError("nobody reads the file")


REPEATED = [
    (1_000_000, 1_000, 1),
    (1, 16_000, 1_000),
    (100_000, 1, 10),
    (1_000, 1_000, 5),
]


@pytest.mark.parametrize(("rows", "columns", "times"), REPEATED)
@pytest.mark.parametrize("length", [1, 1_000])
def test_the_product_of_repeats_is_checked_before_cells_are_made(
    tmp_path: Path, rows: int, columns: int, times: int, length: int
) -> None:
    path = tmp_path / "clients.ods"
    cell = (
        f'<table:table-cell table:number-columns-repeated="{columns}" office:value-type="string">'
        f"<text:p>{'x' * length}</text:p></table:table-cell>"
    )
    row = f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>' * times
    path.write_bytes(ods({"Clients": ods_rows(*LIST) + row}))
    assert steps_of(path) < 50_000
    with pytest.raises(ReadError) as caught:
        list(open_source(path).batches())
    assert caught.value.code in {"unpacks_too_large", "too_many_columns", "too_many_rows"}


@pytest.mark.parametrize("rowspan", ["", ' rowspan="3"'])
def test_wide_cells_of_html_cost_nothing(tmp_path: Path, rowspan: str) -> None:
    path = tmp_path / "clients.html"
    rows = f'<tr><td colspan="16000"{rowspan}>x</td></tr>' * 3_000
    path.write_text(f"<html><table><tr><td>Name</td><td>City</td></tr>{rows}</table></html>")
    before = time.process_time()
    with contextlib.suppress(ReadError):
        list(open_source(path).batches())
    assert time.process_time() - before < 5
