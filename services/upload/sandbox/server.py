"""The process that lends a fresh child to each file: `python -m services.upload.sandbox.server` is started once.

It is small and single-threaded, so that it forks in milliseconds what would take an interpreter longer to start.
A child reads one file under limits of memory and time, and writes frames into a pipe; a keeper beside it tells
how it ended, whatever happened. Nothing that comes from a file is run or unpickled by who reads the pipe.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import resource
import shutil
import signal
import socket
import struct
import sys
import tempfile
from dataclasses import asdict, dataclass
from typing import Any

from services.upload.ingest.reader import Batch, Limits, Overrides, ReadError, Source, open_source

logger = logging.getLogger(__name__)

FRAME = struct.Struct("<cI")
FOUND, ROWS, END, REFUSED, KILLED = b"F", b"B", b"E", b"X", b"K"
ACCEPTED = b"."
MOST_REQUEST = 1 << 18

#: Stands between the cells of a frame. Readers of text drop it, those of workbooks too.
BETWEEN = "\0"
_MOST_CHARACTERS = 8_000_000


@dataclass(frozen=True)
class Bounds:
    """What a child may use: address space in bytes, seconds of processor in all, and between two frames."""

    memory: int = 1 << 30
    processor_seconds: int = 900
    idle_seconds: float = 60.0


@dataclass(frozen=True)
class Request:
    """One file to read."""

    path: str
    name: str
    limits: Limits
    overrides: Overrides
    bounds: Bounds
    batch: int

    def encoded(self) -> bytes:
        """For the socket."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decoded(cls, data: bytes) -> Request:
        """What `encoded` gave."""
        fields = json.loads(data)
        return cls(
            **{
                **fields,
                "limits": Limits(**fields["limits"]),
                "overrides": Overrides(**fields["overrides"]),
                "bounds": Bounds(**fields["bounds"]),
            }
        )


def serve(channel: socket.socket) -> None:
    """Fork a keeper for each request, until whoever asks is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    while True:
        data, handles, _, _ = socket.recv_fds(channel, MOST_REQUEST, 1)
        if not data:
            return
        if os.fork() == 0:
            try:
                channel.close()
                _keep(Request.decoded(data), handles[0])
            finally:
                os._exit(0)
        os.close(handles[0])
        channel.sendall(ACCEPTED)


def _keep(request: Request, pipe: int) -> None:
    """Let a child read; say how it ended when it could not say so itself, and clear up after it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    folder = tempfile.mkdtemp(prefix="carryover-")
    child = os.fork()
    if child == 0:
        ended = 1
        try:
            gc.disable()  # rows hold no cycles, and looking for some takes as long as reading
            tempfile.tempdir = folder
            _confine(request.bounds)
            _read(request, pipe)
            ended = 0
        finally:
            os._exit(ended)
    _, status = os.waitpid(child, 0)
    shutil.rmtree(folder, ignore_errors=True)
    if os.WIFSIGNALED(status) or os.WEXITSTATUS(status):
        ended = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        _write(pipe, KILLED, json.dumps({"status": ended}).encode())


def _confine(bounds: Bounds) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.processor_seconds, bounds.processor_seconds))
    with contextlib.suppress(ValueError):  # not every system can limit the address space
        resource.setrlimit(resource.RLIMIT_AS, (bounds.memory, bounds.memory))


def _read(request: Request, pipe: int) -> None:
    idle = request.bounds.idle_seconds
    signal.setitimer(signal.ITIMER_REAL, idle)
    try:
        source = open_source(request.path, request.name, request.limits, request.overrides)
        _tell(pipe, idle, FOUND, asdict(source.found))
        for batch in source.batches(request.batch):
            _send_rows(pipe, idle, batch)
        _tell(pipe, idle, END, _ending(source))
    except ReadError as error:
        _tell(pipe, idle, REFUSED, _refusal(error))
    except MemoryError:
        _tell(pipe, idle, REFUSED, {"code": "reading_stopped", "detail": "memory", "params": {}})
    except Exception as error:
        # Nothing is known that comes here; if it does, the file is at fault for all that its owner can do.
        logger.exception("reading failed")
        _tell(pipe, idle, REFUSED, {"code": "corrupt", "detail": repr(error), "params": {}})


def _refusal(error: ReadError) -> dict[str, Any]:
    found = asdict(error.found) if error.found else None
    return {"code": error.code, "detail": error.detail, "params": error.params, "found": found}


def _ending(source: Source) -> dict[str, Any]:
    return {
        "problems": source.found.problems,
        "rows": source.rows,
        "blank_rows": source.blank_rows,
        "last_row": source.last_row,
        "row_problems": list(source.row_problems.items()),
    }


def _send_rows(pipe: int, idle: float, batch: Batch) -> None:
    """One batch, or several where its cells are large: a line of JSON, then the cells."""
    text = BETWEEN.join([BETWEEN.join(row) for row in batch.rows])
    if len(text) > _MOST_CHARACTERS and len(batch.rows) > 1:
        for part in batch.split(len(batch.rows) // 2):
            _send_rows(pipe, idle, part)
        return
    first, last = batch.numbers[0], batch.numbers[-1]
    counted = last - first + 1 == len(batch.numbers)
    head = {
        "numbers": [first, last] if counted else batch.numbers,
        "counted": counted,
        "width": len(batch.rows[0]),
        "long": list(batch.long.items()),
        "short": batch.short,
        "doubts": batch.doubts,
    }
    content = json.dumps(head).encode() + b"\n" + text.encode("utf-8", "surrogatepass")
    _timed(pipe, idle, ROWS, content)


def _tell(pipe: int, idle: float, kind: bytes, content: dict[str, Any]) -> None:
    _timed(pipe, idle, kind, json.dumps(content, default=str).encode())


def _timed(pipe: int, idle: float, kind: bytes, content: bytes) -> None:
    """Write without the clock running: who reads may take its time."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    _write(pipe, kind, content)
    signal.setitimer(signal.ITIMER_REAL, idle)


def _write(pipe: int, kind: bytes, content: bytes) -> None:
    view = memoryview(FRAME.pack(kind, len(content)) + content)
    while view:
        view = view[os.write(pipe, view) :]


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
