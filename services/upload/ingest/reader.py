"""Open an uploaded file, whatever it is called, and give its rows as text: the one door to reading."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path

from services.upload.containers import unwrapping
from services.upload.containers.detection import recognise
from services.upload.dialect.delimiter import check_signs
from services.upload.dialect.encoding import allowed_encoding
from services.upload.formats import html_table, ods, spreadsheetml, xls, xlsb, xlsx
from services.upload.formats.delimited import open_delimited
from services.upload.model.book import Book
from services.upload.model.source import Batch, Found, Limits, Overrides, ReadError, Source
from services.upload.table.sheet_table import open_table, unknown_sheet

__all__ = ["Batch", "Found", "Limits", "Overrides", "ReadError", "Source", "check_overrides", "open_source"]

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
    """Look at the file and find its table; the rows are read afterwards by `Source.batches`.

    `name` is only for messages: the content decides. Every failure is a ReadError with a stable code. What is
    unpacked on the way stands in a folder of its own that goes with the source.
    """
    path, limits, overrides = Path(path), limits or Limits(), overrides or Overrides()
    size = path.stat().st_size
    if size > limits.bytes:
        raise ReadError("too_large", name, size=size, max=limits.bytes)
    kind = recognise(path, limits)
    if kind in ("zip", "protected"):
        return _unwrapped(path, kind, limits, overrides)
    try:
        return _opened(path, kind, limits, overrides)
    except ReadError as error:
        if kind != "xls" or error.code != "encrypted":
            raise
    return _unwrapped(path, "protected", limits, overrides)


def check_overrides(overrides: Overrides, sheets: list[str] | None = None) -> None:
    """Raise the ReadError that these overrides would end in, whatever the file; `sheets` are those it has, if known."""
    if overrides.encoding is not None:
        allowed_encoding(overrides.encoding)
    check_signs(overrides.delimiter, overrides.quote)
    if overrides.sheet is not None and sheets is not None and overrides.sheet not in sheets:
        raise unknown_sheet(overrides.sheet, sheets)


def _unwrapped(path: Path, kind: str, limits: Limits, overrides: Overrides) -> Source:
    folder = Path(tempfile.mkdtemp(prefix="carryover-"))
    try:
        inner = folder / "source"
        name = None
        if kind == "zip":
            name = unwrapping.unzipped(path, inner, limits)
        else:
            unwrapping.decrypted(path, inner)
        kind = recognise(inner, limits)
        if kind in ("zip", "protected"):
            raise ReadError("unsupported_format", found="zip in a zip" if kind == "zip" else "encrypted")
        source = _opened(inner, kind, limits, overrides)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    source.found = dataclasses.replace(source.found, packed_as=name)
    weakref.finalize(source, shutil.rmtree, folder, ignore_errors=True)
    return source


def _opened(path: Path, kind: str, limits: Limits, overrides: Overrides) -> Source:
    if kind == "csv":
        return open_delimited(path, limits, overrides)
    return open_table(_BOOKS[kind](path, limits), limits, overrides)
