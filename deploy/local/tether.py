"""Runs a command that gets SIGTERM when the process that started it dies: on Linux only.

``python -I -S tether.py PARENT_PID COMMAND…`` becomes the command, so the process id stays the same.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)


def main(arguments: list[str]) -> None:
    """Tie this process to its parent, then become the command."""
    parent, command = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died before the tie was made
        raise SystemExit(1)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])  # the command starts with no signal blocked
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
