"""The fork server: `python -m services.upload.sandbox.server` forks a fresh child for each file.

It is small and has one thread, so that it forks within milliseconds; a new interpreter takes longer to start. A child
reads one file under limits of memory and time, and writes frames into a pipe. A supervisor waits for the child, reports
how it ended where it could not do so itself, and removes what it left on disk.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
from dataclasses import asdict

from services.upload.ingest.reader import open_source
from services.upload.model.source import ReadError, Source
from services.upload.sandbox.limits import Bounds
from services.upload.sandbox.protocol import (
    ACCEPTED,
    END,
    FOUND,
    FRAME,
    KILLED,
    MOST_REQUEST,
    REFUSED,
    ROWS,
    Ending,
    Killed,
    Request,
    encoded,
    encoded_rows,
    refusal_of,
)

# Seconds of processor time after the limit.
_GRACE = 5

logger = logging.getLogger(__name__)


def serve(channel: socket.socket) -> None:
    """Fork a supervisor for each request, until the client closes its end."""
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
                _supervise(Request.decoded(data), handles[0])
            finally:
                os._exit(0)
        os.close(handles[0])
        channel.sendall(ACCEPTED)


def _supervise(request: Request, pipe: int) -> None:
    """Fork the child that reads, wait for it, and report an end that it could not report itself."""
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
        killed: Killed = {
            "status": -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        }
        _write(pipe, KILLED, encoded(killed))


def _confine(bounds: Bounds) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The signal of the soft limit says why the child ended; that of the hard one could come from anybody.
    soft = bounds.processor_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, soft + _GRACE))
    with contextlib.suppress(ValueError):  # not every system can limit the address space
        resource.setrlimit(resource.RLIMIT_AS, (bounds.memory, bounds.memory))


def _read(request: Request, pipe: int) -> None:
    idle = request.bounds.idle_seconds
    signal.setitimer(signal.ITIMER_REAL, idle)
    try:
        source = open_source(request.path, request.name, request.limits, request.overrides)
        _send(pipe, idle, FOUND, encoded(asdict(source.found)))
        for batch in source.batches(request.batch):
            for content in encoded_rows(batch):
                _send(pipe, idle, ROWS, content)
        _send(pipe, idle, END, encoded(_ending(source)))
    except ReadError as error:
        _send(pipe, idle, REFUSED, encoded(refusal_of(error)))
    except MemoryError:
        _send(pipe, idle, REFUSED, encoded(refusal_of(ReadError("reading_too_large", "memory"))))
    except Exception as error:
        # A defect of a reader; for the person who sent it, the file is at fault.
        logger.exception("reading failed")
        _send(pipe, idle, REFUSED, encoded(refusal_of(ReadError("corrupt", repr(error)))))


def _ending(source: Source) -> Ending:
    return {
        "problems": source.found.problems,
        "rows": source.rows,
        "blank_rows": source.blank_rows,
        "last_row": source.last_row,
        "row_problems": list(source.row_problems.items()),
        "unticked": source.starting_unticked(),
        "hidden": len(source.hidden),
    }


def _send(pipe: int, idle: float, kind: bytes, content: bytes) -> None:
    """Write a frame while the `idle` timer is off: the client may take its time."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    _write(pipe, kind, content)
    signal.setitimer(signal.ITIMER_REAL, idle)


def _write(pipe: int, kind: bytes, content: bytes) -> None:
    view = memoryview(FRAME.pack(kind, len(content)) + content)
    while view:
        view = view[os.write(pipe, view) :]


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
