"""In which order each column writes its dates, decided over all rows of the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.validator.check.checking import fields_of
from shared.contract.date_order import OrderDecision, decide_order


def decided_orders(job: Mapping[str, Any], firm_order: str) -> dict[int, OrderDecision]:
    """The decision for each column of dates, from what reading saw of all its cells, or as a person chose."""
    mapping, seen = job["mapping"], {c["index"]: c["dates"] for c in job["source"]["column_list"]}
    chosen = mapping.get("date_order")
    return {
        index: OrderDecision(chosen, undecided=False, conflicting=False)
        if chosen
        else decide_order(seen[index], firm_order)
        for index, field in fields_of(mapping)
        if field.type == "date"
    }
