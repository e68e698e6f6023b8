"""Measures CPU seconds and peak memory of a running system, for each of its parts (Linux)."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from deploy.local.children import family
from deploy.local.supervisor import Supervisor

LOOK = 1.0  # seconds between two looks, so that the peak of a short-lived child is not missed
TICKS = os.sysconf("SC_CLK_TCK")
RESET_PEAK = "5"  # proc(5), clear_refs
_WORKER = re.compile(r"services\.(\w+)\.worker")
_KEEPER = "keep.py"
SUPERVISION = "supervision"


@dataclass(frozen=True)
class Taken:
    """What one part took; its peak is that of its largest process, in MB of 2^20."""

    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Usage:
    """What each part took; `bench_cpu_seconds` is the caller's own, `other_cpu_seconds` that of strangers."""

    parts: dict[str, Taken]
    bench_cpu_seconds: float
    other_cpu_seconds: float


def parts_of(supervisor: Supervisor) -> dict[str, list[int]]:
    """The processes at the head of each part: the servers, each worker, the web server, and what starts them."""
    parts: dict[str, list[int]] = {server.name: server.pids()[:] for server in supervisor.servers.values()}
    assert supervisor.processes is not None
    starters = []
    for process in family(supervisor.processes.pid):
        command = process.cmdline()
        if not any(argument.endswith(_KEEPER) for argument in command):
            continue
        starters.append(process.pid)
        name = _part_name(" ".join(command))
        number = sum(part.split(".")[0] == name for part in parts) + 1
        children = [child.pid for child in process.children()]
        parts[name if number == 1 else f"{name}.{number}"] = children
    return {**parts, SUPERVISION: [supervisor.processes.pid, *starters]}


def _part_name(command: str) -> str:
    found = _WORKER.search(command)
    return found[1] if found else "web"


class Meter:
    """Measures a running system between entering and leaving; `usage` then has the figures."""

    def __init__(self, parts: Mapping[str, list[int]]) -> None:
        self._heads = parts
        self._peaks = dict.fromkeys(parts, 0.0)
        self._stop = threading.Event()
        self._watch = threading.Thread(target=self._watch_peaks, name="meter", daemon=True)
        self.usage: Usage | None = None

    def __enter__(self) -> Self:
        for name in self._heads:
            for pid in self._pids(name):
                forget_peak(pid)
        self._machine = _busy()
        self._own = sum(os.times()[:4])
        self._before = {name: self._cpu(name) for name in self._heads}
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._watch.join()
        self._note_peaks()
        taken = {
            name: Taken(round(self._cpu(name) - self._before[name], 2), round(self._peaks[name], 1))
            for name in self._heads
        }
        own = sum(os.times()[:4]) - self._own
        ours = own + sum(part.cpu_seconds for part in taken.values())
        self.usage = Usage(taken, round(own, 2), round(max(0.0, _busy() - self._machine - ours), 2))

    def _pids(self, name: str) -> set[int]:
        heads = self._heads[name]
        # The supervisors are parents of all other parts, which are counted separately.
        return set(heads) if name == SUPERVISION else {pid for head in heads for pid in descent(head)}

    def _cpu(self, name: str) -> float:
        return sum(cpu_seconds(pid, ended_children=name != SUPERVISION) for pid in self._pids(name))

    def _watch_peaks(self) -> None:
        while not self._stop.wait(LOOK):
            self._note_peaks()

    def _note_peaks(self) -> None:
        for name in self._heads:
            now = max((peak_mb(pid) for pid in self._pids(name)), default=0.0)
            self._peaks[name] = max(self._peaks[name], now)


def descent(pid: int) -> Iterator[int]:
    """A process and everything below it, without a walk over all processes of the machine."""
    yield pid
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                for child in (thread / "children").read_text().split():
                    yield from descent(int(child))


def cpu_seconds(pid: int, *, ended_children: bool = True) -> float:
    """User and system time of a process, with that of the children that it has collected; 0 when gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    numbers = text[text.rindex(")") + 2 :].split()  # the name may hold spaces
    last = 15 if ended_children else 13  # utime, stime, cutime, cstime: fields 14 to 17, proc(5)
    return sum(map(int, numbers[11:last])) / TICKS


def peak_mb(pid: int) -> float:
    """The most memory that a process had resident (VmHWM), in MB of 2^20; 0 when gone."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def forget_peak(pid: int) -> None:
    """Let the peak of a process count from now; where that is not allowed, it counts from its start."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text(RESET_PEAK)


def _busy() -> float:
    """CPU seconds that the whole machine has worked since it was started."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)
