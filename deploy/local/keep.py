"""Keeps a command running as a container platform would: starts it again when it ends, until a signal ends it.

``python -I -S keep.py PID COMMAND…``; it also ends when the process ``PID`` is gone. A command that fails by
itself five times in a row, each time soon after its start, is given up; a killed one is always started again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ENDINGS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
SOON = 10.0  # seconds
FAILURES = 5
LONGEST_PAUSE = 5.0  # seconds
KILLED = 128  # a shell answers 128 + the signal's number


def main(arguments: list[str]) -> int:
    """Run the command again and again; the exit code of its last failure when it is given up, else 0."""
    watched, command = int(arguments[0]), arguments[1:]
    signal.pthread_sigmask(signal.SIG_BLOCK, {*ENDINGS, signal.SIGCHLD})
    failures = 0
    while failures < FAILURES:
        started = time.monotonic()
        child = start(command)
        if must_end(child, watched):
            child.terminate()
            child.wait()
            return 0
        code = child.returncode
        by_itself = 0 <= code < KILLED
        lived = time.monotonic() - started
        failures = failures + 1 if by_itself and lived < SOON else 0
        pause = min(2.0 ** (failures - 1), LONGEST_PAUSE)
        print(f"ended with code {code} after {lived:.1f} s; starts again in {pause:g} s", flush=True)
        if signal.sigtimedwait(ENDINGS, pause):
            return 0
    print(f"failed {FAILURES} times in a row: given up", flush=True)
    return code or 1


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """Start the command in a process group of its own, tied to this process."""
    tether = str(Path(__file__).with_name("tether.py"))
    tied = [sys.executable, "-I", "-S", tether, str(os.getpid()), *command]
    return subprocess.Popen(tied, process_group=0)


def must_end(child: subprocess.Popen[bytes], watched: int) -> bool:
    """Wait until the child ends (False), or a signal comes or the watched process is gone (True)."""
    while child.poll() is None:
        received = signal.sigtimedwait({*ENDINGS, signal.SIGCHLD}, 1.0)
        if (received and received.si_signo in ENDINGS) or not alive(watched):
            return child.poll() is None
    return False


def alive(pid: int) -> bool:
    """Whether there is a process of this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
