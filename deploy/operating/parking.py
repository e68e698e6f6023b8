"""The commands about parked messages: `parked`, `show`, `replay`, `discard`."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator, Sequence
from typing import TypedDict

import click

from deploy.operating.options import WRONG, Choices, shared
from deploy.operating.parked_messages import (
    About,
    about,
    body_shown,
    headers_shown,
    outline,
    task_of,
    work_of,
)
from deploy.operating.showing import print_json, print_table, print_wrapped
from shared.contract.documents.task import Announced, WorkData
from shared.contract.messages import work_message
from shared.contract.routes import SERVICES, STEPS, parked_queue, routing_key
from shared.plumbing.bus import ParkedMessage, ParkedQueues, Publisher, queue_states
from shared.plumbing.job_store import JobWatch
from shared.plumbing.log import log
from shared.plumbing.task_store import TaskStore

#: Messages of one queue that a command looks at: some seconds.
MOST_LOOKED_AT = 10_000
SERVICE = click.Choice(SERVICES)
LIMIT = click.IntRange(1, MOST_LOOKED_AT)


@click.command()
@shared
@click.argument("service", required=False, type=SERVICE)
@click.option("--limit", default=100, show_default=True, type=LIMIT, help="Messages of a service to show.")
@click.pass_obj
def parked(choices: Choices, service: str | None, limit: int) -> None:
    """Show parked messages of one or all services; they stay parked.

    Those of upload include requests for imports that were refused. Exit code 1 where there are any.
    """
    services = [service] if service else list(SERVICES)
    url = choices.settings.broker_url
    counted = {state.name: state.messages or 0 for state in queue_states(url, map(parked_queue, services))}
    with ParkedQueues(url) as queues:
        found = [about(message) for one in services for message in queues.look(one, limit)]
    found.sort(key=lambda one: (services.index(one["service"]), one["since"] or ""))
    found = _with_attempts(choices, found)
    number = max(sum(counted.values()), len(found))
    if choices.as_json:
        print_json({"messages": found, "number": number})
    else:
        _print_list(found)
        click.echo(f"{number} parked" + (f", {len(found)} shown: --limit" if len(found) < number else ""))
    if number:
        raise SystemExit(WRONG)


def _with_attempts(choices: Choices, found: list[About]) -> list[About]:
    """The messages with the attempts of their tasks."""
    if not (ids := {one["task"] for one in found if one["task"]}):
        return found
    tasks = TaskStore(choices.db).find(ids)
    attempts = {identity: task["attempts"] for identity, task in tasks.items()}
    return [{**one, "attempts": attempts.get(one["task"] or "")} for one in found]


def _print_list(found: Sequence[About]) -> None:
    if not found:
        return
    print_table(
        ["id", "service", "since", "attempts", "firm", "job", "reason"],
        [
            (
                one["id"],
                one["service"],
                (one["since"] or "")[:19].replace("T", " "),
                "" if one["attempts"] is None else one["attempts"],
                one["firm"],
                one["job"] or one["kind"],
                one["reason"],
            )
            for one in found
        ],
    )


@click.command()
@shared
@click.argument("message")
@click.option("--body", is_flag=True, help="Print the body too; that of a request holds rows of clients.")
@click.pass_obj
def show(choices: Choices, message: str, body: bool) -> None:
    """Show one parked message whole: headers, body, reason, and how its job is now.

    Bodies that are not about work are shown by their size and the names in them. Exit code 1 where there is no such
    message.
    """
    with ParkedQueues(choices.settings.broker_url) as queues:
        found = next(_chosen(queues, [message]), None)
    if found is None:
        _missing(choices, [message])
        return
    document = _whole(choices, found, with_body=body)
    if choices.as_json:
        print_json(document)
        return
    for name, value in document.items():
        if isinstance(value, dict):
            click.echo(f"{name}:")
            print_table(["name", "value"], list(value.items()))
        elif value is not None:
            print_wrapped(f"{name}: {value}")


def _whole(choices: Choices, message: ParkedMessage, *, with_body: bool) -> dict[str, object]:
    (facts,) = _with_attempts(choices, [about(message)])
    whole: dict[str, object] = {**facts, "headers": headers_shown(message)}
    text = body_shown(message)
    if text is None and with_body:
        text = message.body.decode("utf-8", "replace")
    whole |= {"body": text} if text is not None else {"body": None, "outline": dict(outline(message))}
    if facts["job"]:
        job = JobWatch(choices.db).brief(facts["job"])
        whole["job_now"] = f"{job['status']}, revision {job['revision']}" if job else "there is no such job"
    return whole


def _chosen(queues: ParkedQueues, ids: Sequence[str]) -> Iterator[ParkedMessage]:
    """The messages with some ids, of all services."""
    for service in SERVICES:
        for message in queues.look(service, MOST_LOOKED_AT):
            if message.id in ids:
                yield message


def _missing(choices: Choices, ids: Sequence[str]) -> None:
    """Say that messages are not parked, and end with the exit code for that."""
    sentence = f"No parked message has the id {' or '.join(ids)}."
    if choices.as_json:
        print_json({"error": "no_such_message", "message": sentence}, err=True)
    else:
        click.secho(sentence, fg="red", err=True)
    raise SystemExit(WRONG)


class Replayed(TypedDict):
    """What became of a parked message: `sent` to its step, or `kept` where it is; `note` says more."""

    id: str
    service: str
    job: str | None
    step: str | None
    outcome: str
    note: str | None


@click.command()
@shared
@click.argument("messages", nargs=-1, metavar="[MESSAGE]...")
@click.option("--service", type=SERVICE, help="All messages of a service.")
@click.option("--all", "every", is_flag=True, help="All messages of all services.")
@click.option("--limit", default=1000, show_default=True, type=LIMIT, help="Messages to send at most.")
@click.pass_obj
def replay(choices: Choices, messages: tuple[str, ...], service: str | None, every: bool, limit: int) -> None:
    """Send parked messages to their step again, and make their tasks ready again with all attempts.

    A message leaves its parked queue when the broker has confirmed the new one; so none is lost, and a kill in between
    may double one, which changes no number. What cannot be understood stays parked. Exit code 1 where something
    stays, or nothing was found.
    """
    if bool(messages) + bool(service) + every != 1:
        raise click.UsageError("Give ids of messages, or --service, or --all.")
    replayer = Replayer(choices)
    done: list[Replayed] = []
    try:
        with ParkedQueues(choices.settings.broker_url) as queues:
            chosen = _chosen(queues, messages) if messages else _all_of(choices, queues, service)
            for message in chosen:
                done.append(replayer.replay(queues, message))
                if sum(one["outcome"] == "sent" for one in done) == limit:
                    break
    finally:
        replayer.close()
        _report(choices, done)
    if missing := sorted(set(messages) - {one["id"] for one in done}):
        _missing(choices, missing)
    if not done or any(one["outcome"] == "kept" for one in done):
        raise SystemExit(WRONG)


def _all_of(choices: Choices, queues: ParkedQueues, service: str | None) -> Iterator[ParkedMessage]:
    """The messages that are parked now; not those that come while this runs, or it would have no end."""
    for one in (service,) if service else SERVICES:
        (state,) = queue_states(choices.settings.broker_url, [parked_queue(one)])
        yield from queues.look(one, min(state.messages or 0, MOST_LOOKED_AT))


def _report(choices: Choices, done: list[Replayed]) -> None:
    sent = sum(one["outcome"] == "sent" for one in done)
    if choices.as_json:
        print_json({"messages": done, "sent": sent, "kept": len(done) - sent})
        return
    rows = [(one["id"], one["service"], one["job"], one["step"], one["outcome"], one["note"]) for one in done]
    if rows:
        print_table(["id", "service", "job", "step", "outcome", "note"], rows)
    click.echo(f"{sent} sent again, {len(done) - sent} left where they are")


class Replayer:
    """Sends parked messages to their step again."""

    def __init__(self, choices: Choices) -> None:
        self.publisher = Publisher(choices.settings.broker_url, "operator")
        self.watch = JobWatch(choices.db)
        self.tasks = TaskStore(choices.db)

    def close(self) -> None:
        """Close the connection that it publishes over."""
        self.publisher.discard()

    def replay(self, queues: ParkedQueues, message: ParkedMessage) -> Replayed:
        """Send one message again; raises `Unpublished`, and then the message stays parked.

        First its task is made ready: after a kill the sweeper would announce it, and the message is parked as before.
        """
        work = work_of(message)
        if work is None:
            why = "it cannot be understood; see it with `show`, remove it with `discard`"
            return _replayed(message, None, "kept", why)
        note = self._make_ready(work)
        announced: Announced = {
            "_id": task_of(work),
            "job": work["job_id"],
            "firm": work["firm"],
            "revision": work["revision"],
            "step": work["step"],
            "n": work["chunk"],
            "lane": work["lane"],
        }
        body = work_message(announced, "operator")
        self.publisher.send(routing_key(work["step"], work["lane"]), body, announced["_id"])
        queues.remove(message)
        return _replayed(message, work, "sent", note)

    def _make_ready(self, work: WorkData) -> str | None:
        """Make a parked task ready where its work still counts; else the reason why its message will do nothing."""
        job = self.watch.brief(work["job_id"])
        if job is None or job["firm"] != work["firm"]:
            return "there is no such job, so nothing follows"
        if job["revision"] != work["revision"] or job["status"] not in STEPS[work["step"]].at:
            return f"its job is {job['status']} at revision {job['revision']}, so nothing follows"
        self.tasks.unpark(task_of(work))
        return None


def _replayed(message: ParkedMessage, work: WorkData | None, outcome: str, note: str | None) -> Replayed:
    return {
        "id": message.id,
        "service": message.service,
        "job": work["job_id"] if work else None,
        "step": work["step"] if work else None,
        "outcome": outcome,
        "note": note,
    }


def _user() -> str:
    """The name of the user of this process, or its number where that has no name, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


