"""The command `why`: gathers what is known of a job, and explains why it is where it is."""

from __future__ import annotations

from dataclasses import replace

import click

from deploy.operating.diagnosis import MOST_TASKS, Facts, explain
from deploy.operating.jobs import next_of
from deploy.operating.options import AWAY, WRONG, Choices, shared
from deploy.operating.parked_messages import About, about
from deploy.operating.parking import MOST_LOOKED_AT
from deploy.operating.showing import print_json, print_table, print_wrapped
from shared.contract.documents.job import Job
from shared.contract.documents.task import Task
from shared.contract.documents.webhook import Delivery
from shared.contract.records import public_id
from shared.contract.routes import LANES, SERVICES, parked_queue, queue_name
from shared.plumbing import clock
from shared.plumbing.bus import BrokerAway, ParkedQueues, QueueState, queue_states
from shared.plumbing.job_store import JobWatch
from shared.plumbing.outbox_store import OutboxStore
from shared.plumbing.task_store import TaskStore
from shared.plumbing.webhook_store import WebhookStore


@click.command()
@shared
@click.argument("job")
@click.pass_obj
def why(choices: Choices, job: str) -> None:
    """Explain why a job is where it is: who acts next, its tasks, messages, events and webhooks.

    Exit code 1 where something is wrong or there is no such job, 3 where the broker is away.
    """
    facts = gather(choices, job)
    findings = explain(facts)
    history = facts.job.get("history", []) if facts.job else []
    if choices.as_json:
        print_json({**document_of(facts), "findings": [vars(one) for one in findings], "history": history})
    else:
        for one in findings:
            print_wrapped(one.text)
        if history:
            click.echo()
            rows = [(line["at"], line["status"], line["revision"], line["by"]) for line in history]
            print_table(["at (UTC)", "status", "revision", "by"], rows)
    if facts.broker_away:
        raise SystemExit(AWAY)
    if any(one.wrong for one in findings):
        raise SystemExit(WRONG)


def gather(choices: Choices, job_id: str) -> Facts:
    """What database and broker know of a job; a broker that is away is one of the facts."""
    job = JobWatch(choices.db).brief(job_id)
    queues: list[QueueState] = []
    parked: list[About] = []
    unseen, away = False, None
    try:
        queues, unseen = _queues_of(choices, job)
        parked = _parked_about(choices, job_id)
    except BrokerAway as error:
        away = str(error)
    facts = Facts(
        job_id,
        job,
        clock.now(),
        queues=queues,
        parked=parked,
        parked_unseen=unseen,
        broker_away=away,
    )
    if job is None:
        return facts
    tasks = TaskStore(choices.db)
    return replace(
        facts,
        states=tasks.states_by_step(job),
        tasks=tasks.not_done(job, MOST_TASKS),
        entries=OutboxStore(choices.db).count_of(job_id),
        deliveries=WebhookStore(choices.db, job.get("firm", "")).waiting_of(job_id),
    )


def _queues_of(choices: Choices, job: Job | None) -> tuple[list[QueueState], bool]:
    """The queues of the service that acts next, and whether more is parked anywhere than is looked at."""
    url = choices.settings.broker_url
    parked = queue_states(url, map(parked_queue, SERVICES))
    unseen = any((state.messages or 0) > MOST_LOOKED_AT for state in parked)
    who = next_of(job)[0] if job else None
    if who not in SERVICES:
        return [], unseen
    return queue_states(url, [queue_name(who, lane) for lane in LANES]), unseen


def _parked_about(choices: Choices, job_id: str) -> list[About]:
    with ParkedQueues(choices.settings.broker_url) as queues:
        looked_at = (message for service in SERVICES for message in queues.look(service, MOST_LOOKED_AT))
        return [facts for message in looked_at if (facts := about(message))["job"] == job_id]


def document_of(facts: Facts) -> dict[str, object]:
    """The facts for programs."""
    job = facts.job
    who, what = next_of(job) if job else (None, None)
    return {
        "job": facts.job_id,
        "found": job is not None,
        "firm": job.get("firm") if job else None,
        "status": job.get("status") if job else None,
        "revision": job.get("revision") if job else None,
        "since": job.get("since") if job else None,
        "who": who,
        "what": what,
        "tasks_by_step": facts.states,
        "tasks": [_shown(task) for task in facts.tasks],
        "queues": [vars(queue) for queue in facts.queues],
        "parked": facts.parked,
        "webhooks": [_delivery(each) for each in facts.deliveries],
        "broker_away": facts.broker_away,
    }


def _delivery(delivery: Delivery) -> dict[str, object]:
    """A delivery for programs, without its address, which may hold a secret."""
    return {
        "webhook": public_id(delivery["webhook"]),
        "event": delivery["event"]["type"],
        "due": delivery["due"],
        "attempts_made": delivery["made"],
        "attempts": delivery["attempts"],
    }


def _shown(task: Task) -> dict[str, object]:
    """A task for programs; of its lease the owner and the end."""
    lease = task.get("lease")
    names = (
        "_id",
        "step",
        "n",
        "state",
        "attempts",
        "delays",
        "rings",
        "rows",
        "done_rows",
        "error",
        "ring_at",
    )
    known: dict[str, object] = dict(task)
    return {
        **{name.strip("_"): known.get(name) for name in names},
        "leased_by": lease["owner"] if lease else None,
        "leased_until": lease["until"] if lease else None,
    }
