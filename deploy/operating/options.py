"""What all commands of operators share: settings, servers, `--json`, exit codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import click

from deploy.operating.showing import print_json
from shared.plumbing.bus import BrokerAway, Unpublished
from shared.plumbing.mongo import REQUEST_MS, Database, PyMongoError, connect
from shared.plumbing.settings import Settings, SettingsError, load_settings

#: The exit codes; 2 is click's, for wrong options.
WRONG, USAGE, AWAY = 1, 2, 3

Command = TypeVar("Command", bound=Callable[..., None])


@dataclass
class Choices:
    """The choices of one call."""

    as_json: bool = False

    @cached_property
    def settings(self) -> Settings:
        """The settings of the services; raises `click.UsageError` where some are missing or wrong."""
        try:
            return load_settings()
        except SettingsError as error:
            raise click.UsageError(str(error)) from None

    @cached_property
    def db(self) -> Database:
        """The database; raises `click.UsageError` where its URL is none."""
        try:
            return connect(self.settings.mongodb_url, REQUEST_MS)
        except (PyMongoError, ValueError) as error:
            raise click.UsageError(f"MONGODB_URL cannot be used: {error}") from None


@contextmanager
def exit_codes(choices: Choices) -> Iterator[None]:
    """Turn a server that is away into a sentence on standard error (with --json a document) and an exit code."""
    try:
        yield
    except (BrokerAway, Unpublished) as error:
        end(choices, "broker_away", f"The broker is away, or refuses us: {error}")
    except PyMongoError as error:
        end(choices, "database_away", f"The database is away, or refuses us: {error}")
    finally:
        if "db" in choices.__dict__:
            choices.db.client.close()


def end(choices: Choices, code: str, message: str) -> None:
    """End the command, because a server is away."""
    message = " ".join(message.split()).partition(" (configured timeouts")[0][:500]
    if choices.as_json:
        print_json({"error": code, "message": message}, err=True)
    else:
        click.secho(message, fg="red", err=True)
    raise SystemExit(AWAY)


def _set_json(context: click.Context, _option: click.Parameter, value: bool) -> None:
    context.obj.as_json = value or context.obj.as_json


def shared(command: Command) -> Command:
    """The options that every command has."""
    return click.option(
        "--json", is_flag=True, expose_value=False, callback=_set_json, help="Print one JSON document."
    )(command)
