"""What people changed of a job, by part, and the text by which a writer says what they had seen of it.

The text is a list like `mapping.3,rows.12`, as it is in the header `If-Match`, between quotation marks
(https://www.rfc-editor.org/rfc/rfc9110#name-if-match).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

SOURCE, MAPPING, SETTINGS, ROWS = PARTS = ("source", "mapping", "settings", "rows")
_PART = rf"(?:{'|'.join(PARTS)})\.[0-9]{{1,9}}"
#: what a header may hold
SEEN = re.compile(rf'"{_PART}(?:,{_PART}){{0,{len(PARTS) - 1}}}"')


def number_of(edits: Mapping[str, Any], part: str) -> int:
    """How often a part was changed."""
    return int(edits[part]["number"]) if part in edits else 0


def seen_of(edits: Mapping[str, Any], parts: tuple[str, ...] = PARTS) -> str:
    """What somebody has seen who sees these changes of some parts."""
    return ",".join(f"{part}.{number_of(edits, part)}" for part in parts)


def numbers_in(seen: str) -> dict[str, int]:
    """The numbers by part in such a text; of a text that is none of ours, none."""
    if not SEEN.fullmatch(f'"{seen}"'):
        return {}
    return {part: int(number) for part, _, number in (one.partition(".") for one in seen.split(","))}


def changed_since(seen: Mapping[str, int], edits: Mapping[str, Any]) -> list[str]:
    """The parts that were changed after somebody saw them."""
    return [part for part in PARTS if part in seen and seen[part] != number_of(edits, part)]
