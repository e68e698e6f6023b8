"""Detects the encoding of a text file from all of its bytes, and reads the file as a stream of clean UTF-8."""

from __future__ import annotations

import codecs
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from services.upload.dialect.legacy_charsets import LEGACY, detect_legacy
from services.upload.model.source import Place, Problem, ReadError

CHUNK = 1 << 16
_LONGEST_LINE = 1 << 16
_SAMPLE_LENGTH = 120

# The encodings that a person may choose.
ENCODINGS = (
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "utf-32-le",
    *LEGACY,
    "shift_jis",
    "big5",
    "euc-kr",
    "gbk",
)
_RIVALS = ("utf-8", "cp1252", "mac-roman", "cp850", "cp1250")
_MOST_RIVALS = 6
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE_BOMS = {
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
}
# Detection uses so many bytes of lines with accents, taken from all over the file.
_EVIDENCE = 1 << 16
# Control characters that a program left when it took Windows-1252 for Latin-1 and wrote it as UTF-8.
# After a letter from U+00C2 on they are UTF-8 that was taken for Latin-1; that stays as it is.
_C1 = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}
_C1_CHARACTERS = re.compile("[\xc2-\xf4][\x80-\xbf]+|[\x80-\x9f]")
_C1_BYTES = re.compile(rb"\xc3[\x82-\xb4](?:\xc2[\x80-\xbf])+|\xc2[\x80-\x9f]")
# Bytes at the start of a file whose words show the language, even in ASCII.
_HEAD = 1 << 12
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


def find_encoding(path: Path, override: str | None = None) -> Encoding:
    """Detect by byte order mark, by NULs, by strict UTF-8 over the whole file, and else by letters and words.

    A file of which most lines with accents are UTF-8 is UTF-8 with stray bytes; a cut last character is ignored.
    Raises ReadError `undecodable` for an override that is not in ENCODINGS.
    """
    with path.open("rb") as file:
        head = file.read(CHUNK)
    by_bom = next((name for bom, name in _BOMS if head.startswith(bom)), None)
    if override is not None:
        name = _with_byte_order(allowed_encoding(override), head)
        return _described(path, Encoding(name, _stray(name)), by_bom)
    evident = by_bom or _without_bom(head)
    if evident:
        return _described(path, Encoding(evident, _stray(evident)), by_bom)
    if _is_utf8(path):
        return _described(path, Encoding("utf-8", "cp1252"), by_bom)
    good, evidence = _evidence(path)
    if good >= 3 * evidence.bad:
        return _described(path, Encoding("utf-8", "cp1252"), by_bom)
    name = detect_legacy(evidence.lines, head[:_HEAD])
    return _described(path, Encoding(name, problems=[_guessed(name)]), by_bom)


def _guessed(name: str, line: int | None = None) -> Problem:
    place: Place = {} if line is None else {"row": line}
    return {"code": "encoding_guessed", "place": place, "params": {"encoding": name}}


def allowed_encoding(name: str) -> str:
    """Give our name of an encoding; raises ReadError `undecodable` for one that is not offered."""
    try:
        wanted = codecs.lookup(name).name
    except (LookupError, ValueError) as error:
        raise ReadError("undecodable", str(error), encoding=name) from error
    for allowed in ENCODINGS:
        if codecs.lookup(allowed).name == wanted:
            return allowed
    if wanted == "utf-8-sig":
        return "utf-8"
    raise ReadError("undecodable", encoding=name)


def _with_byte_order(name: str, head: bytes) -> str:
    """Add the byte order to UTF-16 or UTF-32 without a mark, by the NULs or as is usual."""
    boms = _WIDE_BOMS.get(name)
    if boms is None or head.startswith(boms):
        return name
    return (name == "utf-16" and _without_bom(head)) or f"{name}-le"


def _stray(name: str) -> str | None:
    return "cp1252" if name == "utf-8" else None


