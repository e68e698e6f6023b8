"""The whole flow as one table: which service does which step of a job, at which status, and what follows.

Exchanges, queues, bindings and the order of the steps are all derived from `STEPS`.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.contract.job import Status

EXCHANGE = "carryover"
#: Where the paths of the HTTP API begin.
API = "/api/v1"
LANES = ("main", "fast")
SERVICES = ("upload", "mapper", "validator", "importer", "notifier")
#: Other services ask for imports here; the service that answers them.
REQUESTS, REQUESTED, ANSWERS_REQUESTS = f"{EXCHANGE}.requests", "job.requested", "upload"
#: The service whose workers publish events to other services.
PUBLISHES_EVENTS = "notifier"


@dataclass(frozen=True)
class Step:
    """One kind of work on a job.

    `spread` steps have one task per chunk of rows, the others one task for the whole job. When all tasks
    of a step are done, the step named `then` follows at the same status, or the job moves to `to`;
    a step with neither (a notice) ends where it began. `does` describes the work for people.
    """

    name: str
    service: str
    does: str
    at: frozenset[Status]
    spread: bool = False
    then: str | None = None
    to: Status | None = None


STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "read",
            "upload",
            "find format, encoding and columns; put the rows into chunks",
            at=frozenset({Status.UPLOADED}),
            to=Status.READ,
        ),
        Step(
            "propose",
            "mapper",
            "suggest a mapping and settings",
            at=frozenset({Status.READ}),
            to=Status.PROPOSED,
        ),
        Step(
            "check",
            "validator",
            "normalise and check each chunk",
            at=frozenset({Status.MAPPED}),
            spread=True,
            then="match",
        ),
        Step(
            "match",
            "validator",
            "find over the whole file which rows mean one record",
            at=frozenset({Status.MAPPED}),
            then="plan",
        ),
        Step(
            "plan",
            "validator",
            "plan each chunk",
            at=frozenset({Status.MAPPED}),
            spread=True,
            to=Status.VALIDATED,
        ),
        Step(
            "load",
            "importer",
            "load each chunk in one transaction",
            at=frozenset({Status.CONFIRMED}),
            spread=True,
            to=Status.IMPORTED,
        ),
        Step(
            "undo",
            "importer",
            "undo each chunk in one transaction",
            at=frozenset({Status.UNDOING}),
            spread=True,
            to=Status.UNDONE,
        ),
        Step(
            "notify",
            "notifier",
            "send one mail a recipient, with the skipped rows",
            at=frozenset({Status.IMPORTED, Status.FAILED, Status.UNDONE}),
        ),
    )
}

#: The status a person (or autostart) moves a waiting job to.
PERSON_MOVES: dict[Status, Status] = {
    Status.PROPOSED: Status.MAPPED,
    Status.VALIDATED: Status.CONFIRMED,
}


def first_step(status: Status) -> Step | None:
    """The step that begins when a job arrives at this status, if a worker owes one."""
    here = [step for step in STEPS.values() if status in step.at]
    followers = {step.then for step in here}
    return next((step for step in here if step.name not in followers), None)


def steps_at(status: Status) -> list[Step]:
    """The steps at one status, in their order."""
    steps = []
    step = first_step(status)
    while step:
        steps.append(step)
        step = STEPS[step.then] if step.then else None
    return steps


def queue_name(service: str, lane: str = "main") -> str:
    """The queue of a service; small jobs have a lane of their own."""
    return f"{EXCHANGE}.{service}" if lane == "main" else f"{EXCHANGE}.{service}.{lane}"


def parked_queue(service: str) -> str:
    """Where messages of a service are set aside for a person."""
    return f"{EXCHANGE}.{service}.parked"


def routing_key(step: str, lane: str) -> str:
    """The key under which work of a step is announced."""
    return f"work.{step}.{lane}"


def bindings() -> list[tuple[str, str]]:
    """Every (queue, routing key) of the exchange."""
    work = [
        (queue_name(step.service, lane), routing_key(step.name, lane))
        for step in STEPS.values()
        for lane in LANES
    ]
    parked = [(parked_queue(service), f"parked.{service}") for service in SERVICES]
    return [*work, *parked, (REQUESTS, REQUESTED)]


def owed_by(status: Status, autostart: bool) -> str | None:
    """The service that owes a job at this status its next move; None where a person or nobody does."""
    step = first_step(status)
    if step:
        return step.service
    if status in PERSON_MOVES and autostart:
        return next(step.service for step in STEPS.values() if step.to == status)
    return None
