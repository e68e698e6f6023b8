"""Removes rows that are no data: repeated headers, page feet, comments. Reports totals and notes at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.upload.model.rows import EDGES, Row
from services.upload.table.header_words import closes_a_table
from services.upload.table.value_shapes import shape_of

# A footer has at most so many rows.
_LONGEST_FOOTER = 20
# So many rows above a repeated header may be the foot of the page before.
_PAGE_FOOT = 4
# A single cell of so many words is a note, not a client.
_NOTE_WORDS = 3


class DataFilter:
    """Makes rows blank that are no data of the table; `left_out` has their numbers after reading.

    Rows at the end that look like totals or notes stay, since a client may look like one; `footer` has their
    numbers. `has_header`: the blocks begin with the header. `comments`: lines with a number sign are above the
    table, so they are comments inside it, too. `before` is the number of the row before the blocks.
    """

    def __init__(self, width: int, before: int, has_header: bool, comments: bool) -> None:
        self._width = width
        self._before = before
        self._has_header = has_header
        self._comments = comments
        self.left_out: list[int] = []
        self.footer: list[int] = []

    def filtered(self, blocks: Iterable[list[Row]]) -> Iterator[list[Row]]:
        """Give the blocks after the header; rows that are left out are []."""
        self.left_out.clear()
        self.footer.clear()
        number = self._before
        pending: list[Row] = []
        header: Row | None = None
        for block in blocks:
            if self._has_header and header is None:
                header, block = block[0], block[1:]
            rows = pending + block if pending else block
            if header is not None and self._width > 1:
                self._blank_pages(rows, header, number)
            if self._comments:
                self._blank_comments(rows, number)
            start = self._footer_start(rows)
            pending = rows[start:]
            if start:
                yield rows[:start]
                number += start
        if pending:
            self._point_out(pending, number)
            yield pending

    def _blank(self, rows: list[Row], place: int, before: int) -> None:
        rows[place] = []
        self.left_out.append(before + place + 1)

    def _blank_pages(self, rows: list[Row], header: Row, before: int) -> None:
        """Make repeated headers blank, and the foot of the page above each."""
        if header not in rows:
            return
        for place, row in enumerate(rows):
            if row != header:
                continue
            self._blank(rows, place, before)
            for above in range(place - 1, max(place - _PAGE_FOOT, 0) - 1, -1):
                if any(rows[above]):
                    if not self._closes(rows[above]):
                        break
                    self._blank(rows, above, before)

    def _blank_comments(self, rows: list[Row], before: int) -> None:
        for place, row in enumerate(rows):
            if row and row[0].lstrip(EDGES).startswith("#") and sum(map(bool, row)) < self._width:
                self._blank(rows, place, before)

    def _closes(self, row: Row) -> bool:
        """Whether a row is a total or the foot of a page: it begins with such words and leaves cells blank."""
        filled = [cell for cell in (cell.strip(EDGES) for cell in row) if cell]
        return 0 < len(filled) < max(self._width, 2) and closes_a_table(filled[0])

    def _is_note(self, row: Row) -> bool:
        filled = [cell for cell in (cell.strip(EDGES) for cell in row) if cell]
        if len(filled) != 1 or self._width < 3 or shape_of(filled[0]) not in ("word", "mixed"):
            return False
        return len(filled[0].split()) >= _NOTE_WORDS or ":" in filled[0]

    def _footer_start(self, rows: list[Row]) -> int:
        """Give the place where a footer begins if no row follows."""
        start = len(rows)
        while start and len(rows) - start < _LONGEST_FOOTER:
            row = rows[start - 1]
            if any(cell.strip(EDGES) for cell in row) and not self._closes(row) and not self._is_note(row):
                break
            start -= 1
        return start

    def _point_out(self, rows: list[Row], before: int) -> None:
        """Report totals, and rows that follow a total or a blank row."""
        separated = False
        for place, row in enumerate(rows):
            if not any(cell.strip(EDGES) for cell in row):
                separated = True
            elif self._closes(row) or separated:
                separated = True
                self.footer.append(before + place + 1)
