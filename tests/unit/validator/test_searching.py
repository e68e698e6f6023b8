"""Tests search in cells: chunks are excluded by their words, rows are found by their texts."""

from hypothesis import given
from hypothesis import strategies as st

from services.validator.rows.searching import has_text, searched_words, words_of


def test_case_and_accents_do_not_matter() -> None:
    assert has_text(["Hélène Lefèvre", "1000"], searched_words("LEFEVRE hel"))


def test_all_words_must_occur() -> None:
    assert not has_text(["Hélène Lefèvre"], searched_words("helene brussel"))


CELL = st.text(alphabet="aéB1 .@", max_size=8)


@given(st.lists(st.lists(CELL, min_size=1, max_size=3), min_size=1, max_size=5), CELL)
def test_a_chunk_that_has_the_row_is_never_ruled_out(rows: list[list[str]], text: str) -> None:
    words = searched_words(text)
    known = words_of(rows)
    if any(has_text(row, words) for row in rows):
        assert all(word in known for word in words)
