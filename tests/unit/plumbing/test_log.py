"""Tests that the log of an error has its place and kind, and never its text."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
import structlog

from shared.plumbing import log as logging
from shared.plumbing.log import named

NUMBER = "85073003328"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    output = io.StringIO()
    monkeypatch.setattr(logging.sys, "stderr", output)
    before = structlog.get_config()
    logging.set_up_logging("upload", "DEBUG", "json")
    yield output
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()


class Coded(Exception):
    """An error of a driver, which shows the document it was about."""

    code = 11000


def _fail() -> None:
    try:
        raise Coded(f"duplicate of {{number: {NUMBER}}}")
    except Coded as error:
        raise ValueError(f"not a number: {NUMBER}") from error


def test_a_trace_shows_where_and_of_what_kind_and_no_value(lines: io.StringIO) -> None:
    try:
        _fail()
    except ValueError:
        structlog.get_logger().exception("handler failed", attempt=1)
    line = json.loads(lines.getvalue())
    assert NUMBER not in lines.getvalue()
    assert (line["event"], line["attempt"], "exc_info" in line) == ("handler failed", 1, False)
    trace = line["exception"]
    assert "in _fail" in trace
    assert trace.index("ValueError") < trace.index("caused by") < trace.index("Coded (11000)")


def test_an_error_is_named_by_its_kind_and_code() -> None:
    assert named(ValueError(NUMBER)) == "ValueError"
    assert named(Coded(NUMBER)) == "Coded (11000)"
