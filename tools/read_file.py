"""Prints how files are read, one line of JSON each, without a server: `python -m tools.read_file FILES`.

With `-` paths come from standard input, one a line, and each is answered at once.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path

from services.upload.model.rows import Row
from services.upload.model.source import Found, Problem, ReadError
from services.upload.sandbox.client import IsolatedSource, open_isolated
from shared.contract.problems import sentence

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
    "reading_too_slow": "too_large",
    "reading_too_large": "too_large",
    "reading_stopped": "too_large",
}


Cell = str | int | float


def read(path: str) -> dict[str, object]:
    """Read a file: gives `header` ([] without one), `rows` below it and what was found, or `error`.

    `error` is encrypted, too_large, corrupt, unsupported or empty; `detail` has the code and more, `message` is a
    sentence. A number that is
    stored with more digits than a spreadsheet keeps is a JSON number, every other cell is text.
    """
    try:
        return {"path": path, **_table(path)}
    except ReadError as error:
        detail = f"{error.code}: {error.detail or error.params}"
        message = sentence(error.code, "en", **error.params)
        return {
            "path": path,
            "error": _KINDS.get(error.code, "corrupt"),
            "detail": detail,
            "message": message,
        }


def _table(path: str) -> dict[str, object]:
    try:
        # the process that reads may have been started in another folder
        source = open_isolated(str(Path(path).absolute()))
        numbered = _rows(source)
    except ReadError as error:
        if error.found is None or len(error.found.header) < 2:
            raise
        # A header without rows cannot be imported, but it can be read.
        return _described(error.found, [], [])
    rows = [_cells(row, source.row_problems.get(number, ())) for number, row in numbered]
    of_cells = [problem for problems in source.row_problems.values() for problem in problems]
    return _described(source.found, rows, of_cells)


def _described(found: Found, rows: list[list[Cell]], of_cells: list[Problem]) -> dict[str, object]:
    return {
        "header": found.header,
        "rows": rows,
        "format": found.format,
        "encoding": found.encoding,
        "delimiter": found.delimiter,
        "header_row": found.header_row,
        "sheet": found.sheet,
        "problems": found.problems + of_cells,
    }


def _rows(source: IsolatedSource) -> list[tuple[int, Row]]:
    """Give all rows with their numbers; cells beyond the width of the table are at their end."""
    return [
        (number, row + batch.long.get(offset, []))
        for batch in source.batches()
        for offset, (number, row) in enumerate(zip(batch.numbers, batch.rows, strict=True))
    ]


def _cells(row: Row, problems: Iterable[Problem]) -> list[Cell]:
    cells: list[Cell] = list(row)
    for problem in problems:
        column = problem["place"].get("column")
        if problem["code"] == "precision_lost" and column is not None and 0 <= column < len(cells):
            cells[column] = _number(row[column])
    return cells


def _number(text: str) -> Cell:
    try:
        value = float(text)
    except ValueError:
        return text
    return (int(text) if text.lstrip("-").isdecimal() else value) if math.isfinite(value) else text


def main(arguments: list[str]) -> int:
    """Print the answer for each file; a refusal is an answer, too."""
    paths = (line.rstrip("\r\n") for line in sys.stdin) if arguments == ["-"] else iter(arguments)
    for path in paths:
        sys.stdout.write(json.dumps(read(path)) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
