"""Commands of the platform team: look at queues, jobs that wait, and parked messages; send these again.

`python -m deploy.operate queues | jobs | parked SERVICE | replay SERVICE`, with the settings of the services in
the environment.
"""

from __future__ import annotations

import argparse

from shared.contract.routes import SERVICES
from shared.plumbing import bus
from shared.plumbing.job_store import JobWatch
from shared.plumbing.mongo import connect
from shared.plumbing.relay import waiting
from shared.plumbing.settings import Settings, load_settings
from shared.plumbing.task_store import TaskStore

STUCK_SECONDS = 60.0
BODY_SHOWN = 300


def queues(settings: Settings) -> None:
    """Messages on each queue."""
    for name, messages in sorted(bus.depth(settings.broker_url).items()):
        print(f"{name:34} {messages:>8}")


def jobs(settings: Settings) -> None:
    """Jobs under way by status, tasks by state, and how many jobs have long waited for a service or a relay."""
    db = connect(settings.mongodb_url)
    watch = JobWatch(db)
    for status, number in sorted(watch.by_status().items()):
        print(f"jobs at {status:26} {number:>8}")
    for state, number in sorted(TaskStore(db).states().items()):
        print(f"tasks {state:28} {number:>8}")
    for what, (number, seconds) in waiting(db).items():
        print(f"{f'events of {what} to be published':34} {number:>8}  the oldest since {seconds:.0f} s")
    print(f"{'jobs owed over a minute':34} {watch.owed_longer_than(STUCK_SECONDS):>8}")


def parked(settings: Settings, service: str, limit: int) -> None:
    """Parked messages with the reason of each; they stay in the queue."""
    found = bus.parked(settings.broker_url, service, limit)
    for reason, body in found:
        print(f"{reason}\n    {body[:BODY_SHOWN]}")
    print(f"{len(found)} parked for {service}")


def replay(settings: Settings, service: str, limit: int) -> None:
    """Send parked messages to their step again; those that still cannot be understood stay."""
    sent, kept = bus.replay(settings.broker_url, service, limit)
    print(f"{sent} sent again, {kept} left where they are")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="operate", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("queues", help=queues.__doc__)
    commands.add_parser("jobs", help=jobs.__doc__)
    for does in (parked, replay):
        one = commands.add_parser(does.__name__, help=does.__doc__)
        one.add_argument("service", choices=SERVICES)
        one.add_argument("--limit", type=int, default=100)
    given = parser.parse_args()
    settings = load_settings()
    if given.command in ("parked", "replay"):
        {"parked": parked, "replay": replay}[given.command](settings, given.service, given.limit)
    else:
        {"queues": queues, "jobs": jobs}[given.command](settings)


if __name__ == "__main__":
    main()
