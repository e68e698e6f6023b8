"""XLS workbooks with a password: those that Excel opens without asking are read, others are refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.upload.ingest.reader import open_source
from services.upload.model.source import ReadError
from tests.files.protecting import obfuscated_xls, protected_xls

FOLDER = Path(__file__).parents[2] / "files/workbook"
BOOKS = ["padded-codes-and-dates.xls", "hidden-sheet-and-blank-rows-first.xls", "dates-from-1904-in-xls.xls"]


def read(path: Path) -> list[list[str]]:
    return [row for batch in open_source(path).batches() for row in batch.rows]


@pytest.mark.parametrize("name", BOOKS[:2])
def test_a_workbook_that_is_only_protected_against_changes_is_read(tmp_path: Path, name: str) -> None:
    content = (FOLDER / name).read_bytes()
    path = tmp_path / "list.xls"
    path.write_bytes(protected_xls(content, "VelvetSweatshop"))
    assert read(path) == read(FOLDER / name)


@pytest.mark.parametrize("name", BOOKS)
def test_a_workbook_with_a_password_of_its_own_is_refused_by_name(tmp_path: Path, name: str) -> None:
    content = (FOLDER / name).read_bytes()
    path = tmp_path / "list.xls"
    for protected in (protected_xls(content, "secret"), obfuscated_xls(content)):
        path.write_bytes(protected)
        with pytest.raises(ReadError) as caught:
            read(path)
        assert caught.value.code == "encrypted"
