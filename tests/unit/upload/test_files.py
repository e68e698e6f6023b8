"""Tests files with one defect each, named after it: read exactly or refused by kind, as a worker reads them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shared.contract.problems import KINDS, sentence
from tools.read_file import read

FOLDER = Path(__file__).parents[2] / "files"
EXPECTED = ".expected.json"
FILES = sorted(path for path in FOLDER.glob("*/*") if path.is_file() and not path.name.endswith(EXPECTED))


def comparable(found: dict[str, Any]) -> dict[str, Any]:
    """Rows without the blanks at their ends, which say nothing; of problems the codes."""
    if "rows" not in found:
        return found
    rows = [
        row[: max((place for place, cell in enumerate(row, 1) if cell != ""), default=0)]
        for row in found["rows"]
    ]
    codes = [
        problem["code"] if isinstance(problem, dict) else problem for problem in found.get("problems", ())
    ]
    return {**found, "rows": rows, "problems": codes}


@cache
def answer(path: Path) -> dict[str, Any]:
    return read(str(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_with_a_defect_is_read_as_a_person_would(path: Path) -> None:
    expected = json.loads((path.parent / (path.stem + EXPECTED)).read_text(encoding="utf-8"))
    found = comparable(answer(path))
    assert {name: found.get(name) for name in expected} == {
        name: comparable(expected)[name] for name in expected
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_whatever_is_noted_of_a_file_has_its_sentence_in_every_language(path: Path) -> None:
    problems = answer(path).get("problems", [])
    assert [problem["code"] for problem in problems if problem["code"] not in KINDS] == []
    sentences = [
        sentence(problem["code"], lang, **problem["params"])
        for problem in problems
        for lang in ("en", "fr", "nl")
    ]
    assert [text for text in sentences if "…" in text] == []


def test_there_is_a_file_for_every_expectation() -> None:
    stems = {(path.parent, path.stem) for path in FILES}
    wanted = {(path.parent, path.name.removesuffix(EXPECTED)) for path in FOLDER.glob(f"*/*{EXPECTED}")}
    assert stems == wanted
    assert len(FILES) >= 110