def _without_bom(head: bytes) -> str | None:
    """Detect UTF-16 without a mark: Latin text has a NUL in nearly every second byte, always on the same side."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < max(3, 0.12 * len(head)) or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_utf8(path: Path) -> bool:
    """Whether the file is strict UTF-8; a cut last character is ignored."""
    strict = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(path):
            strict.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


class _Evidence:
    """Lines that are not UTF-8, thinned out evenly to at most `_EVIDENCE` bytes."""

    def __init__(self) -> None:
        self.bad = 0
        self.lines: list[bytes] = []
        self._size = 0
        self._step = 1

    def add(self, line: bytes) -> None:
        self.bad += 1
        if self.bad % self._step:
            return
        self.lines.append(line)
        self._size += len(line)
        while self._size > _EVIDENCE and len(self.lines) > 1:
            self.lines = self.lines[::2]
            self._step *= 2
            self._size = sum(map(len, self.lines))


def _evidence(path: Path) -> tuple[int, _Evidence]:
    """Count the lines with accents that are UTF-8, and collect those that are not."""
    good, evidence = 0, _Evidence()
    for line in _accented_lines(path):
        try:
            line.decode("utf-8")
            good += 1
        except UnicodeDecodeError:
            evidence.add(line)
    return good, evidence


def _accented_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while line := file.readline(_LONGEST_LINE):
            if not line.isascii():
                yield line


def _undecodable(path: Path, name: str) -> tuple[int, int]:
    """Count the places that the encoding cannot decode, and give the line of the first, from 1."""
    strict = codecs.getincrementaldecoder(name)()
    try:
        for chunk in _chunks(path):
            strict.decode(chunk)
        strict.decode(b"", True)
    except UnicodeError:
        return _replaced(path, name)
    return 0, 0


def _replaced(path: Path, name: str) -> tuple[int, int]:
    lenient = codecs.getincrementaldecoder(name)("replace")
    count = first = 0
    line = 1
    for chunk in itertools.chain(_chunks(path), [b""]):
        text = lenient.decode(chunk, not chunk)
        bad = text.count("\ufffd")
        if bad and not count:
            first = line + _line_ends(text[: text.index("\ufffd")])
        count += bad
        line += _line_ends(text)
    return count, first


def _line_ends(text: str) -> int:
    return text.count("\n") or text.count("\r")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _described(path: Path, encoding: Encoding, by_bom: str | None) -> Encoding:
    """Add what a person should see: the rivals with a line of the file, and the bytes that cannot be decoded."""
    problems = list(encoding.problems)
    bad, line = _undecodable(path, encoding.name)
    if bad and encoding.stray:
        problems.append(_guessed(f"{encoding.name} + {encoding.stray}", line))
    elif bad:
        problems.append({"code": "undecodable_bytes", "place": {"row": line}, "params": {"count": bad}})
    rivals = [] if by_bom or encoding.name.startswith("utf-16") else _rivals(path, encoding)
    return Encoding(encoding.name, encoding.stray, rivals, problems)


def _rivals(path: Path, encoding: Encoding) -> list[dict[str, str]]:
    line = next(_accented_lines(path), None)
    if line is None:
        return []
    seen: dict[str, str] = {}
    for name in (encoding.name, *_RIVALS):
        try:
            text = line.decode(name, _errors_for(encoding) if name == encoding.name else "strict")
        except UnicodeDecodeError:
            continue
        seen.setdefault(_without_c1(text), name)
    shown = list(seen.items())[:_MOST_RIVALS]
    return [{"encoding": name, "sample": _around_accent(text)} for text, name in shown]


def _around_accent(text: str) -> str:
    first = next((place for place, character in enumerate(text) if not character.isascii()), 0)
    start = max(0, first - _SAMPLE_LENGTH // 2)
    return text[start : start + _SAMPLE_LENGTH].replace("\0", "").strip()


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
        self._decoder = codecs.getincrementaldecoder(encoding.name)(_errors_for(encoding))
        self._first = True
        self._rest = b""
        self._pending = b""
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
        self._since += len(data)
        if self._since > self._longest:
            raise ReadError("cell_too_long", "a record without an end", max=self._longest)
        return data

    def _checked(self, raw: bytes) -> bytes:
        """Pass UTF-8 through as it is, and repair what an earlier program converted wrongly."""
        data = self._pending + raw
        self._pending = b""
        if data.isascii():
            return data
        last = None if self._ended else _LAST_BYTES.search(data[-_LONGEST_CHARACTER:])
        if last:
            data, self._pending = data[: -len(last[0])], last[0]
        if b"\xc2" not in data:
            return data
        return _C1_BYTES.sub(lambda match: _repaired(match[0].decode()).encode(), data)

    def _decoded(self, raw: bytes) -> bytes:
        return _without_c1(self._decoder.decode(raw, self._ended)).encode("utf-8", "replace")


def _repaired(found: str) -> str:
    return _C1[ord(found)] if len(found) == 1 else found


def _without_c1(text: str) -> str:
    return text if text.isascii() else _C1_CHARACTERS.sub(lambda match: _repaired(match[0]), text)


def open_text(path: Path, encoding: Encoding) -> tuple[io.TextIOWrapper, CleanBytes]:
    """Open the decoded file with its line ends as they are; gives the byte stream below it, too."""
    stream = CleanBytes(path.open("rb"), encoding)
    text: Any = io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="")
    text._CHUNK_SIZE = CHUNK  # the default of 8 kB costs a Python call for every 40 rows
    return text, stream


def _errors_for(encoding: Encoding) -> str:
    return "carryover-stray" if encoding.stray else "replace"


def _decode_stray(error: UnicodeError) -> tuple[str | bytes, int]:
    """Decode bytes that are not UTF-8 as Windows-1252: a Windows program most likely pasted them in."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.end == len(error.object) and error.reason == "unexpected end of data":
        return "", error.end
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("carryover-stray", _decode_stray)
