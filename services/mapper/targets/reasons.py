"""Why something is suggested, as a code with values and as a sentence in the language of the person."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Reason:
    """A reason by its stable code, with the values that its sentence names."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def told(self, lang: str = "en") -> str:
        """The reason as a sentence, in English where the language is not known."""
        sentences = reasons()[self.code]
        return sentences.get(lang, sentences["en"]).format(**self.params)


@cache
def reasons() -> Mapping[str, Mapping[str, str]]:
    """All reasons: their sentences by language, by code."""
    return tomllib.loads(
        files("services.mapper.headers").joinpath("words", "reasons.toml").read_text("utf-8")
    )
