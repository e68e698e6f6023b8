"""Tests reading of delimited text."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.upload.ingest.reader import open_source
from services.upload.model.rows import EDGES
from services.upload.model.source import Batch, Limits, Overrides, ReadError, Source


def opened(folder: Path, content: str | bytes, written: str = "utf-8", **overrides: object) -> Source:
    path = folder / "clients.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(written))
    return open_source(path, "clients.csv", overrides=Overrides(**overrides))  # type: ignore[arg-type]


def rows_of(source: Source, size: int = 1_000) -> list[list[str]]:
    return [row for batch in source.batches(size) for row in batch.rows]


def only_batch(source: Source) -> Batch:
    (batch,) = source.batches()
    return batch


def code_of(folder: Path, content: str | bytes, limits: Limits | None = None, **overrides: object) -> str:
    path = folder / "clients.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ReadError) as caught:
        rows_of(open_source(path, "clients.csv", limits, Overrides(**overrides)))  # type: ignore[arg-type]
    return caught.value.code


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_usual_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    lines = [["Name", "City", "Amount"], ["Ann", "Gent", "1"], ["Bob", "Namur", "2"]]
    source = opened(tmp_path, "\r\n".join(delimiter.join(line) for line in lines))
    assert source.found.delimiter == delimiter
    assert source.found.header == lines[0]
    assert rows_of(source) == lines[1:]


def test_decimal_commas_do_not_win_over_semicolons(tmp_path: Path) -> None:
    source = opened(tmp_path, "Klant;Bedrag;Saldo\nAnn;1,50;2,75\nBob;3,25;4,00\nCis;7,10;8,20\n")
    assert source.found.delimiter == ";"
    assert rows_of(source)[0] == ["Ann", "1,50", "2,75"]


def test_a_sep_line_names_the_delimiter_and_is_no_row(tmp_path: Path) -> None:
    source = opened(tmp_path, "sep=|\r\nName|City\r\nAnn|Gent, Belgium\r\n")
    assert (source.found.delimiter, source.found.header_row) == ("|", 1)
    assert only_batch(source).numbers == [2]


def test_any_other_delimiter_may_be_chosen(tmp_path: Path) -> None:
    source = opened(tmp_path, 'Name City\nAnn "Le Roeulx"\nBob  x\n', delimiter=" ")
    batch = only_batch(source)
    assert batch.rows == [["Ann", "Le Roeulx"], ["Bob", ""]]
    assert batch.long == {1: ["x"]}


def test_a_sep_line_that_names_no_delimiter_is_a_row(tmp_path: Path) -> None:
    assert opened(tmp_path, 'sep="\n1;2\n3;4\n', delimiter=";", header_row=2).found.header == ["1", "2"]


def test_one_column_of_words_stays_one_column(tmp_path: Path) -> None:
    source = opened(tmp_path, "Name\nAnn\nBob\nCis, the baker\n")
    assert source.found.names == ["Name"]
    assert source.rows == 0
    rows = rows_of(source)
    assert [row[0].split(",")[0] for row in rows] == ["Ann", "Bob", "Cis"]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, written: str, found: str) -> None:
    source = opened(tmp_path, "Prénom;Ville\nZoë;Liège\nFrançois;Zürich €\n", written)
    assert source.found.encoding == found
    assert source.found.header == ["Prénom", "Ville"]
    assert rows_of(source) == [["Zoë", "Liège"], ["François", "Zürich €"]]


def test_an_accent_late_in_the_file_decides_the_encoding(tmp_path: Path) -> None:
    plain = "Name;City\n" + "Ann;Gent\n" * 40_000
    source = opened(tmp_path, (plain + "Zoë;Liège\n").encode("cp1252"))
    assert source.found.encoding == "cp1252"
    assert rows_of(source)[-1] == ["Zoë", "Liège"]


def test_a_few_windows_bytes_in_a_utf8_file_are_read_and_reported(tmp_path: Path) -> None:
    good = "Name;City\n" + "Zoë;Liège\n" * 20
    source = opened(tmp_path, good.encode() + "René;Gent\n".encode("cp1252"))
    assert source.found.encoding == "utf-8"
    assert rows_of(source)[-1] == ["René", "Gent"]
    assert [problem["code"] for problem in source.found.problems] == ["encoding_guessed"]


def test_bytes_that_windows_1252_does_not_define_are_shown_and_reported(tmp_path: Path) -> None:
    source = opened(tmp_path, b"Name;City\nZo\xeb;Li\xe8ge\nA\x81b;Gent\n")
    assert rows_of(source)[1] == ["A\ufffdb", "Gent"]
    assert {"code": "undecodable_bytes", "place": {"row": 3}, "params": {"count": 1}} in source.found.problems


def test_rival_encodings_come_with_a_line_of_the_file(tmp_path: Path) -> None:
    found = opened(tmp_path, "Name;City\nAnn;Gent\nZoë;Liège\n", "cp1252").found
    assert found.encodings[0] == {"encoding": "cp1252", "sample": "Zoë;Liège"}
    assert {"encoding": "mac-roman", "sample": "ZoÎ;LiËge"} in found.encodings
    assert opened(tmp_path, "Name;City\nAnn;Gent\n").found.encodings == []


def test_a_person_may_choose_encoding_delimiter_quote_and_header(tmp_path: Path) -> None:
    content = "List of 2024;;\nNaam;Stad;'Bedrag\nAnn;Gent;1\n".encode("cp850")
    source = opened(tmp_path, content, encoding="cp850", delimiter=";", quote="", header_row=2)
    assert (source.found.encoding, source.found.header_row) == ("cp850", 2)
    assert source.found.header == ["Naam", "Stad", "'Bedrag"]
    without = opened(tmp_path, content, header_row=0)
    assert without.found.names == ["Column A", "Column B", "Column C"]
    assert without.found.header == []
    assert len(rows_of(without)) == 3


@pytest.mark.parametrize(
    ("override", "code"),
    [
        ({"encoding": "klingon"}, "undecodable"),
        ({"encoding": "punycode"}, "undecodable"),
        ({"header_row": 9}, "no_header"),
        ({"delimiter": ";;"}, "unusable_delimiter"),
        ({"delimiter": ""}, "unusable_delimiter"),
        ({"delimiter": '"'}, "unusable_delimiter"),
        ({"quote": "\n"}, "unusable_delimiter"),
        ({"header_row": 3}, "no_rows"),
    ],
)
def test_an_impossible_choice_is_refused(tmp_path: Path, override: dict[str, object], code: str) -> None:
    assert code_of(tmp_path, "Name;City\nAnn;Gent\nBob;Namur\n", **override) == code


def test_row_numbers_are_those_of_a_spreadsheet(tmp_path: Path) -> None:
    source = opened(tmp_path, 'Name;Note\n\nAnn;"two\nlines"\n;\nBob;x\n')
    batch = only_batch(source)
    assert batch.first_row == 3
    assert batch.numbers == [3, 5]
    assert batch.rows == [["Ann", "two\nlines"], ["Bob", "x"]]
    assert (source.rows, source.blank_rows) == (2, 2)


def test_short_rows_are_padded_and_extra_cells_kept(tmp_path: Path) -> None:
    batch = only_batch(opened(tmp_path, "A;B;C\n1;2;3\n1;2\n1;2;3;4;;5\n1;2;3;;\n"))
    assert batch.rows == [["1", "2", "3"], ["1", "2", ""], ["1", "2", "3"], ["1", "2", "3"]]
    assert batch.short == [1]
    assert batch.long == {2: ["4", "", "5"]}


def test_flags_of_ragged_rows_follow_their_rows_into_the_next_batch(tmp_path: Path) -> None:
    source = opened(tmp_path, "A;B\n" + "1;2\n" * 5 + "1\n1;2;3\n" + "1;2\n" * 3)
    batches = list(source.batches(3))
    assert [len(batch.rows) for batch in batches] == [3, 3, 3, 1]
    assert [batch.first_row for batch in batches] == [2, 5, 8, 11]
    assert [batch.short for batch in batches] == [[], [2], [], []]
    assert [batch.long for batch in batches] == [{}, {}, {0: ["3"]}, {}]


def test_cells_lose_white_space_and_invisible_characters_at_their_edges(tmp_path: Path) -> None:
    source = opened(tmp_path, "\ufeff Name ;\u200bCity\u00a0\n Ann\t;\u202fGent\u200b\nA b;c\u00a0d\n\x1a")
    assert source.found.header == ["Name", "City"]
    assert rows_of(source) == [["Ann", "Gent"], ["A b", "c\u00a0d"]]


def test_nul_characters_are_dropped(tmp_path: Path) -> None:
    assert rows_of(opened(tmp_path, b"Name;City\nA\0nn;Gent\nBob and his brothers;Namur\n"))[0] == [
        "Ann",
        "Gent",
    ]


def test_preamble_lines_above_the_header_are_skipped(tmp_path: Path) -> None:
    source = opened(
        tmp_path, "Clients of 2024\n\nPrinted on 3 March\nName;City;Code\nAnn;Gent;1\nBob;Namur;2\n"
    )
    assert (source.found.header_row, source.found.preamble) == (4, 2)
    assert source.found.header == ["Name", "City", "Code"]
    assert only_batch(source).numbers == [5, 6]


def test_blank_and_repeated_headers_get_names(tmp_path: Path) -> None:
    found = opened(tmp_path, "Email;;email;Email (2);Email\na;b;c;d;e\n").found
    assert found.header == ["Email", "", "email", "Email (2)", "Email"]
    assert found.names == ["Email", "Column B", "email (3)", "Email (2)", "Email (4)"]
    assert [problem["code"] for problem in found.problems] == [
        "blank_header",
        "repeated_header",
        "repeated_header",
    ]


def test_empty_columns_at_the_right_are_dropped_and_counted(tmp_path: Path) -> None:
    source = opened(tmp_path, "Name;City;;;\nAnn;Gent;;;\nBob;Namur;;;\n")
    assert source.found.names == ["Name", "City"]
    assert source.found.problems[0]["params"] == {"count": 3}
    assert rows_of(source) == [["Ann", "Gent"], ["Bob", "Namur"]]


def test_a_column_without_header_that_holds_data_is_kept(tmp_path: Path) -> None:
    source = opened(tmp_path, "Name;City\nAnn;Gent;x\nBob;Namur;y\n")
    assert source.found.names == ["Name", "City", "Column C"]
    assert rows_of(source)[1] == ["Bob", "Namur", "y"]


def test_a_quote_that_never_closes_spoils_one_row_only(tmp_path: Path) -> None:
    lines = [f"{n};Client {n}" for n in range(300)]
    lines[150] = '150;"Client 150'
    source = opened(tmp_path, "Code;Name\n" + "\n".join(lines))
    rows = rows_of(source)
    assert len(rows) == 300
    assert rows[150] == ["150", '"Client 150']
    assert rows[151] == ["151", "Client 151"]
    assert source.doubts.first == {"unclosed_quote": [152]}


def test_quotes_inside_a_quoted_value_are_characters(tmp_path: Path) -> None:
    rows = rows_of(
        opened(tmp_path, 'Code;Name\n1;"Jan "Jef" Peeters"\n2;Jan "Jef" Peeters\n3;"say ""hi"""\n')
    )
    assert [row[1] for row in rows] == ['Jan "Jef" Peeters', 'Jan "Jef" Peeters', 'say "hi"']


