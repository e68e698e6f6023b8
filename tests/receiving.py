"""A server that takes webhooks, for tests: it keeps what came, and answers as a test wants it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from standardwebhooks import Webhook as Signer


class Came(NamedTuple):
    """A request that came."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def event(self) -> Any:
        """The event in it."""
        return json.loads(self.body)

    def signed_by(self, secret: str) -> bool:
        """Whether its signature is right; raises where it is not."""
        Signer(secret).verify(self.body, self.headers)
        return True


#: Gives the status that a request is answered with; -1 for a connection that is cut.
Answering = Callable[[Came], int]


class Receiver:
    """What came, and the answers to come."""

    def __init__(self) -> None:
        self.came: list[Came] = []
        self.answering: Answering = lambda _: 200
        self.url = ""

    def types(self, path: str = "") -> list[str]:
        """The types of the events that came and were taken, in order, under a path."""
        return [came.event["type"] for came in self.came if came.path.startswith(path)]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            came = Came(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            status = kept.answering(came)
            kept.came.append(came)
            if status < 0:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Write no line for a request."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
