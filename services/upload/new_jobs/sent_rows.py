"""Turns rows that come as JSON into a CSV file, so that they are read like any file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

#: Bounds of one body: its rows, the headers of all rows, the cells of the whole table, the characters of a header.
MOST_ROWS, MOST_COLUMNS, MOST_CELLS, MOST_HEADER = 200_000, 1_000, 2_000_000, 500

Cell = str | int | float | bool | None
#: A row as it is sent: its cells by header.
SentRow = dict[str, Cell]


def header_of(rows: Sequence[SentRow]) -> list[str]:
    """Give all headers of the rows, in the order in which they first come."""
    return list(dict.fromkeys(name for row in rows for name in row))


def rows_as_file(rows: Sequence[SentRow]) -> bytes:
    """Write the rows as CSV in UTF-8; a row without a header has a blank cell there."""
    header = header_of(rows)
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow(header)
    for row in rows:
        out.writerow([_text(row.get(name)) for name in header])
    return text.getvalue().encode("utf-8")


def _text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(value)
