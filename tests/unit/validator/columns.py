"""Functions that check one column, for tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.validator.check.context import CheckContext
from shared.contract.fields import field
from shared.values.columns import Checked, check_column

CONTEXT = CheckContext(
    today=date(2026, 3, 1), members={"ann@firm.be": "m1", "ann peeters": "m1", "peeters, bob": "m2"}
)


def check(key: str, *cells: str, context: CheckContext = CONTEXT, **more: Any) -> Checked:
    """The checked column of a field."""
    return check_column(field(key), cells, context, **more)


def value(key: str, cell: str, **more: Any) -> Any:
    """The checked value of one cell."""
    return check(key, cell, **more).values[0]


def problem(key: str, cell: str, **more: Any) -> str | None:
    """The code of the problem of one cell."""
    found = check(key, cell, **more).problems.get(0)
    return found.code if found else None


def fix(key: str, cell: str, **more: Any) -> str | None:
    """The code of the fix of one cell."""
    return check(key, cell, **more).fixed.get(0)
