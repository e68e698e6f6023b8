"""Publish and consume over RabbitMQ; the only user of kombu.

A message says "look at this task" and nothing more. Publishing is confirmed and mandatory, and a connection
that raised is thrown away: py-amqp credits any late confirm to the next message (so a broken channel must
never be used again). Consuming acknowledges after the work, from the thread that owns the connection.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import queue
import random
import socket
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from amqp.exceptions import NotFound
from kombu import Connection, Exchange, Queue, binding
from kombu import Consumer as KombuConsumer

from shared.contract.documents.task import Announced
from shared.contract.events import CONTENT_TYPE, EVENTS_EXCHANGE, Event
from shared.contract.messages import work_message
from shared.contract.routes import (
    EXCHANGE,
    LANES,
    REQUESTS,
    bindings,
    parked_queue,
    queue_name,
    routing_key,
)
from shared.plumbing import clock
from shared.plumbing.log import log

HEARTBEAT = 10
#: longer than any answer to a request takes, because the same thread makes it
REQUEST_HEARTBEAT = 60
CONFIRM_SECONDS = 10
BUSY_POLL = 0.01
IDLE_POLL = 0.5

#: Headers of parked messages: why, and when (ISO 8601). The broker writes `x-death` where it parks a message itself.
REASON, PARKED_AT, DEATHS = "x-carryover-reason", "x-carryover-parked-at", "x-death"
#: Beginnings of the headers that stay as they are while a message is parked; the broker counts deliveries in others.
OWN_HEADERS = ("x-carryover-", DEATHS)
PARKED_ID_SIGNS = 12
#: Messages of a parked queue that stay in their order when a part of the queue is looked at: about a second.
MOST_IN_ORDER = 1_000

#: How the broker names a direct reply-to.
_DIRECT = "amq.rabbitmq.reply-to."

#: py-amqp gives up after one second without an answer to sent bytes, which is too soon.
_SOCKET = {socket.TCP_USER_TIMEOUT: 15_000}


class TryLater(Exception):
    """The task cannot be done yet (a mail server is away, say): it is announced again after a growing pause."""


class BadMessage(Exception):
    """A message that can never work: parked at once. `code` is one of the catalogue's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unpublished(Exception):
    """The broker did not confirm a message, so it may or may not have it."""


def _connection(url: str, heartbeat: int, confirm_each: bool = True) -> Connection:
    if url.startswith("memory://"):
        return Connection(url, transport_options={"polling_interval": BUSY_POLL})
    return Connection(
        url,
        heartbeat=heartbeat,
        connect_timeout=5,
        transport_options={
            "confirm_publish": confirm_each,
            "read_timeout": 20,
            "write_timeout": 20,
            "socket_settings": _SOCKET,
        },
    )


def _exchange(name: str = EXCHANGE) -> Exchange:
    return Exchange(name, type="topic", durable=True)


def _queues() -> dict[str, Queue]:
    """All queues with their bindings, as `routes` has them; quorum queues, the only replicated kind."""
    keys: dict[str, list[str]] = {}
    for name, key in bindings():
        keys.setdefault(name, []).append(key)
    exchange = _exchange()
    return {
        name: Queue(
            name,
            durable=True,
            queue_arguments={"x-queue-type": "quorum"},
            bindings=[binding(exchange, routing_key=key) for key in own],
        )
        for name, own in keys.items()
    }


def declare(url: str) -> None:
    """Create exchange, queues and bindings; harmless when they exist as they should be."""
    with _connection(url, 0) as connection:
        channel = connection.channel()
        for name in (EXCHANGE, EVENTS_EXCHANGE):
            _exchange(name)(channel).declare()
        for one in _queues().values():
            one(channel).declare()


#: The body of a message: text, or what becomes JSON.
Body = bytes | str | Mapping[str, object]


