"""Sets the values that rules of the settings give to their rows, such as a country where the file has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.validator.check.checked_rows import CheckedRows, FixedValue
from services.validator.check.context import CheckContext
from services.validator.check.rules import rows_of
from shared.contract.documents.job import Rule
from shared.contract.documents.values import Value
from shared.contract.fields import Field
from shared.values.columns import check_column
from shared.values.evidence import PEOPLE

SET_BY_RULE = "set_by_rule"


def set_values(
    found: CheckedRows,
    rules: Sequence[Rule],
    fields: Mapping[str, Field],
    cells: Sequence[Sequence[str]],
    context: CheckContext,
    count: int,
) -> dict[int, list[int]]:
    """Give rows the values that rules set, each as a fix; `fields` are those that may be set, by key.

    Rules apply one after another, so a later one sees what an earlier one set. A value of a person goes only to rows
    that name the person. Returns, by the place of each rule that sets values, the rows that it applies to: a condition
    such as *is empty* no longer holds of them.
    """
    rows: dict[int, list[int]] = {}
    for at, rule in enumerate(rules):
        given = rule["then"].get("set", {})
        if not given:
            continue
        offsets = rows[at] = rows_of([rule], found.columns, cells, count)[0]
        for key, text in given.items():
            own = [offset for offset in offsets if _has_record(found, fields[key].record, offset)]
            checked = check_column(fields[key], [text], context)
            for offset in own:
                if finding := checked.problems.get(0):
                    found.note(offset, key, finding)
                _set(found, key, offset, checked.values[0], count)
    return rows


def _has_record(found: CheckedRows, record: str, offset: int) -> bool:
    """Whether a row has any value of a person; a row always has an account."""
    return record not in PEOPLE or any(
        values[offset] is not None for key, values in found.columns.items() if key.startswith(f"{record}.")
    )


def _set(found: CheckedRows, key: str, offset: int, value: Value, count: int) -> None:
    column = found.columns.setdefault(key, [None] * count)
    if value is None or column[offset] == value:
        return
    column[offset] = list(value) if isinstance(value, list) else value
    found.fixes.append(FixedValue(offset, key, SET_BY_RULE))
