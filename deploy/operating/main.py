"""Puts the commands of operators together."""

from __future__ import annotations

import click

from deploy.operating.jobs import jobs
from deploy.operating.options import Choices, exit_codes
from deploy.operating.parking import discard, parked, replay, show
from deploy.operating.queues import queues
from deploy.operating.why import why
from shared.plumbing.log import set_up_logging


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document for programs.")
@click.pass_context
def cli(context: click.Context, as_json: bool) -> None:
    """Look at jobs, queues and parked messages of Carryover, and send messages again.

    The settings of the services come from the environment (MONGODB_URL, BROKER_URL, JWT_SECRET …).

    Exit codes: 0 all is well; 1 something is wrong, or not all was done; 2 wrong options or settings; 3 the broker
    or the database is away.
    """
    context.obj = Choices(as_json)
    context.with_resource(exit_codes(context.obj))


for command in (parked, show, replay, discard, why, jobs, queues):
    cli.add_command(command)


def main() -> None:
    """Run the command line."""
    set_up_logging("operator", "INFO", "json")
    cli(prog_name="carryover-ops")
