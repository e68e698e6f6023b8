"""Why a job is where it is, in sentences. In come the facts of a job, out go sentences and whether something is wrong.

Nothing here asks the broker or the database, so each situation can be tried alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from deploy.operating.jobs import LATE_SECONDS, next_of
from deploy.operating.parked_messages import About
from deploy.operating.queues import PARKED
from deploy.operating.showing import ago, duration, shown
from shared.contract.documents.job import Job
from shared.contract.documents.task import Task
from shared.contract.documents.values import Reason
from shared.contract.documents.webhook import Delivery
from shared.contract.job import ENDS, MEANS, Status
from shared.contract.problems import sentence
from shared.contract.records import public_id
from shared.contract.routes import STEPS, steps_at
from shared.plumbing.bus import QueueState

#: Tasks that get a sentence of their own.
MOST_TASKS = 10
#: What a person does where a job waits for one.
ACTS = {
    "map": "look at the suggested mapping and confirm it",
    "confirm": "look at the checked rows and start the import",
    "source": "choose how the file is read",
}


@dataclass(frozen=True)
class Facts:
    """What is known of a job. `states` are its tasks by step and state, `tasks` some of those that are not done.

    `queues` are those of the service that acts next, `parked` the messages that name the job, `parked_unseen` says that
    there are more than were looked at, `entries` are unpublished changes of records.
    `deliveries` are events of the job on their way to webhooks. `broker_away` says why the broker could not be asked.
    """

    job_id: str
    job: Job | None
    now: datetime
    states: dict[str, dict[str, int]] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
    queues: list[QueueState] = field(default_factory=list)
    parked: list[About] = field(default_factory=list)
    parked_unseen: bool = False
    entries: int = 0
    deliveries: list[Delivery] = field(default_factory=list)
    broker_away: str | None = None


@dataclass(frozen=True)
class Finding:
    """One sentence, and whether it says that something is wrong."""

    text: str
    wrong: bool = False


def explain(facts: Facts) -> list[Finding]:
    """All that is known of a job in sentences, the most important first."""
    job = facts.job
    if job is None:
        text = f"No job has the id {facts.job_id[:64]}. The id is mistyped, or of another system."
        return [Finding(text, wrong=True), *_broker(facts), *_parked(facts)]
    found = [_where(facts, job), *_reasons(job), *_next(facts, job), *_broker(facts)]
    return [*found, *_tasks(facts, job), *_parked(facts), *_events(facts, job), *_webhooks(facts)]


def _where(facts: Facts, job: Job) -> Finding:
    status, since = str(job.get("status")), ago(job.get("since"), facts.now)
    means = MEANS.get(Status(status), "") if status in list(Status) else "not a status that we know"
    when = f" since {shown(job['since'])} UTC, for {duration(since.total_seconds())}" if since else ""
    return Finding(
        f"Job {job['_id']} of firm {job.get('firm')} is {status} ({means}){when}, at revision {job.get('revision')}.",
        wrong=status not in list(Status),
    )


def _reasons(job: Job) -> Iterator[Finding]:
    if reason := job.get("reason"):
        yield Finding(f"It stopped: {_sentence(reason)}", wrong=job.get("status") == Status.FAILED)
    if hold := job.get("hold"):
        yield Finding(f"It is on hold: {_sentence(hold)}")
    if broke := job.get("broke"):
        yield Finding(f"The work between its tasks broke {broke} times at this status.", wrong=True)


def _sentence(reason: Reason) -> str:
    return f"{sentence(reason['code'], 'en', **reason.get('params', {}))} [{reason['code']}]"


def _next(facts: Facts, job: Job) -> Iterator[Finding]:
    who, what = next_of(job)
    if who == "person":
        yield Finding(f"A person acts next: they {ACTS[what or '']}. No service owes it anything.")
    elif who is None:
        ended = job.get("status") in ENDS
        yield Finding("It has ended, and nothing follows." if ended else "Nobody acts next.", wrong=not ended)
    else:
        yield from _service(facts, job, who)


def _broker(facts: Facts) -> Iterator[Finding]:
    if facts.broker_away:
        text = f"The broker is away, so no message arrives and none was looked at: {facts.broker_away}"
        yield Finding(text, wrong=True)


def _service(facts: Facts, job: Job, service: str) -> Iterator[Finding]:
    """What a service owes a job, and whether anybody works for the service."""
    status = str(job.get("status"))
    steps = [step.name for step in steps_at(Status(status))] if status in list(Status) else []
    owes = f" owes it {', then '.join(steps)}" if steps else " owes it the start, which goes on by itself"
    waited = ago(job.get("since"), facts.now)
    yield Finding(f"Service {service} acts next: it{owes}.")
    for queue in (one for one in facts.queues if one.name not in PARKED):
        if queue.messages is None:
            yield Finding(f"Queue {queue.name} is missing: a worker or broker-setup makes it.", wrong=True)
        elif not queue.consumers:
            yield Finding(
                f"No worker takes messages from {queue.name}, which has {queue.messages}. Start a worker of {service}.",
                wrong=True,
            )
        else:
            yield Finding(
                f"Queue {queue.name} has {queue.messages} messages and {queue.consumers} consumers."
            )
    if waited and waited.total_seconds() > LATE_SECONDS and not facts.states:
        yield Finding("No task was opened for it; the sweeper of a worker does that.", wrong=True)


def _tasks(facts: Facts, job: Job) -> Iterator[Finding]:
    """Tasks by step, then those that are not done, a sentence each."""
    for step in STEPS:
        if states := facts.states.get(step):
            counted = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
            yield Finding(f"Tasks of the step {step}: {counted}.")
    for task in facts.tasks[:MOST_TASKS]:
        yield _task(task, facts.now)
    open_ = sum(n for states in facts.states.values() for state, n in states.items() if state != "done")
    if open_ > MOST_TASKS:
        yield Finding(f"{open_ - MOST_TASKS} more tasks are not done.")
    if facts.states and not open_ and job.get("owed") and job.get("status") not in ENDS:
        yield Finding("All tasks are done, and the job is about to move on.")


def _task(task: Task, now: datetime) -> Finding:
    name = f"Task {task['step']} {task['n']}"
    state, error = task["state"], task.get("error")
    last = f" The last error: {error}" if error else ""
    times = f"{task['attempts']} attempts{_deaths(task)}"
    later = ago(task.get("ring_at"), now)
    in_seconds = -later.total_seconds() if later else 0.0
    if state == "parked":
        return Finding(f"{name} is parked after {times}.{last}", wrong=True)
    if state == "leased":
        return _leased(task, name, now)
    if state == "queued":
        again = f"; its message is sent again in {duration(in_seconds)}" if in_seconds > 0 else ""
        text = f"{name} was announced {task['rings'] + 1} times and waits for a worker{again}."
        return Finding(text + last, wrong=bool(error))
    if error or in_seconds > 0:
        when = f"in {duration(in_seconds)}" if in_seconds > 0 else "at once"
        delays = f", put off {task['delays']} times" if task.get("delays") else ""
        return Finding(
            f"{name} waits for its next try {when}, after {times}{delays}.{last}", wrong=bool(error)
        )
    return Finding(f"{name} is ready and waits for its turn among the tasks of its firm.")


def _deaths(task: Task) -> str:
    deaths = task.get("deaths", 0)
    return f" and {deaths} {'death' if deaths == 1 else 'deaths'} of its workers" if deaths else ""


def _leased(task: Task, name: str, now: datetime) -> Finding:
    lease = task.get("lease")
    if not lease:
        return Finding(f"{name} is leased by nobody; the sweeper gives it to another worker.", wrong=True)
    over = ago(lease.get("until"), now)
    done = f", {task['done_rows']} of {task['rows']} rows done" if task.get("done_rows") else ""
    if over and over.total_seconds() > 0:
        gone = f"the lease of {lease['owner']} ended {duration(over.total_seconds())} ago"
        return Finding(f"{name} waits for another worker: {gone}.", wrong=True)
    left = f" for {duration(-over.total_seconds())} more" if over else ""
    error = task.get("error")
    last = f" The last error: {error}" if error else ""
    return Finding(
        f"{name} is at work at {lease['owner']}, attempt {task['attempts']}{_deaths(task)}, leased{left}{done}.{last}"
    )


def _parked(facts: Facts) -> Iterator[Finding]:
    for one in facts.parked:
        since = f" since {one['since'][:19].replace('T', ' ')} UTC" if one["since"] else ""
        text = f"Message {one['id']} about it is parked for {one['service']}{since}: {one['reason']}."
        yield Finding(f"{text} See `carryover-ops show {one['id']}`.", wrong=True)
    if facts.parked_unseen:
        yield Finding("More messages are parked than were looked at, so one about it may be among them.")


def _events(facts: Facts, job: Job) -> Iterator[Finding]:
    lines = len(job.get("history", [])) - job.get("published", 0)
    if job.get("unpublished") and lines > 0:
        since = ago(job.get("since"), facts.now)
        late = since is not None and since.total_seconds() > LATE_SECONDS
        yield Finding(f"{lines} lines of its history are not published as events yet.", wrong=late)
    if facts.entries:
        yield Finding(f"{facts.entries} groups of changed records are not published as events yet.")


def _webhooks(facts: Facts) -> Iterator[Finding]:
    """For each webhook the event in front, which the others wait for."""
    by_lane: dict[str, list[Delivery]] = {}
    for each in facts.deliveries:
        by_lane.setdefault(each["lane"], []).append(each)
    for first, *others in by_lane.values():
        last = first["attempts"][-1] if first["attempts"] else None
        failed = (
            f"{first['made']} attempts failed, the last with {last['error'] or last['status']}"
            if last
            else ""
        )
        later = ago(first["due"], facts.now)
        seconds = -later.total_seconds() if later else 0.0
        when = f"the next is made in {duration(seconds)}" if seconds > 0 else "the next is due now"
        behind = f" {len(others)} more events of the job wait behind it." if others else ""
        yield Finding(
            f"Event {first['event']['type']} waits for webhook {public_id(first['webhook'])}: "
            f"{'; '.join(filter(None, (failed, when)))}.{behind}",
            wrong=last is not None,
        )
