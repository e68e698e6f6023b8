"""Print how files are read, one JSON line each, without a server: `python -m tools.read_file FILES`.

With `-` the paths come from standard input, one a line, and each is answered at once.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from typing import Any

from services.upload.model.source import Found, Problem, ReadError, Row
from services.upload.sandbox.client import IsolatedSource, open_isolated

_KINDS = {
    "encrypted": "encrypted",
    "empty": "empty",
    "no_rows": "empty",
    "unsupported_format": "unsupported",
    "several_files": "unsupported",
    "too_large": "too_large",
    "unpacks_too_large": "too_large",
    "too_many_rows": "too_large",
    "too_many_columns": "too_large",
    "cell_too_long": "too_large",
    "reading_stopped": "too_large",
}


def read(path: str) -> dict[str, Any]:
    """How a file is read: `header` as it stands ([] without one), `rows` below it, and what was found; or `error`.

    `error` is encrypted, too_large, corrupt, unsupported or empty, `detail` says more. A number that is stored
    with more digits than a spreadsheet keeps is given as a JSON number, all else as text.
    """
    try:
        return {"path": path, **_table(path)}
    except ReadError as error:
        detail = f"{error.code}: {error.detail or error.params}"
        return {"path": path, "error": _KINDS.get(error.code, "corrupt"), "detail": detail}


def _table(path: str) -> dict[str, Any]:
    try:
        source = open_isolated(path)
        numbered = _rows(source)
    except ReadError as error:
        if error.found is None or len(error.found.header) < 2:
            raise
        # A header with nothing below it is no import, but it is a reading.
        return _told_of(error.found, [])
    told = _told_of(
        source.found, [_told(row, source.row_problems.get(number, ())) for number, row in numbered]
    )
    of_cells = [problem for problems in source.row_problems.values() for problem in problems]
    return {**told, "problems": told["problems"] + of_cells}


def _told_of(found: Found, rows: list[list[Any]]) -> dict[str, Any]:
    return {
        "header": found.header,
        "rows": rows,
        "format": found.format,
        "encoding": found.encoding,
        "delimiter": found.delimiter,
        "header_row": found.header_row,
        "sheet": found.sheet,
        "problems": found.problems,
    }


def _rows(source: IsolatedSource) -> list[tuple[int, Row]]:
    """All rows with their numbers, cells beyond the width of the table at their end."""
    return [
        (number, row + batch.long.get(offset, []))
        for batch in source.batches()
        for offset, (number, row) in enumerate(zip(batch.numbers, batch.rows, strict=True))
    ]


def _told(row: Row, problems: Iterable[Problem]) -> list[Any]:
    cells: list[Any] = list(row)
    for problem in problems:
        column = problem["place"].get("column", -1)
        if problem["code"] == "precision_lost" and 0 <= column < len(cells):
            cells[column] = _number(cells[column])
    return cells


def _number(text: str) -> Any:
    try:
        value = float(text)
    except ValueError:
        return text
    return (int(text) if text.lstrip("-").isdecimal() else value) if math.isfinite(value) else text


def main(arguments: list[str]) -> int:
    """Answer each file; a refusal is an answer, too."""
    paths = (line.rstrip("\r\n") for line in sys.stdin) if arguments == ["-"] else iter(arguments)
    for path in paths:
        sys.stdout.write(json.dumps(read(path)) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
