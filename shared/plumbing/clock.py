"""The time, as the database has it: what machines write and compare must not depend on their own clocks.

The driver asks each server how it is every few seconds, and each answer has the server's time
(https://www.mongodb.com/docs/manual/reference/command/hello/), so that the difference between the clocks is known
without a call more (`shared.plumbing.mongo`). Within `TOLERANCE` our own clock counts, so that times in one process
never go back by milliseconds.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

#: How far our own clock may be off before the server's counts.
TOLERANCE = timedelta(seconds=2)

_ahead = timedelta(0)


def own() -> datetime:
    """What the clock of this machine says."""
    return datetime.now(UTC)


def now() -> datetime:
    """The time of the database server, as far as it is known; else that of this machine."""
    return own() + _ahead


def at_server(moment: datetime) -> None:
    """Note what the clock of the server says now."""
    global _ahead
    ahead = moment.replace(tzinfo=UTC) - own()
    if abs(ahead - _ahead) > TOLERANCE:
        _ahead = ahead if abs(ahead) > TOLERANCE else timedelta(0)
