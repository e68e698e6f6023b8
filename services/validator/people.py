"""Splits a full name into first and last name."""

from __future__ import annotations

PARTICLES = frozenset(
    "de den der des di da do dos du el la le les ten ter van vande vanden vander von zu zum zur op 't".split()  # noqa: SIM905
)


def split_name(full: str) -> tuple[str | None, str | None]:
    """First and last name of *First Last*, *Last, First* or *First van der Last*; (None, last) for one word."""
    if "," in full:
        last, _, first = (part.strip() for part in full.partition(","))
        return first or None, last or None
    words = full.split()
    if len(words) < 2:
        return None, full.strip() or None
    lower = [word.casefold() for word in words]
    for position in range(1, len(words)):
        if lower[position] in PARTICLES:
            cut = position
            break
    else:
        cut = len(words) - 1
    return " ".join(words[:cut]), " ".join(words[cut:])