class Publisher:
    """Sends messages; every thread has a connection of its own."""

    def __init__(self, url: str, sender: str) -> None:
        self.url = url
        self.sender = sender
        self._local = threading.local()

    def ring(self, task: Announced) -> None:
        """Announce a task. Raises `Unpublished`; the sweeper then announces the task again."""
        self.send(routing_key(task["step"], task["lane"]), work_message(task, self.sender), task["_id"])

    def park(self, service: str, body: Body, why: str) -> None:
        """Set a message aside for a person, with the reason in a header."""
        self.send(
            f"parked.{service}",
            body,
            uuid.uuid4().hex,
            {REASON: why, "x-carryover-service": service, PARKED_AT: clock.now().isoformat()},
        )

    def reply(self, queue: str, body: Body, correlation_id: str | None) -> bool:
        """Answer a request; False where nobody waits at the queue any more. Raises `Unpublished`.

        The broker returns what goes to a direct reply-to as if it had no queue, so its name is looked up instead
        (https://www.rabbitmq.com/docs/direct-reply-to).
        """
        returned: list[object] = []
        is_direct = queue.startswith(_DIRECT)
        connection = _connection(self.url, 0)
        try:
            channel = connection.channel()
            channel.events["basic_return"].add(lambda *about: returned.append(about))
            if is_direct:
                channel.queue_declare(queue, passive=True)
            producer = connection.Producer(channel, exchange=Exchange(""), auto_declare=False)
            producer.publish(
                json.dumps(body),
                routing_key=queue,
                correlation_id=correlation_id,
                content_type="application/json",
                content_encoding="utf-8",
                mandatory=not is_direct,
                confirm_timeout=CONFIRM_SECONDS,
                retry=False,
            )
        except NotFound:
            return False
        except Exception as error:
            raise Unpublished(str(error)) from error
        finally:
            connection.collect(socket_timeout=1)
        return not returned

    def send(
        self, key: str, body: Body, message_id: str | None, headers: dict[str, str] | None = None
    ) -> None:
        """Publish, and return when the broker has the message on disk."""
        last: Exception | None = None
        for _ in range(2):
            try:
                self._send_once(key, body, message_id, headers)
                return
            except Exception as error:  # noqa: BLE001 - whatever it was, this connection must not be used again
                last = error
                self.discard()
        raise Unpublished(str(last)) from last

    def _send_once(
        self, key: str, body: Body, message_id: str | None, headers: dict[str, str] | None
    ) -> None:
        producer = getattr(self._local, "producer", None)
        if producer is None:
            connection = _connection(self.url, 0)
            self._local.connection = connection
            producer = self._local.producer = connection.Producer(exchange=_exchange(), auto_declare=False)
        raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
        producer.publish(
            raw,
            routing_key=key,
            message_id=message_id,
            headers=headers or {},
            delivery_mode=2,
            content_type="application/json",
            content_encoding="utf-8",
            mandatory=True,
            confirm_timeout=CONFIRM_SECONDS,
            retry=False,
        )

    def discard(self) -> None:
        """Throw this thread's connection away."""
        connection = getattr(self._local, "connection", None)
        self._local.connection = self._local.producer = None
        if connection is not None:
            connection.collect(socket_timeout=1)


