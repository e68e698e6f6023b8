"""Tests that client and child of the sandbox receive exactly what the other sent."""

from __future__ import annotations

import pytest

from services.upload.model.source import Batch, Found, Limits, Overrides, ReadError
from services.upload.sandbox.limits import Bounds
from services.upload.sandbox.protocol import Request, batch_of, encoded, encoded_rows, error_of, refusal_of


def test_a_request_arrives_as_it_was_sent() -> None:
    request = Request(
        "/a", "clients.csv", Limits(rows=3), Overrides(quote="", header_row=0), Bounds(memory=1), 5
    )
    assert Request.decoded(request.encoded()) == request


@pytest.mark.parametrize(
    "batch",
    [
        Batch([2, 3], [["Ann", ""], ["Zoë", "\ud800"]]),
        Batch([2, 9], [["Ann", "a"], ["", "b"]], long={1: ["c"]}, short=[0], doubts=[(1, "quotes_repaired")]),
    ],
    ids=["plain", "doubtful"],
)
def test_a_batch_arrives_as_it_was_sent(batch: Batch) -> None:
    assert [batch_of(content) for content in encoded_rows(batch)] == [batch]


def test_a_batch_of_large_cells_arrives_in_parts() -> None:
    rows = [[letter * 3_000_000] for letter in "abc"]
    parts = [batch_of(content) for content in encoded_rows(Batch([2, 3, 4], rows))]
    assert [part.numbers for part in parts] == [[2], [3, 4]]
    assert [row for part in parts for row in part.rows] == rows


def test_a_refusal_arrives_with_what_was_found() -> None:
    error = ReadError("no_rows", "detail", header_row=2)
    error.found = Found("csv", header=["Name"], names=["Name"])
    error.found.problems.append({"code": "preamble_skipped", "place": {"row": 1}, "params": {"count": 1}})
    arrived = error_of(encoded(refusal_of(error)))
    assert (arrived.code, arrived.detail, arrived.params) == ("no_rows", "detail", {"header_row": 2})
    assert arrived.found == error.found
