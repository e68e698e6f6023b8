"""A short way to check whole rows in a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.checking import check_rows
from services.validator.check.context import CheckPlan
from tests.unit.validator.columns import CONTEXT

KIND = "accounts_and_contacts"


def rows_checked(
    targets: Sequence[str], *rows: Sequence[str], kind: str = KIND, country: str = "BE", **more: Any
) -> CheckedRows:
    """The checked rows of a file whose columns fill these targets; `a + b` fills two, "" none."""
    columns = []
    for index, filled in enumerate(targets):
        target, _, also = filled.partition(" + ")
        action = "sync" if target else "skip"
        columns.append({"index": index, "action": action, "target": target or None, "also": also or None})
    typed = targets.index("account.type") if "account.type" in targets else None
    types = {"mode": "skip"} if typed is None else {"mode": "column", "column": typed}
    mapping = {"columns": columns, "account_type": types, **more}
    context = replace(CONTEXT, country=country)
    return check_rows(rows, CheckPlan(cast("Any", mapping), kind), context)


def values_at(found: CheckedRows, offset: int = 0) -> dict[str, Any]:
    """The filled values of a row, by field."""
    return {key: values[offset] for key, values in found.columns.items() if values[offset] is not None}


def codes_at(found: CheckedRows, offset: int = 0) -> set[str]:
    """The codes of the problems and fixes of a row."""
    return {each.code for each in (*found.problems, *found.fixes) if each.offset == offset}
