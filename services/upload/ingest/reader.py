"""Opens an uploaded file of any format and gives its rows as text; every reading starts here."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path

from services.upload.containers import unwrapping
from services.upload.containers.detection import detect_format
from services.upload.dialect.delimiter import check_signs
from services.upload.dialect.encoding import allowed_encoding
from services.upload.formats import html_table, ods, spreadsheetml, xls, xlsb, xlsx
from services.upload.formats.delimited import open_delimited
from services.upload.model.book import Book
from services.upload.model.source import Limits, Overrides, ReadError, Source
from services.upload.table.sheet_table import open_table, unknown_sheet

_BOOKS: dict[str, Callable[[Path, Limits], Book]] = {
    "xlsx": xlsx.Workbook,
    "xlsb": xlsb.Workbook,
    "xls": xls.Workbook,
    "ods": ods.Workbook,
    "fods": lambda path, limits: ods.Workbook(path, limits, flat=True),
    "xml": spreadsheetml.Workbook,
    "html": html_table.Workbook,
}


def open_source(
    path: str | Path, name: str = "", limits: Limits | None = None, overrides: Overrides | None = None
) -> Source:
    """Detect the format and find the table of a file; `Source.batches` reads its rows afterwards.

    `name` is for messages only: the content decides. Every failure is a ReadError with a stable code. Unwrapped
    files lie in a folder that is removed with the source.
    """
    path, limits, overrides = Path(path), limits or Limits(), overrides or Overrides()
    size = path.stat().st_size
    if size > limits.bytes:
        raise ReadError("too_large", name, size=size, max=limits.bytes)
    kind = detect_format(path, limits)
    if kind in ("zip", "protected"):
        return _unwrapped(path, kind, limits, overrides)
    try:
        return _opened(path, kind, limits, overrides)
    except ReadError as error:
        if kind != "xls" or error.code != "encrypted":
            raise
    return _unwrapped(path, "protected", limits, overrides)


def check_overrides(overrides: Overrides, sheets: Sequence[str] | None = None) -> None:
    """Raise the ReadError that these overrides cause for any file; `sheets` are those of the file, if known."""
    if overrides.encoding is not None:
        allowed_encoding(overrides.encoding)
    check_signs(overrides.delimiter, overrides.quote)
    if overrides.sheet is not None and sheets is not None and overrides.sheet not in sheets:
        raise unknown_sheet(overrides.sheet, sheets)


def _unwrapped(path: Path, kind: str, limits: Limits, overrides: Overrides) -> Source:
    folder = Path(tempfile.mkdtemp(prefix="carryover-"))
    try:
        inner = folder / "source"
        name: str | None = None
        others: list[str] = []
        if kind == "zip":
            name, others = unwrapping.unzipped(path, inner, limits)
        else:
            unwrapping.decrypted(path, inner)
        kind = detect_format(inner, limits)
        if kind in ("zip", "protected"):
            raise ReadError("unsupported_format", found="zip in a zip" if kind == "zip" else "encrypted")
        source = _opened(inner, kind, limits, overrides)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    source.found = dataclasses.replace(source.found, packed_as=name)
    if others:
        source.add_problem(
            {"code": "other_files", "place": {}, "params": {"name": name, "count": len(others)}}
        )
    weakref.finalize(source, shutil.rmtree, folder, ignore_errors=True)
    return source


def _opened(path: Path, kind: str, limits: Limits, overrides: Overrides) -> Source:
    if kind == "csv":
        return open_delimited(path, limits, overrides)
    return open_table(_BOOKS[kind](path, limits), limits, overrides)
