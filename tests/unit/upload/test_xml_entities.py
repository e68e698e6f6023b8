"""Texts of XLSX cells with entities are read alike by the pattern and by the XML parser."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.upload.formats.xml_entities import has_plain_entities, without_entities
from services.upload.ingest.reader import open_source
from services.upload.model.source import ReadError
from tests.files.making import X, sheet_data, strings, worksheet, xlsx_parts, zipped

GOOD = [
    ("Jansen &amp; Zn", "Jansen & Zn"),
    ("&lt;b&gt; &quot;x&quot; &apos;y&apos;", "<b> \"x\" 'y'"),
    ("Caf&#233; &#xE9;&#x1F600;", "Café é😀"),
    ("a&#10;b", "a\nb"),
    ("&amp;lt;", "&lt;"),
]
BAD = ["a & b", "&bad;", "&#0;", "&#xFFFF;", "&#xD800;", "&#99999999;", "&amp"]


def read(folder: Path, text: str, way: str) -> list[list[str]]:
    inline = X(f'<c r="@" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>')
    cell = {
        "inline": inline,
        "shared": X('<c r="@" t="s"><v>0</v></c>'),
        "text": X(f'<c r="@" t="str"><v>{text}</v></c>'),
    }[way]
    # A comment makes the XML parser read the whole sheet.
    ways = []
    for comment in ("", "<!-- -->"):
        data = worksheet(sheet_data([["Name", "Town"], [cell, "Gent"], ["Bob", "Namur"]]) + comment)
        parts = xlsx_parts({"Clients": data}, shared=strings(f"<t>{text}</t>") if way == "shared" else None)
        path = folder / "list.xlsx"
        path.write_bytes(zipped(parts))
        ways.append([row for batch in open_source(path).batches() for row in batch.rows])
    assert ways[0] == ways[1]
    return ways[0]


@pytest.mark.parametrize("way", ["inline", "shared", "text"])
@pytest.mark.parametrize(("written", "text"), GOOD)
def test_entities_are_replaced(tmp_path: Path, way: str, written: str, text: str) -> None:
    assert read(tmp_path, written, way) == [[text, "Gent"], ["Bob", "Namur"]]


@pytest.mark.parametrize("way", ["inline", "shared", "text"])
@pytest.mark.parametrize("written", BAD)
def test_what_is_no_xml_is_refused(tmp_path: Path, way: str, written: str) -> None:
    with pytest.raises(ReadError) as caught:
        read(tmp_path, written, way)
    assert caught.value.code == "corrupt"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
def test_any_text_comes_back(text: str) -> None:
    written = escape(text, {'"': "&quot;"})
    assert has_plain_entities(written)
    assert without_entities(written) == text
