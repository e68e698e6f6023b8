"""Tests that every message that cannot be understood has a code of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.messages import MAX_BYTES, MessageError, read_work, work_message
from shared.contract.problems import KINDS
from shared.contract.routes import LANES, STEPS

TASK = {
    "_id": "job-1:2:load:7",
    "job": "job-1",
    "firm": "firm-a",
    "revision": 2,
    "step": "load",
    "n": 7,
    "lane": "main",
}


def message(**data: Any) -> dict[str, Any]:
    """A good message with other data."""
    whole = work_message(TASK, "tests")
    return {**whole, "data": {**whole["data"], **data}}


def without(name: str) -> dict[str, Any]:
    """A good message that lacks one part of its data."""
    whole = message()
    del whole["data"][name]
    return whole


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("lane", LANES)
def test_what_is_written_is_read_back(step: str, lane: str) -> None:
    body = json.dumps(work_message({**TASK, "step": step, "lane": lane}, "tests"))
    assert (
        read_work(body)
        == read_work(body.encode())
        == {
            "job_id": "job-1",
            "firm": "firm-a",
            "revision": 2,
            "step": step,
            "chunk": 7,
            "lane": lane,
        }
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"text", "not_json"),
        (b"\xff\xfe", "not_json"),
        ("[" * 60_000, "not_json"),
        (b'{"a": 1', "not_json"),
        (b" " * (MAX_BYTES + 1), "message_too_large"),
        (b"null", "invalid_message"),
        (b"[]", "invalid_message"),
        (b"7", "invalid_message"),
        (b"{}", "invalid_message"),
    ],
)
def test_what_is_no_message_gives_its_code(body: bytes | str, code: str) -> None:
    with pytest.raises(MessageError) as error:
        read_work(body)
    assert error.value.code == code
    assert code in KINDS


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        ({**message(), "type": "carryover.work.v2"}, "unknown_version"),
        ({**message(), "type": "something.else"}, "unknown_type"),
        ({**message(), "type": 1}, "invalid_message"),
        ({**message(), "specversion": "0.3"}, "invalid_message"),
        ({**message(), "more": 1}, "invalid_message"),
        ({**message(), "data": None}, "invalid_message"),
        (message(step="bake"), "invalid_message"),
        (message(lane="slow"), "invalid_message"),
        (message(revision="2"), "invalid_message"),
        (message(revision=2.5), "invalid_message"),
        (message(chunk=None), "invalid_message"),
        (message(job_id=""), "invalid_message"),
        (message(firm="f" * 65), "invalid_message"),
        (message(firm={"$ne": ""}), "invalid_message"),
        (message(row={"email": "jan@example.be"}), "invalid_message"),
        *((without(name), "invalid_message") for name in message()["data"]),
    ],
)
def test_a_message_that_is_not_as_agreed_gives_its_code(envelope: dict[str, Any], code: str) -> None:
    with pytest.raises(MessageError) as error:
        read_work(json.dumps(envelope))
    assert error.value.code == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_body_whatever_gives_anything_but_a_code(body: bytes) -> None:
    with pytest.raises(MessageError):
        read_work(body)


def read_or_code(body: str) -> dict[str, Any] | str:
    """The data of a message, or the code of why it has none."""
    try:
        return read_work(body)
    except MessageError as error:
        return error.code


@given(st.sampled_from(sorted(message()["data"])), JSON)
def test_no_value_of_any_part_gives_anything_but_the_data_or_a_code(name: str, value: Any) -> None:
    read = read_or_code(json.dumps(message(**{name: value})))
    assert read == "invalid_message" or set(read) == set(message()["data"])
