"""Makes the names of columns: unique, and by letters where a header has none."""

from __future__ import annotations

from services.upload.model.rows import Row
from services.upload.model.source import Problem


def unique_names(cells: Row, problems: list[Problem], first_column: int = 0) -> Row:
    """Make names of columns: white space collapsed, blank ones named by their letter, repeated ones numbered."""
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
    """Name a column by its letter: 0 is "Column A", 26 is "Column AA"."""
    return f"Column {column_letters(index)}"


def column_letters(index: int) -> str:
    """Give the spreadsheet letters of a column, counted from 0."""
    letters = ""
    number = index + 1
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters
