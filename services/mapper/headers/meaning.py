"""Finds what a header means from its words and the grammar: which field, of whom, and which of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, product

from services.mapper.headers.vocabulary import Piece, Sense, Vocabulary, grammar

SIDES = ("spouse", "person", "customer", "company")
QUALIFIERS = frozenset(["home", "work", "main", "billing", "shipping", "other", "mailing"])
_HEAD_LAST = frozenset(["en", "nl", "de"])  # "company contact" is a contact, "contact société" too
_READINGS = 24  # ways to read one header that are tried, the most fitting first
_UNKNOWN = 0.45
_UNKNOWN_BESIDE_MORE = 0.6  # the same, beside several words that are known
_GENERAL = ("full", "name", "date", "code", "type")  # ideas that a header may have too many of
_GENERALISED = 0.85  # factor of the score for a header without one of them
_NATIVE = 0.8  # readings that fit less than this part of the best one are dropped
_FOREIGN = 0.6  # factor of the score for a word in a language that no other header is in
#: With a number, as in `Organization 1 - Type`, a header is none of these.
_UNNUMBERED = frozenset(["type", "account_name", "status", "category"])
#: Parts of an address whose last number counts its lines.
_LINED = frozenset(["address", "street", "line", "box"])


@dataclass(frozen=True)
class Meaning:
    """One way to read a header.

    `name` is a field without its record, or a name such as `title` that only the whole file resolves; "" is no field.
    `side` is whose field it is, `qualifiers` say which of several. `block` is the number of an address, `line`
    that of a line of it; both count from 1.
    """

    name: str
    score: float
    side: str = ""
    qualifiers: frozenset[str] = frozenset()
    block: int = 1
    line: int = 1
    by: str = "words"


@dataclass(frozen=True)
class _Reading:
    """One sense per word of a header."""

    ideas: frozenset[str]
    fit: float
    unknown: int


def meanings(header: str, known: Vocabulary, spoken: Mapping[str, float]) -> list[Meaning]:
    """The ways to read a header in a file of these languages, the best first, one per meaning."""
    pieces = known.pieces(header)
    best: dict[str, Meaning] = {}
    native = 0.0
    head_last = max(spoken, key=lambda language: spoken[language]) in _HEAD_LAST
    for reading in islice(_readings(pieces, spoken), _READINGS):
        meaning = _meaning(reading, pieces, head_last)
        if meaning:
            native = max(native, reading.fit)
        if reading.fit < _NATIVE * native:
            break
        if meaning and (meaning.name not in best or _order(meaning) > _order(best[meaning.name])):
            best[meaning.name] = meaning
    return sorted(best.values(), key=lambda meaning: -meaning.score)


def _order(meaning: Meaning) -> tuple[float, bool]:
    """Sort key: the score, then readings without a side, so that a "business street" is one at work."""
    return meaning.score, not meaning.side


def _readings(pieces: Sequence[Piece], spoken: Mapping[str, float]) -> list[_Reading]:
    worded = [piece for piece in pieces if piece.senses]
    unknown = sum(1 for piece in pieces if not piece.senses and piece.number is None)
    readings = []
    for senses in islice(product(*(piece.senses for piece in worded)), 4 * _READINGS):
        ideas = frozenset().union(*(sense.ideas for sense in senses)) - {"stop"}
        fit = 1.0
        for sense in senses:
            fit *= sense.fit * _belonging(sense, spoken)
        readings.append(_Reading(ideas, fit, unknown))
    return sorted(readings, key=lambda reading: -reading.fit) if worded else []


def _belonging(sense: Sense, spoken: Mapping[str, float]) -> float:
    """A factor up to 1: the more of the file's headers are in a language of the word; English counts in every file."""
    share = max(max(spoken[language], 0.7 * (language == "en")) for language in sense.languages)
    return _FOREIGN + (1 - _FOREIGN) * min(1.0, share / 0.7)


def _meaning(reading: _Reading, pieces: Sequence[Piece], head_last: bool) -> Meaning | None:
    """The meaning that the grammar gives to the ideas; None where it has no rule for them."""
    if _of_another_person(pieces):
        return Meaning("", 1.0)
    ideas = reading.ideas
    sides = _sides(ideas, pieces, head_last)
    qualifiers = ideas & QUALIFIERS
    core = " ".join(sorted(ideas - QUALIFIERS - set(SIDES)))
    if core == "address" and sides[:1] == ["company"] and head_last and _ends_with(pieces, "company"):
        core = ""
    found = _rule(core, sides)
    if found is None:
        return None
    name, weight = found
    factor = _UNKNOWN_BESIDE_MORE if len(ideas - {"stop"}) > 1 else _UNKNOWN
    score = weight * reading.fit * factor**reading.unknown
    if len(qualifiers) > 1:
        score *= 0.98
    block, line = _counted(pieces, name)
    if name in _UNNUMBERED and any(piece.number is not None for piece in pieces):
        score *= _UNKNOWN
    return Meaning(name, score, sides[0] if sides else "", frozenset(qualifiers), block, line)


def _sides(ideas: frozenset[str], pieces: Sequence[Piece], head_last: bool) -> list[str]:
    """Whose field it is, the most important first: a spouse, else the head of the phrase in this language."""
    named = [side for piece in pieces for side in SIDES if any(side in sense.ideas for sense in piece.senses)]
    ordered = [side for side in (reversed(named) if head_last else named) if side in ideas]
    return sorted(dict.fromkeys(ordered), key=lambda side: side != "spouse")


def _rule(core: str, sides: Sequence[str]) -> tuple[str, float] | None:
    if "nothing" in core.split():
        return "", 1.0
    if "supplier" in core.split():
        return "supplier", 1.0
    rules = grammar()
    for side in sides:
        found = rules.get(f"{core} @{side}".strip())
        if found is not None:
            return found[0], found[1] * 1.01
    return (rules.get(core) or _rule_without_general(core)) if core else None


def _rule_without_general(core: str) -> tuple[str, float] | None:
    """The rule for the ideas without the most general one, such as the `full` of "owner full name"."""
    ideas = core.split()
    for general in (each for each in _GENERAL if each in ideas and len(ideas) > (1 if each == "full" else 2)):
        found = grammar().get(" ".join(idea for idea in ideas if idea != general))
        if found and found[0]:
            return found[0], found[1] * _GENERALISED
    return None


def _counted(pieces: Sequence[Piece], name: str) -> tuple[int, int]:
    """The number of the field, and of the line of an address, that a header names; both count from 1."""
    numbers = [(place, piece.number) for place, piece in enumerate(pieces) if piece.number is not None]
    numbers = [(place, number) for place, number in numbers if number < 20]
    if not numbers:
        return 1, 1
    place, last = numbers[-1]
    is_line = name in _LINED and all(_only_qualifies(piece) for piece in pieces[place + 1 :])
    if is_line:
        block = numbers[0][1] if len(numbers) > 1 else 1
        return max(block, 1), max(last, 1)
    return max(last if len(numbers) == 1 else numbers[0][1], 1), 1


def _only_qualifies(piece: Piece) -> bool:
    """Whether a word, as `billing` in `Address 2 (billing)`, names no field but one of several."""
    return any(sense.ideas <= QUALIFIERS | set(SIDES) for sense in piece.senses)


def _ends_with(pieces: Sequence[Piece], idea: str) -> bool:
    """Whether the last word, the head of `address company`, has this idea."""
    return any(idea in sense.ideas for sense in pieces[-1].senses)


def _of_another_person(pieces: Sequence[Piece]) -> bool:
    """Whether a header such as `Contact 2: E-mail` is about a second contact, whom a row does not import."""
    return any(
        after.number is not None and 2 <= after.number < 20 and _says(before, "person")
        for before, after in pairwise(pieces)
    )


def _says(piece: Piece, idea: str) -> bool:
    return bool(piece.senses) and all(idea in sense.ideas for sense in piece.senses)
