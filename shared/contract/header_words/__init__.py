"""Loads the words of headers: reading recognises a header row by them, and the mapper finds its fields.

`<language>.toml` has words and phrases by the ideas that they name, such as `phone` or `first name`, with semicolons in
between. `other.toml` has words that name no field, words of further languages, and words that begin a row of totals. A
new word counts for both.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "fr", "nl", "de", "es", "it")
#: Shorter words, such as `nr` and `to`, are also values; those that make a header are in `other.toml`.
_SHORTEST = 3


@cache
def phrases(language: str) -> Mapping[str, tuple[str, ...]]:
    """The words and phrases of a language, by the ideas that they name."""
    return {
        ideas: tuple(phrase.strip() for phrase in listed.split(";"))
        for ideas, listed in _data(language).items()
    }


@cache
def single_words() -> frozenset[str]:
    """All words that alone make a cell look like a header, in small letters."""
    known = {
        phrase.casefold()
        for language in LANGUAGES
        for ideas, listed in phrases(language).items()
        if "stop" not in ideas.split()
        for phrase in listed
    }
    return frozenset(word for word in known if word.isalpha() and len(word) >= _SHORTEST) | _other("headers")


@cache
def total_words() -> frozenset[str]:
    """Words and phrases that begin a row of totals, in small letters."""
    return frozenset(phrase.replace("_", " ") for phrase in _other("totals"))


@cache
def total_qualifiers() -> frozenset[str]:
    """Words that follow those of totals and say no more: `general`, `of`, `clients`."""
    return _other("qualifiers")


def _other(name: str) -> frozenset[str]:
    return frozenset(_data("other")[name].casefold().split())


def _data(name: str) -> Mapping[str, str]:
    return tomllib.loads(files("shared.contract.header_words").joinpath(f"{name}.toml").read_text("utf-8"))
