"""Finds rows that are no data: repeated headers, page feet, comments, totals and notes at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.upload.model.rows import EDGES, Row
from services.upload.table.header_words import (
    closes_a_table,
    is_page_foot,
    is_rule,
    may_be_totals,
    names_a_total,
)
from services.upload.table.value_shapes import TYPED, shape_of

# A footer has at most so many rows.
_LONGEST_FOOTER = 20
# So many rows above a repeated header may be the foot of the page before.
_PAGE_FOOT = 4
# In tables of at most so many columns a total fills all cells; the sums of their numbers show it.
_NARROW = 3
_OF_NUMBERS = frozenset("-+0123456789.,")
_LONGEST_NUMBER = 20
# what sums may be off, because numbers are kept in binary; less than a thousandth, which may be a thousand
_OFF = 0.0004
# A single cell of so many words is a note, not a client.
_NOTE_WORDS = 3


class ColumnSums:
    """The sums of the numbers of narrow tables, of all rows and since the last subtotal; `width` 0 has none.

    Whether a comma or a point begins the decimals is not known yet, so there is a sum for each.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._rows = [0, 0]
        self._sums = [[[0.0, 0.0] for _ in range(width)] for _ in range(2)]

    def begin_section(self) -> None:
        """Begin the sums since the last subtotal anew."""
        self._rows[1] = 0
        self._sums[1] = [[0.0, 0.0] for _ in range(self.width)]

    def add(self, row: Row) -> None:
        """Add the numbers of a row."""
        if not any(row):
            return
        for at in range(2):
            self._rows[at] += 1
            for column in range(1, min(self.width, len(row))):
                for which, number in enumerate(_as_numbers(row[column])):
                    self._sums[at][column][which] += number or 0.0

    def are(self, row: Row) -> bool:
        """Whether all cells of a row but the first are sums of what was added, or the number of its rows."""
        others = [
            (column, row[column]) for column in range(1, min(self.width, len(row))) if row[column].strip()
        ]
        return bool(others) and any(
            all(self._is_sum(at, column, cell) for column, cell in others)
            for at in range(2)
            if self._rows[at]
        )

    def _is_sum(self, at: int, column: int, cell: str) -> bool:
        sums = self._sums[at][column]
        found = zip(_as_numbers(cell), sums, strict=True)
        return any(n is not None and (abs(n - total) < _OFF or n == self._rows[at]) for n, total in found)


def _as_numbers(cell: str) -> tuple[float | None, float | None]:
    """The number that a cell is if a comma begins its decimals, and if a point does."""
    bare = (
        cell.strip(EDGES + "€$£ ")
        .replace("\u00a0", "")
        .replace("\u202f", "")
        .replace(" ", "")
        .replace("'", "")
    )
    if not bare or not set(bare) <= _OF_NUMBERS or len(bare) > _LONGEST_NUMBER:
        return None, None
    return _number(bare.replace(".", "").replace(",", ".")), _number(bare.replace(",", ""))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


class DataFilter:
    """Makes rows blank that are no data of the table; after reading, it has the numbers of the rows that it found.

    `left_out` has repeated headers, the feet of pages above them, drawn lines, and comments; these become blank. Totals
    stay, since a person may know better: `totals` has those that hold nothing but words of totals and numbers.
    `footer` has other rows at the end that look like notes, since a client may look like one.
    `has_header`: the blocks begin with the header. `comments` is how comments above the table begin, `#` or `# `;
    lines that begin so are comments inside it, too; "" without any. `before` is the number of the row before the
    blocks.
    """

    def __init__(self, width: int, before: int, has_header: bool, comments: str = "") -> None:
        self._width = width
        self._before = before
        self._has_header = has_header
        self._comments = comments
        self.left_out: list[int] = []
        self.totals: list[int] = []
        self.footer: list[int] = []
        self._sums = ColumnSums(width if width <= _NARROW else 0)

    def filtered(self, blocks: Iterable[list[Row]]) -> Iterator[list[Row]]:
        """Give the blocks after the header; rows that are left out are []."""
        for found in (self.left_out, self.totals, self.footer):
            found.clear()
        self._sums = ColumnSums(self._sums.width)
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
            if number == self._before:
                self._blank_rules(rows, number)
            start = self._footer_start(rows)
            pending = rows[start:]
            if start:
                self._note_totals(rows[:start], number)
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
                    filled = _filled(rows[above])
                    if not self._closes(filled) or self._is_total(filled):
                        break
                    self._blank(rows, above, before)

    def _blank_rules(self, rows: list[Row], before: int) -> None:
        """Make the line under a header blank, and others that are drawn among the first rows."""
        for place, row in enumerate(rows):
            if is_rule(row):
                self._blank(rows, place, before)

    def _blank_comments(self, rows: list[Row], before: int) -> None:
        for place, row in enumerate(rows):
            if row and row[0].lstrip(EDGES).startswith(self._comments) and sum(map(bool, row)) < self._width:
                self._blank(rows, place, before)

    def _note_totals(self, rows: list[Row], before: int) -> None:
        """Note subtotals between the rows: those whose first column names a total, with numbers.

        A row that fills a narrow table is one where its numbers are the sums of those above it.
        """
        named = set(may_be_totals(rows))
        found = {
            place for place in named if len(_filled(rows[place])) > 1 and self._is_total(_filled(rows[place]))
        }
        for place, row in enumerate(rows) if self._sums.width else ():
            if place in found or (place in named and self._sums.are(row)):
                found.add(place)
                self._sums.begin_section()
            else:
                self._sums.add(row)
        self.totals += [before + place + 1 for place in sorted(found)]

    def _closes(self, filled: Row) -> bool:
        """Whether a row begins like a total or the foot of a page, and leaves cells blank."""
        return 0 < len(filled) < max(self._width, 2) and closes_a_table(filled[0])

    def _is_total(self, filled: Row) -> bool:
        """Whether a row says nothing but a total: words of totals, and numbers or dates."""
        if not 0 < len(filled) < max(self._width, 2) or not names_a_total(filled[0]):
            return False
        return all(shape_of(cell) in TYPED and "@" not in cell for cell in filled[1:])

    def _is_note(self, filled: Row) -> bool:
        if len(filled) != 1 or self._width < 3 or shape_of(filled[0]) not in ("word", "mixed"):
            return False
        return len(filled[0].split()) >= _NOTE_WORDS or ":" in filled[0]

    def _footer_start(self, rows: list[Row]) -> int:
        """Give the place where a footer begins if no row follows."""
        start = len(rows)
        while start and len(rows) - start < _LONGEST_FOOTER:
            filled = _filled(rows[start - 1])
            if filled and not self._closes(filled) and not self._is_note(filled):
                break
            start -= 1
        return start

    def _point_out(self, rows: list[Row], before: int) -> None:
        """Note totals and page feet, and rows that follow one, or a blank row."""
        separated = False
        for place, row in enumerate(rows):
            filled = _filled(row)
            if self._is_total(filled) or (len(filled) == 1 and is_page_foot(filled[0])):
                separated = True
                self.totals.append(before + place + 1)
            elif not filled:
                separated = True
            elif self._closes(filled) or separated:
                separated = True
                self.footer.append(before + place + 1)


def _filled(row: Row) -> Row:
    return [cell for cell in (cell.strip(EDGES) for cell in row) if cell]
