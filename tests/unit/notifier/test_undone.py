"""Tests the list of rows of an import that was undone."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest

from services.notifier.lists.undone_rows import write_undone
from shared.contract.documents.chunk import EditedCells, Undone, UndoReason

HEADERS = ("Name", "Notes", "_row", "_outcome")
CHUNK = (
    EditedCells(first=2, rows=[["Café", "=1+1", "9", "x"], ["Bar", "", "", ""]]),
    Undone(
        outcomes=["kept", "reversed"],
        reasons={0: [UndoReason("changed_since", "accounts", ["notes", "custom.Sector"])]},
    ),
)


def listed(lang: str = "en", **how: Any) -> list[list[str]]:
    target = io.BytesIO()
    count = write_undone(target, HEADERS, ";", [CHUNK], lang, **how)
    with zipfile.ZipFile(target) as archive:
        lines = list(csv.reader(io.StringIO(archive.read("undone.csv").decode("utf-8-sig")), delimiter=";"))
    assert len(lines) == count + 1
    return lines


def test_rows_that_stay_are_listed_with_the_reason_and_the_fields() -> None:
    header, line = listed()
    assert header == ["Name", "Notes", "_row", "_outcome", "_reason"]
    assert line[:4] == ["Café", "'=1+1", "2", "kept"]
    assert "account: Notes, Sector" in line[4] or "Sector" in line[4]
    assert "account" in line[4]


def test_all_rows_are_listed_on_demand() -> None:
    assert [line[3] for line in listed(every=True)[1:]] == ["kept", "undone"]


@pytest.mark.parametrize(("lang", "word"), [("fr", "gardée"), ("nl", "bewaard")])
def test_outcomes_and_reasons_speak_the_language_of_the_reader(lang: str, word: str) -> None:
    line = listed(lang)[1]
    assert line[3] == word
    assert line[4] != listed("en")[1][4]
