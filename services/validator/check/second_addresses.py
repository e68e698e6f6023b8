"""Gives the second of two e-mail addresses in a cell to the additional address of its record, where that is free."""

from __future__ import annotations

from collections.abc import Sequence

from services.validator.check.checked_rows import FixedValue
from services.validator.check.mapped_columns import Cells
from shared.contract.fields import FIELDS, Field
from shared.values.blanks import is_left_blank
from shared.values.emails import two_addresses
from shared.values.judging import cleaned, with_characters

#: By the key of an address the field of the additional one.
SECOND = {f"{record}.email": FIELDS[f"{record}.email_secondary"] for record in ("account", "contact")}

#: A column as it is checked: its index, its field and its cells.
Column = tuple[int, Field, Cells]


def spread_addresses(columns: Sequence[Column]) -> tuple[list[Column], list[FixedValue]]:
    """The columns with each second address in the column of additional ones, and a fix for each field changed.

    A row that has an additional address keeps its cell, and is judged for it.
    """
    found, fixes = list(columns), list[FixedValue]()
    for at, (index, target, cells) in enumerate(columns):
        other = SECOND.get(target.key)
        if other is None:
            continue
        pairs = {row: pair for row, cell in enumerate(cells) if (pair := _pair(cell))}
        if not pairs:
            continue
        place = next((place for place, each in enumerate(found) if each[1].key == other.key), len(found))
        if place == len(found):
            found.append((index, other, [""] * len(cells)))
        first, second = list(cells), list(found[place][2])
        for row, pair in pairs.items():
            if is_left_blank(other, second[row]):
                first[row], second[row] = pair
                fixes += [FixedValue(row, field.key, "second_email_moved") for field in (target, other)]
        found[at] = (index, target, first)
        found[place] = (found[place][0], other, second)
    return found, fixes


def _pair(cell: str) -> tuple[str, str] | None:
    return two_addresses(with_characters(cleaned(cell))) if cell.count("@") > 1 else None
