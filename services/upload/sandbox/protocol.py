"""What client, fork server and reading child send one another: the request, and frames in a pipe.

A frame is its kind, its length and its content. Content is JSON, and for rows a line of JSON with the cells after it,
so that nothing from a file is ever run or unpickled.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import NotRequired, TypedDict

from msgspec import convert

from services.upload.model.rows import Row
from services.upload.model.source import Batch, Found, Limits, Overrides, Problem, ReadError
from services.upload.sandbox.limits import Bounds

FRAME = struct.Struct("<cI")
#: The kinds of frames: what was found, rows, the end; why a file is refused; how a child was killed.
FOUND, ROWS, END, REFUSED, KILLED = b"F", b"B", b"E", b"X", b"K"
#: The answer of the fork server to a request.
ACCEPTED = b"."
MOST_REQUEST = 1 << 18

# Separates the cells of a frame; readers of every format drop it from cells.
_BETWEEN = "\0"
_MOST_CHARACTERS = 8_000_000


@dataclass(frozen=True)
class Request:
    """One file to read; its rows come in batches of `batch`."""

    path: str
    name: str
    limits: Limits
    overrides: Overrides
    bounds: Bounds
    batch: int

    def encoded(self) -> bytes:
        """Give the request as bytes for the socket."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decoded(cls, data: bytes) -> Request:
        """Make a request of what `encoded` gave."""
        return convert(json.loads(data), cls)


class Refusal(TypedDict):
    """The content of a frame `REFUSED`: the parts of a ReadError."""

    code: str
    detail: str
    params: dict[str, object]
    found: NotRequired[Found | None]


class Ending(TypedDict):
    """The content of a frame `END`: what is known after the last row; `hidden` counts the hidden rows."""

    problems: list[Problem]
    rows: int
    blank_rows: int
    last_row: int
    row_problems: list[tuple[int, list[Problem]]]
    unticked: list[int]
    hidden: int


class Killed(TypedDict):
    """The content of a frame `KILLED`: the exit status of the child, below 0 for a signal."""

    status: int


class BatchHead(TypedDict):
    """The line before the cells of a batch; `numbers` has the first and the last where they count up by one."""

    numbers: list[int]
    counted: bool
    width: int
    long: list[tuple[int, Row]]
    short: list[int]
    doubts: list[tuple[int, str]]


def encoded(content: object) -> bytes:
    """Give the content of a frame as JSON."""
    return json.dumps(content, default=str).encode()


def found_of(content: bytes) -> Found:
    """Decode a frame `FOUND`."""
    return convert(json.loads(content), Found)


def ending_of(content: bytes) -> Ending:
    """Decode a frame `END`."""
    return convert(json.loads(content), Ending)


def status_of(content: bytes) -> int:
    """Decode a frame `KILLED`."""
    return convert(json.loads(content), Killed)["status"]


def refusal_of(error: ReadError) -> dict[str, object]:
    """Give the content of a frame `REFUSED`, see `Refusal`."""
    found = asdict(error.found) if error.found else None
    return {"code": error.code, "detail": error.detail, "params": error.params, "found": found}


def error_of(content: bytes) -> ReadError:
    """Decode a frame `REFUSED`."""
    refusal = convert(json.loads(content), Refusal)
    error = ReadError(refusal["code"], refusal["detail"], **refusal["params"])
    error.found = refusal.get("found")
    return error


def encoded_rows(batch: Batch) -> Iterator[bytes]:
    """Give the content of the frames `ROWS` of a batch: one frame, or several where its cells are large."""
    text = _BETWEEN.join([_BETWEEN.join(row) for row in batch.rows])
    if len(text) > _MOST_CHARACTERS and len(batch.rows) > 1:
        for part in batch.split(len(batch.rows) // 2):
            yield from encoded_rows(part)
        return
    first, last = batch.numbers[0], batch.numbers[-1]
    is_counted = last - first + 1 == len(batch.numbers)
    head: BatchHead = {
        "numbers": [first, last] if is_counted else batch.numbers,
        "counted": is_counted,
        "width": len(batch.rows[0]),
        "long": list(batch.long.items()),
        "short": batch.short,
        "doubts": batch.doubts,
    }
    yield json.dumps(head).encode() + b"\n" + text.encode("utf-8", "surrogatepass")


def batch_of(content: bytes) -> Batch:
    """Decode a frame `ROWS`."""
    line, _, rest = content.partition(b"\n")
    head = convert(json.loads(line), BatchHead)
    cells = rest.decode("utf-8", "surrogatepass").split(_BETWEEN)
    width, numbers = head["width"], head["numbers"]
    if head["counted"]:
        numbers = list(range(numbers[0], numbers[1] + 1))
    rows = [cells[start : start + width] for start in range(0, width * len(numbers), width)]
    return Batch(numbers, rows, dict(head["long"]), head["short"], head["doubts"])
