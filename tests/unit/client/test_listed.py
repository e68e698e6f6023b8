"""Tests how a list becomes a request: rows, files and their names, the limit of a message, rows as a file."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carryover_client import CarryoverError, CarryoverProblem, IdempotencyConflict, link, listed
from services.upload.new_jobs.sent_rows import rows_as_file
from services.upload.requests.message import MOST_BYTES, read_request
from shared.contract.routes import EXCHANGE, REQUESTED

ABOUT = listed.about_of("cedar", "key-1", {"autostart": True}, "an@office.example")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
cells = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
tables = st.lists(st.dictionaries(texts, cells, min_size=1, max_size=4), min_size=1, max_size=6)


def test_the_places_of_the_broker_are_those_of_the_services() -> None:
    assert (link.EXCHANGE, link.REQUESTED, listed.MOST_BYTES) == (EXCHANGE, REQUESTED, MOST_BYTES)


@given(tables)
def test_rows_make_the_same_file_as_in_the_services(rows: list[dict[str, Any]]) -> None:
    assert listed.file_of(rows) == rows_as_file(rows)


@given(tables)
def test_every_request_with_rows_is_understood_by_the_services(rows: list[dict[str, Any]]) -> None:
    asked = listed.asked_of(rows, None, ABOUT, "token")
    assert asked is not None
    read = read_request(asked.body)
    assert read["rows"] == rows
    assert (read["firm"], read["idempotency_key"], read["name"]) == ("cedar", "key-1", "rows.csv")
    assert (read["requested_by"], read["options"]) == ("an@office.example", {"autostart": True})


@given(st.binary(max_size=300))
def test_every_file_is_understood_by_the_services(content: bytes) -> None:
    asked = listed.asked_of(content, "ledger é.xlsx", ABOUT, lambda: "token")
    assert asked is not None
    read = read_request(asked.body)
    assert gzip.decompress(base64.b64decode(read["content"])) == content
    assert (read["name"], asked.bearer) == ("ledger é.xlsx", "token")


def test_the_same_list_has_the_same_body_at_any_time() -> None:
    one, other = (listed.asked_of(b"a;b\n", None, ABOUT, "t") for _ in range(2))
    assert one is not None
    assert other is not None
    assert one.body == other.body
    assert one.identity != other.identity


@pytest.mark.parametrize("over", [0, 1])
def test_the_limit_of_a_message_is_exact(over: int) -> None:
    empty = listed.asked_of([{"a": ""}], None, ABOUT, "t")
    assert empty is not None
    rows = [{"a": "x" * (listed.MOST_BYTES - len(empty.body) + over)}]
    asked = listed.asked_of(rows, None, ABOUT, "t")
    assert (asked is None) is bool(over)


def test_a_large_file_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(listed.LARGE_FILE + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read"))
    assert listed.asked_of(path, None, ABOUT, "t") is None
    assert (listed.file_of(path), listed.file_name(path, None)) == (path, "large.csv")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), b"x"])
def test_values_that_are_no_cells_are_refused_before_anything_is_sent(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        listed.asked_of([{"a": value}], None, ABOUT, "t")


def test_answers_are_jobs_or_problems() -> None:
    assert listed.job_of({"id": "j", "history": []})["id"] == "j"
    with pytest.raises(IdempotencyConflict):
        listed.job_of(json.loads('{"code": "idempotency_conflict", "status": 409, "detail": "No."}'))
    with pytest.raises(CarryoverProblem, match="Odd"):
        listed.job_of({"code": "new_code", "status": 418, "detail": "Odd."})
    with pytest.raises(CarryoverError, match="neither"):
        listed.job_of({"hello": 1})
