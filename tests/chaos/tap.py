"""Repeats what passes through the exchange: each message again, in another order, and all earlier ones later."""

from __future__ import annotations

import random
import threading
from typing import Any

import pika

EXCHANGE = "carryover"
MARK = "x-repeated"


class Tap(threading.Thread):
    """Copies every work message and publishes it again and again, shuffled, until it is stopped."""

    def __init__(self, url: str, seed: int) -> None:
        super().__init__(name="tap", daemon=True)
        self.url = url
        self.chance = random.Random(seed)
        self.ready, self._stop_asked = threading.Event(), threading.Event()
        self.seen: list[tuple[str, bytes]] = []
        self.repeated = 0

    def __enter__(self) -> Tap:
        self.start()
        assert self.ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_asked.set()
        self.join(10)

    def run(self) -> None:
        connection = pika.BlockingConnection(pika.URLParameters(self.url))
        channel = connection.channel()
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, EXCHANGE, "work.#")
        self.ready.set()
        fresh: list[tuple[str, bytes]] = []
        for method, properties, body in channel.consume(queue, auto_ack=True, inactivity_timeout=0.2):
            if method is not None and MARK not in (properties.headers or {}):
                fresh.append((method.routing_key, body))
            if len(fresh) >= 5 or (method is None and fresh):
                old = self.chance.sample(self.seen, min(3, len(self.seen)))
                self._repeat(channel, [*fresh, *fresh, *old])
                self.seen += fresh
                fresh = []
            if self._stop_asked.is_set():
                break
        self._repeat(channel, self.seen)
        connection.close()

    def _repeat(self, channel: Any, messages: list[tuple[str, bytes]]) -> None:
        for key, body in self.chance.sample(messages, len(messages)):
            marked = pika.BasicProperties(content_type="application/json", headers={MARK: "1"})
            channel.basic_publish(EXCHANGE, key, body, marked)
            self.repeated += 1
