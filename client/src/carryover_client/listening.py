"""Listens to the events of imports and records over RabbitMQ: `listen` for threads, `alisten` for asyncio."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
import uuid
from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pika
from pika.adapters.blocking_connection import BlockingChannel

from carryover_client.calls import pause_after
from carryover_client.cursor import Cursor, Event, event_of
from carryover_client.errors import Unreachable
from carryover_client.link import BROKEN, is_refused, parameters_of

EXCHANGE = "carryover.events"
#: The names of queues that a requester may have begin so.
OWN = "requester."
#: Events that the broker sends ahead, and how often we look whether to stop, in seconds.
AHEAD, LOOK = 50, 0.25
#: A durable queue is a classic one, which puts events that were not acknowledged back to their places, however often;
#: one listener at a time reads it, so that the events of a job stay in order
#: (https://www.rabbitmq.com/docs/consumers#single-active-consumer).
KEPT = {"x-queue-type": "classic", "x-single-active-consumer": True}

log = logging.getLogger("carryover_client")


def listen(
    url: str,
    queue: str | None = None,
    types: Sequence[str] = ("#",),
    after: Cursor | None = None,
    *,
    idle: float | None = None,
    patience: float = 60.0,
) -> Iterator[Event]:
    """Give events as they are published, each once, those of one job in their order.

    `queue` is a name of your own that begins with `requester.`: its queue is durable, and keeps events while nobody
    listens; `remove_queue` ends that. Where several listen to it, one gets the events and the others wait. Without a
    name the events are those from now on, but for those during a lost connection. `types` are types or patterns
    (`job.imported`, `job.*`, `account.#`). `after` is what was handled before; it is kept up to date.

    An event is acknowledged when the next one is asked for. One that was not comes again. After `idle` seconds without
    an event the listening ends; without it never. A lost connection is made anew; raises `Unreachable` where that
    takes more than `patience` seconds, or the broker refuses.

    >>> for event in listen(broker_url, "requester.crm", ["job.imported"]):
    ...     print(event["type"], sorted(event["data"])[:3])
    ...     break
    job.imported ['firm', 'job', 'link']
    """
    yield from _Listener(url, queue, types, after, idle, patience).events()


async def alisten(
    url: str,
    queue: str | None = None,
    types: Sequence[str] = ("#",),
    after: Cursor | None = None,
    *,
    idle: float | None = None,
    patience: float = 60.0,
) -> AsyncIterator[Event]:
    """The same for programs with asyncio; see `listen`."""
    listener = _Listener(url, queue, types, after, idle, patience)
    events, loop = listener.events(), asyncio.get_running_loop()
    pool = ThreadPoolExecutor(1, "carryover-events")
    try:
        while (event := await loop.run_in_executor(pool, next, events, None)) is not None:
            yield event
    finally:
        listener.stopping.set()
        pool.submit(events.close)
        pool.shutdown(wait=False)


def remove_queue(url: str, queue: str) -> None:
    """Remove a durable queue with the events that it keeps, so that no more are kept for it."""
    _must_be_own(queue)
    with pika.BlockingConnection(parameters_of(url)) as connection:
        connection.channel().queue_delete(queue)


def fits(kind: str, pattern: str) -> bool:
    """Whether a type of event fits a pattern: `*` is one word, `#` any number of words.

    https://www.rabbitmq.com/tutorials/tutorial-five-python
    """
    return _fit(kind.split("."), pattern.split("."))


def _fit(words: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern:
        return not words
    first, rest = pattern[0], pattern[1:]
    if first == "#":
        return any(_fit(words[at:], rest) for at in range(len(words) + 1))
    return bool(words) and first in ("*", words[0]) and _fit(words[1:], rest)


def _must_be_own(queue: str) -> None:
    if not queue.startswith(OWN):
        raise ValueError(f"The name of a queue begins with {OWN!r}: {queue!r} does not.")


class _Listener:
    """Reads one queue, over as many connections as it takes."""

    def __init__(
        self,
        url: str,
        queue: str | None,
        types: Sequence[str],
        after: Cursor | None,
        idle: float | None,
        patience: float,
    ) -> None:
        if queue is not None:
            _must_be_own(queue)
        self.parameters = parameters_of(url)
        self.durable = queue is not None
        self.queue = queue or f"{OWN}{uuid.uuid4().hex}"
        self.types = [types] if isinstance(types, str) else list(types)
        self.cursor = Cursor() if after is None else after
        self.idle, self.patience = idle, patience
        self.stopping = threading.Event()
        self._seen_at = time.monotonic()

    def events(self) -> Generator[Event, None, None]:
        """Give the events until it is stopped, or nothing comes for long enough."""
        failures, good_at = 0, time.monotonic()
        while not self.stopping.is_set():
            try:
                with pika.BlockingConnection(self.parameters) as connection:
                    yield from self._of(connection)
                return
            except BROKEN as error:
                connected = self._seen_at > good_at
                failures, good_at = (1, self._seen_at) if connected else (failures + 1, good_at)
                if is_refused(error) or time.monotonic() - good_at > self.patience:
                    raise Unreachable(f"The broker cannot be reached: {error!r}") from error
                self.stopping.wait(pause_after(failures))

    def _of(self, connection: pika.BlockingConnection) -> Iterator[Event]:
        channel = connection.channel()
        self._declare(channel)
        channel.basic_qos(prefetch_count=AHEAD)
        self._seen_at = time.monotonic()
        for method, _, body in channel.consume(self.queue, inactivity_timeout=LOOK):
            if method is not None:
                yield from self._handled(body)
                channel.basic_ack(method.delivery_tag)
            if self._over():
                return

    def _declare(self, channel: BlockingChannel) -> None:
        if self.durable:
            channel.queue_declare(self.queue, durable=True, arguments=KEPT)
        else:
            channel.queue_declare(self.queue, exclusive=True, auto_delete=True)
        for pattern in self.types:
            channel.queue_bind(self.queue, EXCHANGE, pattern)

    def _handled(self, body: bytes) -> Iterator[Event]:
        """Give the event of a message, if it is one to be handled; back again, it was handled."""
        event = _read(body)
        if event is None or not self.cursor.is_new(event):
            return
        if not any(fits(event["type"], pattern) for pattern in self.types):
            return  # an earlier listener of this queue wanted it
        yield event
        self._seen_at = time.monotonic()
        self.cursor.add(event)

    def _over(self) -> bool:
        quiet = self.idle is not None and time.monotonic() - self._seen_at >= self.idle
        return quiet or self.stopping.is_set()


def _read(body: bytes) -> Event | None:
    try:
        event = event_of(json.loads(body))
    except ValueError:
        event = None
    if event is None:
        log.warning("a message that is no event was passed over: %r", body[:200])
    return event