class EventPublisher:
    """Publishes events to other services, many at a time; for one thread.

    The events of one call are confirmed together, which is some four times as fast as one after the other.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection: Connection | None = None
        self._producer: Any = None
        self._sent = 0
        self._unconfirmed: set[int] = set()
        self._refused = False

    def publish(self, events: Sequence[Event]) -> None:
        """Publish events in their order, and return when the broker has all of them.

        Raises `Unpublished`; some of them may then have been published all the same. Nobody needs to listen.
        A body that is no event raises before anything is sent, because that is no fault of the broker.
        """
        ready = [(event["type"], event["id"], json.dumps(event)) for event in events]
        try:
            if self._producer is None:
                self._open()
            for event in ready:
                self._sent += 1
                self._unconfirmed.add(self._sent)  # before: publishing may already read the confirm
                self._publish(*event)
            self._await_confirms()
        except Exception as error:
            self.discard()
            raise Unpublished(str(error)) from error

    @property
    def _confirms(self) -> bool:
        return not self.url.startswith("memory://")

    def _open(self) -> None:
        self._connection = _connection(self.url, 0, confirm_each=False)
        channel = self._connection.channel()
        self._sent, self._unconfirmed, self._refused = 0, set(), False
        if self._confirms:
            channel.events["basic_ack"].add(self._acked)
            channel.events["basic_nack"].add(self._nacked)
            channel.confirm_select()
        self._producer = self._connection.Producer(
            channel, exchange=_exchange(EVENTS_EXCHANGE), auto_declare=False
        )

    def _publish(self, kind: str, identity: str, body: str) -> None:
        self._producer.publish(
            body,
            routing_key=kind,
            message_id=identity,
            delivery_mode=2,
            content_type=CONTENT_TYPE,
            content_encoding="utf-8",
            retry=False,
        )

    def _acked(self, tag: int, multiple: bool) -> None:
        if multiple:
            self._unconfirmed = {sent for sent in self._unconfirmed if sent > tag}
        else:
            self._unconfirmed.discard(tag)

    def _nacked(self, tag: int, multiple: bool) -> None:
        self._refused = True

    def _await_confirms(self) -> None:
        if not self._confirms:
            self._unconfirmed.clear()
        deadline = time.monotonic() + CONFIRM_SECONDS
        while self._unconfirmed and not self._refused:
            assert self._connection is not None
            self._connection.drain_events(timeout=max(deadline - time.monotonic(), 0.001))
        if self._refused:
            raise Unpublished("the broker refused an event")

    def discard(self) -> None:
        """Throw the connection away."""
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            connection.collect(socket_timeout=1)


@dataclass
class Delivery:
    """A message on its way through a lane; `generation` is the connection it came on."""

    body: bytes | str
    tag: int
    generation: int


class Consumer:
    """Receives messages on one connection and hands them to one worker thread per lane.

    The thread that calls `run` owns the connection: it receives, sends heartbeats and acknowledges. A lane has one
    message at a time, so that a message that kills its worker affects no other.
    """

    def __init__(self, url: str, service: str, handle: Callable[[bytes | str], None]) -> None:
        self.url = url
        self.service = service
        self.handle = handle
        self.stopping = threading.Event()
        self.consuming = threading.Event()
        self.broken = False
        self._lanes: dict[str, queue.Queue[Delivery | None]] = {lane: queue.Queue() for lane in LANES}
        self._finished: deque[Delivery] = deque()
        self._busy = 0
        self._lock = threading.Lock()
        self._generation = 0
        self._threads = [
            threading.Thread(target=self._work, args=(lane,), name=f"lane-{lane}", daemon=True)
            for lane in LANES
        ]

    def run(self, drain_seconds: float) -> None:
        """Consume until `stopping` is set, then let the running work end for at most `drain_seconds`."""
        for thread in self._threads:
            thread.start()
        pause = 0.2
        while not self.stopping.is_set():
            connection = _connection(self.url, HEARTBEAT)
            try:
                self._consume(connection, drain_seconds)
                pause = 0.2
            except connection.recoverable_connection_errors + connection.recoverable_channel_errors as error:
                log.warning("broker connection lost", error=repr(error))
            except OSError as error:
                log.warning("broker unreachable", error=repr(error))
            finally:
                was_consuming = self.consuming.is_set()
                self.consuming.clear()
                connection.collect(socket_timeout=2)
            if was_consuming:
                pause = 0.2
            self.stopping.wait(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, 5.0)
        for lane in self._lanes.values():
            lane.put(None)

    def _consume(self, connection: Connection, drain_seconds: float) -> None:
        connection.connect()
        self._generation += 1
        generation = self._generation
        channel = connection.channel()
        consumers = []
        for lane in LANES:
            consumer = KombuConsumer(
                channel,
                queues=[Queue(queue_name(self.service, lane), no_declare=True)],
                on_message=lambda message, lane=lane: self._receive(lane, message, generation),
                on_decode_error=lambda message, _, lane=lane: self._receive(lane, message, generation),
                accept=["json"],
                prefetch_count=1,
                auto_declare=False,
            )
            consumer.consume()
            consumers.append(consumer)
        self.consuming.set()
        log.info("consuming", queue=queue_name(self.service))
        while not self.stopping.is_set():
            self._turn(connection, channel)
        for consumer in consumers:
            consumer.cancel()
        deadline = threading.Event()
        timer = threading.Timer(drain_seconds, deadline.set)
        timer.start()
        while self._busy and not deadline.is_set():
            self._turn(connection, channel)
        timer.cancel()
        self._acknowledge(channel)

    def _receive(self, lane: str, message: Any, generation: int) -> None:
        if self.stopping.is_set():
            return  # not acknowledged: the broker gives it to another worker when the connection closes
        with self._lock:
            self._busy += 1
        self._lanes[lane].put(Delivery(message.body, message.delivery_tag, generation))

    def _turn(self, connection: Connection, channel: Any) -> None:
        self._acknowledge(channel)
        with contextlib.suppress(TimeoutError):  # no message came: the usual case
            connection.drain_events(timeout=BUSY_POLL if self._busy else IDLE_POLL)
        if connection.supports_heartbeats:
            connection.heartbeat_check()

    def _acknowledge(self, channel: Any) -> None:
        while self._finished:
            delivery = self._finished.popleft()
            if delivery.generation == self._generation:
                channel.basic_ack(delivery.tag)

    def _work(self, lane: str) -> None:
        while (delivery := self._lanes[lane].get()) is not None:
            try:
                self.handle(delivery.body)
                self._finished.append(delivery)
            except BaseException:
                # a handler never raises unless the plumbing is broken: stop, and the supervisor starts a new process
                self.broken = True
                self.stopping.set()
                raise
            finally:
                with self._lock:
                    self._busy -= 1


@dataclass(frozen=True)
class Asked:
    """A request that another service sent: its body and headers, and where its answer goes."""

    body: bytes
    headers: Mapping[str, object]
    reply_to: str | None
    correlation_id: str | None


class RequestConsumer:
    """Receives the requests of other services, one at a time, and acknowledges each when it is answered."""

    def __init__(self, url: str, handle: Callable[[Asked], None], stopping: threading.Event) -> None:
        self.url = url
        self.handle = handle
        self.stopping = stopping

    def run(self) -> None:
        """Consume until `stopping` is set; a request that is not answered by then comes again."""
        while not self.stopping.is_set():
            connection = _connection(self.url, REQUEST_HEARTBEAT)
            try:
                self._consume(connection)
            except Exception as error:  # noqa: BLE001 - servers come and go; the request comes again
                log.warning("requests are taken again soon", error=repr(error))
            finally:
                connection.collect(socket_timeout=2)
            self.stopping.wait(random.uniform(0.5, 2.0))

    def _consume(self, connection: Connection) -> None:
        connection.connect()
        consumer = KombuConsumer(
            connection.channel(),
            queues=[Queue(REQUESTS, no_declare=True)],
            on_message=self._receive,
            on_decode_error=lambda message, _: self._receive(message),
            accept=["json"],
            prefetch_count=1,
            auto_declare=False,
        )
        consumer.consume()
        while not self.stopping.is_set():
            with contextlib.suppress(TimeoutError):  # no message came: the usual case
                connection.drain_events(timeout=IDLE_POLL)
            connection.heartbeat_check()

    def _receive(self, message: Any) -> None:
        if self.stopping.is_set():
            return  # not acknowledged: another worker gets it
        body = message.body if isinstance(message.body, bytes) else str(message.body).encode()
        about = message.properties
        self.handle(Asked(body, message.headers or {}, about.get("reply_to"), about.get("correlation_id")))
        message.ack()


class BrokerAway(Exception):
    """The broker cannot be reached, or refuses what was asked of it; the message says why."""


@contextlib.contextmanager
def _looking(url: str) -> Iterator[Connection]:
    """A connection for one look at the broker; raises `BrokerAway`."""
    if url.startswith("memory://"):
        raise BrokerAway(
            "BROKER_URL is memory://: that system is one process, and no other sees its messages"
        )
    if not url.startswith(("amqp://", "amqps://")):
        raise BrokerAway("BROKER_URL begins neither with amqp:// nor with amqps://")
    connection = _connection(url, 0)
    try:
        with connection:
            connection.connect()
            yield connection
    except (OSError, *connection.connection_errors, *connection.channel_errors) as error:
        raise BrokerAway(str(error)) from error


@dataclass(frozen=True)
class QueueState:
    """Messages that wait on a queue, and how many consumers it has; both are None where there is no such queue."""

    name: str
    messages: int | None
    consumers: int | None


def queue_states(url: str, names: Iterable[str] | None = None) -> list[QueueState]:
    """How all queues are, or those named; raises `BrokerAway`."""
    found = []
    with _looking(url) as connection:
        channel = connection.channel()
        for name in _queues() if names is None else names:
            try:
                declared = channel.queue_declare(name, passive=True)
            except NotFound:
                found.append(QueueState(name, None, None))
                channel = connection.channel()  # the broker closes a channel that asks for what is missing
                continue
            found.append(QueueState(name, declared.message_count, declared.consumer_count))
    return found


@dataclass(frozen=True)
class ParkedMessage:
    """A message that was set aside for a service; `tag` is for `ParkedQueues.remove`.

    `id` stays the same while it is parked; only identical messages have the same. `headers` hold texts, numbers, lists
    and objects, so that they can be written as JSON.
    """

    service: str
    id: str
    body: bytes
    headers: Mapping[str, object]
    tag: int


class ParkedQueues:
    """Looks at parked messages over one connection; `BrokerAway` is raised where it breaks.

    What is not removed goes back when the connection closes; nobody else sees it meanwhile. Parked queues have no
    delivery limit, so looking costs nothing. The broker puts what goes back behind what went back before. So the rest
    of a queue is looked at as well, and its order stays, up to `MOST_IN_ORDER` messages.
    """

    def __init__(self, url: str) -> None:
        self._stack = contextlib.ExitStack()
        self._looking = _looking(url)
        self._connection: Connection | None = None
        self._channels: dict[str, Any] = {}
        self._unseen: set[str] = set()

    def __enter__(self) -> Self:
        """Connect."""
        self._connection = self._stack.enter_context(self._looking)
        return self

    def __exit__(self, *error: Any) -> bool | None:
        """Give back what was not removed, and close. Closing alone would give it back a moment later."""
        if error[0] is None:
            for service, channel in self._channels.items():
                if service in self._unseen:
                    self._take_rest(service)
                if channel.is_open:
                    channel.basic_recover(requeue=True)
        return self._stack.__exit__(*error)

    def look(self, service: str, limit: int) -> Iterator[ParkedMessage]:
        """Take up to `limit` messages of a service; none where the queue does not exist."""
        assert self._connection is not None
        self._channels[service] = self._connection.channel()
        self._unseen.add(service)
        for _ in range(limit):
            message = self._take(service)
            if message is None:
                self._unseen.discard(service)
                return
            yield _parked(service, message)

    def _take_rest(self, service: str) -> None:
        for _ in range(MOST_IN_ORDER):
            if self._take(service) is None:
                return

    def _take(self, service: str) -> Any:
        try:
            return self._channels[service].basic_get(parked_queue(service), no_ack=False)
        except NotFound:
            return None

    def remove(self, message: ParkedMessage) -> None:
        """Take a message off its queue for good."""
        self._channels[message.service].basic_ack(message.tag)


def _parked(service: str, message: Any) -> ParkedMessage:
    """A message as it was parked. Its id follows from what does not change while it is looked at."""
    body = message.body if isinstance(message.body, bytes) else str(message.body).encode()
    headers = {str(name): _plain(value) for name, value in (message.headers or {}).items()}
    own = {name: value for name, value in headers.items() if name.startswith(OWN_HEADERS)}
    origin = json.dumps([service, message.properties.get("message_id"), own], sort_keys=True)
    identity = hashlib.sha256(origin.encode() + b"\0" + body).hexdigest()[:PARKED_ID_SIGNS]
    return ParkedMessage(service, identity, body, headers, message.delivery_tag)


def _plain(value: object) -> object:
    """A value of a header as JSON has it."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):  # times of the broker are UTC and have no zone
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def purge(url: str) -> int:
    """Empty every work queue; for tests and for starting a broker afresh. Nothing is lost: the sweeper sends again."""
    with _connection(url, 0) as connection:
        channel = connection.channel()
        return sum(channel.queue_purge(name) for name in _queues() if not name.endswith(".parked"))
