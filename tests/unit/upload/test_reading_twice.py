"""A reading that was ended from outside is tried once more; a file that is at fault is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from services.upload import handlers
from services.upload.model.source import ReadError
from shared.plumbing.worker import Work

WORK = cast(Work, object())


def failing(*codes: str) -> tuple[Callable[[Work], str], list[str]]:
    """A reading that fails with these codes in turn, and then reads; the list has the codes that were raised."""
    raised: list[str] = []

    def read(_: Work) -> str:
        if len(raised) < len(codes):
            raised.append(codes[len(raised)])
            raise ReadError(raised[-1])
        return "read"

    return read, raised


def test_a_reading_that_was_ended_from_outside_is_tried_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    read, raised = failing("reading_stopped")
    monkeypatch.setattr(handlers, "_read_file", read)
    assert handlers._read_twice(WORK) == "read"
    assert raised == ["reading_stopped"]


def test_a_second_end_from_outside_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    read, raised = failing("reading_stopped", "reading_stopped")
    monkeypatch.setattr(handlers, "_read_file", read)
    with pytest.raises(ReadError, match="reading_stopped"):
        handlers._read_twice(WORK)
    assert len(raised) == 2


@pytest.mark.parametrize("code", ["reading_too_slow", "reading_too_large", "corrupt", "no_rows", "encrypted"])
def test_a_file_that_is_at_fault_is_read_once(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    read, raised = failing(code, code)
    monkeypatch.setattr(handlers, "_read_file", read)
    with pytest.raises(ReadError, match=code):
        handlers._read_twice(WORK)
    assert raised == [code]
