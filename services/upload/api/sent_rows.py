"""Rows that come as JSON: how large the table is that they make, and the file that it becomes."""

from __future__ import annotations

import csv
import io
from typing import Any

#: Of one body: its rows, the headers of all of them, the cells of the table that they make, characters of a header.
MOST_ROWS, MOST_COLUMNS, MOST_CELLS, MOST_HEADER = 200_000, 1_000, 2_000_000, 500


def header_of(rows: list[dict[str, Any]]) -> list[str]:
    """All headers of rows given as `{header: value}`, in the order in which they come."""
    return list(dict.fromkeys(name for row in rows for name in row))


def rows_as_file(rows: list[dict[str, Any]]) -> bytes:
    """Write rows given as `{header: value}` as CSV (UTF-8), so that they go the way of any file."""
    header = header_of(rows)
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow(header)
    for row in rows:
        out.writerow([_text(row.get(name)) for name in header])
    return text.getvalue().encode("utf-8")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(value)
