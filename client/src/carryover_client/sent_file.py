"""The file of an upload: from a path, an open file, bytes, or a stream that cannot be read twice."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeAlias

#: What may be uploaded. An open file is read from its beginning, in binary mode.
File: TypeAlias = "str | os.PathLike[str] | bytes | IO[bytes]"
#: Is called with the bytes sent so far and the bytes in all; after a cut a small file begins again from 0.
OnSent: TypeAlias = Callable[[int, int], None]
#: Bytes of a stream that are kept in memory; the rest goes to a temporary file.
SPOOLED = 8 << 20


class SentFile:
    """A file that can be read again for a new try, with its name and its size in bytes."""

    def __init__(self, name: str, stream: IO[bytes], on_sent: OnSent | None = None) -> None:
        self.name = name
        self.stream = stream
        self.on_sent = on_sent
        self.size = stream.seek(0, os.SEEK_END)
        stream.seek(0)

    def read(self, size: int = -1) -> bytes:
        """Read on, and report how far it is."""
        part = self.stream.read(size)
        if self.on_sent is not None:
            self.on_sent(self.stream.tell(), self.size)
        return part

    def part(self, at: int, size: int) -> bytes:
        """Bytes from a place on, without a report."""
        self.stream.seek(at)
        return self.stream.read(size)

    def arrived(self, offset: int) -> None:
        """Report how much the server has."""
        if self.on_sent is not None:
            self.on_sent(offset, self.size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a place."""
        return self.stream.seek(offset, whence)

    def tell(self) -> int:
        """The place that is read next."""
        return self.stream.tell()


@contextmanager
def opened(file: File, name: str | None = None, on_sent: OnSent | None = None) -> Iterator[SentFile]:
    """Open what is to be uploaded; a file that the caller opened stays open.

    Raises `OSError` where a path cannot be read, and `TypeError` for a file in text mode.
    """
    if isinstance(file, (str, os.PathLike)):
        with Path(file).open("rb") as stream:
            yield SentFile(name or name_of(Path(file)), stream, on_sent)
    elif isinstance(file, (bytes, bytearray, memoryview)):
        yield SentFile(name or "clients.csv", io.BytesIO(file), on_sent)
    elif isinstance(file, io.TextIOBase):
        raise TypeError("Open the file in binary mode: open(path, 'rb').")
    else:
        named = name or _name_of(file)
        if file.seekable():
            yield SentFile(named, file, on_sent)
            return
        with tempfile.SpooledTemporaryFile(SPOOLED) as kept:
            shutil.copyfileobj(file, kept)
            yield SentFile(named, kept, on_sent)


def _name_of(file: IO[bytes]) -> str:
    given = getattr(file, "name", None)
    name = name_of(Path(given)) if isinstance(given, str) else ""
    return name if name and not name.startswith("<") else "clients.csv"


def name_of(path: Path) -> str:
    """The name of a file; bytes of it that are no UTF-8 are replaced, because a name is a text for people."""
    return os.fsencode(path.name).decode("utf-8", "replace")
