"""What only the whole file can tell of a column: the order in which its dates are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from services.validator.checking import fields_of
from services.validator.dates import date_evidence, decide_order, merged_evidence

#: Gives, chunk by chunk, the cells of some columns of the file.
Columns = Callable[[Sequence[int]], Iterable[Sequence[Sequence[str]]]]


def survey_dates(
    mapping: Mapping[str, Any], reference: Mapping[str, Any], columns: Columns
) -> dict[str, dict[str, Any]]:
    """By index of the column, the order of its dates, whether the file decides it, and whether others occur."""
    dated = [index for index, field in fields_of(mapping) if field.type == "date"]
    if not dated or mapping.get("date_order"):
        return {}
    evidence: dict[int, dict[str, int]] = {index: {} for index in dated}
    for chunk in columns(dated):
        for index, cells in zip(dated, chunk, strict=True):
            evidence[index] = merged_evidence([evidence[index], date_evidence(cells)])
    found = {}
    for index, told in evidence.items():
        decided = decide_order(told, reference["locale"]["date_order"])
        found[str(index)] = {
            "order": decided.order,
            "decided": not decided.undecided,
            "mixed": decided.conflicting,
        }
    return found


def order_of_columns(mapping: Mapping[str, Any], survey: Mapping[str, Any] | None) -> dict[int, str]:
    """The order of dates by column, where a person or the file decided it."""
    chosen = mapping.get("date_order")
    if chosen:
        return {index: chosen for index, field in fields_of(mapping) if field.type == "date"}
    return {int(index): found["order"] for index, found in (survey or {}).items() if found["decided"]}
