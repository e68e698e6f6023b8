"""Tests that times come from the database, whatever the clock of the machine says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.plumbing import clock
from shared.plumbing.mongo import connect
from tests.system import eventually

TRUE = datetime.now


@pytest.fixture(autouse=True)
def own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process of its own, as far as the clock is concerned."""
    monkeypatch.setattr(clock, "_ahead", timedelta(0))


@pytest.mark.parametrize("off", [timedelta(minutes=10), timedelta(minutes=-10), timedelta(days=400)])
def test_a_clock_that_is_wrong_is_put_right_by_the_first_answer(
    monkeypatch: pytest.MonkeyPatch, mongodb_url: str, off: timedelta
) -> None:
    monkeypatch.setattr(clock, "own", lambda: TRUE(UTC) + off)
    assert abs(clock.now() - TRUE(UTC)) > timedelta(minutes=5)
    db = connect(mongodb_url)
    db.command("ping")
    eventually(lambda: abs(clock.now() - TRUE(UTC)) < timedelta(seconds=1), 10, "the time is right")
    db.client.close()


@pytest.mark.parametrize("off", [0.0, 0.4, -1.5])
def test_small_differences_are_left_alone_so_that_time_never_goes_back(off: float) -> None:
    clock.at_server(clock.own() + timedelta(seconds=off))
    assert clock._ahead == timedelta(0)


def test_a_clock_that_was_put_right_meanwhile_counts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock.at_server(TRUE(UTC) + timedelta(minutes=3))
    assert clock.now() - TRUE(UTC) > timedelta(minutes=2)
    clock.at_server(TRUE(UTC))
    assert abs(clock.now() - TRUE(UTC)) < timedelta(seconds=1)