@click.command()
@shared
@click.argument("messages", nargs=-1, required=True, metavar="MESSAGE...")
@click.option("--reason", required=True, help="Why; it is written to the log.")
@click.option("--by", default=_user, help="Who; else the user of this process.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def discard(choices: Choices, messages: tuple[str, ...], reason: str, by: str, yes: bool) -> None:
    """Show parked messages and remove them for good; the log on standard error has a line for each.

    Exit code 1 where one of them is not parked.
    """
    if not reason.strip():
        raise click.UsageError("--reason is empty.")
    url = choices.settings.broker_url
    with ParkedQueues(url) as queues:
        found = [about(message) for message in _chosen(queues, messages)]
    if missing := sorted(set(messages) - {one["id"] for one in found}):
        _missing(choices, missing)
    if not choices.as_json:
        _print_list(found)
    if not yes:
        click.confirm(f"Remove {len(found)} for good?", abort=True, err=True)
    with ParkedQueues(url) as queues:
        gone = [_remove(queues, message, reason, by) for message in _chosen(queues, messages)]
    if choices.as_json:
        print_json({"discarded": gone, "number": len(gone)})
    else:
        click.echo(f"{len(gone)} discarded")
    if len(gone) < len(found):
        raise SystemExit(WRONG)


def _remove(queues: ParkedQueues, message: ParkedMessage, reason: str, by: str) -> About:
    """Log and remove one message, in this order, so that none is removed without a line."""
    facts = about(message)
    names = {"message": facts["id"], "job_id": facts["job"], "of_service": facts["service"]}
    log.warning("parked message discarded", by=by, why=reason, parked_because=facts["reason"], **names)
    queues.remove(message)
    return facts
