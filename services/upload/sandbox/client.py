"""Read a file in a child process, so that whatever the file does to its reader, the worker goes on."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from services.upload.ingest.reader import Batch, Found, Limits, Overrides, ReadError, Source
from services.upload.sandbox.server import (
    ACCEPTED,
    BETWEEN,
    END,
    FOUND,
    FRAME,
    KILLED,
    REFUSED,
    ROWS,
    Bounds,
    Request,
)

__all__ = ["Bounds", "IsolatedSource", "open_isolated"]

_BATCH = 1_000
_PIPE = 1 << 20
_MOST_FRAME = 1 << 28
_OUT_OF_BOUNDS = {-signal.SIGALRM, -signal.SIGXCPU, -signal.SIGKILL, -signal.SIGABRT}
_SERVER = "services.upload.sandbox.server"
_START = f"import sys, runpy; sys.path[:] = {{path!r}}; runpy.run_module({_SERVER!r}, {{{{}}}}, '__main__')"


class _Nursery:
    """The nursery of this process; started when first needed, and again when it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def ask(self, request: Request) -> BinaryIO:
        """Let a child read; what it writes comes out of the file that is given back."""
        reading, writing = os.pipe()
        with contextlib.suppress(
            OSError, AttributeError
        ):  # so that a batch is read while the next one is made
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
        """End the nursery of this process."""
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


_nursery = _Nursery()
atexit.register(_nursery.close)


class IsolatedSource(Source):
    """A source whose rows come from a child; they can be read once."""

    def __init__(self, found: Found, limits: Limits, pipe: BinaryIO) -> None:
        super().__init__(found, limits, tuple)
        self._pipe = pipe
        weakref.finalize(self, pipe.close)

    def batches(self, size: int = _BATCH) -> Iterator[Batch]:
        """The batches as the child cut them: of the size it was asked for, smaller where cells are large."""
        with self._pipe:
            while True:
                kind, content = _frame(self._pipe)
                if kind == END:
                    break
                yield _batch(content)
        ending = json.loads(content)
        self.rows, self.blank_rows = ending["rows"], ending["blank_rows"]
        self.last_row = ending["last_row"]
        self.found.problems[:] = ending["problems"]
        self.row_problems = dict(ending["row_problems"])

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
    """As `reading.open_source`, in a child process; its rows come in batches of `batch`.

    Raises ReadError, and so do its batches: `reading_stopped` where the child was out of bounds, `corrupt`
    where the file made it crash.
    """
    limits = limits or Limits()
    request = Request(str(path), name, limits, overrides or Overrides(), bounds or Bounds(), batch)
    pipe = _nursery.ask(request)
    try:
        _, content = _frame(pipe)
    except BaseException:
        pipe.close()
        raise
    return IsolatedSource(Found(**json.loads(content)), limits, pipe)


def _frame(pipe: BinaryIO) -> tuple[bytes, bytes]:
    """The next frame that is no refusal; raises ReadError for what the child or its keeper say went wrong."""
    head = pipe.read(FRAME.size)
    if len(head) < FRAME.size:
        raise ReadError("reading_stopped", "the reading process is gone")
    kind, length = FRAME.unpack(head)
    if length > _MOST_FRAME:
        raise ReadError("reading_stopped", f"a frame of {length} bytes")
    content = pipe.read(length)
    if len(content) < length:
        return _frame_of_keeper(content)
    if kind == REFUSED:
        raise _refused(json.loads(content))
    if kind == KILLED:
        status = json.loads(content)["status"]
        code = "reading_stopped" if status in _OUT_OF_BOUNDS else "corrupt"
        raise ReadError(code, f"the reading process ended with {status}")
    if kind not in (FOUND, ROWS, END):
        raise ReadError("reading_stopped", f"a frame of kind {kind!r}")
    return kind, content


def _refused(refusal: dict[str, Any]) -> ReadError:
    error = ReadError(refusal["code"], refusal["detail"], **refusal["params"])
    error.found = Found(**refusal["found"]) if refusal.get("found") else None
    return error


def _frame_of_keeper(content: bytes) -> tuple[bytes, bytes]:
    raise ReadError(
        "reading_stopped", f"the reading process stopped within a frame, after {len(content)} bytes"
    )


def _batch(content: bytes) -> Batch:
    line, _, rest = content.partition(b"\n")
    head: dict[str, Any] = json.loads(line)
    cells = rest.decode("utf-8", "surrogatepass").split(BETWEEN)
    width, numbers = head["width"], head["numbers"]
    if head["counted"]:
        numbers = list(range(numbers[0], numbers[1] + 1))
    rows = [cells[start : start + width] for start in range(0, width * len(numbers), width)]
    doubts = [(offset, code) for offset, code in head["doubts"]]
    return Batch(numbers, rows, dict(head["long"]), head["short"], doubts)
