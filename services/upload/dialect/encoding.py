"""Detects the encoding of a text file from all of its bytes."""

from __future__ import annotations

import codecs
import itertools
from collections.abc import Iterator
from pathlib import Path

from services.upload.dialect.decoding import CHUNK, Encoding, errors_for, without_c1
from services.upload.dialect.double_encoding import TWICE, undone
from services.upload.dialect.legacy_charsets import LEGACY, detect_legacy
from services.upload.model.source import Place, Problem, ReadError
from services.upload.model.wide_text import wide_encoding

_LONGEST_LINE = 1 << 16
# So many lines with accents show whether a file was converted twice.
_MOST_JUDGED = 2_000
_SAMPLE_LENGTH = 120

# The encodings that a person may choose.
ENCODINGS = (
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "utf-32-le",
    "utf-32-be",
    *LEGACY,
    "shift_jis",
    "big5",
    "euc-kr",
    "gbk",
    TWICE,
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
# From this share of lines with accents that look converted twice, the file is.
_TWICE_SHARE = 0.3
# Detection uses so many bytes of lines with accents, taken from all over the file.
_EVIDENCE = 1 << 16
# Bytes at the start of a file whose words show the language, even in ASCII.
_HEAD = 1 << 12


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
    evident = by_bom or wide_encoding(head)
    if evident:
        return _described(path, Encoding(evident, _stray(evident)), by_bom)
    left = _bytes_left_of_utf8(path)
    if left is not None:
        return _described(path, Encoding("utf-8", "cp1252"), by_bom, is_valid=not left)
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
    return (name == "utf-16" and wide_encoding(head)) or f"{name}-le"


def _stray(name: str) -> str | None:
    return "cp1252" if name == "utf-8" else None


def _bytes_left_of_utf8(path: Path) -> int | None:
    """Give the bytes of a cut last character of a file that is strict UTF-8; None where it is not."""
    strict = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(path):
            strict.decode(chunk)
    except UnicodeDecodeError:
        return None
    return len(strict.getstate()[0])


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
    """Give the lines with bytes outside ASCII; they end with a line feed, a carriage return, or both."""
    with path.open("rb") as file:
        while lines := file.readline(_LONGEST_LINE):
            if not lines.isascii():
                yield from (line for line in lines.splitlines(keepends=True) if not line.isascii())


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


def _described(path: Path, encoding: Encoding, by_bom: str | None, is_valid: bool = False) -> Encoding:
    """Add what a person should see: the rivals with a line of the file, and the bytes that cannot be decoded.

    `is_valid`: the whole file was decoded already.
    """
    problems = list(encoding.problems)
    bad, line = (0, 0) if is_valid else _undecodable(path, encoding.name)
    if bad and encoding.stray:
        problems.append(_guessed(f"{encoding.name} + {encoding.stray}", line))
    elif bad:
        problems.append({"code": "undecodable_bytes", "place": {"row": line}, "params": {"count": bad}})
    is_wide = encoding.name.startswith(("utf-16", "utf-32"))
    twice = _converted_twice(path) if encoding.name == "utf-8" else None
    rivals = [] if is_wide or (by_bom and not twice) else _rivals(path, encoding, twice)
    if twice:
        params = {"sample": _around_accent(twice), "meant": _around_accent(undone(twice)), "encoding": TWICE}
        problems.append({"code": "converted_twice", "place": {}, "params": params})
    return Encoding(encoding.name, encoding.stray, rivals, problems)


def _converted_twice(path: Path) -> str | None:
    """Give a line of a file in UTF-8 whose letters were converted twice; None where too few lines are like it."""
    first, twice, all_lines = None, 0, 0
    for line in itertools.islice(_accented_lines(path), _MOST_JUDGED):
        text = line.decode("utf-8", "replace").removeprefix("\ufeff")
        if text.isascii():
            continue
        all_lines += 1
        if undone(text) != text:
            twice += 1
            first = first or text
    return first if twice and twice >= _TWICE_SHARE * all_lines else None


def _rivals(path: Path, encoding: Encoding, twice: str | None) -> list[dict[str, str]]:
    """Give the encodings that read the file, each with the same line of it, the chosen one first."""
    line = twice.encode() if twice else next(_accented_lines(path), None)
    if line is None:
        return []
    seen: dict[str, str] = {}
    for name in (encoding.name, TWICE, *_RIVALS) if twice else (encoding.name, *_RIVALS):
        try:
            text = line.decode(name, errors_for(encoding) if name == encoding.name else "strict")
        except UnicodeDecodeError:
            continue
        seen.setdefault(without_c1(text), name)
    shown = list(seen.items())[:_MOST_RIVALS]
    return [{"encoding": name, "sample": _around_accent(text)} for text, name in shown]


def _around_accent(text: str) -> str:
    first = next((place for place, character in enumerate(text) if not character.isascii()), 0)
    start = max(0, first - _SAMPLE_LENGTH // 2)
    return text[start : start + _SAMPLE_LENGTH].replace("\0", "").strip()
