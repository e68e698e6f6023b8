"""Tests what is shown of parked messages: never a cell or a token, whatever the body and the headers are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.operating.parked_messages import about, body_shown, headers_shown, outline
from shared.plumbing.bus import PARKED_AT, REASON, ParkedMessage, _plain

SECRET = "Secret NV"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def message(body: bytes = b"", **headers: Any) -> ParkedMessage:
    return ParkedMessage("upload", "0" * 12, body, headers, 1)


@given(
    st.binary() | JSON.map(lambda found: json.dumps(found).encode()),
    st.dictionaries(st.text(), JSON, max_size=4),
)
def test_any_message_can_be_shown_as_json(body: bytes, headers: dict[str, Any]) -> None:
    one = message(body, **headers)
    shown = {**about(one), "headers": headers_shown(one), "body": body_shown(one), "outline": outline(one)}
    assert json.loads(json.dumps(shown))["bytes"] == len(body)


ROWS: list[Any] = [
    {"rows": [{"Client": SECRET}]},
    {"rows": [[SECRET]]},
    {"rows": SECRET},
    {"rows": {"Client": SECRET}},
    {"rows": [SECRET, {"Client": [SECRET]}]},
    {"content": SECRET, "name": SECRET},
    {"firm": "cedar", "idempotency_key": SECRET, "requested_by": SECRET},
    {"options": {"notify": [SECRET]}},
    [SECRET],
    SECRET,
    {"specversion": "1.0", "type": "carryover.work.v9", "data": {"job_id": SECRET}},
]


@pytest.mark.parametrize(
    "body", [*(json.dumps(one).encode() for one in ROWS), SECRET.encode(), b"\xff" + SECRET.encode()]
)
def test_no_value_of_a_body_is_shown_unless_it_is_about_work(body: bytes) -> None:
    one = message(body, authorization=SECRET, Authorization=SECRET)
    shown = [about(one), headers_shown(one), body_shown(one), outline(one)]
    assert SECRET not in json.dumps(shown)


def test_the_headers_of_rows_are_named_and_counted() -> None:
    rows = [{"Client": "a", "E-mail": "b"}, {"Client": "c", "Téléphone": "d"}]
    found = outline(message(json.dumps({"firm": "f", "rows": rows}).encode()))
    assert (found["rows"], found["headers"]) == (2, ["Client", "E-mail", "Téléphone"])
    many = outline(message(json.dumps({"rows": [{f"h{n}": 1 for n in range(5000)}]}).encode()))
    assert len(many["headers"]) == 50


@pytest.mark.parametrize(
    ("headers", "reason", "since"),
    [
        (
            {REASON: "KeyError", PARKED_AT: "2026-11-28T10:00:00+00:00"},
            "KeyError",
            "2026-11-28T10:00:00+00:00",
        ),
        (
            {"x-death": [{"reason": "rejected", "time": "2026-01-01"}]},
            "the broker gave it up: rejected",
            "2026-01-01",
        ),
        ({"x-death": []}, "no reason is given", None),
        ({"x-death": "x"}, "no reason is given", None),
        ({"x-death": ["x"]}, "no reason is given", None),
        ({}, "no reason is given", None),
        ({REASON: 3, PARKED_AT: 4}, "no reason is given", None),
    ],
)
def test_reason_and_time_come_from_us_or_from_the_broker(
    headers: dict[str, Any], reason: str, since: str | None
) -> None:
    found = about(message(**headers))
    assert (found["reason"], found["since"]) == (reason, since)


@given(st.dictionaries(st.text(), JSON | st.binary() | st.datetimes() | st.decimals(), max_size=4))
def test_any_header_of_the_broker_becomes_json(headers: dict[str, Any]) -> None:
    json.dumps(_plain(headers))
