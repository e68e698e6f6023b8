"""Say where the header of a sheet stands, by what its cells hold: names over values, or values from the start."""

from __future__ import annotations

import re
from collections import Counter

from services.upload.source import Row

Numbered = list[tuple[int, Row]]

_SEARCHED = 60
_SHARE = 0.6
_SHARE_OVER_VALUES = 0.5
_PATTERNS = {
    "number": re.compile(r"-?\d+(\.\d+)?"),
    "date": re.compile(r"\d{4}-\d\d-\d\d(T[\d:]+)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"),
    "time": re.compile(r"\d{2,}:\d\d(:\d\d)?"),
    "truth": re.compile(r"TRUE|FALSE"),
    "mail": re.compile(r"[^@\s]+@[^@\s]+\.\w+"),
}
_YEARS = range(1900, 2101)
_SHORTEST_CODE = 6


def header_row(rows: Numbered) -> int | None:
    """The row number of the header, 0 where the sheet has none, None where there is nothing to tell by.

    Rows come with their numbers, trimmed, blank ones left out.
    """
    width = _usual_width(rows)
    for place, (_, row) in enumerate(rows[:-1][:_SEARCHED]):
        share = _filled(row) / width
        if share >= _SHARE or (share >= _SHARE_OVER_VALUES and _names_values(row, rows[place + 1][1])):
            return _header_from(rows, place)
    return None


def _header_from(rows: Numbered, place: int) -> int | None:
    row, below = rows[place][1], [cells for _, cells in rows[place + 1 :]]
    for later in range(place + 1, min(place + 10, len(rows) - 1)):
        if _is_fuller_header(rows, place, later):
            return rows[later][0]
    if _is_data(row, below):
        return 0 if place == 0 else None
    return rows[place][0]


def _usual_width(rows: Numbered) -> int:
    """The number of cells that rows fill: the largest that at least a fifth of them reach."""
    counts = sorted((_filled(row) for _, row in rows), reverse=True)
    return counts[len(counts) // 5]


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell)


def _names_values(row: Row, following: Row) -> bool:
    """Whether a row of few names stands directly over a fuller one of values."""
    if not _is_all_text(row) or _filled(row) < 2 or _filled(following) <= _filled(row):
        return False
    return not _is_all_text(following)


def _is_all_text(row: Row) -> bool:
    return all(kind_of_text(cell) in ("", "text") for cell in row)


def _is_fuller_header(rows: Numbered, place: int, later: int) -> bool:
    """Whether a later row is the header, what stands above being titles or names of groups."""
    above, row = rows[place][1], rows[later][1]
    if _filled(row) <= _filled(above) or not _is_all_text(row):
        return False
    below = [cells for _, cells in rows[later + 1 :]]
    usual = (_usual_kind(column, below) for column, cell in enumerate(row) if cell)
    return any(kind not in ("", "text") for kind in usual)


def _usual_kind(column: int, rows: list[Row]) -> str:
    kinds = Counter(kind_of_text(row[column]) for row in rows if column < len(row))
    del kinds[""]
    return kinds.most_common(1)[0][0] if kinds else ""


def _is_data(row: Row, below: list[Row]) -> bool:
    """Whether a row holds values like those below it rather than names of them."""
    if _counts_on(row):
        return False
    like = unlike = 0
    for column, cell in enumerate(row):
        mine, usual = kind_of_text(cell), _usual_kind(column, below)
        if mine == "text":
            unlike += usual not in ("", "text")
        elif mine and (usual == mine or mine != "number"):
            like += not _is_year(cell)
    return like > unlike


def _counts_on(row: Row) -> bool:
    """Whether a row begins with a name and goes on with numbers that count: 1, 2, 3 or 2023, 2024."""
    cells = [cell for cell in row if cell]
    numbers = [int(cell) for cell in cells if cell.isdecimal()]
    if not numbers or len(numbers) < 2 or kind_of_text(cells[0]) != "text":
        return False
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _is_year(cell: str) -> bool:
    return cell.isdecimal() and len(cell) == 4 and int(cell) in _YEARS


def kind_of_text(cell: str) -> str:
    """What a cell's text looks like: number, date, time, truth, mail, code (digits mostly), text; "" for none."""
    if not cell:
        return ""
    for kind, pattern in _PATTERNS.items():
        if pattern.fullmatch(cell):
            return kind
    digits = sum(1 for character in cell if character.isdecimal())
    return "code" if len(cell) >= _SHORTEST_CODE and 2 * digits > len(cell) else "text"
