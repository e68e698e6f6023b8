"""The commands that need no server: `read` and `propose`. The Carryover project does the work, where it is installed.

This package has nothing of the services, so it asks for the work by name: the project registers it as entry points
(https://packaging.python.org/en/latest/specifications/entry-points/).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import entry_points
from typing import cast

import click

from carryover_client.command.choices import NOT_INSTALLED, REFUSED, Choices, with_json
from carryover_client.command.showing import print_json, print_table, shown

GROUP = "carryover.commands"
KINDS = ("accounts_and_contacts", "accounts", "contacts")
#: What the work gives for a file; the project documents the names.
Answer = Mapping[str, object]
FILES = click.Path(exists=True, dir_okay=False, readable=True)


def work_of(name: str) -> Callable[..., Answer]:
    """What the project does for a command; ends with a sentence where the project is not installed."""
    found = next(iter(entry_points(group=GROUP, name=name)), None)
    try:
        if found is not None:
            return cast("Callable[..., Answer]", found.load())
    except ImportError as error:
        why = f"it is registered here, but cannot be loaded: {error}"
    else:
        why = "it is not installed here"
    sentence = (
        f"carryover {name} works on this machine, with the Carryover project itself, and {why}."
        f" In a clone of the project run `make venv`, then `.venv/bin/carryover {name} FILE`."
        " With a server: carryover import FILE --dry-run"
    )
    click.secho(sentence, fg="red", err=True)
    raise SystemExit(NOT_INSTALLED)


@click.command()
@with_json
@click.argument("files", nargs=-1, required=True, type=FILES, metavar="FILE...")
@click.option(
    "--rows", default=10, show_default=True, type=click.IntRange(0), help="Rows to show in the table."
)
@click.pass_obj
def read(choices: Choices, files: tuple[str, ...], rows: int) -> None:
    """Show how files are read, without a server: format, encoding, header, the first rows, problems.

    With --json a line for each file, with all rows. Exit code 1 where a file cannot be read, 7 where the Carryover
    project is not installed here.
    """
    work = work_of("read")
    _answer_all(choices, (work(file) for file in files), lambda answer: _print_read(answer, rows))


@click.command()
@with_json
@click.argument("files", nargs=-1, required=True, type=FILES, metavar="FILE...")
@click.option("--kind", type=click.Choice(KINDS), default=KINDS[0], show_default=True, help="What a row is.")
@click.pass_obj
def propose(choices: Choices, files: tuple[str, ...], kind: str) -> None:
    """Show which field each column of files would fill, without a server, and how sure that is.

    With --json a line for each file. Exit code 1 where a file cannot be read, 7 where the Carryover project is not
    installed here.
    """
    work = work_of("propose")
    _answer_all(choices, (work(file, kind) for file in files), _print_proposal)


def _answer_all(choices: Choices, answers: Iterable[Answer], show: Callable[[Answer], None]) -> None:
    """Print each answer as soon as it is known; a file that cannot be read does not stop the next ones."""
    refused = False
    for answer in answers:
        wrong = answer.get("error") or answer.get("problem")
        refused = refused or bool(wrong)
        if choices.as_json:
            print_json(answer)
        elif wrong:
            code = f" [{wrong}]" if wrong != answer["message"] else ""
            click.secho(f"{answer['path']}: {shown(answer['message'])}{code}", fg="red", err=True)
        else:
            show(answer)
    if refused:
        raise SystemExit(REFUSED)


def _print_read(answer: Answer, most: int) -> None:
    header, rows = _list(answer, "header"), cast("list[list[object]]", _list(answer, "rows"))
    delimiter = answer["delimiter"]
    row = answer["header_row"]
    parts = [
        answer["format"],
        answer["encoding"],
        f"delimiter {delimiter!r}" if delimiter else None,
        f"sheet {answer['sheet']}" if answer["sheet"] else None,
        f"header in row {row}" if row else "no header",
        f"{len(rows)} rows",
    ]
    click.echo(f"{answer['path']}: {', '.join(shown(part) for part in parts if part)}")
    texts = [header, *rows[:most]] if header else rows[:most]
    widest = max(map(len, texts), default=0)
    if widest:
        print_table(list(map(_letters, range(widest))), [[*t, *[None] * (widest - len(t))] for t in texts])
    if len(rows) > most:
        click.echo(f"… and {len(rows) - most} more rows")
    problems = cast("list[dict[str, object]]", _list(answer, "problems"))
    if counted := Counter(str(one["code"]) for one in problems):
        print_table(["problem", "times"], list(counted.items()))


def _letters(column: int) -> str:
    """The name of a column in a spreadsheet; `column` counts from 0."""
    before, last = divmod(column, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _print_proposal(answer: Answer) -> None:
    layout = f": recognised as {answer['preset']}" if answer["preset"] else ""
    click.echo(f"{answer['path']}{layout}")
    columns = cast("list[dict[str, object]]", _list(answer, "columns"))
    print_table(
        ["column", "header", "fills", "sure", "why"],
        [
            (
                _letters(cast("int", one["index"])),
                one["header"],
                one["target"] or "–",
                f"{cast('float', one['confidence']):.0%}" if one["target"] else None,
                one["why"],
            )
            for one in columns
        ],
    )


def _list(answer: Answer, name: str) -> Sequence[object]:
    return cast("Sequence[object]", answer[name])
