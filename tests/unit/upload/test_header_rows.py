"""Headers of two rows, in text files and workbooks alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.upload.ingest.reader import open_source
from services.upload.ingest.source_part import with_found
from services.upload.model.source import Found
from tests.files.making import xlsx

Rows = list[list[str]]

BODY = [[f"{n}", f"Firm {n}", f"Street {n}", f"{1000 + n}", f"Lane {n}", f"{2000 + n}"] for n in range(5)]
MERGED = [["Nr", "Naam", "Zetel", "", "Facturatie", ""], ["", "", "Straat", "Postcode", "Straat", "Postcode"]]


def found_in(folder: Path, rows: Rows, format: str) -> tuple[Found, Rows]:
    path = folder / f"list.{format}"
    if format == "xlsx":
        path.write_bytes(xlsx([[cell or None for cell in row] for row in rows]))
    else:
        path.write_text("\n".join(";".join(row) for row in rows) + "\n")
    source = open_source(path)
    return source.found, [row for batch in source.batches() for row in batch.rows]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("above", [[], [["Klantenlijst"]], [["Klantenlijst"], []]])
def test_the_text_above_names_a_column_whose_lower_cell_is_blank(
    tmp_path: Path, format: str, above: Rows
) -> None:
    found, rows = found_in(tmp_path, [*above, *MERGED, *BODY], format)
    assert found.header == ["Nr", "Naam", "Straat", "Postcode", "Straat", "Postcode"]
    assert found.names == [
        "Nr", "Naam", "Zetel Straat", "Zetel Postcode", "Facturatie Straat", "Facturatie Postcode",
    ]  # fmt: skip
    assert found.header_row == len(above) + 2
    assert found.preamble == len(above[:1])
    assert "header_of_two_rows" in [problem["code"] for problem in found.problems]
    assert rows == BODY


def test_the_columns_of_the_job_have_both_texts_for_the_mapping(tmp_path: Path) -> None:
    found, _ = found_in(tmp_path, [*MERGED, *BODY], "csv")
    source = with_found({"name": "list.csv", "bytes": 1, "sha256": ""}, found)
    assert [column["header"] for column in source["column_list"]] == found.names


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (["Klantenlijst", "2024"], ["Nr", "Naam", "Straat", "Postcode", "Laan", "Pc"]),
        (["Demo NV", "kantoor Gent"], ["Nr", "Naam", "Straat", "Postcode", "Laan", "Pc"]),
        (["Klantenlijst"], ["", "Naam", "Straat", "Postcode", "Laan", "Pc"]),
    ],
)
def test_a_line_above_a_header_is_no_part_of_it(tmp_path: Path, upper: list[str], lower: list[str]) -> None:
    found, rows = found_in(tmp_path, [upper, lower, *BODY], "csv")
    assert (found.header, found.groups, rows) == (lower, [], BODY)


@pytest.mark.parametrize("blank", range(1, 6))
def test_a_row_of_data_with_blank_cells_is_no_header(tmp_path: Path, blank: int) -> None:
    lower = ["Nr", "Naam", "Straat", "Postcode", "Laan", "Pc"]
    lower[blank] = ""
    found, rows = found_in(tmp_path, [lower, *BODY], "csv")
    assert (found.header_row, rows) == (1, BODY)


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_years_may_group_columns(tmp_path: Path, format: str) -> None:
    rows = [["Klant", "2023", "", "2024", ""], ["", "Omzet", "Marge", "Omzet", "Marge"]]
    body = [["Ann", "1,5", "2,5", "3,5", "4,5"], ["Bob", "1,0", "2,0", "3,0", "4,0"]]
    found, read = found_in(tmp_path, [*rows, *body], format)
    assert found.names == ["Klant", "2023 Omzet", "2023 Marge", "2024 Omzet", "2024 Marge"]
    assert read == body
