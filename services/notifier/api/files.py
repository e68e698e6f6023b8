"""Files as answers: written for one answer, or kept; sent piece by piece."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterator
from typing import IO

from flask import Response

PIECE_BYTES = 256 * 1024
ZIP = "application/zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
FILE: dict[str, object] = {"type": "string", "format": "binary"}
TEXT_FILE: dict[str, object] = {"type": "string"}


def made(write: Callable[[IO[bytes]], object]) -> IO[bytes]:
    """A file for one answer, written now."""
    file = tempfile.TemporaryFile(prefix="carryover-")  # noqa: SIM115 - closed after it was sent
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def attached(content: IO[bytes] | Generator[bytes, None, None], name: str, content_type: str) -> Response:
    """The answer with a file, or with pieces that are made while they are sent."""
    pieces = content if isinstance(content, Generator) else _pieces(content)
    answer = Response(pieces, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE_BYTES):
            yield piece
