"""The format of the list of skipped rows: its own columns, and a guard against cells that are formulas."""

from __future__ import annotations

import re

ROW, PROBLEM, REASON = "_row", "_problem", "_reason"
#: What follows the columns of the source.
REPORT = (ROW, PROBLEM, REASON)

#: Rows that a workbook of skipped rows holds, and that come back in one file, at most.
MOST_ROWS = 200_000

#: What makes a spreadsheet take a cell for a formula (OWASP ASVS 5.0, 1.2.10), full-width forms among it.
_STARTS_FORMULA = frozenset("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")
#: Phone numbers and plain numbers begin with the same signs and are left as they are.
_PHONE_OR_NUMBER = re.compile(r"\+\d[\d .]{4,24}|[+-]\d+(?:[.,]\d+)*", re.ASCII)


def guarded(cell: str) -> str:
    """The cell, with `'` in front where a spreadsheet would take it for a formula.

    A formula that has `'` in front already gets one more, so that `unguarded` gives back every cell as it was.
    """
    return "'" + cell if _is_formula(cell.lstrip("'")) else cell


def unguarded(cell: str) -> str:
    """The cell without the `'` that `guarded` put in front."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell.lstrip("'")) else cell


def _is_formula(cell: str) -> bool:
    return cell[:1] in _STARTS_FORMULA and not _PHONE_OR_NUMBER.fullmatch(cell)
