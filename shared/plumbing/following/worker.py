"""A worker of gunicorn that gives the connections of followers to a `Sender`, and their threads back.

It is gunicorn's own threaded worker (gunicorn 27.0.1, gunicorn/workers/gthread.py) but for two steps: the end of the
application, where a follower becomes known, and the end of a request, where its socket is kept. A test with the real
server fails where an upgrade of gunicorn changes either.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from types import FrameType
from typing import Any

from gunicorn.http.wsgi import Response
from gunicorn.workers.gthread import TConn, ThreadWorker

from shared.plumbing.following.followers import FOLLOWER, Follower
from shared.plumbing.following.malformed import ProblemInstead
from shared.plumbing.following.sender import Sender

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., object]], Iterable[bytes]]


class FollowingWorker(ThreadWorker):  # type: ignore[misc]
    """Serves followers without a thread each; everything else as gunicorn's threaded worker does."""

    def init_process(self) -> None:
        """Make the sender of this process: after the fork, before the first signal."""
        self.sender = Sender()
        self.handed: dict[socket.socket, tuple[Follower, bytes]] = {}
        super().init_process()

    def load_wsgi(self) -> None:
        """Make the application, and see which of its answers follow."""
        super().load_wsgi()
        self.wsgi: Application = self._handing_over(self.app.wsgi())

    def _handing_over(self, app: Application) -> Application:
        def serve(environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
            body = app(environ, start_response)
            follower: Follower | None = environ.get(FOLLOWER)
            response: Response = getattr(start_response, "__self__", None)
            # HTTP/2 has frames, TLS has records: those keep their thread; an answer to HEAD has no body
            if follower is None or type(response) is not Response or self.cfg.is_ssl or _is_head(environ):
                return body
            response.force_close()
            response.chunked = False
            self.handed[response.sock] = follower, _head(response, follower)
            response.headers_sent = True
            return ()

        return serve

    def finish_request(self, conn: TConn, fs: Future[object]) -> None:
        """Keep the socket of a follower; the request is done, and counts no more as a connection of this worker."""
        handed = self.handed.pop(conn.sock, None)
        if handed is None:
            super().finish_request(conn, fs)
            return
        self.nr_conns -= 1
        self.sender.take(conn.sock, *handed)

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: BaseException) -> None:
        """Answer a request that cannot be read, or that no application answered, with a problem."""
        super().handle_error(req, ProblemInstead(client), addr, exc)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End all followers at once, so that a restart waits for none of them."""
        super().handle_exit(sig, frame)
        self.sender.stop()

    def run(self) -> None:
        """Serve until the end; then let the last words of followers go out."""
        super().run()
        self.sender.stop()
        self.sender.join()


def _is_head(environ: Environ) -> bool:
    return bool(environ["REQUEST_METHOD"] == "HEAD")


def _head(response: Response, follower: Follower) -> bytes:
    """The head of an answer. It ends where no length follows: the end of the connection is then the end of the body."""
    lines = [*response.default_headers(), *(f"{name}: {value}\r\n" for name, value in response.headers)]
    return "".join([*lines, "\r\n" if follower.headed else ""]).encode("latin-1")
