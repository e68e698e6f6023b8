"""Joins a header of two rows: the lower one has names, the upper one groups of columns and names of merged cells."""

from __future__ import annotations

import re

from services.upload.model.rows import Row
from services.upload.table.header_words import names_a_column
from services.upload.table.value_shapes import TYPED, shape_of

_YEAR = re.compile(r"(?:19|20)\d\d")
# An upper row has so many texts; a single one is the title of the list.
_LEAST_TEXTS = 2


def joins(upper: Row, lower: Row) -> bool:
    """Whether the upper row is a part of the header, and not a line above it.

    It names columns that the lower row leaves blank, or makes repeated names different, or has words of headers.
    """
    texts = [cell for cell in upper if cell]
    if len(texts) < _LEAST_TEXTS or len(upper) > len(lower) or any(map(_is_value, texts)):
        return False
    names = [cell for cell in lower if cell]
    if any(above and not cell for above, cell in zip(upper, lower, strict=False)):
        return True
    return len(set(names)) < len(names) or all(map(names_a_column, texts))


def completes(upper: Row, lower: Row) -> bool:
    """Whether two rows make one header only together: each names columns that the other leaves blank."""
    width = max(len(upper), len(lower))
    pairs = list(zip(_padded(upper, width), _padded(lower, width), strict=True))
    above = sum(1 for one, other in pairs if one and not other)
    below = sum(1 for one, other in pairs if other and not one)
    if (
        not above
        or not below
        or sum(map(bool, lower)) < _LEAST_TEXTS
        or not all(one or other for one, other in pairs)
    ):
        return False
    return not any(map(_is_value, (*upper, *lower)))


def _is_value(cell: str) -> bool:
    """Whether a cell is a number, date or address; a year may group columns."""
    return bool(cell) and shape_of(cell) in TYPED and not _YEAR.fullmatch(cell)


def joined(upper: Row, lower: Row) -> tuple[Row, Row]:
    """Give the text of each column and the group that covers it, "" without one.

    The text above counts where the lower cell is blank; such a column belongs to no group.
    """
    width = max(len(upper), len(lower))
    cells: Row = []
    groups: Row = []
    group = ""
    for above, below in zip(_padded(upper, width), _padded(lower, width), strict=True):
        cells.append(below or above)
        group = above or group if below else ""
        groups.append(group)
    return cells, groups


def titles(cells: Row, groups: Row) -> Row:
    """Give the names of columns with their groups before them; `groups` may be []."""
    if not groups:
        return cells
    return [f"{group} {cell}" if group else cell for cell, group in zip(cells, groups, strict=True)]


def _padded(row: Row, width: int) -> Row:
    return row + [""] * (width - len(row))
