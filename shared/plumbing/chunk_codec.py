"""Turns the parts of a chunk into documents of MongoDB and back; the row store is its only user."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from msgspec import convert, to_builtins
from msgspec.structs import fields

from shared.contract.documents.chunk import EARLIER_NAMES, Cells, Checks, Part

P = TypeVar("P", bound=Part)
T = TypeVar("T")


def packed(content: object) -> object:
    """Structs and tuples as what a document can hold; keys become text."""
    return to_builtins(content, str_keys=True, builtin_types=(bytes, datetime), enc_hook=_plain)


def _plain(value: object) -> object:
    """A number or text of a subclass, such as MongoDB's 64-bit integers, as Python's own."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str.__str__(value)
    raise NotImplementedError(f"{type(value)} cannot be kept")


def packed_part(part: Part) -> dict[str, Any]:
    """A part as a document; rows of cells are keyed by their offset, so that one can be fetched alone."""
    document: dict[str, Any] = to_builtins(
        part, str_keys=True, builtin_types=(bytes, datetime), enc_hook=_plain
    )
    if isinstance(part, Cells):
        document["rows"] = {str(offset): row for offset, row in enumerate(part.rows)}
    return document


def unpacked_part(kind: type[P], document: dict[str, Any]) -> P:
    """A part from a document, or from those of its names that were fetched."""
    if issubclass(kind, Cells) and "rows" in document:
        document["rows"] = list(document["rows"].values())
    if kind.KEPT_IN == Checks.KEPT_IN:
        for content in (document, *document.get("slots", {}).values()):
            _rename_earlier(content)
    return unpacked(kind, document)


def _rename_earlier(content: dict[str, Any]) -> None:
    """Give content that an earlier version stored the names of today."""
    for name, earlier in EARLIER_NAMES.items():
        if earlier in content:
            content.setdefault(name, content.pop(earlier))


def unpacked(kind: type[T], content: object) -> T:
    """Content of a document as a type."""
    return convert(content, kind, str_keys=True)


@cache
def projection_of(kind: type[Part]) -> dict[str, int]:
    """The names that are read of a document for a part or a view."""
    names = kind.FETCHED or tuple(each.encode_name for each in fields(kind))
    if kind.KEPT_IN == Checks.KEPT_IN:
        names += tuple(_earlier(name) for name in names)
    return {"n": 1, **dict.fromkeys(names, 1)}


def _earlier(name: str) -> str:
    """The stored name, such as `slots.account.matched`, as earlier versions had it."""
    path, dot, last = name.rpartition(".")
    return f"{path}{dot}{EARLIER_NAMES.get(last, last)}"
