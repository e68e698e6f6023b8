"""How the rows of a chunk are numbered, and which problems of reading an edit removes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.contract.documents.chunk import ReadProblem
from shared.contract.skipped_rows import LOADED_BEFORE


def row_number(cells: Mapping[str, Any], offset: int) -> Any:
    """The number of a row as a spreadsheet shows it; `cells` has `first` and `numbers` of the row's chunk."""
    return cells["numbers"][offset] if cells["numbers"] else cells["first"] + offset


def is_of_cells(problem: ReadProblem) -> bool:
    """Whether a problem of reading (offset, column, code, params) is about cells, so that editing the row ends it."""
    return bool(problem[2] != LOADED_BEFORE)
