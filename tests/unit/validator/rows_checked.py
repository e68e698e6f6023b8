"""A short way to check some rows in a test, under a mapping of each column to a field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.checking import check_rows
from services.validator.check.context import CheckContext, CheckPlan
from tests.unit.validator.columns import CONTEXT


def plan(keys: Sequence[str], kind: str = "accounts_and_contacts", **more: Any) -> CheckPlan:
    """A plan that maps a column to each field; accounts take the type of their column, or none is chosen."""
    columns = [
        {
            "index": at,
            "header": key,
            "action": "sync",
            "target": key,
            "custom": None,
            "join": None,
            "split": None,
        }
        for at, key in enumerate(keys)
    ]
    mode = "column" if "account.type" in keys else "skip"
    chosen = {"mode": mode, **({"column": keys.index("account.type")} if mode == "column" else {})}
    mapping: Any = {"columns": columns, "account_type": chosen, "values": {}}
    return replace(CheckPlan(mapping, kind), **more)


def rows_checked(
    keys: Sequence[str],
    *rows: Sequence[str],
    context: CheckContext = CONTEXT,
    decisions: Any = None,
    **more: Any,
) -> CheckedRows:
    """What is found in some rows; `more` goes to the plan."""
    return check_rows([list(row) for row in rows], plan(keys, **more), context, decisions=decisions)
