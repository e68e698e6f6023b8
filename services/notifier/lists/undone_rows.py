"""The list of the rows of an import that was undone: the original columns, then the outcome of the row and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from services.notifier.lists.zipped_csv import write_zipped
from services.notifier.mails.texts import text_of
from shared.contract.documents.chunk import EditedCells, Undone, UndoReason
from shared.contract.fields import label
from shared.contract.problems import sentence
from shared.contract.records import FIELD_OF
from shared.contract.skipped_rows import REPORT

NAME = "undone.csv"
OWN = ("_row", "_outcome", "_reason")
LISTED = frozenset({"kept", "failed"})
_RECORD = {"accounts": "account", "contacts": "contact"}


def write_undone(
    target: IO[bytes],
    headers: Sequence[str],
    delimiter: str | None,
    chunks: Iterable[tuple[EditedCells, Undone]],
    lang: str,
    *,
    every: bool = False,
) -> int:
    """Write the zipped list of the rows that were kept or failed, or of every row; gives how many there are.

    `chunks` are the cells of each chunk with the outcomes of undo; only one chunk is in memory at a time.
    """
    columns = [index for index, header in enumerate(headers) if header not in (*REPORT, *OWN)]
    lines = (line for cells, undone in chunks for line in _lines(cells, undone, columns, lang, every))
    return write_zipped(target, NAME, delimiter, [*(headers[index] for index in columns), *OWN], lines)


def _lines(
    cells: EditedCells, undone: Undone, columns: Sequence[int], lang: str, every: bool
) -> Iterator[list[str]]:
    for offset, outcome in enumerate(undone.outcomes):
        if not every and outcome not in LISTED:
            continue
        reasons = " ".join(_sentence(reason, lang) for reason in undone.reasons.get(offset, ()))
        own = [cells.rows[offset][index] for index in columns]
        word = text_of(f"row_{outcome}", lang)
        # cells beyond the header belong to no column; at the end they move no other cell
        yield [*own, str(cells.number(offset)), word, reasons, *cells.extra.get(offset, [])]


def _sentence(reason: UndoReason, lang: str) -> str:
    """One reason as a sentence, with the record and its fields in brackets."""
    code, kind, names = reason
    labels = ", ".join(_label(_RECORD.get(kind, ""), name, lang) for name in names)
    about = text_of(f"of_{kind}", lang)
    return sentence(code, lang, fields=f"({about}: {labels})" if labels else f"({about})")


def _label(record: str, name: str, lang: str) -> str:
    return label(f"{record}.{FIELD_OF.get(name, name)}", lang)
