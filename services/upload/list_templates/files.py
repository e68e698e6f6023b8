"""Writes a template as a workbook or as CSV."""

from __future__ import annotations

import csv
import io

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from services.upload.list_templates.content import (
    TemplateColumn,
    columns_of,
    for_example,
    instructions,
    title,
)

_HEADER_FONT = Font(bold=True, color="FFFFFF")
_HEADER_FILL = PatternFill("solid", fgColor="1F4E79")
_LAST_ROW = 5_000
_NARROWEST = 12


def as_csv(name: str, lang: str) -> bytes:
    """Write the headers alone, with semicolons and a byte order mark, so that spreadsheets in Belgium open it."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerow([column.header for column in columns_of(name, lang)])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(name: str, lang: str) -> bytes:
    """Write a workbook with a sheet that people fill in and one that explains it."""
    columns = columns_of(name, lang)
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title(lang)
    for place, column in enumerate(columns, 1):
        _add_column(sheet, place, column, lang)
    sheet.freeze_panes = "A2"
    _explain(book, columns, lang)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _add_column(sheet: Worksheet, place: int, column: TemplateColumn, lang: str) -> None:
    letter = get_column_letter(place)
    style = sheet.column_dimensions[letter]
    style.width = max(_NARROWEST, len(column.header) + 4)
    # As text, a spreadsheet keeps the zeros in front and all digits of a number.
    style.number_format = "dd/mm/yyyy" if column.is_date else "@"
    cell = sheet.cell(1, place, column.header)
    cell.font, cell.fill = _HEADER_FONT, _HEADER_FILL
    cell.comment = Comment(_note(column, lang), "Carryover", height=90, width=260)
    if column.choices:
        choices = DataValidation("list", formula1='"' + ",".join(column.choices) + '"', allow_blank=True)
        choices.errorStyle = "warning"
        sheet.add_data_validation(choices)
        choices.add(f"{letter}2:{letter}{_LAST_ROW}")


def _note(column: TemplateColumn, lang: str) -> str:
    return (
        f"{column.explanation} {for_example(column.example, lang)}" if column.example else column.explanation
    )


def _explain(book: Workbook, columns: list[TemplateColumn], lang: str) -> None:
    name, first = instructions(lang)
    sheet = book.create_sheet(name)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 34, 90
    sheet.append([first])
    sheet["A1"].font = Font(bold=True)
    for column in columns:
        sheet.append([column.header, _note(column, lang)])
        sheet.cell(sheet.max_row, 2).alignment = Alignment(wrap_text=True)
