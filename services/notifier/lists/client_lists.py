"""The lists of accounts and contacts as files to be imported again: one row a record, its id in the first column.

Each cell has the text that an import reads as just the value that the record has. Masked numbers would come back
wrong, so that a reader who may not see them gets no column with them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import IO

from openpyxl import Workbook

from services.notifier.lists.text_cells import TextSheet
from shared.contract.custom_fields import id_of
from shared.contract.documents.record import Record
from shared.contract.documents.reference import CustomField, Reference
from shared.contract.fields import Field
from shared.contract.fields.client_files import (
    OWN_ID,
    fields_of,
    label_is_taken,
    linked_label,
)
from shared.contract.records import RENAMED, public_id
from shared.contract.skipped_rows import MOST_ROWS, guarded

#: Signs that separate entries in a cell; an entry that has one would come back as two.
_SEPARATORS = ",;"
_BETWEEN = "; "
#: Rows of text that are sent at once.
_ROWS_AT_ONCE = 500


class TooManyRows(Exception):
    """The list has more rows than a workbook may have."""


class ClientColumns:
    """The columns of a list of accounts or contacts."""

    def __init__(self, collection: str, reference: Reference, lang: str, *, register_numbers: bool) -> None:
        self.collection = collection
        self._record = collection.removesuffix("s")
        self._fields = fields_of(collection, register_numbers=register_numbers)
        self._customs = [each for each in reference["custom_fields"] if each["record"] == self._record]
        self._members = {
            member["id"]: member.get("email") or member["id"] for member in reference["team_members"]
        }
        labels = [each.label(lang) for each in self._fields]
        customs = [self._name_of(each) for each in self._customs]
        self.header = [*labels, *customs, linked_label(collection, lang)]

    def _name_of(self, custom: CustomField) -> str:
        """The header of a custom field: its name, with the record where another column is called the same."""
        name = custom["name"]
        return f"{name} ({self._record})" if label_is_taken(self.collection, name) else name

    def cells(self, record: Record, linked: Sequence[str]) -> list[str]:
        """The cells of a record; `linked` are the names at the other ends of its links."""
        own = [self._cell(each, record) for each in self._fields]
        custom = record.get("custom", {})
        return [*own, *(_text(custom.get(id_of(each))) for each in self._customs), _BETWEEN.join(linked)]

    def _cell(self, field: Field, record: Mapping[str, object]) -> str:
        if field.key == OWN_ID[self.collection]:
            return public_id(str(record["_id"]))
        value = record.get(RENAMED.get(field.name, field.name))
        if field.type == "members" and isinstance(value, list):
            value = [self._members.get(member, member) for member in value]
        return _text(value)


def _text(value: object) -> str:
    """A value as the text of a cell; entries of a list that hold a separator are left out, as they add nothing."""
    if isinstance(value, list):
        return _BETWEEN.join(
            str(each) for each in value if not any(sign in str(each) for sign in _SEPARATORS)
        )
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value is not None else ""


def csv_pieces(columns: ClientColumns, rows: Iterable[list[str]]) -> Generator[bytes, None, None]:
    """A list as CSV, UTF-8 with BOM, piece by piece; cells that a spreadsheet would run are guarded."""
    yield b"\xef\xbb\xbf"
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(map(guarded, columns.header))
    for count, row in enumerate(rows, 1):
        writer.writerow(map(guarded, row))
        if count % _ROWS_AT_ONCE == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def write_client_book(
    target: IO[bytes], columns: ClientColumns, rows: Iterable[list[str]], title: str
) -> int:
    """Write a list as a workbook of text cells; gives how many rows it has, and raises `TooManyRows`."""
    book = Workbook(write_only=True)
    sheet = TextSheet(book, title, columns.header)
    for row in rows:
        if sheet.rows == MOST_ROWS:
            raise TooManyRows
        sheet.append(row)
    sheet.end()
    book.save(target)
    return sheet.rows
