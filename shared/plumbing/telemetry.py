"""The metrics of all services; labels never hold a firm, a job or a person."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

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
    "Jobs, and commits of records, that other services were not told of yet",
    ["what"],
    multiprocess_mode="mostrecent",
)
EVENTS_OLDEST = Gauge(
    "carryover_events_oldest_seconds",
    "How long the oldest of them has waited; more than a minute needs somebody",
    ["what"],
    multiprocess_mode="mostrecent",
)
REQUESTS = Counter("carryover_requests_total", "HTTP requests answered", ["service", "route", "status"])
REQUEST_SECONDS = Histogram("carryover_request_seconds", "Time of one HTTP request", ["service", "route"])
