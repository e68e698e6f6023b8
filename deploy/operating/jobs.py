"""The command `jobs`: what has not ended, what each job waits for, and how much there is in all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypedDict

import click

from deploy.operating.options import WRONG, Choices, shared
from deploy.operating.showing import ago, duration, print_json, print_table
from shared.contract.documents.job import Job
from shared.contract.job import WAITS_FOR_PERSON, WAITS_ON_HOLD, Status
from shared.contract.routes import first_step
from shared.plumbing import clock
from shared.plumbing.job_store import JobWatch
from shared.plumbing.relay import waiting
from shared.plumbing.task_store import TaskStore

#: A service that owes a job its next move for so many seconds is late.
LATE_SECONDS = 60.0
STATUSES = [status.value for status in Status]


class Shown(TypedDict):
    """A job: who acts next (`person`, a service, or nobody) on what, since when, for how many seconds."""

    job: str
    firm: str
    status: str
    who: str | None
    what: str | None
    since: datetime | None
    seconds: int | None
    hold: str | None


@click.command()
@shared
@click.option("--firm", help="Only those of a firm.")
@click.option("--status", type=click.Choice(STATUSES), help="Only those at a status.")
@click.option(
    "--waiting", "seconds", type=click.IntRange(0, 10**9), help="Only those that wait so many seconds."
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="Jobs to show.")
@click.pass_obj
def jobs(choices: Choices, firm: str | None, status: str | None, seconds: int | None, limit: int) -> None:
    """Show jobs that have not ended, or owe a mail: first those that a service owes something.

    Below are the numbers of all jobs, tasks and unpublished events. Exit code 1 where a service has owed a job
    something for over a minute.
    """
    now, watch = clock.now(), JobWatch(choices.db)
    before = now - timedelta(seconds=seconds) if seconds is not None else None
    found = watch.not_ended(limit + 1, firm, status, before)
    listed = [looked_at(job, now) for job in found[:limit]]
    totals = totals_of(choices)
    if choices.as_json:
        print_json({"jobs": listed, "more": len(found) > limit, "totals": totals})
    else:
        _print(listed, len(found) > limit, totals)
    if totals["late"]:
        raise SystemExit(WRONG)


def _print(listed: list[Shown], more: bool, totals: dict[str, int]) -> None:
    rows = [
        (
            one["job"],
            one["firm"],
            one["status"],
            " ".join(filter(None, (one["who"], one["what"], one["hold"]))),
            None if one["seconds"] is None else duration(one["seconds"]),
        )
        for one in listed
    ]
    print_table(["job", "firm", "status", "waits for", "for"], rows)
    click.echo("There are more: --limit.\n" if more else "")
    print_table(["in all", "number"], [(name.replace("_", " "), number) for name, number in totals.items()])


def totals_of(choices: Choices) -> dict[str, int]:
    """Jobs by status, tasks by state, unpublished events; `late` are jobs that a service has owed something long."""
    watch = JobWatch(choices.db)
    totals = {f"jobs_{status}": number for status, number in sorted(watch.by_status().items())}
    totals |= {f"tasks_{state}": number for state, number in sorted(TaskStore(choices.db).states().items())}
    for what, (number, seconds) in waiting(choices.db).items():
        totals |= {f"unpublished_{what}": number, f"unpublished_{what}_seconds": int(seconds)}
    return {**totals, "late": watch.owed_longer_than(LATE_SECONDS)}


def looked_at(job: Job, now: datetime) -> Shown:
    """A job with what it waits for; also where its document lacks something."""
    who, what = next_of(job)
    since = ago(job.get("since"), now)
    hold = job.get("hold")
    return {
        "job": job["_id"],
        "firm": job.get("firm", ""),
        "status": str(job.get("status")),
        "who": who,
        "what": what,
        "since": job["since"] if since is not None else None,
        "seconds": None if since is None else int(since.total_seconds()),
        "hold": hold["code"] if hold else None,
    }


def next_of(job: Job) -> tuple[str | None, str | None]:
    """Who acts next on a job, and on what: a service that owes it something, else a person, or nobody."""
    try:
        status = Status(job.get("status", ""))
    except ValueError:
        return job.get("owed"), None
    if owed := job.get("owed"):
        step = first_step(status)
        return owed, step.name if step else "start"
    waits = WAITS_ON_HOLD if job.get("hold") and status in WAITS_ON_HOLD else WAITS_FOR_PERSON
    return ("person", waits[status]) if status in waits else (None, None)
