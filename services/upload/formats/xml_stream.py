"""Parses XML with expat element by element; a document type and entities are refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol
from xml.parsers import expat

from services.upload.model.source import ReadError


class ElementHandlers(Protocol):
    """Takes elements and text; names have their prefix as the file writes it."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Text between two tags; it may come in several pieces."""


def parsed(chunks: Iterable[bytes], handlers: ElementHandlers) -> Iterator[None]:
    """Parse, pausing after each chunk; raises ReadError `corrupt` for broken XML or a DOCTYPE."""
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


def _refuse(*_: object) -> None:
    raise ReadError("corrupt", "the XML declares a document type")


def local(name: str) -> str:
    """Give a name without its prefix."""
    return name[name.find(":") + 1 :]
