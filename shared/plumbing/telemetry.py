"""The metrics of all services; labels never hold a firm, a job or a person.

Metrics are written through `count`, `observe` and `set_to`, which never raise: a folder of metrics that is missing,
full or not ours must not cost an answer or a task.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from shared.plumbing.log import log, named

TASKS = Counter("carryover_tasks_total", "Tasks ended", ["service", "step", "outcome"])
TASK_SECONDS = Histogram("carryover_task_seconds", "Time of one task", ["service", "step"])
REPAIRS = Counter("carryover_sweeper_repairs_total", "What the sweeper set right", ["service", "kind"])
UNBALANCED = Counter(
    "carryover_unbalanced_jobs_total",
    "Jobs whose numbers did not balance; page somebody",
    ["service", "step"],
)
EVENTS_WAITING = Gauge(
    "carryover_events_waiting",
    "Jobs and outbox entries whose events are not published yet",
    ["what"],
    multiprocess_mode="mostrecent",
)
EVENTS_OLDEST = Gauge(
    "carryover_events_oldest_seconds",
    "How long the oldest of them has waited; more than a minute needs somebody",
    ["what"],
    multiprocess_mode="mostrecent",
)
LETTERS = Counter("carryover_letters_total", "Attempts to send a letter to a client", ["kind", "outcome"])
LETTERS_WAITING = Gauge(
    "carryover_letters_waiting",
    "Letters to clients that wait to be sent",
    multiprocess_mode="mostrecent",
)
LETTERS_OLDEST = Gauge(
    "carryover_letters_oldest_seconds",
    "How long the oldest letter to a client waits",
    multiprocess_mode="mostrecent",
)
WEBHOOKS = Counter("carryover_webhooks_total", "Attempts to deliver a webhook", ["outcome"])
WEBHOOK_SECONDS = Histogram("carryover_webhook_seconds", "Time of one attempt", ["outcome"])
WEBHOOKS_WAITING = Gauge(
    "carryover_webhooks_waiting",
    "Deliveries that wait for their next attempt",
    multiprocess_mode="mostrecent",
)
WEBHOOKS_OLDEST = Gauge(
    "carryover_webhooks_oldest_seconds",
    "How long the oldest of them has waited; more than a day needs somebody",
    multiprocess_mode="mostrecent",
)
FOLLOWERS = Gauge("carryover_followers", "Viewers that follow jobs now", multiprocess_mode="livesum")
REQUESTS = Counter("carryover_requests_total", "HTTP requests answered", ["service", "route", "status"])
REQUEST_SECONDS = Histogram("carryover_request_seconds", "Time of one HTTP request", ["service", "route"])


def count(metric: Counter, *labels: object, by: float = 1) -> None:
    """Add to a counter."""
    with _harmless():
        metric.labels(*labels).inc(by)


def observe(metric: Histogram, seconds: float, *labels: object) -> None:
    """Note a duration in a histogram."""
    with _harmless():
        metric.labels(*labels).observe(seconds)


def set_to(metric: Gauge, value: float, *labels: object) -> None:
    """Set a gauge."""
    with _harmless():
        (metric.labels(*labels) if labels else metric).set(value)


@contextmanager
def _harmless() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, the work that is measured goes on
        log.warning("not measured", error=named(error))


class _Folder:
    """Sums the metrics that several processes wrote to one folder; files that cannot be read are counted."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def collect(self) -> Iterator[Metric]:
        """The metrics of all files that can be read."""
        files = _files_in(self.folder)
        readable = [file for file in files if _is_readable(file)]
        yield from MultiProcessCollector.merge(readable)  # type: ignore[no-untyped-call]
        text = "Files of metrics that could not be read"
        yield GaugeMetricFamily("carryover_metrics_unreadable", text, value=len(files) - len(readable))


def _files_in(folder: Path) -> list[str]:
    """The files of metrics of a folder; none where it cannot be read."""
    try:
        return [str(file) for file in folder.glob("*.db")]
    except OSError as error:
        log.warning("folder of metrics not read", error=named(error))
        return []


def _is_readable(file: str) -> bool:
    try:
        MultiProcessCollector.merge([file])  # type: ignore[no-untyped-call]
    except Exception as error:  # noqa: BLE001 - a broken file may break in any way
        log.warning("file of metrics not read", error=named(error))
        return False
    return True


def exposition(folder: str | None) -> bytes:
    """All metrics as Prometheus reads them: of the processes that share a folder, or of this process alone."""
    if not folder:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    registry.register(_Folder(folder))
    return generate_latest(registry)
