"""Workbooks with one defect each, named after it, are read exactly or refused by kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.upload.canonical import read

FOLDER = Path(__file__).parents[2] / "files" / "workbook"
FILES = sorted(path for path in FOLDER.iterdir() if not path.name.endswith(".expected.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_workbook_with_a_defect_is_read_exactly_or_refused_by_kind(path: Path) -> None:
    expected = json.loads(path.with_name(f"{path.stem}.expected.json").read_text(encoding="utf-8"))
    answer = read(str(path))
    assert seen(answer, expected) == expected


def seen(answer: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """What an answer says of the things that are expected; of problems only the codes of rows."""
    rows = answer.get("rows", [])
    width = max([len(answer.get("header", [])), *map(len, rows)], default=0)
    codes = sorted(
        {p["code"] for p in answer.get("problems", []) if "row" in p["place"] and "column" in p["place"]}
    )
    told = {**answer, "rows": [row + [""] * (width - len(row)) for row in rows], "problems": codes}
    return {name: told.get(name) for name in expected}
