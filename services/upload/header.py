"""Find the header among the first records of a table and make column names of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.upload.source import Problem, ReadError, Row, without_trailing_blanks

# Records looked at for the header, and those that show how wide the table is.
SEARCHED = 60
SEEN = 200
_FILLED_SHARE = 0.6


@dataclass(frozen=True)
class Header:
    """Where the header stands (`row` as in a spreadsheet, 0 for none), its cells, unique column names."""

    row: int
    cells: Row
    names: Row
    preamble: int = 0
    problems: list[Problem] = field(default_factory=list)


def find_header(
    records: Sequence[tuple[int, Row]], override: int | None = None, first_column: int = 0
) -> Header:
    """The header among the first records, each given with its row number, trimmed, blank ones left out.

    It is the first record that fills most of the table's columns; what stands above is preamble. Raises
    ReadError `no_header` when the override names a row that is blank or not among the records.
    """
    if override == 0:
        width = max(_data_width([row for _, row in records]), 1)
        return Header(0, [], [column_name(index + first_column) for index in range(width)])
    place = _place(records) if override is None else _overridden(records, override)
    row, cells = records[place]
    below = [cells for _, cells in records[place + 1 :]]
    named = len(without_trailing_blanks(cells))
    width = max(named, _data_width(below))
    cells = (cells + [""] * width)[:width]
    problems: list[Problem] = []
    if place:
        problems.append({"code": "preamble_skipped", "place": {"row": row}, "params": {"count": place}})
    phantom = len(records[place][1]) - width
    if phantom > 0:
        problems.append(
            {"code": "blank_columns_dropped", "place": {"row": row}, "params": {"count": phantom}}
        )
    names = unique_names(cells, problems, first_column)
    return Header(row, cells, names, place, problems)


def _overridden(records: Sequence[tuple[int, Row]], wanted: int) -> int:
    for place, (row, _) in enumerate(records):
        if row == wanted:
            return place
    raise ReadError("no_header", row=wanted)


def _place(records: Sequence[tuple[int, Row]]) -> int:
    """The first record that fills at least 60 % of the columns that the usual records use, if rows follow."""
    widths = Counter(len(row) for _, row in records)
    usual = max(widths, key=lambda width: (widths[width], width))
    used = sum(
        1 for column in zip(*(row for _, row in records if len(row) == usual), strict=True) if any(column)
    )
    for place, (_, row) in enumerate(records[:-1][:SEARCHED]):
        if sum(1 for cell in row if cell) >= _FILLED_SHARE * used:
            return place
    return 0


def _data_width(records: list[Row]) -> int:
    """The width that at least half of the records reach with a filled cell, and any column filled within it.

    Columns that only few records reach are no columns of the table: their cells are kept as extra cells.
    """
    if not records:
        return 0
    usual = Counter(len(row) for row in records).most_common(1)[0][0]
    regular = [len(without_trailing_blanks(row)) for row in records if len(row) == usual]
    return max(regular) if 2 * len(regular) >= len(records) else 0


def unique_names(cells: Row, problems: list[Problem], first_column: int = 0) -> Row:
    """Column names: white space collapsed, blanks named by their letter, repeated ones numbered."""
    names: Row = []
    taken: set[str] = set()
    given = {" ".join(cell.split()).casefold() for cell in cells}
    for index, cell in enumerate(cells):
        name = " ".join(cell.split())
        if not name:
            letters = column_letters(index + first_column)
            name = f"Column {letters}"
            problems.append(_problem("blank_header", index, letter=letters, name=name))
        unique, number = name, 1
        while unique.casefold() in taken or (number > 1 and unique.casefold() in given):
            number += 1
            unique = f"{name} ({number})"
        if number > 1 and cell:
            problems.append(_problem("repeated_header", index, header=cell, name=unique))
        taken.add(unique.casefold())
        names.append(unique)
    return names


def _problem(code: str, column: int, **params: str) -> Problem:
    return {"code": code, "place": {"column": column}, "params": params}


def column_name(index: int) -> str:
    """The name of a column without one, by its letter: 0 is "Column A", 26 is "Column AA"."""
    return f"Column {column_letters(index)}"


def column_letters(index: int) -> str:
    """Spreadsheet letters of a column counted from 0."""
    letters = ""
    number = index + 1
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters
