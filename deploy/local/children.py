"""Starts child processes that never outlive this one, and ends them by id with all that they started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from weakref import WeakSet

import psutil

PR_SET_CHILD_SUBREAPER = 36  # prctl(2)

# The kernel ties a child to the *thread* that started it (prctl(2), PR_SET_PDEATHSIG), so all children are
# started by one thread that lives as long as the process.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")
_started: WeakSet[subprocess.Popen[bytes]] = WeakSet()
_tether = Path(__file__).with_name("tether.py")


def spawn(
    command: Sequence[str | Path], *, folder: Path, log: Path | None, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a command in its own session; it gets SIGTERM when we die.

    Its output is appended to ``log``; without one it goes where ours goes.
    """
    tied = [sys.executable, "-I", "-S", str(_tether), str(os.getpid()), *map(str, command)]
    with log.open("ab") if log else contextlib.nullcontext() as output:
        child = _starter.submit(
            subprocess.Popen,
            tied,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if log else None,
            start_new_session=True,
        ).result()
    _started.add(child)
    return child


def adopt_orphans() -> None:
    """A grandchild whose parent dies becomes our child from now on, so that it can be ended (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def bury_orphans() -> None:
    """Collect adopted processes that have ended, which otherwise stay in the process list as zombies."""
    ours = {child.pid for child in _started}
    with contextlib.suppress(ChildProcessError):
        while dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if dead.si_pid in ours:  # its Popen collects it
                return
            os.waitpid(dead.si_pid, os.WNOHANG)


def family(pid: int) -> list[psutil.Process]:
    """The process and everything below it that still lives."""
    try:
        top = psutil.Process(pid)
        return [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def living(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; a zombie only waits to be collected and counts as gone."""
    return [process for process in processes if _lives(process)]


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(child: subprocess.Popen[bytes], limit: float) -> None:
    """Ask a child to end (SIGTERM); what is left of its family after ``limit`` seconds is killed."""
    relatives = family(child.pid)
    if child.poll() is None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(limit)
    _kill([*relatives, *family(child.pid)])
    child.wait()


def kill(child: subprocess.Popen[bytes]) -> None:
    """End a child and its family at once (SIGKILL), as a crash would."""
    relatives = family(child.pid)
    if child.poll() is None:
        child.send_signal(signal.SIGKILL)
    child.wait()
    _kill(relatives)


def _kill(processes: Sequence[psutil.Process]) -> None:
    """Give a family without its head two seconds to leave by itself, then kill the rest."""
    _, left = psutil.wait_procs(living(processes), timeout=2)
    for process in living(left):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(living(left), timeout=5)
