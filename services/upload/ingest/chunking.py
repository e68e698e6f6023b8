"""Cuts batches of rows into chunks that fit a document, and makes the stored cells of a chunk.

A document of MongoDB holds 16 MiB; a chunk stays well below.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.upload.model.source import Batch, ReadError
from shared.contract.documents.chunk import Cells, ReadProblem

#: The cells, their normalised values and the plan of a chunk are kept in a document each. A character takes up to four
#: bytes there, and a cell some bytes more.
CHUNK_CHARACTERS = 1_500_000
CELL_OVERHEAD = 8

# Codes of doubtful rows that have another code at the row than at the file.
_CODE_AT_ROW = {"unclosed_quote": "quotes_repaired"}


def within(batch: Batch, most: int) -> Iterator[Batch]:
    """Give the batch in parts of at most `most` characters.

    Raises ReadError `cell_too_long` where one row has more.
    """
    if _weight(batch) <= most:
        yield batch
        return
    if len(batch.rows) == 1:
        raise ReadError("cell_too_long", row=batch.numbers[0], column="*", max=most)
    middle = len(batch.rows) // 2
    for part in batch.split(middle):
        yield from within(part, most)


def _weight(batch: Batch) -> int:
    text = sum(map(len, map("".join, batch.rows))) + sum(len("".join(cells)) for cells in batch.long.values())
    return text + CELL_OVERHEAD * len(batch.rows) * len(batch.rows[0])


def chunk_of(batch: Batch, n: int) -> Cells:
    """Make chunk `n` of a batch; row numbers are listed only where they do not count up by one."""
    first, last = batch.numbers[0], batch.numbers[-1]
    is_counted = last - first + 1 == len(batch.numbers)
    return Cells(
        n=n,
        first=first,
        numbers=None if is_counted else batch.numbers,
        rows=batch.rows,
        extra=batch.long,
        problems=[
            *(ReadProblem(at, None, "extra_cells", {"count": len(own)}) for at, own in batch.long.items()),
            *(ReadProblem(at, None, "missing_cells", {}) for at in batch.short),
            *(ReadProblem(at, None, _CODE_AT_ROW.get(code, code), {}) for at, code in batch.doubts),
        ],
    )
