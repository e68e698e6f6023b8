"""Settings of gunicorn: threads, as requests wait for MongoDB; two processes, as Python computes on one core.

Connections to MongoDB and RabbitMQ are made after the fork, so nothing is preloaded. PORT and BIND_HOST say
where to listen; only this machine is served unless BIND_HOST says otherwise. Where PROMETHEUS_MULTIPROC_DIR names a
folder that cannot be written to, each process counts for itself.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from typing import Any

METRICS = "PROMETHEUS_MULTIPROC_DIR"
#: what the counters of one server need at most; a page that the disk has no space for would end the process
METRICS_BYTES = 4 << 20


def choose_metrics_folder() -> None:
    """Give each start of the server a folder of its own; a folder that cannot be written to is not used."""
    wanted = os.environ.pop(METRICS, None)
    if not wanted:
        return
    try:
        os.makedirs(wanted, exist_ok=True)
        folder = tempfile.mkdtemp(dir=wanted)
        with tempfile.TemporaryFile(dir=folder) as room:
            os.posix_fallocate(room.fileno(), 0, METRICS_BYTES)
    except OSError as error:
        sys.stderr.write(f"Metrics are of each process alone: {wanted} cannot be used ({error.strerror}).\n")
    else:
        os.environ[METRICS] = folder


choose_metrics_folder()

# each viewer that follows a job is a connection: as many files as this process may have at all
_, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))

bind = f"{os.environ.get('BIND_HOST', '127.0.0.1')}:{os.environ.get('PORT', '8080')}"
worker_class = "shared.plumbing.following.worker.FollowingWorker"
# The in-memory broker joins only what runs in one process.
workers = 1 if os.environ.get("BROKER_URL", "").startswith("memory://") else 2
threads = 16
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # a slow disk is no sign of a dead worker
timeout = 120
graceful_timeout = 30
keepalive = 5
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
control_socket_disable = True  # the default folder is shared by all systems of a user
accesslog = None  # each request is logged by the application, with its ids


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a worker that has ended, where the metrics of several processes are added up."""
    if METRICS in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
