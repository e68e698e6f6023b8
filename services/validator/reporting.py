"""Adds the chunks of a check up to what a person should know before the start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.contract.job import COUNTS
from shared.contract.problems import severity

EXAMPLE_LENGTH = 80


def summary(
    checked: Mapping[str, Any],
    planned: Mapping[str, Any],
    where: Mapping[str, int],
    examples: Callable[[str], list[list[Any]]],
) -> tuple[dict[str, int], dict[str, Any]]:
    """The counts per bucket and the report, from the totals of checking and planning.

    `where` has the first chunk of each problem code; `examples(code)` gives (row number, field, code, params) of
    some rows that have it.
    """
    buckets = planned.get("buckets", {})
    counts = {name: buckets.get(name, 0) for name in COUNTS}
    codes: dict[str, int] = dict(checked.get("problems", {}))
    for code, number in planned.get("problems", {}).items():
        codes[code] = codes.get(code, 0) + number
    problems = [
        {
            "code": code,
            "severity": severity(code),
            "rows": number,
            "examples": [_example(one) for one in examples(code)] if code in where else [],
        }
        for code, number in sorted(codes.items(), key=lambda item: -item[1])
    ]
    fixes = [{"code": code, "values": number} for code, number in sorted(checked.get("fixes", {}).items())]
    return counts, {"problems": problems, "fixes": fixes, "records": planned.get("records", {})}


def _example(one: list[Any]) -> dict[str, Any]:
    row, field, _, params = one
    short = {k: v[:EXAMPLE_LENGTH] if isinstance(v, str) else v for k, v in params.items()}
    return {"row": row, "field": field, "params": short}


def too_many_invalid(limit: Mapping[str, Any], counts: Mapping[str, int], rows: int) -> dict[str, Any] | None:
    """Why autostart stops: more rows are invalid than the request allows; None when it may go on."""
    allowed = limit["rows"] if "rows" in limit else int(limit["share"] * rows)
    if counts["invalid"] <= allowed:
        return None
    return {"code": "too_many_invalid", "params": {"invalid": counts["invalid"], "allowed": allowed}}
