"""Tests that text that is valid under its dialect is read exactly, and that every mended record is reported."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from services.upload.dialect.delimiter import find_dialect
from services.upload.dialect.splitting import Dialect, lines_of, strict_reader
from services.upload.ingest.reader import open_source
from services.upload.model.rows import EDGES
from services.upload.model.source import Overrides, ReadError, Source

Rows = list[list[str]]

HEADER = ["Name", "E-mail", "Phone", "Address", "Notes", "Fiscal year end"]
NAMES = [
    "Anna O'Brien",
    "'t Hoekje",
    "L'Atelier; du Pain",
    "Jansen, Peeters, Maes advocaten",
    "Bakkerij | Zoon",
    'De "Kroon"',
    '5" Pipes',
    "Smets\tBV",
    "=Plus NV",
    "Zoë Özil",
]
TROUBLE = [
    "",
    "'",
    '"',
    '""',
    "a;b;c;d;e;f",
    "a,b,c,d,e,f",
    "one\ttwo\tthree",
    "'quoted', once",
    "C:\\temp\\",
    "rock 'n' roll",
    "first line\nsecond line",
    "\r\nafter a break",
]
notes = st.sampled_from(NAMES + TROUBLE) | st.integers(2, 200).map(
    lambda count: "\n".join(f"2024-01-{n % 28 + 1:02} called; mailed, then 'waited'" for n in range(count))
)


@st.composite
def tables(draw: st.DrawFn) -> Rows:
    """A client list: mostly regular rows, among them short, long and blank rows and lines of a section."""
    width = draw(st.integers(2, 6))
    rows = [
        [
            draw(st.sampled_from(NAMES)),
            f"c{n}@example.be",
            f"0475 00 00 {n:02}",
            f"{n} Mill Lane, Leeds",
            draw(notes),
            "31/12",
        ]
        for n in range(draw(st.integers(4, 10)))
    ]
    rows = [row[:width] for row in rows]
    odd = st.one_of(
        st.sampled_from(["Clients in Ghent", "Section 2: A, B, C, D, E, F", "Jansen, Peeters; Maes"]).map(
            lambda cell: [cell]
        ),
        st.lists(notes, min_size=1, max_size=width - 1),
        st.lists(notes, min_size=width + 1, max_size=width + 2),
        st.just([]),
    )
    for row in draw(st.lists(odd, max_size=3)):
        rows.insert(draw(st.integers(2, len(rows))), row)
    return [HEADER[:width], *rows]


@st.composite
def dialects(draw: st.DrawFn) -> dict[str, object]:
    return {
        "delimiter": draw(st.sampled_from(",;\t|")),
        "quotechar": draw(st.sampled_from("\"'")),
        "quoting": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        "lineterminator": draw(st.sampled_from(["\n", "\r\n"])),
    }


def written(rows: Rows, dialect: dict[str, object]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, **dialect).writerows(rows)  # type: ignore[arg-type]
    return out.getvalue()


def trimmed(rows: Rows) -> Rows:
    """The filled rows with clean cells, without the blanks at their ends."""
    found = []
    for row in rows:
        cells = [cell.strip(EDGES) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        found += [cells] if cells else []
    return found


def read(source: Source) -> Rows:
    """All rows as they are in the file, cells beyond the table at their end."""
    return trimmed(
        [
            row + batch.long.get(offset, [])
            for batch in source.batches(7)
            for offset, row in enumerate(batch.rows)
        ]
    )


def kept(folder: pytest.TempPathFactory, text: str) -> Path:
    path = folder.getbasetemp() / "generated.csv"
    path.write_bytes(text.encode())
    return path


def mended(source: Source) -> list[str]:
    return sorted(code for code in source.doubts.first if code != "rows_in_cell")


@settings(max_examples=150, deadline=None)
@given(tables(), dialects(), st.lists(st.sampled_from(["Export of 2024", "a, b; c"]), max_size=2))
def test_a_valid_file_is_read_exactly_as_its_dialect_says(
    tmp_path_factory: pytest.TempPathFactory, table: Rows, dialect: dict[str, object], preamble: list[str]
) -> None:
    text = written([*([line] for line in preamble), *table], dialect)
    expected = trimmed(list(csv.reader(io.StringIO(text, newline=""), strict=True, **dialect)))  # type: ignore[arg-type]
    chosen = Overrides(
        delimiter=str(dialect["delimiter"]), quote=str(dialect["quotechar"]), header_row=len(preamble) + 1
    )
    source = open_source(kept(tmp_path_factory, text), overrides=chosen)
    assert read(source) == expected[len(preamble) + 1 :]
    assert mended(source) == []


LONG_NOTE = "\n".join(f"2024-01-{day:02} called; mailed" for day in range(1, 29))


@settings(max_examples=150, deadline=None)
@given(tables(), dialects())
@example(
    [HEADER[:5], *([name, "", "", "0 Mill Lane, Leeds", LONG_NOTE] for name in "ab"), ["called; \nmailed"]],
    {"delimiter": ",", "quotechar": '"', "quoting": csv.QUOTE_MINIMAL, "lineterminator": "\n"},
)
def test_the_dialect_of_a_valid_file_is_found(
    tmp_path_factory: pytest.TempPathFactory, table: Rows, dialect: dict[str, object]
) -> None:
    assume(dialect["quotechar"] == '"')  # an apostrophe around values is a character as often as not
    assume(len(table[0]) >= 4)  # narrow tables can be cut in several ways
    text = written(table, dialect)
    source = open_source(kept(tmp_path_factory, text))
    assert (source.found.delimiter, source.found.quote) == (dialect["delimiter"], '"')
    assert source.found.header == table[0]
    assert read(source) == trimmed(table[1:])
    assert mended(source) == []


def own_dialect(text: str) -> Dialect:
    return find_dialect(text, complete=True)


def valid_part(text: str, dialect: Dialect) -> tuple[Rows, bool]:
    """The records before the first that is damaged, and whether there is one."""
    rows: Rows = []
    try:
        rows.extend(strict_reader(lines_of(text), dialect))
    except csv.Error:
        return rows, True
    return rows, False


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.text("ab1\"',;\n ", max_size=40), min_size=1, max_size=12).map("\n".join)
    | st.builds(
        lambda table, dialect, seed: with_stray_quotes(written(table, dialect), seed),
        tables(),
        dialects(),
        st.integers(0, 1 << 30),
    )
)
def test_any_text_is_read_as_its_own_dialect_says_up_to_a_damage_that_is_reported(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    text = text.rstrip(" ")  # blanks at the end of a file are padding
    assume(any(map(str.isalnum, text)))
    dialect = own_dialect(text)
    assume(not dialect.wrapped)
    valid, is_damaged = valid_part(text, dialect)
    source = open_source(kept(tmp_path_factory, text), overrides=Overrides(header_row=0))
    rows = read(source)
    expected = trimmed(valid)
    assert rows[: len(expected)] == expected
    assert bool(mended(source)) == is_damaged
    if not is_damaged:
        assert rows == expected
    codes = {problem["code"] for problem in source.found.problems}
    assert bool(codes & {"unclosed_quote", "rows_repaired"}) == is_damaged


def with_stray_quotes(text: str, seed: int) -> str:
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(text))
        text = text[:place] + '"' + text[place:]
    return text


def test_each_mended_row_says_so_in_its_batch(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text('Code;Name;City\n1;"a";b\n2;"a "b" c";c\n\n3;"a;b\n4;a;b\n')
    source = open_source(path)
    (batch,) = source.batches()
    assert batch.numbers == [2, 3, 5, 6]
    assert batch.doubts == [(1, "quotes_repaired"), (2, "unclosed_quote")]
    assert [(p["code"], p["params"]) for p in source.found.problems] == [
        ("unclosed_quote", {"row": 5}),
        ("rows_repaired", {"count": 1, "rows": "3"}),
    ]


def test_a_valid_cell_that_holds_rows_stays_one_and_is_pointed_out(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text('A;B;C;D\n1;2;3;4\n1;2;"3;4\n5;6;7;8\n1;2;3";4\n1;2;"note\n; of\n two lines";4\n')
    source = open_source(path)
    (batch,) = source.batches()
    assert batch.rows[1] == ["1", "2", "3;4\n5;6;7;8\n1;2;3", "4"]
    assert batch.doubts == [(1, "rows_in_cell")]


@pytest.mark.parametrize("lines", [2, 61, 80, 1_000])
def test_a_note_may_have_any_number_of_lines_within_the_length_of_a_cell(tmp_path: Path, lines: int) -> None:
    note = "\n".join(f"{n}; called, again" for n in range(lines))
    rows = [[f"Firm {n}", f"f{n}@example.be", note if n % 2 else "ok", f"0475 00 00 {n}"] for n in range(8)]
    path = tmp_path / "clients.csv"
    path.write_text(written([HEADER[:4], *rows], {"delimiter": ";"}))
    source = open_source(path)
    assert read(source) == rows


def test_quotes_around_all_lines_are_taken_off_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text('"Name,Note,City"\n"Ann,""yes, no"",Gent"\n"Bob,x,Namur"\n')
    source = open_source(path)
    assert read(source) == [["Ann", "yes, no", "Gent"], ["Bob", "x", "Namur"]]
    assert [problem["code"] for problem in source.found.problems] == ["lines_unwrapped"]


def test_one_column_of_quoted_names_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text('"Naam, voornaam"\n' + "".join(f'"Peeters{n}, An"\n' for n in range(20)))
    source = open_source(path)
    assert source.found.header == ["Naam, voornaam"]
    assert read(source)[0] == ["Peeters0, An"]


def test_a_record_that_goes_on_and_on_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text('Name;E-mail;Note\na;"b;c\n' + 'b";"c;d";"x\n' * 250_000)
    with pytest.raises(ReadError, match="cell_too_long"):
        open_source(path)


@pytest.mark.parametrize("columns", [2, 3, 5])
@pytest.mark.parametrize("inner", [",", ";", "|", ", ", "; "])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_lists_in_quoted_cells_are_no_columns(delimiter: str, inner: str, columns: int) -> None:
    if inner.strip() == delimiter:
        inner = "/" + inner
    lines = [delimiter.join(["Client", "Tags", "Town", "Code", "Notes"][:columns])]
    for n in range(40):
        tags = inner.join(f"tag {n % 7}{k}" for k in range(2 + n % 19))
        lines.append(
            delimiter.join([f"Client {n} NV", f'"{tags}"', f"Town {n % 5}", f"K{n:03d}", ""][:columns])
        )
    content = "\r\n".join(lines)
    assert find_dialect(content, complete=True).delimiter == delimiter, content[:200]
