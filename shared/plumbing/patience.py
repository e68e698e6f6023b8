"""Retries work while a server is away, with growing pauses, until it succeeds or the process has to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential
from tenacity.nap import sleep_using_event

#: Seconds: the longest pause at first, and ever.
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0


def _never(_: RetryCallState) -> bool:
    return False


def patiently(
    stopping: threading.Event,
    again: Callable[[BaseException], bool],
    enough: Callable[[RetryCallState], bool] = _never,
) -> Retrying:
    """Call what this gives with a function: it runs until it succeeds.

    Errors that are not for `again` are raised. When `stopping` is set, or `enough` says so, the call gives None; a
    pause ends at once when `stopping` is set.
    """
    return Retrying(
        sleep=sleep_using_event(stopping),
        stop=lambda state: stopping.is_set() or enough(state),
        wait=wait_random_exponential(multiplier=FIRST_PAUSE, max=LONGEST_PAUSE),
        retry=retry_if_exception(again),
        retry_error_callback=lambda _: None,
    )
