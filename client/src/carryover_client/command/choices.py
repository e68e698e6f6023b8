"""What all commands share: where Carryover answers and who asks, from options, environment and a file; exit codes."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from carryover_client.errors import (
    CarryoverError,
    CarryoverProblem,
    JobStopped,
    NotTaken,
    ServerFault,
    TimedOut,
    TooMany,
    Unreachable,
)
from carryover_client.http import Client

Command = TypeVar("Command", bound=Callable[..., None])
#: The exit codes; 2 is click's, for wrong options.
REFUSED, STOPPED, WAITS, AWAY, LATE, NOT_INSTALLED = 1, 3, 4, 5, 6, 7
URL = "http://127.0.0.1:8080"
#: What a file of settings may name.
NAMES = ("url", "token", "firm", "broker")


@dataclass
class Choices:
    """The choices of one call of the command."""

    url: str
    token: str | None
    firm: str | None
    broker: str | None
    config: Path
    as_json: bool

    def client(self) -> Client:
        """A client of the API; raises `click.UsageError` without a token."""
        return Client(self.url, self.needed_token(), self.firm)

    def needed_token(self) -> str:
        """The token; raises `click.UsageError` without one."""
        if not self.token:
            raise click.UsageError(
                "No token. Give --token, set CARRYOVER_TOKEN, or save one: carryover token --save < token.txt"
            )
        return self.token.strip()


def settings_file() -> Path:
    """Where the settings are kept where nothing else is named."""
    return Path(click.get_app_dir("carryover", force_posix=False)) / "config.toml"


def read_settings(path: Path, *, named: bool) -> dict[str, str]:
    """The settings of a file; raises `click.UsageError` for a wrong one, and for a `named` one that is missing."""
    try:
        kept = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if named:
            raise click.UsageError(f"There is no file {path}.") from None
        return {}
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path} cannot be read: {error}") from None
    wrong = [name for name, value in kept.items() if name not in NAMES or not isinstance(value, str)]
    if wrong:
        raise click.UsageError(f"{path} names {', '.join(wrong)}; it may have the texts {', '.join(NAMES)}.")
    return kept


def save_setting(path: Path, name: str, value: str) -> None:
    """Write one setting; the file can be read by its owner alone."""
    kept = {**read_settings(path, named=False), name: value}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    # a text of TOML is written as in JSON, but for DEL
    lines = [f"{key} = {json.dumps(text, ensure_ascii=False)}\n" for key, text in kept.items()]
    path.write_text("".join(lines).replace("\x7f", "\\u007f"), "utf-8")


def _set_json(context: click.Context, _option: click.Parameter, value: bool) -> None:
    context.obj.as_json = value or context.obj.as_json


def with_json(command: Command) -> Command:
    """The option --json, which every command takes as well as `carryover` itself."""
    return click.option("--json", is_flag=True, expose_value=False, callback=_set_json, help="Print JSON.")(
        command
    )


@contextmanager
def exit_codes(choices: Choices) -> Iterator[None]:
    """Turn errors into a sentence on standard error (with --json a document) and an exit code."""
    try:
        yield
    except CarryoverError as error:
        if choices.as_json and isinstance(error, CarryoverProblem):
            click.echo(json.dumps(error.document, ensure_ascii=False), err=True)
        else:
            click.secho(str(error), fg="red", err=True)
        raise SystemExit(code_of(error)) from None
    except BrokenPipeError:
        raise  # the one that reads our output has enough; click ends quietly
    except OSError as error:
        click.secho(str(error), fg="red", err=True)
        raise SystemExit(REFUSED) from None


def code_of(error: CarryoverError) -> int:
    """The exit code of an error."""
    if isinstance(error, JobStopped):
        waits = error.job["waiting_for"]
        return WAITS if waits is not None and waits["who"] == "person" else STOPPED
    if isinstance(error, TimedOut):
        return LATE
    return AWAY if isinstance(error, (Unreachable, NotTaken, ServerFault, TooMany)) else REFUSED