def test_rows_can_be_read_again(tmp_path: Path) -> None:
    source = opened(tmp_path, "A;B\n1;2\n\n3;4\n")
    assert rows_of(source) == rows_of(source) == [["1", "2"], ["3", "4"]]
    assert (source.rows, source.blank_rows) == (2, 1)


@pytest.mark.parametrize(
    ("content", "limits", "code"),
    [
        ("A;B\n1;2\n3;4\n", Limits(rows=1), "too_many_rows"),
        ("A;B;C\n1;2;3\n", Limits(columns=2), "too_many_columns"),
        ("A;B\n" + "1;2\n" * 300 + "1;2;3;4;5\n", Limits(columns=4), "too_many_columns"),
        ("A;B\n1;22222\n", Limits(cell_length=4), "cell_too_long"),
        ("A;B\n1;2\n", Limits(bytes=7), "too_large"),
        ("A;B\n1;" + "2" * 17_000_000, Limits(), "cell_too_long"),
    ],
)
def test_a_file_over_a_limit_is_refused(tmp_path: Path, content: str, limits: Limits, code: str) -> None:
    assert code_of(tmp_path, content, limits) == code


@pytest.mark.parametrize("content", ["", "\n\n", " ; ;\r\n;;\r\n", "\ufeff", "\ufeff\n"])
def test_a_file_without_any_text_is_empty(tmp_path: Path, content: str) -> None:
    assert code_of(tmp_path, content) == "empty"


