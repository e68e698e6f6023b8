"""What may be read: the system's own limits, and those of the firm where they are lower."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from services.upload.model.source import Limits
from services.upload.sandbox.server import Bounds

_OF_FILES = frozenset(asdict(Limits()))


def most_bytes(of_firm: Mapping[str, int], of_system: int) -> int:
    """The largest file that the firm may send, in bytes."""
    return min(of_firm.get("bytes", of_system), of_system)


def limits_for(of_firm: Mapping[str, int], most: int) -> Limits:
    """The limits for a file of the firm; `most` is what the system takes, in bytes."""
    system = replace(Limits(), bytes=most)
    lower = {name: min(value, getattr(system, name)) for name, value in of_firm.items() if name in _OF_FILES}
    return replace(system, **lower)


def bounds_for(of_firm: Mapping[str, int]) -> Bounds:
    """The bounds for the process that reads a file of the firm; its limit of `seconds` is of processor time."""
    usual = Bounds()
    seconds = min(of_firm.get("seconds", usual.processor_seconds), usual.processor_seconds)
    return replace(usual, processor_seconds=seconds)
