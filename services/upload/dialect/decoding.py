"""Decodes a text file as a stream of clean UTF-8: without byte order mark, NULs and earlier wrong conversions."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from services.upload.model.source import Problem, ReadError

CHUNK = 1 << 16
# The end-of-file character of DOS, and spaces that fill the last block of a file.
_PADDING = b"\x1a "

# Control characters that a program left when it took Windows-1252 for Latin-1 and wrote it as UTF-8.
# After a letter from U+00C2 on they are UTF-8 that was taken for Latin-1; that stays as it is.
_C1 = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}
_C1_CHARACTERS = re.compile("[\xc2-\xf4][\x80-\xbf]+|[\x80-\x9f]")
_C1_BYTES = re.compile(rb"\xc3[\x82-\xb4](?:\xc2[\x80-\xbf])+|\xc2[\x80-\x9f]")
_LAST_BYTES = re.compile(rb"[\x80-\xff]+\Z")
_LONGEST_CHARACTER = 16


@dataclass(frozen=True)
class Encoding:
    """How to decode a file; `stray` is the encoding of bytes that `name` cannot decode, if known.

    `rivals` are other encodings that fit, each with a sample line; `problems` are what a person should know.
    """

    name: str
    stray: str | None = None
    rivals: list[dict[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class CleanBytes(io.BufferedIOBase):
    """A file as UTF-8 without byte order mark and NULs, for TextIOWrapper; it holds one chunk at a time.

    Nothing else limits a record without an end. Reading more than `longest_record` bytes after the last call of
    `record_ended` raises ReadError `cell_too_long`.
    """

    def __init__(self, file: BinaryIO, encoding: Encoding, longest_record: int = 16 << 20) -> None:
        self._file = file
        self._longest = longest_record
        self._since = 0
        self._plain = encoding.name == "utf-8" and not encoding.problems
        self._decoder = codecs.getincrementaldecoder(encoding.name)(errors_for(encoding))
        self._first = True
        self._rest = b""
        self._pending = b""
        self._padding = b""
        self._ended = False

    def readable(self) -> bool:
        """Whether bytes can be read: always."""
        return True

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def record_ended(self) -> None:
        """Note that the bytes read so far end with a record."""
        self._since = 0

    def read1(self, size: int | None = -1, /) -> bytes:
        """Give at most `size` clean bytes; none at the end of the file."""
        while not self._rest and not self._ended:
            self._rest = self._next_chunk()
        wanted = len(self._rest) if size is None or size < 0 else size
        data, self._rest = self._rest[:wanted], self._rest[wanted:]
        return data

    def read(self, size: int | None = -1, /) -> bytes:
        """Do the same as `read1`."""
        return self.read1(size)

    def _next_chunk(self) -> bytes:
        raw = self._file.read(CHUNK)
        self._ended = not raw
        data = self._checked(raw) if self._plain else self._decoded(raw)
        if self._first and data:
            self._first = False
            data = data.removeprefix(codecs.BOM_UTF8)
        if b"\0" in data:
            data = data.replace(b"\0", b"")
        data = self._without_padding(data)
        self._since += len(data)
        if self._since > self._longest:
            raise ReadError("cell_too_long", "a record without an end", max=self._longest)
        return data

    def _without_padding(self, data: bytes) -> bytes:
        """Leave out padding at the end of the file, where it may follow a quote."""
        if not self._padding and data[-1:] not in (b"\x1a", b" "):
            return data
        data = self._padding + data
        bare = data.rstrip(_PADDING)
        self._padding = data[len(bare) :][:CHUNK]
        return bare

    def _checked(self, raw: bytes) -> bytes:
        """Pass UTF-8 through as it is, and mend what an earlier program converted wrongly."""
        data = self._pending + raw
        self._pending = b""
        if data.isascii():
            return data
        last = None if self._ended else _LAST_BYTES.search(data[-_LONGEST_CHARACTER:])
        if last:
            data, self._pending = data[: -len(last[0])], last[0]
        if b"\xc2" not in data:
            return data
        return _C1_BYTES.sub(lambda match: _meant(match[0].decode()).encode(), data)

    def _decoded(self, raw: bytes) -> bytes:
        return without_c1(self._decoder.decode(raw, self._ended)).encode("utf-8", "replace")


def _meant(found: str) -> str:
    return _C1[ord(found)] if len(found) == 1 else found


def without_c1(text: str) -> str:
    return text if text.isascii() else _C1_CHARACTERS.sub(lambda match: _meant(match[0]), text)


def open_text(path: Path, encoding: Encoding) -> tuple[io.TextIOWrapper, CleanBytes]:
    """Open the decoded file with its line ends as they are; gives the byte stream below it, too."""
    stream = CleanBytes(path.open("rb"), encoding)
    text: Any = io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="")
    text._CHUNK_SIZE = CHUNK  # the default of 8 kB costs a Python call for every 40 rows
    return text, stream


def errors_for(encoding: Encoding) -> str:
    return "carryover-stray" if encoding.stray else "replace"


def _decode_stray(error: UnicodeError) -> tuple[str | bytes, int]:
    """Decode bytes that are not UTF-8 as Windows-1252: a Windows program most likely pasted them in."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.end == len(error.object) and error.reason == "unexpected end of data":
        return "", error.end
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("carryover-stray", _decode_stray)
