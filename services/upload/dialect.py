"""Find the delimiter of a text table by splitting a sample with each candidate and scoring how table-like it
comes out.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

from services.upload.source import ReadError, Row
from services.upload.splitting import Splitter
from services.upload.trimming import trimmed

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_LENGTH = 128 * 1024
# Below this a split is accidental: the file has a single column.
_FLOOR = 0.3
# Records whose cells are looked at; more do not change the picture.
_JUDGED = 100

_SEP_LINE = re.compile(r'"?sep=(.)"?[\r\n]*\Z', re.IGNORECASE)
_KINDS = (
    (
        "number",
        re.compile(r"[-+]?[€$£]? ?\d{1,15}(?:[ .,']\d{3})*(?:[.,]\d+)?(?:E[+-]?\d+)? ?[%€]?", re.IGNORECASE),
    ),
    ("date", re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")),
    ("email", re.compile(r"[^@\s,;|]+@[^@\s,;|]+\.[a-z]+", re.IGNORECASE)),
    ("code", re.compile(r"[+(]?[\d][\d ()/.+-]*")),
    ("word", re.compile(r"[^,;\t|]*")),
)


@dataclass(frozen=True)
class Dialect:
    """How the text is cut into cells. `width` is the number of cells of most records."""

    delimiter: str
    quote: str
    width: int


def named_delimiter(line: str) -> str | None:
    """The delimiter that a first line such as `sep=;` names; spreadsheet programs obey and hide it."""
    match = _SEP_LINE.match(line)
    return match[1] if match and _usable(match[1], '"') else None


def _usable(character: str, other: str = "") -> bool:
    return (
        len(character) == 1 and character not in "\r\n\0" and character != other and not character.isalnum()
    )


def find_dialect(
    sample: str, complete: bool, delimiter: str | None = None, quote: str | None = None
) -> Dialect:
    """The delimiter whose split of the sample looks most like a table.

    `complete` says that the sample is the whole file. Raises ReadError `unusable_delimiter` for a `delimiter`
    or `quote` that is not one character of its own.
    """
    quote = '"' if quote is None else quote
    if (delimiter is not None and not _usable(delimiter, quote)) or (quote and not _usable(quote)):
        raise ReadError("unusable_delimiter", delimiter=delimiter, quote=quote)
    candidates = [delimiter] if delimiter else list(DELIMITERS)
    scored = [_scored(sample, complete, candidate, quote) for candidate in candidates]
    score, dialect = max(scored, key=lambda pair: pair[0])
    if delimiter or score >= _FLOOR:
        return dialect
    return Dialect(DELIMITERS[0], quote, 1)


def _scored(sample: str, complete: bool, delimiter: str, quote: str) -> tuple[float, Dialect]:
    if delimiter not in sample:
        return 0.0, Dialect(delimiter, quote, 1)
    records = list(Splitter(delimiter, quote).records(sample.splitlines(keepends=True)))
    if not complete and len(records) > 1:
        records.pop()
    filled = [record for record in trimmed(records) if any(record)]
    if not filled:  # delimiters and nothing else
        return 1.0, Dialect(delimiter, quote, 1)
    widths = Counter(len(record) for record in filled if len(record) > 1)
    if not widths:
        return 0.0, Dialect(delimiter, quote, 1)
    most = max(widths.values())
    width = max(width for width, count in widths.items() if count == most)
    regular = [record for record in filled if len(record) == width]
    share = len(regular) / len(filled)
    # Numbers cut at a decimal comma make columns of mixed kinds; that is what tells `1,5;2,5` from a comma
    # table.
    score = share**1.5 * (0.45 + 0.55 * _purity(regular[:_JUDGED])) * (1 + 0.12 * math.log2(width))
    return score, Dialect(delimiter, quote, width)


def _purity(records: list[Row]) -> float:
    """How much the cells of a column are of one kind, over the columns that hold anything."""
    shares = []
    for column in zip(*(records[1:] or records), strict=True):
        kinds = Counter(_kind(cell) for cell in column if cell)
        if kinds:
            shares.append(max(kinds.values()) / kinds.total())
    return sum(shares) / len(shares) if shares else 0.0


def _kind(cell: str) -> str:
    return next((name for name, pattern in _KINDS if pattern.fullmatch(cell)), "mixed")
