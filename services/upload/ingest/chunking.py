"""Cuts batches of rows so that what is kept of a chunk stays well below the 16 MiB that a document may have."""

from __future__ import annotations

from collections.abc import Iterator

from services.upload.model.source import Batch, ReadError

#: The cells, their normalised values and the plan of a chunk are kept in a document each; a character takes up
#: to four bytes there, and a cell some bytes more.
CHUNK_CHARACTERS = 1_500_000
CELL_OVERHEAD = 8


def within(batch: Batch, most: int) -> Iterator[Batch]:
    """The batch in parts of at most `most` characters; raises ReadError `cell_too_long` where a row has more."""
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
