"""Open an uploaded file, whatever it is called, and give its rows as text: the one door to reading."""

from __future__ import annotations

from pathlib import Path

from services.upload.content import recognise
from services.upload.source import Batch, Found, Limits, Overrides, ReadError, Source
from services.upload.text import open_delimited
from services.upload.workbook import open_workbook

__all__ = ["Batch", "Found", "Limits", "Overrides", "ReadError", "Source", "open_source"]

_OPENERS = {"csv": open_delimited, "xlsx": open_workbook}


def open_source(
    path: str | Path, name: str = "", limits: Limits | None = None, overrides: Overrides | None = None
) -> Source:
    """Look at the file and find its table; the rows are read afterwards by `Source.batches`.

    `name` is only for messages: the content decides. Every failure is a ReadError with a stable code.
    """
    path, limits, overrides = Path(path), limits or Limits(), overrides or Overrides()
    size = path.stat().st_size
    if size > limits.bytes:
        raise ReadError("too_large", name, size=size, max=limits.bytes)
    return _OPENERS[recognise(path)](path, limits, overrides)
