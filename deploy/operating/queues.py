"""The command `queues`: messages and consumers of each queue."""

from __future__ import annotations

from typing import TypedDict

import click

from deploy.operating.options import WRONG, Choices, shared
from deploy.operating.showing import print_json, print_table
from shared.contract.routes import SERVICES, parked_queue
from shared.plumbing.bus import QueueState, queue_states

PARKED = frozenset(map(parked_queue, SERVICES))


class Shown(TypedDict):
    """A queue; `messages` and `consumers` are None where it does not exist. `problem` says what is wrong with it."""

    queue: str
    messages: int | None
    consumers: int | None
    problem: str | None


@click.command()
@shared
@click.pass_obj
def queues(choices: Choices) -> None:
    """Show the messages and consumers of each queue.

    Exit code 1 where a queue is missing or has no consumer, or messages are parked.
    """
    found = [looked_at(state) for state in queue_states(choices.settings.broker_url)]
    if choices.as_json:
        print_json({"queues": found})
    else:
        print_table(
            ["queue", "messages", "consumers", "problem"],
            [(one["queue"], one["messages"], one["consumers"], one["problem"]) for one in found],
        )
    if any(one["problem"] for one in found):
        raise SystemExit(WRONG)


def looked_at(state: QueueState) -> Shown:
    """A queue with what is wrong with it."""
    return {
        "queue": state.name,
        "messages": state.messages,
        "consumers": state.consumers,
        "problem": problem_of(state),
    }


def problem_of(state: QueueState) -> str | None:
    """What is wrong with a queue; None where all is well."""
    if state.messages is None:
        return "missing: a worker or broker-setup makes it"
    if state.name in PARKED:
        return "messages are parked" if state.messages else None
    return None if state.consumers else "no worker takes its messages"
