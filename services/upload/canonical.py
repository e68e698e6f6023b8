"""Print how files are read, one JSON line each, without a server: `python -m services.upload.canonical FILES`.

With `-` the paths come from standard input, one a line, and each is answered at once.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from typing import Any

from services.upload.isolation import IsolatedSource, open_isolated
from services.upload.source import Overrides, Problem, ReadError, Row

_KINDS = {
    "encrypted": "encrypted",
    "empty": "empty",
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
        numbered, lone_header = _rows(source), None
    except ReadError as error:
        if error.code != "no_rows":
            raise
        # A header with nothing below it is no import, but it is a reading.
        source = open_isolated(path, overrides=Overrides(header_row=0))
        lone_header = int(error.params["header_row"])
        numbered = _rows(source)
    found = source.found
    table = {
        "header": found.header,
        "rows": [_told(row, source.row_problems.get(number, ())) for number, row in numbered],
        "format": found.format,
        "encoding": found.encoding,
        "delimiter": found.delimiter,
        "header_row": found.header_row,
        "sheet": found.sheet,
        "problems": found.problems + [p for problems in source.row_problems.values() for p in problems],
    }
    if lone_header is not None:
        header = next((row for number, row in numbered if number == lone_header), [])
        if len(header) < 2:
            raise ReadError("empty", "one cell")
        return {**table, "header": header, "rows": [], "header_row": lone_header}
    return table


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
    """Answer each file; 1 when one of them could not be read."""
    paths = (line.rstrip("\r\n") for line in sys.stdin) if arguments == ["-"] else iter(arguments)
    refused = False
    for path in paths:
        answer = read(path)
        refused = refused or "error" in answer
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    return 1 if refused and arguments != ["-"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