def test_a_header_alone_is_not_enough(tmp_path: Path) -> None:
    assert code_of(tmp_path, "Name;City\n\n;\n") == "no_rows"


cells = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\ufeff", exclude_categories=["Cs", "Cc"])
    | st.sampled_from("\n\"',;|"),
    max_size=12,
).map(lambda text: text.strip(EDGES))


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(2, 6))
    row = st.lists(cells, min_size=width, max_size=width).filter(any)
    header = [f"Column number {index}" for index in range(width)]
    return [header, *draw(st.lists(row, min_size=1, max_size=20))]


@settings(max_examples=150, deadline=None)
@given(
    table=tables(),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8-sig", "utf-16", "cp1252"]),
)
def test_what_the_csv_module_writes_is_read_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], delimiter: str, encoding: str
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(table)
    content = out.getvalue().encode(encoding, "replace")
    written = csv.reader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter)
    expected = [[cell.strip(EDGES) for cell in row] for row in written]
    path = tmp_path_factory.getbasetemp() / "round-trip.csv"
    path.write_bytes(content)
    source = open_source(path, overrides=Overrides(encoding=encoding, delimiter=delimiter, header_row=1))
    assert source.found.header == expected[0]
    assert rows_of(source, 7) == expected[1:]


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=400)
    | st.builds(
        bytes.__add__, st.sampled_from([b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"sep=,\n"]), st.binary()
    )
    | st.text('ab"";,\n\r\0 =', max_size=200).map(str.encode)
)
def test_random_bytes_are_read_or_refused_with_a_code(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "random.bin"
    path.write_bytes(content)
    widths, code = read_widths(path)
    assert len(widths) == 1 if code is None else code


def read_widths(path: Path) -> tuple[set[int], str | None]:
    """The widths of the rows, or the code of the refusal; anything else that is raised fails the test."""
    try:
        return {len(row) for row in rows_of(open_source(path))}, None
    except ReadError as error:
        return set(), error.code
