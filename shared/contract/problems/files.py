"""Problems of files: what was found while a file was read."""

from __future__ import annotations

from shared.contract.problems.kinds import ERROR, FILE, WARNING, kinds
from shared.contract.texts.catalogues import gettext_noop as _

KINDS = (
    *kinds(
        FILE,
        ERROR,
        {
            "unusable_delimiter": _(
                "“{delimiter}” cannot separate the columns of this file. Choose another sign."
            ),
        },
    ),
    *kinds(
        FILE,
        ERROR,
        {
            "nothing_to_repair": _(
                "No row of this file waits to be loaded: they are loaded already, or a person left them out."
            ),
        },
        status=409,
    ),
    *kinds(
        FILE,
        ERROR,
        {
            "too_large": _("The file has {size}; {max} are allowed. Split it, or ask for a higher limit."),
            "unpacks_too_large": _(
                "Unpacked, the file would be larger than {max}. Remove pictures and empty areas, or split it."
            ),
        },
        status=413,
    ),
    *kinds(
        FILE,
        ERROR,
        {
            "unsupported_format": _(
                "This is not a list that can be read ({found}). Use one of these formats, or a zip with one of"
                " them: {formats}."
            ),
        },
        status=415,
    ),
    *kinds(
        FILE,
        ERROR,
        {
            "empty": _("The file is empty. Choose a file with a header row and at least one row."),
            "no_rows": _("The file has a header but no rows. Add the clients below it."),
            "no_header": _(
                "Row {row} holds no column names: it is blank, or the list has no such row. Say which row"
                " holds them."
            ),
            "too_many_rows": _("The file has more than {max} rows. Split it into several files."),
            "too_many_columns": _(
                "The file has {count} columns; {max} are allowed. Remove those that are not needed."
            ),
            "cell_too_long": _(
                "Row {row}, column “{column}” holds more than {max} characters. Shorten it; perhaps a quote is"
                " not closed."
            ),
            "encrypted": _("The file is protected by a password. Save it without one and upload it again."),
            "corrupt": _(
                "The file is damaged and cannot be read. Open it in its program, save it again and upload"
                " that."
            ),
            "undecodable": _(
                "The text cannot be read as {encoding}. Choose another encoding, or save the file as UTF-8."
            ),
            "several_files": _("The archive holds {count} lists. Put one list in it."),
            "unknown_sheet": _("There is no sheet “{sheet}”. Choose one of: {sheets}."),
            "reading_too_slow": _(
                "Reading the file took too long and was stopped. Save it as CSV, or split it into several files."
            ),
            "reading_too_large": _(
                "Reading the file took too much memory and was stopped. Save it as CSV, or split it into several"
                " files."
            ),
            "repair_without_rows": _(
                "The file has no column “_row”, so nobody can tell which rows these are. Send the list of"
                " skipped rows back with that column."
            ),
            "repair_unknown_rows": _(
                "The import has no rows {rows}. Leave the column “_row” as it was, and send new rows in a file"
                " of their own. Nothing was changed."
            ),
            "repair_rows_twice": _(
                "Rows {rows} are in the file more than once. Keep one line for each. Nothing was changed."
            ),
            "repair_unknown_columns": _(
                "The import has no columns {columns}. Leave the headers as they were, or remove these columns."
                " Nothing was changed."
            ),
        },
        status=422,
    ),
    *kinds(
        FILE,
        WARNING,
        {
            "blank_header": _("Column {letter} had no name; it is called “{name}”."),
            "repeated_header": _(
                "The header “{header}” is there more than once; the later one is called “{name}”."
            ),
            "blank_rows_dropped": _("Blank rows were left out: {count}."),
            "blank_columns_dropped": _("Blank columns were left out: {count}."),
            "encoding_guessed": _(
                "The encoding was guessed as {encoding}. Look at the accents in the sample and choose another"
                " if they are wrong."
            ),
            "converted_twice": _(
                "Letters look as if the file was converted twice: “{sample}” may mean “{meant}”. Choose the encoding"
                " {encoding} to undo that."
            ),
            "undecodable_bytes": _(
                "Characters that could not be read are shown as a question mark: {count}. Choose another encoding."
            ),
            "preamble_skipped": _(
                "Lines above the header row were left out ({count}). Choose another header row if that is"
                " wrong."
            ),
            "header_of_two_rows": _(
                "The header takes two rows, {upper} and {row}. The names of both are used. Choose another header"
                " row if that is wrong."
            ),
            "rows_left_out": _(
                "Rows that repeat the header, or are comments or the foot of a page, were left out: {rows}."
                " Write them otherwise if they are clients."
            ),
            "total_rows": _(
                "Rows that look like totals or the foot of a page are left out: {rows}. Tick them at the review if"
                " they are clients."
            ),
            "footer_rows": _(
                "Rows at the end that look like notes are read as clients: {rows}. Untick those that are none."
            ),
            "hidden_rows": _(
                "Rows that are hidden or filtered out in the file are read like the others: {rows}. You can leave"
                " them out."
            ),
            "hidden_rows_left_out": _(
                "Rows that are hidden or filtered out in the file are left out, as you chose: {rows}."
            ),
            "other_sheets": _(
                "Only the sheet “{sheet}” is read; the file has {count} more. Choose another if that is wrong."
            ),
            "other_files": _(
                "Only “{name}” of the archive is read; it holds other files, too: {count}. Upload the list"
                " itself if that is wrong."
            ),
            "same_file": _(
                "The same file was imported on {date} by {who}. Go on only if you mean to import it again."
            ),
            "unclosed_quote": _("A quotation mark in row {row} is never closed. Check that row in the file."),
            "rows_repaired": _(
                "Quotation marks are damaged in rows {rows}, so their cells had to be guessed. Check them."
            ),
            "rows_in_cells": _(
                "Cells in rows {rows} have lines that look like rows. If they are rows, put the quotation"
                " marks right in the file."
            ),
            "lines_unwrapped": _(
                "Each line of the file has quotation marks around the whole of it. They were taken off to find"
                " the columns."
            ),
        },
    ),
    *kinds(
        FILE,
        ERROR,
        {
            "reading_stopped": _(
                "Reading the file was stopped twice by the system, not because of the file. Upload it again."
            ),
        },
        503,
    ),
)
