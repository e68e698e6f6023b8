"""Finds the ideas, such as `phone` or `first`, that words and phrases of headers name in six languages.

The words are data in `shared/contract/header_words/`; compounds, plurals and small misspellings are found by rule.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import takewhile

from services.mapper.headers.normalising import words
from shared.contract.header_words import LANGUAGES, phrases

_LONGEST = 6  # words in a phrase
_ENDINGS = ("s", "x", "n", "e", "es", "en", "er", "em")
_NUMBER_WORDS = {
    word: number
    for number, listed in enumerate(
        (
            "one",
            "two deux twee zwei dos due",
            "three trois drie drei tres tre",
            "four quatre vier cuatro quattro",
        ),
        1,
    )
    for word in listed.split()
}
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_SHORT_PARTS = frozenset(
    ["nr", "id", "no", "cd"]
)  # parts of compounds that may be shorter than three letters
_LINKS = ("", "s", "n", "en", "es", "er", "e")  # sounds between the parts of a Dutch or German compound
_GLUED, _LONGEST_GLUED = 6, 48  # letters of words that are cut into others
_MOST_CUTS = 6
#: Marks phrases that have their ideas where they are the whole header, such as `Details`.
ALONE = "alone"
EXACT, INFLECTED, COMPOUND, MISSPELT = 1.0, 0.97, 0.97, 0.85


@dataclass(frozen=True)
class Sense:
    """One sense of a word: its ideas, the languages that it has this sense in, and how well it fits (up to 1)."""

    ideas: frozenset[str]
    languages: frozenset[str]
    fit: float = EXACT


@dataclass(frozen=True)
class Piece:
    """A word or phrase of a header with its senses; without senses it is unknown, or a number."""

    text: str
    senses: tuple[Sense, ...] = ()
    number: int | None = None


class Vocabulary:
    """All words, and the rules that find variants: inflected, compound, misspelt and abbreviated words."""

    def __init__(self, without: frozenset[str] = frozenset()) -> None:
        self._senses: dict[str, dict[frozenset[str], set[str]]] = {}
        self._alone: dict[str, dict[frozenset[str], set[str]]] = {}
        for language in LANGUAGES:
            for ideas, texts in phrases(language).items():
                for text in texts:
                    if " ".join(words(text)) not in without:
                        self._learn(text, frozenset(ideas.split()), language)
        self._stops = {text for text, senses in self._senses.items() if frozenset(["stop"]) in senses}
        self._learn_without_stops()
        self._glued = {text.replace(" ", ""): text for text in self._senses if " " in text}
        self._typos = self._shortened()
        self._words = sorted(text for text in self._senses if " " not in text)
        self.pieces = lru_cache(maxsize=8192)(self._pieces)

    def _learn(self, text: str, ideas: frozenset[str], language: str) -> None:
        forms = {text, text.lower()}
        if language == "de":
            forms |= {form.translate(_UMLAUTS) for form in forms}
        known = self._alone if ALONE in ideas else self._senses
        for form in forms:
            key = " ".join(words(form))
            if key:
                known.setdefault(key, {}).setdefault(ideas - {ALONE}, set()).add(language)

    def _learn_without_stops(self) -> None:
        """Add each phrase without its small words: "date birth" for "date of birth"."""
        for phrase in [text for text in self._senses if " " in text]:
            bare = self._without_stops(phrase)
            if " " in bare:
                for ideas, spoken in list(self._senses[phrase].items()):
                    self._senses.setdefault(bare, {}).setdefault(ideas, set()).update(spoken)

    def _without_stops(self, text: str) -> str:
        return " ".join(word for word in text.split() if word not in self._stops)

    def _shortened(self) -> dict[str, str]:
        """Known words of at least seven letters, by each text that is left when one letter is missing."""
        long = [word for word in self._senses if len(word) >= 7 and " " not in word]
        return {word[:place] + word[place + 1 :]: word for word in long for place in range(1, len(word))}

    def _pieces(self, header: str) -> tuple[Piece, ...]:
        """The words of a header in order, phrases as long as possible together; small words are left out."""
        tokens = tuple(part for word in words(header) for part in self._unglued(word))
        alone = self._alone.get(" ".join(tokens), {})
        if alone:
            senses = tuple(Sense(ideas, frozenset(spoken), INFLECTED) for ideas, spoken in alone.items())
            return (Piece(" ".join(tokens), senses),)
        found: list[Piece] = []
        place = 0
        while place < len(tokens):
            piece, used = self._longest(tokens, place)
            if not (piece.senses and all("stop" in sense.ideas for sense in piece.senses)):
                found.append(piece)
            place += used
        return tuple(found)

    def _unglued(self, word: str) -> tuple[str, ...]:
        """The words of a technical name such as `dateofbirth`; a word that is known, or has no such parts, as it is."""
        if (
            not _GLUED <= len(word) <= _LONGEST_GLUED
            or word in self._senses
            or self._inflected(word)
            or self._compound(word)
        ):
            return (word,)
        best: tuple[str, ...] = ()
        for language in LANGUAGES:
            parts = self._cut(word, language, 0)
            if parts and (not best or _cut_cost(parts) < _cut_cost(best)):
                best = parts
        return tuple(each for part in best or (word,) for each in self._glued.get(part, part).split())

    def _cut(self, word: str, language: str, depth: int) -> tuple[str, ...] | None:
        """The words of one language, with English ones, that a word consists of; a stop is never last."""
        best: tuple[str, ...] | None = None
        for end in range(len(word), 0, -1):
            part, rest = word[:end], word[end:]
            if not self._may_be_cut(part, language, inner=bool(rest) and (depth > 0 or end > 1)):
                continue
            if not rest:
                return (part,)
            others = self._cut(rest, language, depth + 1) if depth < _MOST_CUTS else None
            if others and (best is None or _cut_cost((part, *others)) < _cut_cost(best)):
                best = (part, *others)
        return best

    def _may_be_cut(self, part: str, language: str, *, inner: bool) -> bool:
        """Whether a part of a glued header is a word of the language; a stop counts between others alone."""
        senses = self._senses.get(self._glued.get(part, part) if len(part) >= _GLUED else part)
        if senses is None:
            return False
        spoken = frozenset().union(*senses.values())
        if part in self._stops:
            return inner and language in spoken
        return (len(part) >= 3 and bool(spoken & {language, "en"})) or part in _SHORT_PARTS

    def _longest(self, tokens: tuple[str, ...], place: int) -> tuple[Piece, int]:
        for length in range(min(_LONGEST, len(tokens) - place), 0, -1):
            text = " ".join(tokens[place : place + length])
            senses = self._known(text)
            if not senses and length > 2 and tokens[place + length - 1] not in self._stops:
                senses = self._known(self._without_stops(text))
            if senses:
                return Piece(text, senses), length
        word = tokens[place]
        number = int(word[:4]) if word.isdigit() else _NUMBER_WORDS.get(word)
        if number is not None:
            return Piece(word, number=number), 1
        return Piece(word, self._varied(word)), 1

    def _known(self, text: str, fit: float = EXACT) -> tuple[Sense, ...]:
        found = self._senses.get(text, {})
        return tuple(Sense(ideas, frozenset(languages), fit) for ideas, languages in found.items())

    def _varied(self, word: str) -> tuple[Sense, ...]:
        return (
            self._inflected(word) or self._compound(word) or self._misspelt(word) or self._abbreviated(word)
        )

    def _inflected(self, word: str) -> tuple[Sense, ...]:
        for ending in _ENDINGS:
            stem = word.removesuffix(ending)
            if stem != word and len(stem) >= (4 if ending in "sx" else 5) and stem not in self._stops:
                senses = self._known(stem, INFLECTED)
                if senses:
                    return senses
        return ()

    def _compound(self, word: str) -> tuple[Sense, ...]:
        """The senses of a word that is made of known words; the fewest parts count."""
        if len(word) < 5:
            return ()
        parts = self._parted(word, 4)
        if not parts:
            return ()
        together: list[tuple[frozenset[str], frozenset[str]]] = [(frozenset(), frozenset(LANGUAGES))]
        for part in parts:
            together = [
                (ideas | more, shared)
                for ideas, languages in together
                for more, spoken in self._senses[part].items()
                if "stop" not in more and (shared := languages & (spoken | {"en"}))
            ]
        return tuple(Sense(ideas, languages, COMPOUND) for ideas, languages in together[:6])

    def _parted(self, word: str, most: int) -> tuple[str, ...] | None:
        """The fewest known words that a word is made of, with at most a linking sound between them, or None."""
        best: tuple[str, ...] | None = None
        for end in range(len(word), 1, -1):
            part = word[:end]
            if not self._may_be_part(part):
                continue
            if end == len(word):
                return (part,)
            if most > 1:
                best = self._fewer(best, part, word[end:], most)
        return best

    def _fewer(self, best: tuple[str, ...] | None, part: str, rest: str, most: int) -> tuple[str, ...] | None:
        for link in _LINKS:
            if rest.startswith(link) and len(rest) > len(link):
                others = self._parted(rest[len(link) :], most - 1)
                if others and (best is None or len(others) + 1 < len(best)):
                    best = (part, *others)
        return best

    def _may_be_part(self, text: str) -> bool:
        return (len(text) >= 3 or text in _SHORT_PARTS) and text in self._senses and text not in self._stops

    def _abbreviated(self, word: str) -> tuple[Sense, ...]:
        """The senses of the known words that begin with this one, where all have the same ideas."""
        if len(word) < 5:
            return ()
        start = bisect_left(self._words, word)
        longer = takewhile(lambda known: known.startswith(word), self._words[start:])
        found = {known: self._known(known, MISSPELT) for known in longer}
        ideas = {frozenset(sense.ideas for sense in senses) for senses in found.values()}
        return next(iter(found.values())) if len(ideas) == 1 else ()

    def _misspelt(self, word: str) -> tuple[Sense, ...]:
        if len(word) < 6:
            return ()
        if word in self._typos:
            return self._known(self._typos[word], MISSPELT)
        for place in range(1, len(word)):
            shorter = word[:place] + word[place + 1 :]
            if len(shorter) >= 7 and shorter in self._senses:
                return self._known(shorter, MISSPELT)
            if shorter in self._typos and len(self._typos[shorter]) == len(word):
                return self._known(self._typos[shorter], MISSPELT)
        return ()


def _cut_cost(parts: tuple[str, ...]) -> tuple[int, int]:
    """Sort key of ways to cut a word: few parts, then few short ones."""
    return len(parts), sum(len(part) < 4 for part in parts)


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary, read once."""
    return Vocabulary()


@cache
def grammar() -> dict[str, tuple[str, float]]:
    """The rules of the grammar: (meaning, weight) by ideas in alphabetical order; the meaning "" is no field."""
    rules = {}
    data = files("services.mapper.headers").joinpath("grammar.toml").read_text("utf-8")
    for ideas, meaning in tomllib.loads(data).items():
        name, _, weight = meaning.partition(" ")
        rules[ideas] = (name, float(weight or 1))
    return rules


def languages(pieces: Iterator[Piece] | list[Piece]) -> dict[str, float]:
    """How likely each language is that of the headers, from 0 to 1; a word of one language alone counts most."""
    votes = dict.fromkeys(LANGUAGES, 0.0)
    for piece in pieces:
        spoken = frozenset().union(*(sense.languages for sense in piece.senses)) if piece.senses else ()
        for language in spoken:
            votes[language] += 1 / len(spoken) ** 2
    most = max(votes.values())
    return {language: votes[language] / most if most else 1.0 for language in LANGUAGES}
