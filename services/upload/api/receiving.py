"""Takes an upload from the wire into the file store, without holding it in memory or on disk."""

from __future__ import annotations

import hashlib
import io
import json
import unicodedata
from collections.abc import Callable
from typing import IO, Any, cast

from flask import Request

from shared.contract.bounded import MOST_NAME
from shared.plumbing.file_store import FileWriter


class Incoming(io.RawIOBase):
    """What the form parser writes an uploaded file into: straight into the file store."""

    def __init__(self, writer: FileWriter) -> None:
        self.writer = writer

    def write(self, data: Any) -> int:
        """Pass the bytes on; raises `FileTooLarge` past the limit."""
        return self.writer.write(bytes(data))

    def seek(self, _offset: int, _whence: int = 0) -> int:
        """The form parser goes back to the start when it is done; there is nothing to go back in."""
        return 0

    def writable(self) -> bool:
        """Yes."""
        return True


class UploadRequest(Request):
    """A request whose uploaded file goes where `sink` says; without a sink, as Flask does it."""

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


def fingerprint(sha256: str, name: str, options: dict[str, Any]) -> str:
    """What makes two requests the same: the same bytes, name and options."""
    text = json.dumps([sha256, name, options], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


#: What a name shows nothing of, or what turns it round: control, format and surrogate characters, line ends.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def shown_name(given: str | None, otherwise: str = "upload") -> str:
    """The name of a file on one line, without characters that are not seen; of a long one the end."""
    seen = "".join(" " if unicodedata.category(one) in _UNSEEN else one for one in given or "")
    return " ".join(seen.split())[-MOST_NAME:].strip() or otherwise
