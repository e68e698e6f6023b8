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
    NO_FIRM,
    FirmLists,
    TemplateColumn,
    columns_of,
    for_example,
    instructions,
    title,
)

_HEADER_FONT = Font(bold=True, color="FFFFFF")
_HEADER_FILL = PatternFill("solid", fgColor="1F4E79")
#: Columns that each row needs, and of which each row needs one.
_EACH_ROW_FILL, _ONE_OF_FILL = PatternFill("solid", fgColor="9C2A00"), PatternFill("solid", fgColor="7A4B00")
_LAST_ROW = 5_000
#: The hidden sheet of long lists; a list in the formula itself has at most 255 characters.
#: https://learn.microsoft.com/office/vba/api/excel.validation.formula1
_LISTS, _LONGEST_FORMULA, _NOT_IN_FORMULA = "Lists", 255, frozenset(',"')
_NARROWEST = 12


def as_csv(name: str, lang: str, firm: FirmLists = NO_FIRM) -> bytes:
    """Write the headers alone, with semicolons and a byte order mark, so that spreadsheets in Belgium open it."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerow([column.header for column in columns_of(name, lang, firm)])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(name: str, lang: str, firm: FirmLists = NO_FIRM) -> bytes:
    """Write a workbook with a sheet that people fill in and one that explains it; long lists are on a hidden one."""
    columns = columns_of(name, lang, firm)
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title(lang)
    for place, column in enumerate(columns, 1):
        _add_column(sheet, place, column, lang)
    sheet.freeze_panes = "A2"
    _explain(book, columns, lang)
    _offer(book, sheet, columns)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _add_column(sheet: Worksheet, place: int, column: TemplateColumn, lang: str) -> None:
    letter = get_column_letter(place)
    style = sheet.column_dimensions[letter]
    style.width = max(_NARROWEST, len(column.header) + 4)
    # As text, a spreadsheet keeps the zeros in front and all digits of a number.
    style.number_format = column.date_format or "@"
    cell = sheet.cell(1, place, column.header)
    cell.data_type = "s"  # a name that begins with = is no formula
    cell.font = _HEADER_FONT
    cell.fill = _EACH_ROW_FILL if column.in_each_row else _ONE_OF_FILL if column.needed else _HEADER_FILL
    cell.comment = Comment(_note(column, lang), "Carryover", height=90, width=260)


def _offer(book: Workbook, sheet: Worksheet, columns: list[TemplateColumn]) -> None:
    """Offer the choices of columns in lists; other values may be written, too."""
    kept: Worksheet | None = None
    for place, column in enumerate(columns, 1):
        if not column.choices:
            continue
        formula = '"' + ",".join(column.choices) + '"'
        if len(formula) > _LONGEST_FORMULA or any(set(each) & _NOT_IN_FORMULA for each in column.choices):
            kept = kept or book.create_sheet(_LISTS)
            kept.sheet_state = "hidden"
            formula = _keep_list(kept, column.choices)
        choices = DataValidation("list", formula1=formula, allow_blank=True)
        choices.errorStyle = "warning"
        sheet.add_data_validation(choices)
        letter = get_column_letter(place)
        choices.add(f"{letter}2:{letter}{_LAST_ROW}")


def _keep_list(sheet: Worksheet, choices: tuple[str, ...]) -> str:
    """Write choices into the next column of the hidden sheet; gives where they are."""
    place = sheet.max_column + 1 if sheet.cell(1, 1).value is not None else 1
    for row, choice in enumerate(choices, 1):
        sheet.cell(row, place, choice).data_type = "s"
    letter = get_column_letter(place)
    return f"{_LISTS}!${letter}$1:${letter}${len(choices)}"


def _note(column: TemplateColumn, lang: str) -> str:
    example = for_example(column.example, lang) if column.example else ""
    return " ".join(filter(None, (column.needed, column.explanation, example)))


def _explain(book: Workbook, columns: list[TemplateColumn], lang: str) -> None:
    name, first = instructions(lang)
    sheet = book.create_sheet(name)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 34, 90
    sheet.append([first])
    sheet["A1"].font = Font(bold=True)
    for column in columns:
        sheet.append([column.header, _note(column, lang)])
        sheet.cell(sheet.max_row, 1).data_type = "s"
        sheet.cell(sheet.max_row, 2).alignment = Alignment(wrap_text=True)
