"""Works out what a firm's file may use: the limits of the system, lowered by those of the firm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from services.upload.model.source import Limits

_OF_FILES = frozenset(asdict(Limits()))


@dataclass(frozen=True)
class Bounds:
    """What a reading child may use: bytes of address space, seconds of processor time, seconds between two frames."""

    memory: int = 1 << 30
    processor_seconds: int = 900
    idle_seconds: float = 60.0


def most_bytes(of_firm: Mapping[str, int], of_system: int) -> int:
    """Give the size of the largest file that the firm may send, in bytes."""
    return min(of_firm.get("bytes", of_system), of_system)


def limits_for(of_firm: Mapping[str, int], most: int) -> Limits:
    """Give the limits of a file of the firm; `most` is the system's own limit of its size, in bytes."""
    system = replace(Limits(), bytes=most)
    lower = {name: min(value, getattr(system, name)) for name, value in of_firm.items() if name in _OF_FILES}
    return replace(system, **lower)


def bounds_for(of_firm: Mapping[str, int]) -> Bounds:
    """Give the bounds of the child that reads a file of the firm; the firm's `seconds` are of processor time."""
    usual = Bounds()
    seconds = min(of_firm.get("seconds", usual.processor_seconds), usual.processor_seconds)
    return replace(usual, processor_seconds=seconds)
