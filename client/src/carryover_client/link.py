"""The connection of a requester: publishes requests with confirms, takes the answers, and connects again when cut.

It lives in a thread of its own, so that heartbeats go on between requests and a call ends with its time-out whatever
the broker does. A request stays in `waiting` until it is answered; after a cut all of them are published again, with
their keys, so that none is lost and none makes two jobs.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import (
    AMQPChannelError,
    AMQPError,
    AuthenticationError,
    NackError,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
    UnroutableError,
)

from carryover_client.calls import pause_after
from carryover_client.errors import CarryoverError, NotTaken, Unreachable

log = logging.getLogger("carryover_client")

EXCHANGE, REQUESTED = "carryover", "job.requested"
#: Answers come over the channel of the request (https://www.rabbitmq.com/docs/direct-reply-to).
REPLY_TO = "amq.rabbitmq.reply-to"
#: Seconds: of a broker that blocks its publishers, of a connection to be made, and of a look at the inbox.
BLOCKED, CONNECTING, LOOK = 30.0, 10.0, 5.0
#: What is raised when a connection cannot be made or breaks.
BROKEN = (AMQPError, OSError)
#: Raised where user, password or virtual host are wrong, and also where a broker that starts closes the connection.
PROBABLY_REFUSED = (AuthenticationError, ProbableAuthenticationError, ProbableAccessDeniedError)
#: What the broker says where a later try will not help: access refused, not allowed
#: (https://www.rabbitmq.com/amqp-0-9-1-reference#constants).
REFUSALS = ("(403)", "(530)")


@dataclass
class Asked:
    """A request on its way: body, token, and the future that gets the answer."""

    identity: str
    body: bytes
    bearer: str
    answer: Future[Mapping[str, object]] = field(default_factory=Future)
    confirmed: bool = False


class Link:
    """One thread with one connection to the broker; ended once, never used again."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.parameters = parameters_of(url)
        self.waiting: dict[str, Asked] = {}
        self.fault = "no connection yet"
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._work = threading.Event()
        self._connection: pika.BlockingConnection | None = None
        self._thread = threading.Thread(target=self._run, name="carryover-requests", daemon=True)

    def ask(self, asked: Asked) -> None:
        """Send a request; its future gets the answer."""
        with self._lock:
            self.waiting[asked.identity] = asked
            self._work.set()
            if not self._thread.is_alive():
                self._thread.start()
        self._wake()

    def forget(self, asked: Asked) -> None:
        """Wait no longer for an answer."""
        with self._lock:
            self.waiting.pop(asked.identity, None)

    def replaced(self) -> Link:
        """A new link that sends all that waits here again; this one may be stuck, and ends when it can."""
        new = Link(self.url)
        new.fault = self.fault
        with self._lock:
            moved, self.waiting = self.waiting, {}
        for asked in moved.values():
            new.ask(asked)
        self.end()
        return new

    def end(self) -> None:
        """Close the connection soon; requests that are not answered yet fail."""
        self._ended.set()
        self._work.set()
        self._wake()
        self._fail(list(self.waiting.values()), Unreachable("The requester was closed."))

    def join(self, seconds: float) -> None:
        """Wait until the thread has closed its connection."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _wake(self) -> None:
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(AMQPError):  # a new one takes all that waits
                connection.add_callback_threadsafe(lambda: None)

    def _run(self) -> None:
        failures = 0
        while self._work.wait() and not self._ended.is_set():
            try:
                self._serve()
            except BROKEN as error:
                self.fault = repr(error)
                if is_refused(error):
                    self._fail(list(self.waiting.values()), Unreachable(f"The broker refuses us: {error}"))
                failures = 1 if self._connection else failures + 1
                self._ended.wait(pause_after(failures))
            except (
                Exception
            ) as error:  # libraries have faults: a request must not wait for a thread that ended
                log.exception("the connection failed in an unexpected way")
                self.fault = repr(error)
                failures += 1
                self._ended.wait(pause_after(failures))
            finally:
                self._connection = None
                self._rest()

    def _rest(self) -> None:
        """Make no new connection before there is something to send."""
        with self._lock:
            if not self.waiting and not self._ended.is_set():
                self._work.clear()

    def _serve(self) -> None:
        """Use one connection until it breaks, or until the link is ended."""
        connection = pika.BlockingConnection(self.parameters)
        try:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_consume(REPLY_TO, self._take, auto_ack=True)
            self._connection = connection
            published: set[str] = set()
            while not self._ended.is_set():
                for asked in self._new(published):
                    published.add(asked.identity)
                    self._publish(channel, asked)
                connection.process_data_events(time_limit=LOOK)
        finally:
            if connection.is_open:
                connection.close()

    def _new(self, published: set[str]) -> list[Asked]:
        with self._lock:
            published &= self.waiting.keys()
            return [asked for identity, asked in self.waiting.items() if identity not in published]

    def _publish(self, channel: BlockingChannel, asked: Asked) -> None:
        """Publish a request and return when the broker has it."""
        about = pika.BasicProperties(
            headers={"authorization": f"Bearer {asked.bearer.strip()}"},
            reply_to=REPLY_TO,
            correlation_id=asked.identity,
            content_type="application/json",
            delivery_mode=pika.DeliveryMode.Persistent,
        )
        try:
            channel.basic_publish(EXCHANGE, REQUESTED, asked.body, about, mandatory=True)
        except UnroutableError:
            self._fail([asked], NotTaken("The broker has no queue for requests. Is Carryover set up on it?"))
        except NackError:
            self._fail([asked], NotTaken("The queue of requests does not take more now."))
        except AMQPChannelError as error:
            self._fail([asked], NotTaken(f"The broker refuses the request: {error}"))
            raise
        else:
            asked.confirmed = True

    def _take(self, _channel: object, _method: object, about: pika.BasicProperties, body: bytes) -> None:
        """Give an answer to the one that waits for it; a second answer to the same request is passed over."""
        with self._lock:
            asked = self.waiting.pop(about.correlation_id or "", None)
        if asked is None or not asked.answer.set_running_or_notify_cancel():
            return
        try:
            document = json.loads(body)
        except ValueError:
            document = None
        if isinstance(document, dict):
            asked.answer.set_result(document)
        else:
            asked.answer.set_exception(CarryoverError("The answer is no JSON object."))

    def _fail(self, all_asked: list[Asked], error: CarryoverError) -> None:
        for asked in all_asked:
            self.forget(asked)
            if asked.answer.set_running_or_notify_cancel():
                asked.answer.set_exception(error)


def is_refused(error: BaseException) -> bool:
    """Whether a connection could not be made because user, password or virtual host are wrong."""
    return isinstance(error, PROBABLY_REFUSED) and any(code in repr(error) for code in REFUSALS)


def parameters_of(url: str) -> pika.URLParameters:
    """The parameters of a connection; what the url says itself has the last word.

    Raises `CarryoverError` for a wrong url, without the words of the cause, which may contain the password.
    """
    try:
        parts = urlsplit(url)
        parameters = pika.URLParameters(url) if parts.scheme in ("amqp", "amqps") and parts.hostname else None
    except (ValueError, TypeError):
        parameters = None
    if parameters is None:
        raise CarryoverError("That is no url of a broker, such as amqp://user:password@host/.")
    if "blocked_connection_timeout" not in url:
        parameters.blocked_connection_timeout = BLOCKED
    if "socket_timeout" not in url:
        parameters.socket_timeout = CONNECTING
    parameters.client_properties = {"connection_name": "carryover-client"}
    return parameters
