"""Replaces the entities that XML has without a document type: `&amp;`, `&#233;`."""

from __future__ import annotations

import re

_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ENTITY = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));")


def has_plain_entities(text: str) -> bool:
    """Whether each `&` begins one of these entities, and no number is that of a character that XML excludes."""
    found = list(_ENTITY.finditer(text))
    return len(found) == text.count("&") and all(_is_character(match) for match in found)


def without_entities(text: str) -> str:
    """Give the text with characters in place of the entities."""
    return _ENTITY.sub(lambda match: _NAMED[match[1]] if match[1] else chr(_number(match)), text)


def _number(match: re.Match[str]) -> int:
    return int(match[2]) if match[2] else int(match[3], 16)


def _is_character(match: re.Match[str]) -> bool:
    """Whether XML 1.0 (2.2) has the character."""
    if match[1]:
        return True
    number = _number(match)
    if number < 0x20:
        return number in (0x9, 0xA, 0xD)
    return number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number <= 0x10FFFF
