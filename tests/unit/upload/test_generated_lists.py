"""Lists of many kinds, made by chance: they are read exactly, and no mend goes unreported.

`python -m tests.files.generated_lists` measures more of them, and shows those that are read otherwise.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from services.upload.dialect.decoding import Encoding, open_text
from services.upload.ingest.reader import open_source
from services.upload.model.rows import EDGES
from services.upload.model.source import ReadError, Source
from tests.files.generated_lists import GRIDS, KINDS, Rows, judged, made, workbook

NUMBERS = range(8)
#: Kinds of which a few files can be read in several ways: one sign in one encoding, a name and its comma.
AMBIGUOUS = {"single_signs": 1, "late_accents": 1, "two_columns": 1, "no_header": 1, "two_row_headers": 1}


@pytest.mark.parametrize("kind", KINDS)
def test_files_of_a_kind_are_read_exactly(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "list"
    verdicts = {seed: judged(made(kind, seed), path) for seed in NUMBERS}
    wrong = {seed: verdict for seed, verdict in verdicts.items() if verdict.outcome != "exact"}
    assert len(wrong) <= AMBIGUOUS.get(kind, 0), wrong


@pytest.mark.parametrize("kind", GRIDS)
def test_the_same_rows_in_a_workbook_are_read_exactly(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "list"
    verdicts = {seed: judged(workbook(kind, seed), path) for seed in NUMBERS}
    wrong = {seed: verdict for seed, verdict in verdicts.items() if verdict.outcome != "exact"}
    assert len(wrong) <= AMBIGUOUS.get(kind, 0), wrong


def strictly(source: Source, path: Path) -> Rows | None:
    """The filled records below the header by the dialect that was found; None where the file is not valid by it."""
    found = source.found
    stray = "cp1252" if found.encoding == "utf-8" else None
    text, _ = open_text(path, Encoding(str(found.encoding), stray, problems=found.problems))
    with text:
        lines = text.readlines()
    if lines and lines[0].lower().startswith("sep="):
        del lines[0]
    reader = csv.reader(
        lines,
        delimiter=found.delimiter or "\x1c",
        quotechar=found.quote or None,
        quoting=csv.QUOTE_MINIMAL if found.quote else csv.QUOTE_NONE,
        skipinitialspace=True,
        strict=True,
    )
    try:
        records = list(reader)
    except csv.Error:
        return None
    return clean(records[found.skipped or found.header_row :])


def clean(rows: Rows) -> Rows:
    found = []
    for row in rows:
        cells = [cell.strip(EDGES) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        found += [cells] if cells else []
    return found


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind not in ("escapes", "repeated_headers", "comments")]
)
def test_a_valid_file_is_read_as_its_own_dialect_says(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "list"
    for seed in range(20, 26):
        path.write_bytes(made(kind, seed).content)
        try:
            source = open_source(path)
        except ReadError:
            continue
        read = [
            row + batch.long.get(offset, [])
            for batch in source.batches()
            for offset, row in enumerate(batch.rows)
        ]
        expected = strictly(source, path)
        assert expected is None or clean(read) == expected, seed
