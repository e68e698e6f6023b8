"""Writes what followers get to their connections: one thread for all of them, with sockets that never block."""

from __future__ import annotations

import heapq
import os
import selectors
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from itertools import count

from shared.plumbing.following.followers import BEAT_SECONDS, Follower
from shared.plumbing.log import log, named

#: Seconds for which a viewer may take nothing of what waits for it.
STALLED_SECONDS = 30.0
#: Bytes that the system keeps for one viewer: those of a viewer that never reads do no harm.
SEND_BUFFER = 32 << 10
#: Seconds to send the last pieces when the server stops.
STOP_SECONDS = 2.0
#: Bytes of what a viewer sends after its request; they are dropped.
READ_BYTES = 4096


class _Connection:
    """The socket of a follower. `head` is the head of its answer; where that is sent whole, it still needs a length."""

    def __init__(self, sock: socket.socket, follower: Follower, head: bytes) -> None:
        self.sock = sock
        self.follower = follower
        self.head, self.left = (b"", head) if follower.headed else (head, b"")
        self.sent_at = time.monotonic()
        self.waits = False
        self.closed = False

    def next_at(self) -> float:
        """When something is due although nothing has changed."""
        if self.follower.ended:
            return self.sent_at + STALLED_SECONDS
        beat_at = self.sent_at + BEAT_SECONDS if self.follower.beat else self.follower.ends_at
        return min(beat_at, self.follower.ends_at)


class Sender:
    """The connections of one process. `take` and `stop` may be called by any thread, and `stop` by a signal handler."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._woken, self._wake = os.pipe()
        for end in (self._woken, self._wake):
            os.set_blocking(end, False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._new: deque[_Connection] = deque()
        self._ready: deque[_Connection] = deque()
        self._open: set[_Connection] = set()
        self._timers: list[tuple[float, int, _Connection]] = []
        self._numbers = count()
        self._stopping = self._finishing = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def take(self, sock: socket.socket, follower: Follower, head: bytes = b"") -> None:
        """Send a follower's pieces to a socket, and close it in the end."""
        connection = _Connection(sock, follower, head)
        self._new.append(connection)
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="following-send", daemon=True)
                self._thread.start()
        self._call()

    def stop(self) -> None:
        """End all followers now, each with its last words; those that still come are ended, too."""
        self._stopping = True
        self._call()

    def join(self) -> None:
        """Wait until the last words are sent, for two seconds at most; no follower may come any more."""
        self._finishing = True
        self._call()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS + 0.5)

    def _call(self) -> None:
        with suppress(BlockingIOError):  # it is full of calls that nobody has answered yet
            os.write(self._wake, b"\0")

    def _run(self) -> None:
        end_at = float("inf")
        while time.monotonic() < end_at and not (self._finishing and self._is_idle()):
            self._serve()
            if self._stopping:
                for connection in list(self._open):
                    connection.follower.expire()
            if self._finishing:
                end_at = min(end_at, time.monotonic() + STOP_SECONDS)
        for connection in list(self._open):
            self._close(connection)

    def _is_idle(self) -> bool:
        return not self._open and not self._new

    def _serve(self) -> None:
        """One round: what sockets, followers and the clock ask for."""
        for key, events in self._selector.select(self._pause()):
            connection: _Connection | None = key.data
            if connection is None:
                os.read(self._woken, READ_BYTES)
            elif events & selectors.EVENT_READ:
                self._read(connection)
            else:
                self._write(connection)
        while self._new:
            self._begin(self._new.popleft())
        while self._ready:
            self._write(self._ready.popleft())
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            self._tick(heapq.heappop(self._timers)[2], now)

    def _pause(self) -> float:
        if self._new or self._ready:
            return 0.0
        return max(0.0, min(self._timers[0][0] - time.monotonic(), 1.0)) if self._timers else 1.0

    def _begin(self, connection: _Connection) -> None:
        follower = connection.follower
        try:
            prepare(connection.sock)
            self._selector.register(connection.sock, selectors.EVENT_READ, connection)
        except OSError as error:
            log.info("viewer lost", error=named(error))
            connection.sock.close()
            follower.close()
            return
        self._open.add(connection)

        def changed() -> None:
            self._ready.append(connection)
            self._call()

        follower.on_change = changed
        follower.start()
        self._write(connection)
        self._set_timer(connection)

    def _set_timer(self, connection: _Connection) -> None:
        if not connection.closed:
            heapq.heappush(self._timers, (connection.next_at(), next(self._numbers), connection))

    def _tick(self, connection: _Connection, now: float) -> None:
        """Send the beat, end what is over, and close what has stalled."""
        if connection.closed or connection.next_at() > now:
            self._set_timer(connection)
            return
        if connection.left and now - connection.sent_at >= STALLED_SECONDS:
            self._close(connection)
        elif now >= connection.follower.ends_at:
            connection.follower.expire()
        elif connection.left:
            heapq.heappush(
                self._timers, (connection.sent_at + STALLED_SECONDS, next(self._numbers), connection)
            )
            return
        else:
            connection.follower.send(connection.follower.beat)
        self._write(connection)
        self._set_timer(connection)

    def _read(self, connection: _Connection) -> None:
        """Drop what a viewer sends; the end of it means that the viewer has left."""
        try:
            if connection.sock.recv(READ_BYTES):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._close(connection)

    def _write(self, connection: _Connection) -> None:
        """Send as much as the socket takes; close it when nothing follows."""
        while not connection.closed:
            if not connection.left and not self._fetch(connection):
                return
            try:
                sent = connection.sock.send(connection.left)
            except BlockingIOError:
                self._wait_for_room(connection, True)
                return
            except OSError:
                self._close(connection)
                return
            connection.left = connection.left[sent:]
            connection.sent_at = time.monotonic()

    def _fetch(self, connection: _Connection) -> bool:
        """Fetch the next piece of a follower; false where there is none now."""
        piece, ended = connection.follower.take()
        if piece and connection.head:
            piece = b"%bContent-Length: %d\r\n\r\n%b" % (connection.head, len(piece), piece)
        connection.left = piece
        if not piece and ended:
            self._close(connection)
        elif not piece:
            self._wait_for_room(connection, False)
        return bool(piece)

    def _wait_for_room(self, connection: _Connection, waits: bool) -> None:
        if connection.waits != waits:
            connection.waits = waits
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if waits else 0)
            self._selector.modify(connection.sock, events, connection)

    def _close(self, connection: _Connection) -> None:
        if connection.closed:
            return
        connection.closed = True
        self._open.discard(connection)
        connection.follower.on_change = None
        connection.follower.close()
        with suppress(OSError):  # the viewer may be faster
            self._selector.unregister(connection.sock)
            connection.sock.shutdown(socket.SHUT_WR)
            drop_unread(connection.sock)
        connection.sock.close()


def drop_unread(sock: socket.socket) -> None:
    """Read what a viewer has sent: closing a socket with unread bytes resets it, and the answer may be lost."""
    for _ in range(64):
        if not sock.recv(READ_BYTES):
            return


def prepare(sock: socket.socket) -> None:
    """Let a socket never block, keep little, and notice a viewer whose network is gone."""
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        limit = int(1000 * (BEAT_SECONDS + STALLED_SECONDS))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, limit)
