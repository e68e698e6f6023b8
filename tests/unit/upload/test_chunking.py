"""Tests that chunks stay small, whatever is in the cells."""

from __future__ import annotations

import pytest

from services.upload.ingest.chunking import within
from services.upload.model.source import Batch, ReadError


def batch(*lengths: int) -> Batch:
    return Batch(
        numbers=list(range(2, 2 + len(lengths))),
        rows=[["x" * length, ""] for length in lengths],
        long={len(lengths) - 1: ["more"]},
        short=[0],
    )


def test_an_ordinary_batch_stays_whole() -> None:
    whole = batch(5, 6, 7)
    assert list(within(whole, 1000)) == [whole]


def test_a_batch_of_long_cells_is_cut_and_nothing_is_lost() -> None:
    parts = list(within(batch(400, 400, 400, 400, 10), 900))
    assert [len(part.rows) for part in parts] == [2, 3]
    assert [number for part in parts for number in part.numbers] == [2, 3, 4, 5, 6]
    assert parts[0].short == [0]
    assert parts[-1].long == {2: ["more"]}


def test_a_row_that_no_document_could_hold_is_refused_with_its_number() -> None:
    with pytest.raises(ReadError) as refused:
        list(within(batch(10, 5000), 1000))
    assert refused.value.code == "cell_too_long"
    assert refused.value.params["row"] == 3
