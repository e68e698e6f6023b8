"""The commands of `carryover`; each prints a table for people, or with --json a document for programs."""

from __future__ import annotations

import base64
import contextlib
import csv
import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import IO, TypeVar, cast

import click
from click.shell_completion import get_completion_class

from carryover_client.answers import ENDS, Job, Record, Records
from carryover_client.command.choices import (
    STOPPED,
    URL,
    WAITS,
    Choices,
    exit_codes,
    read_settings,
    save_setting,
    settings_file,
    with_json,
)
from carryover_client.command.showing import (
    following,
    print_job,
    print_json,
    print_numbers,
    print_table,
    sending,
    show_claim,
    shown,
)
from carryover_client.command.without_server import propose, read
from carryover_client.cursor import Event
from carryover_client.errors import JobStopped, WrongState
from carryover_client.http import Client
from carryover_client.listening import listen

Command = TypeVar("Command", bound=Callable[..., None])
MODES = ("both", "create_only", "update_only")
KINDS = ("accounts", "contacts")
SHELLS = ("bash", "zsh", "fish")


def with_settings(context: click.Context, _option: click.Parameter, value: Path | None) -> Path:
    """Take the settings of the file where neither option nor environment has them."""
    path = value or settings_file()
    context.default_map = dict(read_settings(path, named=value is not None))
    return path


