"""Files that were converted twice are recognised, and a person can undo it."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.upload.dialect.double_encoding import TWICE, undone
from services.upload.ingest.reader import open_source
from services.upload.model.source import Overrides, Source
from tests.files.list_words import WORDS

TABLES = {
    lang: [[words.headers["name"], words.headers["city"]], *zip(words.last, words.cities * 2, strict=False)]
    for lang, words in WORDS.items()
    if not "".join((*words.last, *words.cities)).isascii()
}


def twice(text: str, between: str = "cp1252") -> bytes:
    """The text as UTF-8 that was taken for Windows-1252, where that has no character for Latin-1."""
    characters = (bytes([byte]).decode(between, "ignore") or chr(byte) for byte in text.encode())
    return "".join(characters).encode()


def read(path: Path, **overrides: str) -> tuple[Source, list[list[str]]]:
    source = open_source(path, overrides=Overrides(**overrides))  # type: ignore[arg-type]
    return source, [source.found.header, *(row for batch in source.batches() for row in batch.rows)]


@pytest.mark.parametrize("lang", TABLES)
@pytest.mark.parametrize("between", ["cp1252", "latin-1"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_double_conversion_is_offered_to_be_undone(
    tmp_path: Path, lang: str, between: str, mark: bytes
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(mark + twice("\n".join(";".join(row) for row in TABLES[lang]), between))
    source, rows = read(path)
    assert rows != [list(row) for row in TABLES[lang]]
    assert "converted_twice" in [problem["code"] for problem in source.found.problems]
    assert TWICE in [rival["encoding"] for rival in source.found.encodings]
    source, rows = read(path, encoding=TWICE)
    assert rows == [list(row) for row in TABLES[lang]]
    assert "converted_twice" not in [problem["code"] for problem in source.found.problems]


@pytest.mark.parametrize("lang", TABLES)
def test_a_file_that_was_converted_once_is_none(tmp_path: Path, lang: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text("\n".join(";".join(row) for row in TABLES[lang]), encoding="utf-8")
    source, rows = read(path)
    assert rows == [list(row) for row in TABLES[lang]]
    assert "converted_twice" not in [problem["code"] for problem in source.found.problems]


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFFFF, exclude_categories=["Cs", "Cc"])))
def test_any_text_comes_back(text: str) -> None:
    once = undone(twice(text).decode())
    assert once == text or undone(text) != text  # a text may look converted by itself


@given(st.text("aéèüñçÅø€œ’–ж漢", max_size=60), st.integers(1, 7))
def test_pieces_are_decoded_as_the_whole(text: str, size: int) -> None:
    raw = twice(text)
    decoder = codecs.getincrementaldecoder(TWICE)()
    pieces = [decoder.decode(raw[start : start + size]) for start in range(0, len(raw), size)]
    assert "".join([*pieces, decoder.decode(b"", True)]) == raw.decode(TWICE)
