"""Leaves wrong values out where somebody chose that their row is loaded without them."""

from __future__ import annotations

from services.validator.check.checked_rows import CheckedRows
from services.validator.check.context import CheckPlan
from shared.contract.invalid_values import may_be_left_out
from shared.contract.problems import ERROR, LEFT_OUT_BY_VALUE, VALUE_LEFT_OUT, severity
from shared.values.judging import Finding

#: Errors that are no wrong value, but a choice of a person to leave the row out.
_CHOSEN = frozenset({LEFT_OUT_BY_VALUE})


def kept_or_left_out(found: CheckedRows, how: CheckPlan, offset: int, key: str, finding: Finding) -> Finding:
    """The finding as it is, or the warning that the row is loaded without the value.

    The settings choose for all rows, a decision about a row for this row alone.
    """
    if severity(finding.code) != ERROR or finding.code in _CHOSEN or not may_be_left_out(key):
        return finding
    decision = found.decisions.get(offset)
    chosen = key in how.dropped or (decision is not None and key in (decision.get("without") or ()))
    return Finding(VALUE_LEFT_OUT, {"problem": finding.code, **finding.params}) if chosen else finding
