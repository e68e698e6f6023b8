"""Tests that what breaks while one request is answered ends neither the consumer nor the requests behind it."""

from __future__ import annotations

import threading

import pytest

from shared.plumbing.bus import RequestConsumer, Unpublished


@pytest.mark.parametrize("error", [Unpublished("no confirm"), OSError("gone"), ValueError("a mistake")])
def test_the_consumer_goes_on_after_any_error(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    stopping, rounds = threading.Event(), []
    consumer = RequestConsumer("memory://", lambda asked: None, stopping)

    def consume(_: object) -> None:
        rounds.append(1)
        if len(rounds) == 2:
            stopping.set()
        raise error

    monkeypatch.setattr(consumer, "_consume", consume)
    consumer.run()
    assert len(rounds) == 2
