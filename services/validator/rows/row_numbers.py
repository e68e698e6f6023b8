"""Fetches the numbers of rows as a spreadsheet shows them, from chunk and offset."""

from __future__ import annotations

from shared.contract.documents.chunk import Numbering
from shared.plumbing.row_store import RowStore


class NumberedRows:
    """The numbers of the rows of a source; how a chunk is numbered is fetched once."""

    def __init__(self, rows: RowStore, source_revision: int) -> None:
        self._rows, self._revision = rows, source_revision
        self._known: dict[int, Numbering] = {}

    def number(self, n: int, offset: int) -> int:
        """The number of one row."""
        if n not in self._known:
            self._known[n] = self._rows.read(Numbering, self._revision, n)
        return self._known[n].number(offset)
