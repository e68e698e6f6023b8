"""Those who follow a job: a stream of events, or one answer that waits until it is due.

A follower is the iterable of a response. It may be iterated, which takes a thread, or given to a `Sender`.
"""

from __future__ import annotations

import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Protocol

from shared.plumbing.following.picture import Picture, lines_in

#: Where a view leaves the follower that is the body of its answer, in the environment of the request.
FOLLOWER = "carryover.follower"
#: Seconds for which anybody follows at most: so a viewer comes back in time, with a token that is still good.
AT_MOST_SECONDS = 600.0
#: Seconds between two lines that keep proxies from closing a silent stream.
BEAT_SECONDS = 15.0
BEAT = b":\n\n"
#: Bytes that wait for one viewer at most.
MOST_WAITING = 256 << 10
#: Milliseconds after which browsers connect again; each viewer has its own, so that they do not come all at once.
RETRY_MS = (1000, 4000)


class Following(Protocol):
    """Where followers are entered while they wait for pictures."""

    def join(self, follower: Follower) -> None:
        """Pass pictures of its job on to a follower from now on."""

    def leave(self, follower: Follower) -> None:
        """Pass no more pictures on to a follower."""


class Follower(ABC):
    """A viewer of one job of a firm. What is due to it waits here until its connection takes it.

    `beat` is sent where nothing else is for some seconds. `headed` says that the head of the answer goes first, without
    its length. `person` is the firm and the id of the caller.
    """

    beat = b""
    headed = False

    def __init__(self, hub: Following, picture: Picture, person: tuple[str, str], seconds: float) -> None:
        self.firm, self.job_id = picture.job["firm"], picture.job["_id"]
        self.person = person
        #: of the picture that it has
        self.version = picture.version
        self.ends_at = time.monotonic() + min(seconds, AT_MOST_SECONDS)
        self.on_change: Callable[[], None] | None = None
        self.ended = False
        self._hub = hub
        self._waiting: list[bytes] = []
        self._size = 0
        self._changed = threading.Condition()

    def start(self) -> None:
        """Begin to wait for pictures; one that has everything it needs waits for none."""
        if not self.ended:
            self._hub.join(self)

    def close(self) -> None:
        """The connection is gone, or everything is sent."""
        self.ended = True
        self._hub.leave(self)

    @abstractmethod
    def show(self, picture: Picture) -> None:
        """Take what is new in a picture."""

    @abstractmethod
    def last_words(self) -> bytes:
        """What is still to be sent when the time is over, or the server stops."""

    def expire(self) -> None:
        """End it now."""
        self.send(self.last_words(), last=True)

    def send(self, piece: bytes, *, last: bool = False) -> None:
        """Let a piece wait for the connection; one whose pieces are never taken is ended without them."""
        with self._changed:
            if self.ended:
                return
            self._waiting.append(piece)
            self._size += len(piece)
            self.ended = last
            if self._size > MOST_WAITING:
                self._waiting, self._size, self.ended = [], 0, True
            self._changed.notify()
        if self.on_change is not None:
            self.on_change()

    def take(self) -> tuple[bytes, bool]:
        """Take what waits; true where nothing will follow."""
        with self._changed:
            taken, self._waiting, self._size = b"".join(self._waiting), [], 0
            return taken, self.ended

    def __iter__(self) -> Iterator[bytes]:
        """Give the pieces as they come; for servers that have a thread for each answer."""
        self.start()
        try:
            while True:
                self._wait()
                piece, ended = self.take()
                if piece:
                    yield piece
                if ended:
                    return
        finally:
            self.close()

    def _wait(self) -> None:
        """Wait for a piece, for the next beat, or for the end of the time."""
        left = self.ends_at - time.monotonic()
        pause = min(left, BEAT_SECONDS) if self.beat else left
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self.ended, max(pause, 0.0))
            silent = not self._waiting and not self.ended
        if time.monotonic() >= self.ends_at:
            self.expire()
        elif silent:
            self.send(self.beat)


class EventStream(Follower):
    """Server-Sent Events from a version on, until the job waits for a person or has ended."""

    beat = BEAT
    headed = True

    def __init__(self, hub: Following, picture: Picture, person: tuple[str, str], last_id: str) -> None:
        super().__init__(hub, picture, person, AT_MOST_SECONDS)
        seen = lines_in(last_id)
        self._lines = picture.lines if seen is None else seen
        self.version = last_id
        self.nothing_new = picture.settled and picture.version == last_id
        self.send(f"retry: {random.randint(*RETRY_MS)}\n\n".encode())
        self.show(picture)

    def show(self, picture: Picture) -> None:
        """Send the events since the last picture; the last ones of a job end the stream."""
        if picture.version != self.version:
            news = picture.events_since(self._lines)
            self._lines, self.version = picture.lines, picture.version
            self.send(news, last=picture.settled)
        elif picture.settled:
            self.send(b"", last=True)

    def last_words(self) -> bytes:
        """Nothing: the viewer comes back with the id of the last event."""
        return b""


class DelayedAnswer(Follower):
    """The whole job, once it is due or the time is over.

    `after` is a version: due as soon as the job has another; or a revision: due as soon as the job has a higher one,
    waits for a person, or has ended; or nothing: due where it waits for a person or has ended.
    """

    def __init__(
        self,
        hub: Following,
        picture: Picture,
        person: tuple[str, str],
        lang: str,
        after: str | None,
        seconds: float,
    ) -> None:
        super().__init__(hub, picture, person, seconds)
        self.lang = lang
        self.after = after
        self._picture = picture
        self.show(picture)

    def show(self, picture: Picture) -> None:
        """Send the job if it is due."""
        self._picture, self.version = picture, picture.version
        if is_due(picture, self.after):
            self.send(picture.document(self.lang), last=True)

    def last_words(self) -> bytes:
        """The job as it was seen last."""
        return self._picture.document(self.lang)


def is_due(picture: Picture, after: str | None) -> bool:
    """Whether an answer that waits for what is `after` a version or a revision is due."""
    if after is None:
        return picture.settled
    if after.isascii() and after.isdigit():
        return picture.settled or picture.job["revision"] > int(after)
    return picture.version != after
