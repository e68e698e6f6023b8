"""Stream XML through expat, element by element, with everything refused that lets XML reach or grow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol
from xml.parsers import expat

from services.upload.model.source import ReadError


class Handlers(Protocol):
    """What is told of elements (names without their prefix where there is one) and of text."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Characters between two tags, perhaps not all of them at once."""


def parsed(chunks: Iterable[bytes], handlers: Handlers) -> Iterator[None]:
    """Parse, pausing after each chunk; raises ReadError `corrupt` for XML that is broken or has a DOCTYPE."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 1 << 14
    parser.StartElementHandler = handlers.start
    parser.EndElementHandler = handlers.end
    parser.CharacterDataHandler = handlers.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        raise ReadError("corrupt", f"XML: {error}") from error


def _refuse(*_: Any) -> None:
    raise ReadError("corrupt", "the XML declares a document type")


def local(name: str) -> str:
    """A name without its prefix."""
    return name[name.find(":") + 1 :]
