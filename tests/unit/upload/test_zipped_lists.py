"""A zip opens where one of its files is the list."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.upload.ingest.reader import open_source
from services.upload.model.source import ReadError
from tests.files.making import xlsx, zipped

LIST = "Naam;Stad\nAnn;Gent\nBob;Namen\n"
BOOK = xlsx([["Naam", "Stad"], ["Ann", "Gent"], ["Bob", "Namen"]])
BESIDE = [
    "readme.txt",
    "README.md",
    "docs/leesmij.txt",
    "LISEZMOI.TXT",
    "logo.png",
    "manual.pdf",
    "terms.docx",
    "notes.txt",
]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        (name, other)
        for name in ("klanten.csv", "export/Klanten.TSV", "list.xlsx", "a.txt")
        for other in BESIDE
        if (name, other) != ("a.txt", "notes.txt")  # both may be the list
    ],
)
def test_a_list_beside_another_file_is_opened(tmp_path: Path, name: str, other: str) -> None:
    path = tmp_path / "list.zip"
    path.write_bytes(zipped({other: "Export of clients\n", name: BOOK if name.endswith("xlsx") else LIST}))
    source = open_source(path)
    assert [row for batch in source.batches() for row in batch.rows] == [["Ann", "Gent"], ["Bob", "Namen"]]
    assert source.found.packed_as == name.rpartition("/")[2]
    problem = next(each for each in source.found.problems if each["code"] == "other_files")
    assert problem["params"] == {"name": source.found.packed_as, "count": 1}


@pytest.mark.parametrize(
    "names", [["a.csv", "b.csv"], ["a.csv", "b.xlsx", "readme.txt"], ["a.txt", "notes.txt"], ["x", "y"]]
)
def test_several_lists_are_refused_with_their_number(tmp_path: Path, names: list[str]) -> None:
    path = tmp_path / "list.zip"
    path.write_bytes(zipped(dict.fromkeys(names, LIST)))
    with pytest.raises(ReadError) as caught:
        open_source(path)
    assert (caught.value.code, caught.value.params) == ("several_files", {"count": 2})


def test_a_list_alone_has_no_other_files(tmp_path: Path) -> None:
    path = tmp_path / "list.zip"
    path.write_bytes(zipped({"readme.txt": LIST, "__MACOSX/readme.txt": "x"}))
    assert "other_files" not in [problem["code"] for problem in open_source(path).found.problems]
