"""The counts and the report of a job, from the totals of its rows and the firm's directory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.validator.check.date_orders import decided_orders
from services.validator.report.summary import Totals, kind_in_system, summary
from shared.contract.rows import row_number
from shared.plumbing.directory_store import DirectoryStore
from shared.plumbing.row_store import RowStore

EXAMPLE_LENGTH = 80
EXAMPLES = 3


def summarised(
    directory: DirectoryStore, job: Mapping[str, Any], totals: Totals
) -> tuple[dict[str, int], dict[str, Any]]:
    """The counts and the report that follow from totals, without examples."""
    orders = decided_orders(job, directory.reference()["locale"]["date_order"])
    return summary(job, totals, directory.count(kind_in_system(job)), orders)


def examples_in(
    rows: RowStore, job: Mapping[str, Any], code: str, n: int | None, session: Any = None
) -> list[dict[str, Any]]:
    """Some rows of a chunk that have a problem."""
    if n is None:
        return []
    cells = rows.get("cells", job["source"]["revision"], n, "first", "numbers")
    found = [p for p in rows.problems(job["revision"], n, session) if p[2] == code][:EXAMPLES]
    return [
        {"row": row_number(cells, offset), "field": key, "params": _short(params)}
        for offset, key, _, params in found
    ]


def _short(params: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v[:EXAMPLE_LENGTH] if isinstance(v, str) else v for k, v in params.items()}
