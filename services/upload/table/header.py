"""Finds the header among the first records of a table, if it has one, and makes unique names of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from services.upload.model.rows import Row, without_trailing_blanks
from services.upload.model.source import Problem, ReadError
from services.upload.table.column_names import column_name, unique_names
from services.upload.table.header_rows import completes, joined, joins, titles
from services.upload.table.header_words import names_a_column
from services.upload.table.value_shapes import TYPED, shape_of

# The header is among the first `SEARCHED` records; the width follows from the first `SEEN`.
SEARCHED = 60
SEEN = 200
_FILLED_SHARE = 0.6
# A row with fewer cells above a table is a title.
_LEAST_FILLED = 2
# A candidate is compared with so many records below it.
_COMPARED = 60
# The vote without any evidence: three lists in four have a header.
_PRIOR = 0.3
# The vote, above `_PRIOR`, that makes a row the header in place of a row above it.
_STRONG = 1.0
_NOTHING = frozenset(("", "null", "none", "na", "n/a", "nan", "-", "\\n", "?"))
_PLACEHOLDER = re.compile(r"[^\W\d_]")
Records = Sequence[tuple[int, Row]]


@dataclass(frozen=True)
class Header:
    """The header: `row` is its number as in a spreadsheet (0 is none), `cells` its texts, `names` are unique.

    `preamble` counts the filled records above it, `skip` all records above the first row of data. `groups` has, for
    each column, the text above it that covers it; [] where the header takes one row. Of two rows, `row` is the lower
    one, and a blank cell of it has the text above.
    """

    row: int
    cells: Row
    names: Row
    preamble: int = 0
    problems: list[Problem] = field(default_factory=list)
    skip: int = 0
    groups: Row = field(default_factory=list)


def find_header(records: Records, override: int | None = None, first_column: int = 0) -> Header:
    """Find the header among the first records, given with their numbers, trimmed, and without blank ones.

    It is the first record that fills most columns; records above it are preamble. Each column votes whether that
    record is a header, by how it differs from the values below. Raises ReadError `no_header` where the override
    names a row that is blank or not among the records.
    """
    if override == 0:
        return _without_header(records, 0, first_column)
    if override is not None:
        place, is_header = _overridden(records, override), True
    else:
        place, is_header = _place(records)
    if not is_header:
        return _without_header(records, place, first_column)
    row, cells = records[place]
    below = [cells for _, cells in records[place + 1 :]]
    upper = _upper(records, place)
    cells, groups = joined(upper, cells) if upper else (cells, [])
    if not upper and _lacks_row_numbers(cells, below):
        cells = ["", *cells]
    named = len(without_trailing_blanks(cells))
    width = max(named, _data_width(below))
    cells, groups = (cells + [""] * width)[:width], (groups + [""] * width)[:width] if upper else []
    preamble = place - bool(upper)
    problems = _preamble_problems(row - bool(upper), preamble)
    if upper:
        problems.append(
            {"code": "header_of_two_rows", "place": {"row": row}, "params": {"upper": row - 1, "row": row}}
        )
    phantom = len(records[place][1]) - width
    if phantom > 0:
        problems.append(
            {"code": "blank_columns_dropped", "place": {"row": row}, "params": {"count": phantom}}
        )
    names = unique_names(titles(cells, groups), problems, first_column)
    return Header(row, cells, names, preamble, problems, row, groups)


def _lacks_row_numbers(cells: Row, below: list[Row]) -> bool:
    """Whether the rows begin with their number, and the header has no cell for it, as statistics programs write it.

    Such a header is shorter by a cell; those of spreadsheets are as wide as the rows.
    """
    if len(below) < _LEAST_FILLED or any(len(row) != len(cells) + 1 for row in below):
        return False
    first = [row[0] for row in below]
    return any(first == [str(start + place) for place in range(len(first))] for start in (0, 1))


def _upper(records: Records, place: int) -> Row:
    """Give the row above the header where it is a part of the header, else []."""
    if not place or records[place - 1][0] != records[place][0] - 1:
        return []
    upper, lower = without_trailing_blanks(records[place - 1][1]), records[place][1]
    return upper if joins(upper, lower) else []


def _without_header(records: Records, place: int, first_column: int) -> Header:
    width = max(_data_width([row for _, row in records[place:]]), 1)
    names = [column_name(index + first_column) for index in range(width)]
    skip = records[place][0] - 1 if place else 0
    return Header(0, [], names, place, _preamble_problems(skip + 1, place), skip)


def _preamble_problems(row: int, count: int) -> list[Problem]:
    if not count:
        return []
    return [{"code": "preamble_skipped", "place": {"row": row}, "params": {"count": count}}]


def _overridden(records: Records, wanted: int) -> int:
    for place, (row, _) in enumerate(records):
        if row == wanted:
            return place
    raise ReadError("no_header", row=wanted)


def _filled(row: Row) -> int:
    return len(row) - row.count("")


def is_comment(row: Row, width: int) -> bool:
    """Whether a line begins with a number sign and is no row of the table."""
    return row[0].startswith("#") and (_filled(row) < width or (width == 1 and row[0].startswith("# ")))


def _place(records: Records) -> tuple[int, bool]:
    """Give the place of the header and True, or that of the first record of a table without one and False."""
    usual, used = _extent(records)
    rows = [row for _, row in records]
    candidates = [
        place
        for place in range(min(len(rows), SEARCHED))
        if not (rows[place] and is_comment(rows[place], usual))
    ]
    first = next((place for place in candidates if _filled(rows[place]) >= _FILLED_SHARE * used), None)
    if first is None or (first == len(rows) - 1 and first > 0):
        first = candidates[0] if candidates else 0
    pair = list(map(without_trailing_blanks, rows[first : first + 2]))
    if first + 2 < len(rows) and not _upper(records, first) and completes(*pair):
        place = first + 1
    else:
        place = _fuller(rows, first, used)
    upper = _upper(records, place)
    row = joined(upper, rows[place])[0] if upper else rows[place]
    if _vote(row, rows[place + 1 :]) > 0:
        return place, True
    if place and place - 1 in candidates and _is_sparse_header(rows, place - 1, usual):
        return place - 1, True
    return _first_of_data(rows, place, usual), False


def _first_of_data(rows: list[Row], place: int, usual: int) -> int:
    """Give the first row of a table without a header: rows above that are as wide as the others are data, too."""
    while place and len(rows[place - 1]) == usual and _filled(rows[place - 1]) >= min(_LEAST_FILLED, usual):
        place -= 1
    return place


def _extent(records: Records) -> tuple[int, int]:
    """Give the usual width of the records, and the number of columns that those of this width fill."""
    widths = Counter(len(row) for _, row in records)
    usual = max(widths, key=lambda width: (widths[width], width))
    regular = [row for _, row in records if len(row) == usual]
    return usual, sum(1 for column in zip(*regular, strict=True) if any(column))


def _fuller(rows: list[Row], first: int, used: int) -> int:
    """Give a better header just below the first candidate: fuller, or naming columns apart that the first groups."""
    filled = _filled(rows[first])
    repeats = len({cell for cell in rows[first] if cell}) < 0.7 * filled
    for place in range(first + 1, min(first + 10, len(rows) - 1)):
        row = rows[place]
        fuller = _filled(row) > filled and _filled(row) >= 0.75 * used
        if (fuller or (repeats and place == first + 1 and _filled(row) >= filled)) and _is_better(
            rows, place
        ):
            return place
        if place > first + 1 and filled > 2:
            break
    return first


def _is_better(rows: list[Row], place: int) -> bool:
    row = rows[place]
    if any(shape_of(cell) in TYPED for cell in row if cell) or len(set(row)) < len(row):
        return False
    return _vote(row, rows[place + 1 :]) >= _STRONG + _PRIOR


def _is_sparse_header(rows: list[Row], place: int, usual: int) -> bool:
    """Whether a record is as wide as the table and names only few of its columns."""
    row = rows[place]
    short = all(len(cell) <= 20 and " " not in cell for cell in row)
    if len(row) != usual or usual < 2 or not short:
        return False
    vote = _vote(row, rows[place + 1 :])
    return vote > _PRIOR or (vote == _PRIOR and 2 <= _filled(row) >= usual / 2)


def _vote(row: Row, below: list[Row]) -> float:
    """Add up the votes of the columns; above 0 the row is the header of the rows below."""
    below = [other for other in below[:_COMPARED] if other != row]
    vote = _PRIOR
    numbers_are_names = _is_sequence(row, below)
    if _is_numbered(row):
        return vote + 1
    for index, cell in enumerate(row):
        if not cell:
            continue
        values = [other[index] for other in below if index < len(other)]
        values = [value for value in values if value.casefold() not in _NOTHING]
        vote += _cell_vote(cell, values, numbers_are_names)
    return vote


def _cell_vote(cell: str, values: list[str], numbers_are_names: bool) -> float:
    kind = shape_of(cell)
    if cell.casefold() in _NOTHING:
        return -0.5
    typed = [shape_of(value) in TYPED for value in values]
    share = sum(typed) / len(typed) if typed else 0.0
    if kind in TYPED:
        if numbers_are_names and kind in ("number", "code"):
            return 0.4
        return _typed_vote(cell, values, share)
    if share >= 0.7:
        return 1.0
    if cell in values:
        return -1.0
    form = _form_vote(cell, values)
    return 1.0 if form >= 0 and names_a_column(cell) else form


def _typed_vote(cell: str, values: list[str], share: float) -> float:
    """Vote on a number or date: no name, unless the values are truth values, which look like nothing else."""
    truths = sum(shape_of(value) == "truth" for value in values)
    if values and truths >= 0.9 * len(values):
        return 0.5
    return -1.0 if share >= 0.5 or not values else -0.6


def _form_vote(cell: str, values: list[str]) -> float:
    """Vote by the form of the values: whether all have one form, and whether the cell has it, too."""
    if not values:
        return 0.0
    forms = Counter(_form(value) for value in values)
    form, count = forms.most_common(1)[0]
    if count < 0.8 * len(values) or not ("9" in form or len(values) >= 3):
        return 0.0
    if "9" in form:
        return -1.0 if _form(cell) == form else 0.7 if len(values) > 1 else 0.0
    lengths = {len(value) for value in values}
    if len(lengths) == 1 and len(cell) not in lengths:
        return 0.5
    return 0.0


def _form(value: str) -> str:
    """Give the letters and digits of a value without their number: `TEST12` is `A9`."""
    return re.sub(r"A+", "A", re.sub(r"9+", "9", _PLACEHOLDER.sub("A", re.sub(r"\d", "9", value))))


def _is_sequence(row: Row, below: list[Row]) -> bool:
    """Whether the numbers of a row count up, as years and months do, and those below do not."""
    numbers = _numbers(row)
    if len(numbers) < 2:
        return False
    if _are_years(numbers) and len(set(numbers)) == len(numbers):
        return not any(_are_years(_numbers(other)) for other in below[:3])
    if len(numbers) < 4 or not _count_on(numbers):
        return False
    return not any(len(_numbers(other)) >= len(numbers) and _count_on(_numbers(other)) for other in below[:3])


def _numbers(row: Row) -> list[int]:
    return [int(cell) for cell in row if cell.isascii() and cell.isdigit() and len(cell) < 10]


def _are_years(numbers: list[int]) -> bool:
    return bool(numbers) and all(1900 <= number <= 2100 for number in numbers)


def _count_on(numbers: list[int]) -> bool:
    return {after - before for before, after in pairwise(numbers)} in ({1}, {-1})


def _is_numbered(row: Row) -> bool:
    """Whether the cells are one word with a number that counts up: `column1`, `column2`."""
    parts = [re.fullmatch(r"([^\W\d_]+[ _-]?)(\d+)", cell) for cell in row if cell]
    found = [part for part in parts if part]
    if len(parts) < 2 or len(found) < len(parts) or len({part[1] for part in found}) > 1:
        return False
    return {int(after[2]) - int(before[2]) for before, after in pairwise(found)} == {1}


def _data_width(records: list[Row]) -> int:
    """Give the width that at least half of the records have, up to the last filled cell.

    Columns that fewer records reach are no columns of the table; their cells are kept as extra cells.
    """
    if not records:
        return 0
    usual = Counter(len(row) for row in records).most_common(1)[0][0]
    regular = [len(without_trailing_blanks(row)) for row in records if len(row) == usual]
    return max(regular) if 2 * len(regular) >= len(records) else 0
