"""Runs the processes of a Procfile with honcho, each kept running, until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from honcho import manager as honcho
from honcho.environ import expand_processes, parse_procfile
from honcho.printer import Printer

honcho.KILL_WAIT = 40  # seconds after the first process has ended; gunicorn alone may take 30


def main() -> int:
    """Start them all; the exit code of the first that ended."""
    parser = argparse.ArgumentParser(description="Runs the processes of a Procfile.")
    parser.add_argument("--procfile", type=Path, required=True)
    parser.add_argument("--watch", type=int, required=True, help="end when the process of this id is gone")
    parser.add_argument("--only", help="run only this process")
    parser.add_argument("--concurrency", default="", help="how many of which: validator=2,importer=2")
    options = parser.parse_args()
    processes = parse_procfile(options.procfile.read_text()).processes
    chosen = {name: command for name, command in processes.items() if options.only in (None, name)}
    keep = [sys.executable, "-I", "-S", str(Path(__file__).with_name("keep.py")), str(options.watch)]
    manager = honcho.Manager(Printer(sys.stdout, colour=False))
    for process in expand_processes(chosen, concurrency_of(options.concurrency)):
        # Without the second exec, a shell would be the parent of the process and keep its signals for itself.
        command = f"exec {shlex.join([*keep, 'sh', '-c', f'exec {process.cmd}'])}"
        manager.add_process(process.name, command, env={**os.environ, **process.env})
    manager.loop()
    return int(manager.returncode or 0)


def concurrency_of(text: str) -> dict[str, int]:
    """``validator=2,importer=2`` as numbers by name."""
    pairs = (part.split("=", 1) for part in text.split(",") if part)
    return {name: int(number) for name, number in pairs}


if __name__ == "__main__":
    sys.exit(main())
