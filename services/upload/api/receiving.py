"""Streams an upload from the wire into the file store, without holding it in memory or on disk."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, cast

from flask import Request

from shared.plumbing.file_store import FileWriter

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Incoming(io.RawIOBase):
    """The stream that the form parser writes an uploaded file to; it passes the bytes to the file store."""

    def __init__(self, writer: FileWriter) -> None:
        self.writer = writer

    def write(self, data: ReadableBuffer) -> int:
        """Pass the bytes on; raises `FileTooLarge` past the limit."""
        return self.writer.write(bytes(data))

    def seek(self, _offset: int, _whence: int = 0) -> int:
        """Do nothing: the form parser rewinds at its end, and this stream cannot be read."""
        return 0

    def writable(self) -> bool:
        """Whether bytes can be written: always."""
        return True


class UploadRequest(Request):
    """A request whose uploaded file goes to the writer that `sink` opens; without a sink Flask keeps it."""

    sink: Callable[[], FileWriter] | None = None

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.sink is None:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        return cast("IO[bytes]", Incoming(self.sink()))
