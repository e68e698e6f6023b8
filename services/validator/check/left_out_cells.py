"""Leaves out rows by the texts that a person chose for a column, such as *deceased* in a column of states."""

from __future__ import annotations

from collections.abc import Sequence

from services.validator.check.checked_rows import CheckedRows
from shared.contract.built_values import left_out_texts
from shared.contract.documents.job import Mapping
from shared.contract.job import keys_of_column
from shared.contract.problems import LEFT_OUT_BY_VALUE
from shared.values.judging import Finding, cleaned, shown


def leave_out_cells(found: CheckedRows, mapping: Mapping, cells: Sequence[Sequence[str]]) -> None:
    """Note the rows that have a left-out text in its column, whatever its case; the column may be skipped.

    A blank text leaves out rows whose cell is blank.
    """
    for column in mapping["columns"]:
        unwanted = {cleaned(text).casefold() for text in left_out_texts(column)}
        if not unwanted or not cells:
            continue
        own = cells[column["index"]]
        named = {cell for cell in set(own) if cleaned(cell).casefold() in unwanted}
        key = next(iter(keys_of_column(column)), "")
        for offset, cell in enumerate(own):
            if cell in named:
                params = {"value": shown(cleaned(cell)), "field": column["header"]}
                found.note(offset, key, Finding(LEFT_OUT_BY_VALUE, params))
