"""Reads the shared strings of an XLSX: plain ones by a pattern, others by the XML parser."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from services.upload.formats.xml_entities import has_plain_entities, without_entities
from services.upload.formats.xml_stream import local, parsed
from services.upload.model.source import ReadError

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_OPENING = b"<sst>"
_END = b"</si>"
_FIRST = re.compile(rb"<sst[^>]*>\s*(?=<si>)")
_ENCODING = re.compile(rb"""encoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)
_PLAIN = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t>')
_LONGEST_STRING = 1 << 20


def read_strings(chunks: Iterator[bytes], strings: StringCollector) -> Iterator[None]:
    """Read the part of the shared strings into `strings`; raises ReadError `corrupt`.

    The parser takes over from the first piece that holds more than plain strings.
    """
    pending = next(chunks, b"")
    first = _FIRST.search(pending)
    if first is None or b"<!" in pending or _ENCODING.search(pending):
        yield from parsed(itertools.chain([pending], chunks), strings)
        return
    yield from parsed([pending[: first.end()], b"</sst>"], strings)
    pending = pending[first.end() :]
    for chunk in itertools.chain([b""], chunks):
        pending += chunk
        end = pending.rfind(_END)
        if end >= 0 and strings.add_plain(decoded(pending[:end])):
            pending = pending[end + len(_END) :]
        elif end >= 0 or len(pending) > _LONGEST_STRING:
            break
    yield from parsed(itertools.chain([_OPENING, pending], chunks), strings)


def unescaped(text: str) -> str:
    """Replace escapes such as `_x000D_`, the form of characters that XML cannot hold (ECMA-376 part 1, 22.9.2.19)."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text).replace("\0", "")


def decoded(content: bytes) -> str:
    """Decode a part in UTF-8, with line feeds as line ends; raises ReadError `corrupt`."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise ReadError("corrupt", str(error)) from error
    if "\0" in text:
        raise ReadError("corrupt", "a NUL in XML")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


class StringCollector:
    """Collects the shared strings; a long one is cut just above the limit."""

    def __init__(self, longest: int) -> None:
        self.found: list[str] = []
        self._longest = longest
        self._parts: list[str] = []
        self._wanted = False
        self._phonetic = False

    def add_plain(self, text: str) -> bool:
        """Read strings without their last end tag, if they are plain; False leaves them to the parser."""
        found = _PLAIN.findall(text)
        if 4 * len(found) - 1 != text.count("<"):
            return False
        if "&" in text:
            if not has_plain_entities(text):
                return False
            found = [without_entities(item) if "&" in item else item for item in found]
        self.found += [unescaped(item[: self._longest]) for item in found]
        return True

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin a string or a part of it."""
        name = local(name)
        if name == "t":
            self._wanted = not self._phonetic
        elif name == "rPh":
            self._phonetic = True
        elif name == "si":
            self._parts = []

    def end(self, name: str) -> None:
        """End a string or a part of it."""
        name = local(name)
        if name == "t":
            self._wanted = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            self.found.append(unescaped("".join(self._parts)[: self._longest]))

    def text(self, data: str) -> None:
        """Add text to the open string."""
        if self._wanted:
            self._parts.append(data)
