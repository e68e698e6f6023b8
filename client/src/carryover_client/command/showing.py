"""Shows answers: tables and numbers for people, JSON for programs, and progress bars."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import click

from carryover_client.answers import Job, Moment
from carryover_client.operations import OnMoment
from carryover_client.sent_file import OnSent

#: Signs of a cell of a table; longer texts are cut, but for those of the last column.
WIDEST = 48


def print_json(document: object) -> None:
    """Print a document on one line."""
    click.echo(json.dumps(document, ensure_ascii=False))


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their headers, numbers to the right."""
    last = len(header) - 1
    texts = [[shown(cell, WIDEST if n < last else None) for n, cell in enumerate(row)] for row in rows]
    numeric = [all(_is_number(row[n]) for row in texts if row[n]) and bool(texts) for n in range(len(header))]
    widths = [max(map(width, (name, *(row[n] for row in texts)))) for n, name in enumerate(header)]
    for line in ([name.upper() for name in header], *texts):
        cells = [_filled(*parts) for parts in zip(line, widths, numeric, strict=True)]
        click.echo("  ".join(cells).rstrip())


def print_numbers(numbers: Mapping[str, object]) -> None:
    """Print names and numbers, a line each; names without a number are left out."""
    kept = {name.replace("_", " "): shown(value) for name, value in numbers.items() if value}
    widest = max(map(len, kept), default=0)
    for name, value in kept.items():
        click.echo(f"  {name:<{widest}}  {value:>10}")


def print_job(job: Job) -> None:
    """Print what a person wants to know of a job."""
    source, waits, reason = job["source"], job["waiting_for"], job["reason"] or job["hold"]
    rows = source.get("rows")
    click.echo(
        f"{job['id']}  {source['name']}  {job['status']}" + (f"  {rows} rows" if rows is not None else "")
    )
    if waits is not None:
        click.echo(f"  waits for {waits['who']}: {waits['what']}")
        if delay := waits.get("delay"):
            click.secho(f"  {delay['message']} (since {delay['since']})", fg="yellow")
    if reason is not None:
        click.secho(f"  {reason['message']} [{reason['code']}]", fg="yellow")
    counts = job["counts"] if job["status"] == "validated" else job["undo"] or job["result"]
    print_numbers(counts)


def shown(value: object, widest: int | None = None) -> str:
    """A value as the text of a cell, on one line and without control signs, cut where it is too long."""
    if value is None:
        return ""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    text = "".join(" " if unicodedata.category(sign) in {"Cc", "Zl", "Zp"} else sign for sign in str(value))
    return text if widest is None or len(text) <= widest else text[: widest - 1] + "…"


def width(text: str) -> int:
    """The columns that a text takes in a terminal: wide signs take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def _filled(text: str, columns: int, to_the_right: bool) -> str:
    blank = " " * (columns - width(text))
    return blank + text if to_the_right else text + blank


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def show_claim(claim: str) -> None:
    """Show on standard error how a large upload goes on in another process."""
    click.echo(f"If this ends early, go on with: --resume {claim}", err=True)


@contextmanager
def sending(quiet: bool) -> Iterator[OnSent | None]:
    """A bar of the bytes that are sent, on standard error; none where nobody looks."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label="sending  ", file=sys.stderr) as bar:

        def on_sent(sent: int, size: int) -> None:
            bar.length = max(size, 1)
            bar.update(sent - bar.pos)

        yield on_sent


@contextmanager
def following(quiet: bool) -> Iterator[OnMoment | None]:
    """Progress on standard error: a bar in a terminal, else a line for each status."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with click.progressbar(length=1, label="uploaded ", file=sys.stderr) as bar:

            def on_moment(moment: Moment) -> None:
                bar.label = f"{moment['status']:<9}"
                bar.length = max(moment["progress"]["total"] or 0, 1)
                bar.update(moment["progress"]["done"] - bar.pos)

            yield on_moment
    else:
        seen: list[str] = []

        def on_status(moment: Moment) -> None:
            if moment["status"] not in seen[-1:]:
                seen.append(moment["status"])
                click.echo(moment["status"], err=True)

        yield on_status
