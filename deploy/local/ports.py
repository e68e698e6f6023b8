"""Free ports for private servers, kept in a file so that a server that starts again is found where it was."""

from __future__ import annotations

import json
import random
import socket
from pathlib import Path

# Below the range from which Linux takes the ports of outgoing connections (32768 and up), so that none is
# lost to a passing connection while its server is down.
LOWEST, HIGHEST = 20_000, 32_000


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def answers(port: int) -> bool:
    """Whether something listens on this port now."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A port that is free now, chosen at random so that two who choose at once do not meet."""
    for _ in range(200):
        port = random.randint(LOWEST, HIGHEST)
        if is_free(port):
            return port
    raise RuntimeError(f"no free port between {LOWEST} and {HIGHEST}")


def kept_ports(file: Path, names: tuple[str, ...]) -> dict[str, int]:
    """The earlier ports where they are still free, new ones otherwise; written back to ``file``."""
    before: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    ports: dict[str, int] = {}
    for name in names:
        port = before.get(name)
        while port is None or port in ports.values() or not is_free(port):
            port = free_port()
        ports[name] = port
    file.write_text(json.dumps(ports))
    return ports
