"""Shows answers to operators: tables that fit the terminal, sentences, JSON."""

from __future__ import annotations

import json
import shutil
import textwrap
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click

#: Signs of a line where the output is no terminal, so that a file or a pipe gets whole tables.
NO_TERMINAL = 1000
MINUTE, HOUR, DAY = 60, 3600, 86400


def print_json(document: object, *, err: bool = False) -> None:
    """Print a document on one line; times in ISO 8601."""
    click.echo(json.dumps(document, ensure_ascii=False, default=_as_json), err=err)


def _as_json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def print_table(header: Sequence[str], rows: Sequence[Sequence[object]], room: int | None = None) -> None:
    """Print rows under their headers, numbers to the right; a block for each row where one is wider than the room."""
    texts = [[shown(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(header, *texts, strict=True)]
    room = room or columns()
    if sum(widths) + 2 * (len(widths) - 1) > room:
        _print_blocks(header, texts, room)
        return
    numeric = [all(isinstance(cell, int) for cell in column) for column in zip(*rows, strict=True)] or None
    for line in ([name.upper() for name in header], *texts):
        cells = [
            _filled(text, widest, bool(numeric and numeric[n]))
            for n, (text, widest) in enumerate(zip(line, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())


def _print_blocks(header: Sequence[str], texts: list[list[str]], room: int) -> None:
    """A line for each cell that has something, and a blank line between rows."""
    widest = max(map(len, header))
    for n, row in enumerate(texts):
        if n:
            click.echo()
        for name, text in zip(header, row, strict=True):
            if text:
                print_wrapped(f"{name:<{widest}}  {text}", room, indent=widest + 2)


def print_wrapped(text: str, room: int | None = None, indent: int = 2) -> None:
    """Print a sentence on lines that fit."""
    room = max(room or columns(), indent + 10)
    click.echo("\n".join(textwrap.wrap(shown(text), room, subsequent_indent=" " * indent)) or "")


def columns() -> int:
    """The signs of a line."""
    return shutil.get_terminal_size((NO_TERMINAL, 24)).columns


def shown(value: object) -> str:
    """A value as the text of a cell, on one line and without control signs."""
    if value is None:
        return ""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in str(value))


def duration(seconds: float) -> str:
    """A duration in its two largest units."""
    whole = max(int(seconds), 0)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"


def ago(at: object, now: datetime) -> timedelta | None:
    """How long ago a time was; None where it is no time."""
    if not isinstance(at, datetime):
        return None
    return now - (at if at.tzinfo else at.replace(tzinfo=UTC))


def width(text: str) -> int:
    """The columns that a text takes in a terminal: wide signs take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def _filled(text: str, widest: int, to_the_right: bool) -> str:
    blank = " " * (widest - width(text))
    return blank + text if to_the_right else text + blank
