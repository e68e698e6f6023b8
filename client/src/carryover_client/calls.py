"""One call of the HTTP API after the other, without a transport: what to send, when to pause, when to try again.

The operations are generators that yield calls and pauses and receive replies. `http.py` runs them, with threads or
with asyncio; so both clients do the same.
"""

from __future__ import annotations

import json
import random
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, TypeVar

from carryover_client.errors import CarryoverError, Unreachable, problem_of
from carryover_client.sent_file import SentFile

Taken = TypeVar("Taken")

#: How often a call is tried in all, and the longest pause between two tries, in seconds.
TRIES, LONGEST_PAUSE = 6, 10.0
#: Answers of servers, proxies and limits that a later try may not get.
PASSING = frozenset({429, 502, 503, 504})


class Sink(Protocol):
    """Takes the body of a good answer while it comes."""

    def begin(self) -> None:
        """Forget what an earlier try has brought."""

    def take(self, part: bytes) -> bool:
        """Take a part; true ends the reading."""


@dataclass(frozen=True)
class Call:
    """One request to the API. A `sink` takes the body of a good answer part by part.

    `safe` says that sending it twice is the same as sending it once. `patience` is how many seconds may pass
    between two parts of the answer, where that is less than usual.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    form: Mapping[str, str] = field(default_factory=dict)
    file: SentFile | None = None
    content: bytes | None = None
    sink: Sink | None = None
    safe: bool = True
    patience: float | None = None


@dataclass(frozen=True)
class Pause:
    """Wait for some seconds."""

    seconds: float


@dataclass(frozen=True)
class Reply:
    """An answer; the body is empty where a sink took it."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    def document(self) -> object:
        """The body as JSON; null where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Cut(Exception):
    """The connection could not be made, or broke before the answer was read."""


Steps: TypeAlias = Generator["Call | Pause", "Reply | None", Taken]


def answered(call: Call, tries: int = TRIES) -> Steps[Reply]:
    """Send a call until it is answered; raises `CarryoverProblem` or `Unreachable`.

    Tries again after a lost connection, where the call is safe, and after an answer that may pass. The pauses grow from
    half a second, with a random part so that callers do not come back all at once; `Retry-After` is obeyed.
    """
    for attempt in range(1, tries + 1):
        try:
            reply = yield call
        except Cut as cut:
            if attempt == tries or not call.safe:
                raise Unreachable(f"{call.method} {call.path}: {cut}") from cut
            yield Pause(pause_after(attempt))
            continue
        assert isinstance(reply, Reply)
        if reply.status not in PASSING or attempt == tries:
            return _good(reply)
        yield Pause(_asked_for(reply) or pause_after(attempt))
    raise AssertionError("not reached")


def pause_after(attempt: int) -> float:
    """The seconds to wait after a try; the first has the number 1."""
    longest = min(LONGEST_PAUSE, 0.5 * (1 << (attempt - 1)))
    return longest * random.uniform(0.5, 1.0)


def _asked_for(reply: Reply) -> float | None:
    """The seconds that the server asks for, at most a minute."""
    given = reply.headers.get("retry-after", "")
    return min(float(given), 60.0) if given.isascii() and given.isdigit() else None


def _good(reply: Reply) -> Reply:
    if 200 <= reply.status < 300:
        return reply
    if 300 <= reply.status < 400:
        raise CarryoverError(
            f"The server sends us on to {reply.headers.get('location', '?')}: give that as the url."
        )
    document = reply.document()
    raise problem_of(document if isinstance(document, dict) else {}, reply.status)
