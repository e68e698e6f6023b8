"""Find the encoding of a text file from all of its bytes, and read it as a stream of clean UTF-8."""

from __future__ import annotations

import codecs
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from services.upload.dialect.legacy_charsets import LEGACY, guess
from services.upload.model.source import Problem, ReadError

CHUNK = 1 << 16
_LONGEST_LINE = 1 << 16
_SAMPLE_LENGTH = 120

# What a person may choose.
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
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE_MARKS = {
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
}
# Lines with accents that the guess is made from, in bytes; they are taken from all over the file.
_EVIDENCE = 1 << 16
# Text that a program took for Latin-1 though it was Windows-1252, and wrote as UTF-8: the marks are still there.
# After one of the letters from U+00C2 on, they are what is left of UTF-8 that was taken for Latin-1; that stays.
_C1 = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}
_C1_CHARACTERS = re.compile("[\xc2-\xf4][\x80-\xbf]+|[\x80-\x9f]")
_C1_BYTES = re.compile(rb"\xc3[\x82-\xb4](?:\xc2[\x80-\xbf])+|\xc2[\x80-\x9f]")
# Where words of the language stand, be they ASCII.
_HEAD = 1 << 12
_LAST_BYTES = re.compile(rb"[\x80-\xff]+\Z")
_HELD = 16


@dataclass(frozen=True)
class Encoding:
    """How to decode a file; `stray` is the encoding of the bytes that `name` cannot decode, if known."""

    name: str
    stray: str | None = None
    rivals: list[dict[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def find_encoding(path: Path, override: str | None = None) -> Encoding:
    """Decide by byte order mark, NUL pattern and strict UTF-8 over the whole file; otherwise guess.

    A file of which most lines with accents are UTF-8 is UTF-8 with strays, a cut last character forgiven. Raises
    ReadError `undecodable` for an override that is not in ENCODINGS.
    """
    with path.open("rb") as file:
        head = file.read(CHUNK)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if override is not None:
        name = _with_byte_order(allowed_encoding(override), head)
        return _described(path, Encoding(name, _stray(name)), marked)
    evident = marked or _without_mark(head)
    if evident:
        return _described(path, Encoding(evident, _stray(evident)), marked)
    if _is_utf8(path):
        return _described(path, Encoding("utf-8", "cp1252"), marked)
    good, evidence = _evidence(path)
    if good >= 3 * evidence.bad:
        return _described(path, Encoding("utf-8", "cp1252"), marked)
    name = guess(evidence.lines, head[:_HEAD])
    return _described(path, Encoding(name, problems=[_guessed(name)]), marked)


def _guessed(name: str, line: int | None = None) -> Problem:
    place = {} if line is None else {"row": line}
    return {"code": "encoding_guessed", "place": place, "params": {"encoding": name}}


def allowed_encoding(name: str) -> str:
    """The name by which we call an encoding; raises ReadError `undecodable` for one that is not offered."""
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
    """The decoders of UTF-16 and UTF-32 insist on a mark; without one, the NULs tell, or the usual order counts."""
    marks = _WIDE_MARKS.get(name)
    if marks is None or head.startswith(marks):
        return name
    return (name == "utf-16" and _without_mark(head)) or f"{name}-le"


def _stray(name: str) -> str | None:
    return "cp1252" if name == "utf-8" else None


def _without_mark(head: bytes) -> str | None:
    """UTF-16 without a mark: Latin text has a NUL in nearly every second byte, always on the same side."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < max(3, 0.12 * len(head)) or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_utf8(path: Path) -> bool:
    """Strictly, but for a last character that was cut."""
    strict = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(path):
            strict.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


class _Evidence:
    """Lines that are no UTF-8, thinned out evenly so that they stay within `_EVIDENCE` bytes."""

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
    """How many lines with accents are UTF-8, and those that are not."""
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
    """How many places of the file the encoding cannot decode, and the line of the first, from 1."""
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


def _described(path: Path, encoding: Encoding, marked: str | None) -> Encoding:
    """Add what a person should see: the rivals with a line of the file, and what could not be decoded."""
    problems = list(encoding.problems)
    bad, line = _undecodable(path, encoding.name)
    if bad and encoding.stray:
        problems.append(_guessed(f"{encoding.name} + {encoding.stray}", line))
    elif bad:
        problems.append({"code": "undecodable_bytes", "place": {"row": line}, "params": {"count": bad}})
    rivals = [] if marked or encoding.name.startswith("utf-16") else _rivals(path, encoding)
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
    """A file as UTF-8 without byte order mark and NULs, for TextIOWrapper; holds one chunk at a time.

    Since nothing else bounds a record without an end, reading on for more than `longest_record` bytes after
    the
    last call of `record_ended` raises ReadError `cell_too_long`.
    """

    def __init__(self, file: BinaryIO, encoding: Encoding, longest_record: int = 16 << 20) -> None:
        self._file = file
        self._longest = longest_record
        self._since = 0
        self._plain = encoding.name == "utf-8" and not encoding.problems
        self._decoder = codecs.getincrementaldecoder(encoding.name)(_errors_for(encoding))
        self._first = True
        self._rest = b""
        self._held = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def record_ended(self) -> None:
        self._since = 0

    def read1(self, size: int | None = -1, /) -> bytes:
        while not self._rest and not self._ended:
            self._rest = self._next_chunk()
        wanted = len(self._rest) if size is None or size < 0 else size
        data, self._rest = self._rest[:wanted], self._rest[wanted:]
        return data

    def read(self, size: int | None = -1, /) -> bytes:
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
        """UTF-8 goes through as it is, but for what was converted wrongly before."""
        data = self._held + raw
        self._held = b""
        if data.isascii():
            return data
        last = None if self._ended else _LAST_BYTES.search(data[-_HELD:])
        if last:
            data, self._held = data[: -len(last[0])], last[0]
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
    """The decoded file, line ends kept as they are, and the byte stream underneath it."""
    stream = CleanBytes(path.open("rb"), encoding)
    text: Any = io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="")
    text._CHUNK_SIZE = CHUNK  # the default of 8 kB costs a Python call for every 40 rows
    return text, stream


def _errors_for(encoding: Encoding) -> str:
    return "carryover-stray" if encoding.stray else "replace"


def _decode_stray(error: UnicodeError) -> tuple[str | bytes, int]:
    """Bytes that are no UTF-8 were most likely pasted in by a Windows program."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.end == len(error.object) and error.reason == "unexpected end of data":
        return "", error.end
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("carryover-stray", _decode_stray)
