"""The state folder of a running system: its process id, addresses, secret and logs."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shlex
from collections.abc import Iterator
from pathlib import Path

import psutil

REPOSITORY = Path(__file__).resolve().parents[2]


class AlreadyUp(RuntimeError):
    """Another process runs the system of this folder."""


class State:
    """The folder of the system that serves one port."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        folder.mkdir(parents=True, exist_ok=True)

    @classmethod
    def of_port(cls, port: int) -> State:
        """The folder of ``up`` and ``down``."""
        return cls(REPOSITORY / ".local" / f"run-{port}", port)

    @classmethod
    def of_demo(cls, port: int) -> State:
        """The folder of ``demo``."""
        return cls(REPOSITORY / ".local" / "demo" / f"run-{port}", port)

    @property
    def url(self) -> str:
        """Where this system is reached from this machine."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """The log of the processes and their supervisor."""
        return self.folder / "system.log"

    def clear_log(self) -> None:
        """Remove the messages of an earlier run."""
        self.log.write_bytes(b"")

    @property
    def _pid(self) -> Path:
        return self.folder / "pid"

    @property
    def _env(self) -> Path:
        return self.folder / "env"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Register this process as the one that runs the system. Raises AlreadyUp."""
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlreadyUp(str(self.folder)) from error
            me = psutil.Process()
            self._pid.write_text(json.dumps({"pid": me.pid, "started": me.create_time()}))
            try:
                yield
            finally:
                self._pid.unlink(missing_ok=True)
                self._env.unlink(missing_ok=True)

    def runner(self) -> psutil.Process | None:
        """The process that runs the system, if it does; a process that got its number later is not meant."""
        with contextlib.suppress(FileNotFoundError, ValueError, psutil.NoSuchProcess):
            kept = json.loads(self._pid.read_text())
            process = psutil.Process(kept["pid"])
            if abs(process.create_time() - kept["started"]) < 1:
                return process
        return None

    def secret(self) -> str:
        """The key that signs tokens: JWT_SECRET, else made once and kept readable by the owner alone."""
        file = self.folder / "secret"
        if given := os.environ.get("JWT_SECRET"):
            return given
        with contextlib.suppress(FileExistsError):
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as made:
                made.write(secrets.token_urlsafe(48))
        return file.read_text()

    def write_env(self, env: dict[str, str]) -> None:
        """Keep the settings of the processes, in a form that a shell can read."""
        self._env.touch(mode=0o600)
        self._env.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in env.items()))

    def read_env(self) -> dict[str, str]:
        """The settings of the running processes; empty when the system is down."""
        if not self._env.exists():
            return {}
        pairs = (line.split("=", 1) for line in self._env.read_text().splitlines())
        return {name: "".join(shlex.split(value)) for name, value in pairs}
