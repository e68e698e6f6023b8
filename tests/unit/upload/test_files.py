"""Files with one defect each, and what is to be read from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.upload.reading import Found, ReadError, Source, open_source

FOLDER = Path(__file__).parents[2] / "files"
EXPECTED = ".expected.json"
FILES = sorted(path for path in FOLDER.glob("*/*") if path.is_file() and not path.name.endswith(EXPECTED))


def rows_of(source: Source) -> list[list[str]]:
    """The rows with their extra cells."""
    rows: list[list[str]] = []
    for batch in source.batches(4):
        rows += [row + batch.long.get(offset, []) for offset, row in enumerate(batch.rows)]
    return rows


def read(path: Path) -> dict[str, Any]:
    try:
        source = open_source(path)
        rows = rows_of(source)
    except ReadError as error:
        return {"error": error.code}
    found: Found = source.found
    return {
        "header": found.header,
        "rows": rows,
        "format": found.format,
        "encoding": found.encoding,
        "delimiter": found.delimiter,
        "header_row": found.header_row,
        "sheet": found.sheet,
        "problems": [problem["code"] for problem in found.problems],
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_with_a_defect_is_read_as_a_person_would(path: Path) -> None:
    expected = json.loads((path.parent / (path.stem + EXPECTED)).read_text(encoding="utf-8"))
    seen = read(path)
    assert {name: seen.get(name) for name in expected} == expected


def test_there_is_a_file_for_every_expectation() -> None:
    stems = {(path.parent, path.stem) for path in FILES}
    wanted = {(path.parent, path.name.removesuffix(EXPECTED)) for path in FOLDER.glob(f"*/*{EXPECTED}")}
    assert stems == wanted
    assert len(FILES) >= 110
