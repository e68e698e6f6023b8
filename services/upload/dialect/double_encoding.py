"""Undoes a double conversion: UTF-8 that a program took for Windows-1252 and wrote as UTF-8 again, so that é is Ã©.

Importing this module registers the encoding `utf-8-twice`, which reads such files. Text that was converted once stays.
"""

from __future__ import annotations

import codecs
import re

#: The name of the encoding.
TWICE = "utf-8-twice"


def _characters(first: int, last: int) -> str:
    """Give the characters that a program makes of bytes: by Windows-1252, or by Latin-1 where that has none."""
    wide = "".join(bytes([byte]).decode("cp1252", "ignore") for byte in range(first, last + 1))
    return re.escape(wide + "".join(map(chr, range(first, last + 1))))


_BYTES = {bytes([byte]).decode("cp1252", "replace"): byte for byte in range(0x80, 0x100)}
_BYTES |= {chr(byte): byte for byte in range(0x80, 0x100)}
# Characters of two to four bytes, one after another.
_RUN = re.compile(f"(?:[{_characters(0xC2, 0xF4)}][{_characters(0x80, 0xBF)}]{{1,3}})+")
_OPEN_RUN = re.compile(f"(?:[{_characters(0xC2, 0xF4)}][{_characters(0x80, 0xBF)}]{{0,3}})+\\Z")


def undone(text: str) -> str:
    """Give the text as it was before the second conversion."""
    return text if text.isascii() else _RUN.sub(_before, text)


def _before(match: re.Match[str]) -> str:
    try:
        return bytes(_BYTES[character] for character in match[0]).decode()
    except (KeyError, UnicodeDecodeError):
        return match[0]


class _Decoder(codecs.IncrementalDecoder):
    def __init__(self, errors: str = "strict") -> None:
        super().__init__(errors)
        self._utf8 = codecs.getincrementaldecoder("utf-8")(errors)
        self._rest = ""

    def decode(self, data: object, final: bool = False) -> str:
        """Decode bytes; a character that may go on in the next bytes is kept back."""
        text = self._rest + self._utf8.decode(data, final)  # type: ignore[arg-type]
        self._rest = ""
        open_run = None if final else _OPEN_RUN.search(text)
        if open_run:
            text, self._rest = text[: open_run.start()], open_run[0]
        return undone(text)


def _decode(data: bytes, errors: str = "strict") -> tuple[str, int]:
    return undone(bytes(data).decode("utf-8", errors)), len(data)


def _encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
    return text.encode("utf-8", errors), len(text)


def _found(name: str) -> codecs.CodecInfo | None:
    if name.replace("_", "-") != TWICE:
        return None
    return codecs.CodecInfo(_encode, _decode, incrementaldecoder=_Decoder, name=TWICE)  # type: ignore[arg-type]


codecs.register(_found)
