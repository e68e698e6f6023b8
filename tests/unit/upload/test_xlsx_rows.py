"""Tests that the fast reader of a worksheet gives the same as the XML parser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.upload.formats.cell_text import converter_of_code
from services.upload.formats.xlsx_rows import RowCollector, read_rows
from services.upload.formats.xlsx_strings import StringCollector, read_strings
from services.upload.model.book import CellProblems
from services.upload.model.rows import Row
from services.upload.model.source import ReadError
from tests.files.making import X, sheet_data, strings, worksheet

ROWS = [
    [X('<c r="@" t="s"><v>0</v></c>'), X('<c r="@" t="s"><v>1</v></c>'), "inline & more"],
    [X('<c r="@" s="1"><v>42</v></c>'), X('<c r="@" s="2"><v>25994</v></c>'), 0.1 + 0.2],
    None,
    [None, X('<c r="@" t="e"><v>#N/A</v></c>'), X('<c r="@" t="b"><v>1</v></c>')],
    [X('<c r="@" t="str"><v>a_x000D_b</v></c>'), X('<c r="@"><v>007</v></c>'), 12345678901234567890],
    [
        X('<c r="@" t="str"><f>1+1</f><v>two &lt; three</v></c>'),
        X('<c r="@"><f>1</f></c>'),
        X('<c r="@" s="2"/>'),
    ],
    [X('<c r="@" t="str"><v>zwölf</v></c>'), X('<c r="@"><v></v></c>'), X('<c r="@" t="n"><v>1E+5</v></c>')],
]


def read(sheet: str, size: int) -> tuple[list[tuple[int, Row]], dict[int, list[dict[str, object]]]]:
    remarks = CellProblems()
    styles = [None, converter_of_code("00000"), converter_of_code("yyyy-mm-dd")]
    cells = RowCollector(["Name", "Town"], styles, 32_768, remarks)
    rows: list[tuple[int, Row]] = []
    for _ in read_rows(cut(sheet.encode(), size), cells):
        rows += cells.rows
        cells.rows.clear()
    return rows, remarks.by_row


def cut(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


@pytest.mark.parametrize("size", [7, 100, 1 << 20])
def test_the_quick_way_and_the_parser_agree(size: int) -> None:
    quick = worksheet(sheet_data(ROWS))
    slow = quick.replace("<sheetData>", "<!-- for the parser --><sheetData>")
    assert read(quick, size) == read(slow, size)
    rows, remarks = read(quick, size)
    assert rows == [
        (1, ["Name", "Town", "inline & more"]),
        (2, ["00042", "1971-03-02", "0.3"]),
        (4, ["", "#N/A", "TRUE"]),
        (5, ["a\rb", "7", "12345678901234567890"]),
        (6, ["two < three"]),
        (7, ["zwölf", "", "100000"]),
    ]
    assert {row: [problem["code"] for problem in problems] for row, problems in remarks.items()} == {
        5: ["precision_lost"],
        6: ["formula_not_calculated"],
    }


def test_a_comment_or_many_unusual_rows_give_the_sheet_to_the_parser() -> None:
    rows = [["Ilse & co", number] for number in range(2_000)]
    rows[1_500:1_500] = [X("<!-- <row> --><row r='9000'><c r='A9000' t='str'><v>Nora</v></c></row>")]
    found, _ = read(worksheet(sheet_data(rows)), 5_000)
    assert len(found) == 2_001
    assert found[1_499] == (1_500, ["Ilse & co", "1499"])
    assert found[1_500] == (9_000, ["Nora"])


@pytest.mark.parametrize("cut_off", [1, 20, 60])
def test_a_sheet_without_its_end_is_corrupt(cut_off: int) -> None:
    sheet = worksheet(sheet_data([["Ilse", 1]] * 3)).removesuffix("</worksheet>").removesuffix("</sheetData>")
    with pytest.raises(ReadError) as caught:
        read(sheet[:-cut_off], 50)
    assert caught.value.code == "corrupt"


@pytest.mark.parametrize("size", [9, 1 << 20])
def test_shared_strings_are_the_same_either_way(size: int) -> None:
    items = ["Ilse", "", " Lier ", "a & b", "<r><t>rich </t></r><r><t>text</t></r>", "a_x000D_b", "last"]
    part = strings(*items)
    both = []
    for text in (part, part.replace("<si>", "<!-- --><si>", 1)):
        found = StringCollector(100)
        for _ in read_strings(cut(text.encode(), size), found):
            pass
        both.append(found.found)
    assert both[0] == both[1] == ["Ilse", "", " Lier ", "a & b", "rich text", "a\rb", "last"]
