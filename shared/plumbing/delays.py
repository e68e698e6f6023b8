"""Says why the work that a job waits for has not begun: its service is away, or hears no messages, or has a queue."""

from __future__ import annotations

from datetime import datetime
from typing import NotRequired, TypedDict

from shared.contract.documents.job import Job
from shared.contract.documents.values import Params
from shared.contract.job import Status
from shared.contract.routes import steps_at
from shared.plumbing import clock
from shared.plumbing.beat_store import Beat
from shared.plumbing.task_store import TaskStore

#: Seconds that work may wait before it is worth a sentence.
PATIENT_SECONDS = 5.0
#: Tasks in front of a job that are counted at most.
MOST_AHEAD = 1_000


class Delay(TypedDict):
    """Why work has not begun, and since when: a code of the catalogue of problems."""

    code: str
    since: datetime
    params: NotRequired[Params]


def delay_of(job: Job, service: str, tasks: TaskStore, beats: dict[str, Beat]) -> Delay | None:
    """What keeps the work that a service owes a job; None where it goes on, or has only just been asked for."""
    beat = beats.get(service)
    if beat is None:  # none was ever alive, while others are
        late = beats and waited(job) >= PATIENT_SECONDS
        return {"code": "service_away", "since": job["since"]} if late else None
    if since := beat.away_since:
        return {"code": "service_away", "since": max(since, job["since"])}
    if since := beat.unheard_since:
        return {"code": "messages_away", "since": max(since, job["since"])}
    steps = [step.name for step in steps_at(Status(job["status"])) if step.service == service]
    if waited(job) < PATIENT_SECONDS or not steps or tasks.has_begun(job, steps):
        return None
    ahead = tasks.ahead_of(job, service, MOST_AHEAD)
    return {"code": "in_queue", "since": job["since"], "params": {"count": ahead}} if ahead else None


def waited(job: Job) -> float:
    """For how many seconds a job has been where it is."""
    return (clock.now() - job["since"]).total_seconds()