@click.group(context_settings={"auto_envvar_prefix": "CARRYOVER", "help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=with_settings,
    is_eager=True,
    help="A TOML file with url, token, firm, broker.",
)
@click.option("--url", default=URL, show_default=True, help="Where Carryover answers.")
@click.option("--token", help="A token (JWT) of the platform.")
@click.option("--firm", help="The firm that a service acts for; a person's token has it.")
@click.option("--broker", help="The url of RabbitMQ, for events.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.version_option(version("carryover-client"), prog_name="carryover")
@click.pass_context
def cli(
    context: click.Context,
    config: Path,
    url: str,
    token: str | None,
    firm: str | None,
    broker: str | None,
    as_json: bool,
) -> None:
    """Client lists into Carryover.

    Options may also be set in the environment (CARRYOVER_URL, CARRYOVER_TOKEN, CARRYOVER_FIRM, CARRYOVER_BROKER), or in
    the file that --config or CARRYOVER_CONFIG names.

    Exit codes: 0 done; 1 refused; 2 wrong options; 3 the job failed or was cancelled; 4 it waits for a person; 5 the
    server is away; 6 the time is over; 7 the command needs what is not installed here.
    """
    context.obj = Choices(url, token, firm, broker, config, as_json)
    context.default_map = None  # a command has the name of a setting
    context.with_resource(exit_codes(context.obj))


def _set_firm(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    context.obj.firm = value or context.obj.firm


def shared(command: Command) -> Command:
    """Options that a command takes as well as `carryover` itself."""
    firm = click.option(
        "--firm", expose_value=False, callback=_set_firm, help="The firm that a service acts for."
    )
    return with_json(firm(command))


class Document(click.ParamType[object]):
    """A JSON file that holds an object."""

    name = "file"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """The object of the file."""
        try:
            found = json.loads(Path(str(value)).read_text("utf-8-sig"))
        except (OSError, ValueError) as error:
            self.fail(f"{value} cannot be read as JSON: {error}", param, ctx)
        if not isinstance(found, dict):
            self.fail(f"{value} holds no JSON object.", param, ctx)
        return found


@cli.command("import")
@shared
@click.argument("file", type=click.File("rb"))
@click.option("--name", help="The name of the list; else that of the file.")
@click.option("--map", "mapping", type=Document(), help="A mapping, as GET /jobs/{id}/mapping gives it.")
@click.option("--settings", type=Document(), help="Settings, as GET /jobs/{id}/settings gives them.")
@click.option("--mode", type=click.Choice(MODES), help="Which clients are touched.")
@click.option("--autostart", is_flag=True, help="Go on without a person.")
@click.option("--max-invalid", type=click.IntRange(0), help="Rows that may be invalid with --autostart.")
@click.option("--watch", is_flag=True, help="Follow the import until it has ended or waits for a person.")
@click.option("--dry-run", is_flag=True, help="Show what it would do, and load nothing.")
@click.option("--key", help="The same key and list give the same job.")
@click.option("--resume", help="Go on with an upload of this file that was cut off: its claim.")
@click.option("--timeout", type=click.FloatRange(0), help="Seconds to follow it at most.")
@click.pass_obj
def import_(
    choices: Choices,
    file: IO[bytes],
    name: str | None,
    mapping: object,
    settings: object,
    mode: str | None,
    autostart: bool,
    max_invalid: int | None,
    watch: bool,
    dry_run: bool,
    key: str | None,
    resume: str | None,
    timeout: float | None,
) -> None:
    """Import a client list; "-" reads it from standard input."""
    if dry_run and (autostart or watch):
        raise click.UsageError("--dry-run loads nothing: leave out --autostart and --watch.")
    chosen = {**cast("dict[str, object]", settings or {}), **({"mode": mode} if mode else {})}
    given = {"mapping": mapping, "settings": chosen or None, "autostart": autostart or None}
    options = {what: value for what, value in given.items() if value is not None}
    if max_invalid is not None:
        options["max_invalid"] = {"rows": max_invalid}
    with choices.client() as client:
        with sending(choices.as_json) as on_sent:
            job = client.upload(
                file,
                options,
                name=name,
                on_progress=on_sent,
                idempotency_key=key,
                resume=resume,
                on_claim=show_claim,
            )
        if dry_run:
            _foresee(choices, client, job, timeout)
            return
        if watch:
            with following(choices.as_json) as on_moment:
                job = client.wait(job["id"], timeout=timeout, on_moment=on_moment)
        _finish(choices, job, watched=watch)


def _foresee(choices: Choices, client: Client, job: Job, timeout: float | None) -> None:
    """Check a list, show what loading it would do, and cancel the job."""
    try:
        with following(choices.as_json) as on_moment:
            job = client.wait(job["id"], timeout=timeout, on_moment=on_moment)
            if job["status"] == "proposed":
                client.confirm_mapping(job["id"])
                job = client.wait(job["id"], timeout=timeout, on_moment=on_moment)
        if job["status"] != "validated":
            raise JobStopped(job)
        report = client.report(job["id"])
    finally:
        if job["status"] not in ENDS:
            client.cancel(job["id"])
    if choices.as_json:
        print_json(report)
        return
    print_numbers({"rows": job["source"].get("rows"), **report["counts"], **report["records"]})
    problems = [(one.get("rows"), one.get("code"), one.get("severity")) for one in report["problems"]]
    if problems:
        print_table(["rows", "problem", "severity"], problems)
    click.echo("Nothing was loaded.")


def _finish(choices: Choices, job: Job, *, watched: bool) -> None:
    """Show a job; the exit code says whether it has reached its end."""
    if choices.as_json:
        print_json(job)
    else:
        print_job(job)
    waits = job["waiting_for"]
    if job["status"] in ("failed", "cancelled"):
        raise SystemExit(STOPPED)
    if watched and waits is not None and waits["who"] == "person":
        raise SystemExit(WAITS)


@cli.command()
@shared
@click.argument("job", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="Jobs to show.")
@click.pass_obj
def status(choices: Choices, job: str | None, limit: int) -> None:
    """Show a job, or the latest ones."""
    with choices.client() as client:
        if job is not None:
            _finish(choices, client.job(job), watched=False)
            return
        found = list(islice(client.jobs(), limit))
    if choices.as_json:
        print_json(found)
        return
    print_table(
        ["job", "list", "status", "rows", "created", "by"],
        [
            (
                j["id"],
                j["source"]["name"],
                j["status"],
                j["source"].get("rows"),
                j["created_at"][:16],
                j["created_by"],
            )
            for j in found
        ],
    )


@cli.command()
@shared
@click.argument("job")
@click.pass_obj
def result(choices: Choices, job: str) -> None:
    """Show the numbers of an import, and why rows were left out."""
    with choices.client() as client:
        found = client.result(job)
    if choices.as_json:
        print_json(found)
        return
    click.echo(found["status"])
    print_numbers({"rows": found["rows"], **found["result"]})
    if found["undo"] is not None:
        click.echo("undone")
        print_numbers(found["undo"])
    if found["left_out"]:
        print_table(
            ["rows", "problem", "why"], [(o["rows"], o["code"], o["message"]) for o in found["left_out"]]
        )


@cli.command()
@shared
@click.argument("job")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help='Where to write it ("-": standard output).'
)
@click.option("--xlsx", is_flag=True, help="As a workbook, not as a zipped CSV.")
@click.pass_obj
def skipped(choices: Choices, job: str, output: Path | None, xlsx: bool) -> None:
    """Download the rows that were left out, with their reasons."""
    name = Path(f"skipped-{job}.{'xlsx' if xlsx else 'zip'}")
    with choices.client() as client, written(choices, output or name) as into:
        client.skipped(job, into, workbook=xlsx)


@cli.command()
@shared
@click.argument("name")
@click.option("--lang", help="Its language: en, fr, nl or de.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help='Where to write it ("-": standard output).'
)
@click.pass_obj
def template(choices: Choices, name: str, lang: str | None, output: Path | None) -> None:
    """Download a template, such as accounts.xlsx, contacts.csv, household.xlsx or accounton.xlsx."""
    name = name if name.endswith((".xlsx", ".csv")) else f"{name}.xlsx"
    with choices.client() as client, written(choices, output or Path(name)) as into:
        client.template(name, into, lang=lang)


@cli.command()
@shared
@click.argument("job")
@click.option(
    "--accept", is_flag=True, help="Confirm the suggested mapping and settings, too, where it waits there."
)
@click.option("--watch", is_flag=True, help="Follow the import until it has ended.")
@click.option("--timeout", type=click.FloatRange(0), help="Seconds to follow it at most.")
@click.pass_obj
def start(choices: Choices, job: str, accept: bool, watch: bool, timeout: float | None) -> None:
    """Start loading a job that waits for it; with --accept also one that waits at its mapping."""
    with choices.client() as client:
        if accept:
            _accept(choices, client, job, timeout)
        moved = _started(choices, client, job)
        if watch:
            with following(choices.as_json) as on_moment:
                moved = client.wait(job, timeout=timeout, on_moment=on_moment)
    _finish(choices, moved, watched=watch)


def _accept(choices: Choices, client: Client, job: str, timeout: float | None) -> None:
    """Confirm the mapping where a job waits at it, and follow the job until its rows are checked."""
    with following(choices.as_json) as on_moment:
        now = client.wait(job, timeout=timeout, on_moment=on_moment)
        if now["status"] == "proposed":
            client.confirm_mapping(job)
            client.wait(job, "validated", timeout, on_moment)


def _started(choices: Choices, client: Client, job: str) -> Job:
    """Start a job; where it waits at its mapping, the refusal is followed by what to do."""
    try:
        return client.start(job)
    except WrongState:
        if not choices.as_json and client.job(job)["status"] == "proposed":
            click.echo("It waits at its mapping: --accept confirms that as it is suggested.", err=True)
        raise


@cli.command()
@shared
@click.argument("job")
@click.option("--watch", is_flag=True, help="Follow it to its end.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--timeout", type=click.FloatRange(0), help="Seconds to follow it at most.")
@click.pass_obj
def undo(choices: Choices, job: str, watch: bool, yes: bool, timeout: float | None) -> None:
    """Undo an import."""
    if not yes:
        click.confirm(f"Undo the import {job}?", abort=True, err=True)
    with choices.client() as client:
        moved = client.undo(job)
        if watch:
            with following(choices.as_json) as on_moment:
                moved = client.wait(job, "undone", timeout, on_moment)
    _finish(choices, moved, watched=False)


@cli.command()
@shared
@click.option("--kind", type=click.Choice(KINDS), default="accounts", show_default=True)
@click.option("--name", help="A part of the name.")
@click.option("--tag", help="A tag.")
@click.option("--job", help="An import that made or changed them.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="Records to show.")
@click.pass_obj
def clients(
    choices: Choices, kind: str, name: str | None, tag: str | None, job: str | None, limit: int
) -> None:
    """Show accounts or contacts of the firm."""
    filters = {what: value for what, value in {"name": name, "tag": tag, "job": job}.items() if value}
    with choices.client() as client:
        found = list(islice(client.clients(cast("Records", kind), **filters), limit))
    if choices.as_json:
        print_json(found)
        return
    names = (
        ("client_code", "name", "email", "tags") if kind == "accounts" else ("name", "email", "phone", "tags")
    )
    print_table(["id", *names], [(one["id"], *(_named(one, each) for each in names)) for one in found])


def _named(record: Record, name: str) -> object:
    fields = record["fields"]
    if name == "name" and not fields.get("name"):
        return " ".join(str(fields[part]) for part in ("first_name", "last_name") if fields.get(part))
    return fields.get(name)


@cli.command()
@shared
@click.argument("kind", type=click.Choice(KINDS))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help='Where to write it ("-": standard output).'
)
@click.pass_obj
def export(choices: Choices, kind: str, output: Path | None) -> None:
    """Write all accounts or contacts into a CSV file, with --json into JSON lines.

    The file has the record ids in its first column, and a column for each field that any record has.
    """
    ending = "jsonl" if choices.as_json else "csv"
    with choices.client() as client:
        records = list(client.clients(cast("Records", kind)))
    with written(choices, output or Path(f"{kind}.{ending}")) as into:
        if choices.as_json:
            into.writelines(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in records)
        else:
            _write_csv(records, into)


def _write_csv(records: list[Record], into: IO[bytes]) -> None:
    flat = [{"id": one["id"], **dict(_flat(one["fields"]))} for one in records]
    header = list(dict.fromkeys(["id", *(name for one in flat for name in one)]))
    text = _Encoded(into)
    text.write("\ufeff")
    writer = csv.DictWriter(text, header, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(flat)


def _flat(fields: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    """Fields with names such as `address.city`, lists as one text."""
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        elif isinstance(value, list):
            yield before + name, "; ".join(map(str, value))
        else:
            yield before + name, "" if value is None else value


class _Encoded:
    """Writes text into a file of bytes."""

    def __init__(self, into: IO[bytes]) -> None:
        self.into = into

    def write(self, text: str) -> int:
        """Write it in UTF-8."""
        return self.into.write(text.encode())


@cli.command()
@shared
@click.option("--follow", is_flag=True, help="Go on until Ctrl-C; else until nothing more comes.")
@click.option("--queue", help="A durable queue of your own, requester.…; else only events from now on.")
@click.option(
    "--type", "types", multiple=True, default=["job.*"], show_default=True, help="Types or patterns."
)
@click.pass_obj
def events(choices: Choices, follow: bool, queue: str | None, types: tuple[str, ...]) -> None:
    """Show events over RabbitMQ (--broker), with --json a line each."""
    if not choices.broker:
        raise click.UsageError("No broker. Give --broker or set CARRYOVER_BROKER.")
    if queue is not None and not queue.startswith("requester."):
        raise click.UsageError("The name of a queue begins with requester.")
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # what it cannot mend is an error of ours
    with contextlib.suppress(KeyboardInterrupt):
        _show_events(choices, listen(choices.broker, queue, types, idle=None if follow else 1.0))


def _show_events(choices: Choices, events: Iterable[Event]) -> None:
    for event in events:
        if choices.as_json:
            print_json(event)
        else:
            about = {
                name: value
                for name, value in event["data"].items()
                if name in ("numbers", "reason") and value
            }
            click.echo(
                f"{event['time'][:19]}  {event['type']:<16}  {event['subject']}  {shown(about or '')}".rstrip()
            )
        sys.stdout.flush()


@cli.command()
@shared
@click.option("--save", is_flag=True, help="Read a token from standard input, and keep it in the settings.")
@click.pass_obj
def token(choices: Choices, save: bool) -> None:
    """Show whom the present token is for and when it ends; it is not checked."""
    if save:
        choices.token = sys.stdin.read().strip()
    claims = _claims(choices.needed_token())
    if save:
        save_setting(choices.config, "token", choices.needed_token())
        click.echo(f"saved in {choices.config}", err=True)
    if choices.as_json:
        print_json(claims)
        return
    ends = claims.get("exp")
    shown_claims = {
        **claims,
        "exp": datetime.fromtimestamp(ends, UTC).isoformat() if isinstance(ends, int) else None,
    }
    print_table(["claim", "value"], [(name, value) for name, value in shown_claims.items()])


def _claims(bearer: str) -> dict[str, object]:
    """The claims of a JWT (RFC 7519), unchecked: only the services know the secret."""
    try:
        part = bearer.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise click.UsageError("That is no token (JWT).")
    return found


@cli.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the completion for a shell: eval "$(carryover completion bash)"."""
    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(cli, {}, "carryover", "_CARRYOVER_COMPLETE").source())


@contextmanager
def written(choices: Choices, path: Path) -> Iterator[IO[bytes]]:
    """A file that appears only when it is whole; "-" is standard output."""
    if str(path) == "-":
        yield sys.stdout.buffer
        return
    partial = path.with_name(path.name + ".part")
    try:
        with partial.open("wb") as into:
            yield into
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    if choices.as_json:
        print_json({"file": str(path)})
    else:
        click.echo(str(path))


for without in (read, propose):
    cli.add_command(without)


def main() -> None:
    """Run the command."""
    cli(prog_name="carryover")
