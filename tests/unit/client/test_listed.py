"""Tests how a list becomes a request: rows, files and their names, the limit of a message, rows as a file."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carryover_client import CarryoverError, CarryoverProblem, IdempotencyConflict, link, listed
from carryover_client.sent_file import name_of
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
    assert listed.file_of(listed.settled(rows)) == rows_as_file(rows)


@given(tables)
def test_every_request_with_rows_is_understood_by_the_services(rows: list[dict[str, Any]]) -> None:
    asked = listed.asked_of(listed.settled(rows), None, ABOUT, "token")
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
    empty = listed.asked_of(listed.settled([{"a": ""}]), None, ABOUT, "t")
    assert empty is not None
    rows = [{"a": "x" * (listed.MOST_BYTES - len(empty.body) + over)}]
    asked = listed.asked_of(listed.settled(rows), None, ABOUT, "t")
    assert (asked is None) is bool(over)


def test_a_large_file_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(listed.LARGE_FILE + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read"))
    assert listed.asked_of(path, None, ABOUT, "t") is None
    assert (listed.file_of(path), listed.file_name(path, None)) == (path, "large.csv")


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), Decimal("NaN"), object(), b"x", ["a"], {"a": 1}, "half \ud83d", 1j]
)
def test_values_that_are_no_cells_are_refused_with_their_place(value: object) -> None:
    with pytest.raises((ValueError, TypeError), match="Row 1, 'b'"):
        listed.settled([{"a": 1}, {"b": value}])


VALUES = [
    (date(2026, 3, 1), "2026-03-01"),
    (datetime(2026, 3, 1, 9, 30, tzinfo=UTC), "2026-03-01T09:30:00+00:00"),
    (time(9, 30), "09:30:00"),
    (Decimal("1E+3"), "1000"),
    (Decimal("0.10"), "0.10"),
    (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
    (True, True),
    (7, 7),
    (None, None),
]


@pytest.mark.parametrize(("value", "sent"), VALUES)
def test_values_of_a_database_are_sent_as_texts(value: object, sent: object) -> None:
    assert listed.settled([{"a": value}]) == [{"a": sent}]


@pytest.mark.parametrize("row", [{None: ["x"]}, {3: "x"}, {"\ud83d": "x"}, ["a"], "a", 3])
def test_rows_that_are_no_rows_are_refused_with_their_number(row: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="Row 2"):
        listed.settled([{"a": 1}, {"a": 2}, row])


@pytest.mark.parametrize("clients", [3, None, {"a": 1}, io.BytesIO(b"x"), io.StringIO("x")])
def test_what_is_no_list_is_refused(clients: Any) -> None:
    with pytest.raises(TypeError, match="Give rows"):
        listed.settled(clients)


def test_rows_that_can_be_read_once_are_kept() -> None:
    clients = listed.settled({"a": n} for n in range(3))
    assert listed.file_of(clients) == listed.file_of(clients) == b"a\r\n0\r\n1\r\n2\r\n"


@pytest.mark.parametrize("kind", [bytearray, memoryview, bytes])
def test_bytes_of_any_kind_are_a_file(kind: Any) -> None:
    assert listed.settled(kind(b"a;b")) == b"a;b"


def test_the_name_of_a_file_is_a_text_whatever_its_bytes() -> None:
    assert name_of(Path(os.fsdecode(b"/x/cl\xe9s \xf0\x9f\x93\x92.csv"))) == "cl\ufffds 📒.csv"


def test_answers_are_jobs_or_problems() -> None:
    assert listed.job_of({"id": "j", "history": []})["id"] == "j"
    with pytest.raises(IdempotencyConflict):
        listed.job_of(json.loads('{"code": "idempotency_conflict", "status": 409, "detail": "No."}'))
    with pytest.raises(CarryoverProblem, match="Odd"):
        listed.job_of({"code": "new_code", "status": 418, "detail": "Odd."})
    with pytest.raises(CarryoverError, match="neither"):
        listed.job_of({"hello": 1})
