"""Opens a file in a child process: whatever the file does to its reader, the worker goes on."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from services.upload.model.source import Batch, Found, Limits, Overrides, ReadError, Source
from services.upload.sandbox.limits import Bounds
from services.upload.sandbox.protocol import (
    ACCEPTED,
    END,
    FOUND,
    FRAME,
    KILLED,
    REFUSED,
    ROWS,
    Request,
    batch_of,
    ending_of,
    error_of,
    found_of,
    status_of,
)

_BATCH = 1_000
_PIPE = 1 << 20
_MOST_FRAME = 1 << 28
# What ended a child, by its exit status: the limits of time, a library without memory, or somebody outside.
_ENDS = {
    -signal.SIGALRM: "reading_too_slow",
    -signal.SIGXCPU: "reading_too_slow",
    -signal.SIGABRT: "reading_too_large",
    -signal.SIGKILL: "reading_stopped",
    -signal.SIGTERM: "reading_stopped",
    -signal.SIGINT: "reading_stopped",
    -signal.SIGHUP: "reading_stopped",
}
_SERVER = "services.upload.sandbox.server"
_START = f"import sys, runpy; sys.path[:] = {{path!r}}; runpy.run_module({_SERVER!r}, {{{{}}}}, '__main__')"


class _ForkServer:
    """The fork server of this process; it is started when first needed, and again when it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def ask(self, request: Request) -> BinaryIO:
        """Have a child read the file; gives the pipe that its frames come out of.

        Raises ReadError `reading_stopped` where no server can be started.
        """
        reading, writing = os.pipe()
        # A large pipe lets the child make the next batch while this one is read.
        with contextlib.suppress(OSError, AttributeError):
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE)
        pipe = os.fdopen(reading, "rb", buffering=1 << 16)
        try:
            with self._lock:
                if not self._accepted(request, writing):
                    self._start()
                    if not self._accepted(request, writing):
                        raise ReadError("reading_stopped", "no process to read in")
        except BaseException:
            pipe.close()
            raise
        finally:
            os.close(writing)
        return pipe

    def close(self) -> None:
        """End the server of this process."""
        if self._channel is not None:
            self._channel.close()
        if self._process is not None and self._owner == os.getpid():
            self._process.wait()
        self._channel = self._process = None

    def _accepted(self, request: Request, writing: int) -> bool:
        if self._channel is None or self._owner != os.getpid():
            return False
        try:
            socket.send_fds(self._channel, [request.encoded()], [writing])
            return self._channel.recv(1) == ACCEPTED
        except OSError:
            return False

    def _start(self) -> None:
        self.close()
        mine, theirs = socket.socketpair()
        with theirs:
            code = _START.format(path=sys.path)
            self._process = subprocess.Popen(
                [sys.executable, "-c", code, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._channel, self._owner = mine, os.getpid()


_server = _ForkServer()
atexit.register(_server.close)


class IsolatedSource(Source):
    """A source whose rows come from a child; they can be read once.

    After reading, `unticked` has the numbers of the rows that start without their tick, `hidden_rows` counts rows.
    """

    def __init__(self, found: Found, limits: Limits, pipe: BinaryIO) -> None:
        super().__init__(found, limits, tuple)
        self.unticked: list[int] = []
        self.hidden_rows = 0
        self._pipe = pipe
        weakref.finalize(self, pipe.close)

    def batches(self, size: int = _BATCH) -> Iterator[Batch]:
        """Give the batches as the child cut them: of the size asked for, or smaller where cells are large."""
        with self._pipe:
            while True:
                kind, content = _frame(self._pipe)
                if kind == END:
                    break
                yield batch_of(content)
        ending = ending_of(content)
        self.rows, self.blank_rows = ending["rows"], ending["blank_rows"]
        self.last_row = ending["last_row"]
        self.found.problems[:] = ending["problems"]
        self.row_problems = dict(ending["row_problems"])
        self.unticked, self.hidden_rows = ending["unticked"], ending["hidden"]

    def close(self) -> None:
        """Read no further; the child ends by itself."""
        self._pipe.close()


def open_isolated(
    path: str | Path,
    name: str = "",
    limits: Limits | None = None,
    overrides: Overrides | None = None,
    batch: int = _BATCH,
    bounds: Bounds | None = None,
) -> IsolatedSource:
    """Open a file as `ingest.reader.open_source` does, in a child process; its rows come in batches of `batch`.

    Raises ReadError, and so does reading the batches: `reading_too_slow` or `reading_too_large` where the child was out
    of bounds, `reading_stopped` where it was ended from outside, `corrupt` where the file made it crash.
    """
    limits = limits or Limits()
    request = Request(str(path), name, limits, overrides or Overrides(), bounds or Bounds(), batch)
    pipe = _server.ask(request)
    try:
        _, content = _frame(pipe)
    except BaseException:
        pipe.close()
        raise
    return IsolatedSource(found_of(content), limits, pipe)


def _frame(pipe: BinaryIO) -> tuple[bytes, bytes]:
    """Give the kind and the content of the next frame; raises ReadError for a refusal or an early end."""
    head = pipe.read(FRAME.size)
    if len(head) < FRAME.size:
        raise ReadError("reading_stopped", "the reading process is gone")
    kind, length = FRAME.unpack(head)
    if length > _MOST_FRAME:
        raise ReadError("reading_stopped", f"a frame of {length} bytes")
    content = pipe.read(length)
    if len(content) < length:
        raise ReadError(
            "reading_stopped", f"the reading process stopped within a frame, after {len(content)} bytes"
        )
    if kind == REFUSED:
        raise error_of(content)
    if kind == KILLED:
        status = status_of(content)
        raise ReadError(_ENDS.get(status, "corrupt"), f"the reading process ended with {status}")
    if kind not in (FOUND, ROWS, END):
        raise ReadError("reading_stopped", f"a frame of kind {kind!r}")
    return kind, content
