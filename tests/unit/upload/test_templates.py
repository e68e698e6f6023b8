"""Tests that a filled-in template is mapped without a person, and that none of its examples is imported."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from services.mapper.targets.proposing import Column, propose
from services.upload.list_templates.content import KINDS, TEMPLATES, columns_of
from services.upload.list_templates.files import as_csv, as_xlsx
from shared.contract.texts.catalogues import LANGUAGES
from tools.read_file import read

EVERY = pytest.mark.parametrize(("name", "lang"), [(name, lang) for name in TEMPLATES for lang in LANGUAGES])


def filled(name: str, lang: str) -> bytes:
    """The template with the example of each column as its first row."""
    book = load_workbook(io.BytesIO(as_xlsx(name, lang)))
    for place, column in enumerate(columns_of(name, lang), 1):
        book.worksheets[0].cell(2, place, column.example or "x" * bool(column.key))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@EVERY
def test_a_filled_template_is_read_from_its_first_sheet_and_every_column_maps_rightly(
    name: str, lang: str, tmp_path: Path
) -> None:
    path = tmp_path / "filled.xlsx"
    path.write_bytes(filled(name, lang))
    answer = read(str(path))
    columns = columns_of(name, lang)
    assert answer["header"] == [column.header for column in columns]
    assert len(answer["rows"]) == 1
    samples = [
        Column(place, header, [answer["rows"][0][place]]) for place, header in enumerate(answer["header"])
    ]
    proposal = propose(samples, KINDS.get(name, "accounts_and_contacts"))
    assert [each.target or "" for each in proposal.columns] == [column.key for column in columns]
    assert min(each.confidence for each in proposal.columns if each.target) >= 0.9


@EVERY
def test_a_template_that_nobody_filled_in_has_no_rows(name: str, lang: str, tmp_path: Path) -> None:
    for kind, content in (("xlsx", as_xlsx(name, lang)), ("csv", as_csv(name, lang))):
        path = tmp_path / f"empty.{kind}"
        path.write_bytes(content)
        answer = read(str(path))
        assert answer["rows"] == []
        assert answer["header"] == [column.header for column in columns_of(name, lang)]


@EVERY
def test_every_column_of_a_template_is_explained_in_its_language(name: str, lang: str) -> None:
    others = {
        other: [each.explanation for each in columns_of(name, other)] for other in LANGUAGES if other != lang
    }
    explanations = [each.explanation for each in columns_of(name, lang)]
    assert all(explanations)
    assert all(explanations != texts for texts in others.values())


def test_a_template_keeps_zeros_and_offers_choices() -> None:
    sheet = load_workbook(io.BytesIO(as_xlsx("accounts", "nl"))).worksheets[0]
    headers = {column.key: place for place, column in enumerate(columns_of("accounts", "nl"), 1)}
    letter = sheet.cell(1, headers["account.kbo_number"]).column_letter
    assert sheet.column_dimensions[letter].number_format == "@"
    offered = [each.formula1 for each in sheet.data_validations.dataValidation]
    assert '"Individual,Company,Other"' in offered
    assert sheet.freeze_panes == "A2"
    assert all(cell.comment for cell in sheet[1])
