"""How the rows of a chunk are numbered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def row_number(cells: Mapping[str, Any], offset: int) -> int:
    """The number of a row as a spreadsheet shows it; `cells` has `first` and `numbers` of the row's chunk."""
    return cells["numbers"][offset] if cells["numbers"] else cells["first"] + offset
