"""Scores proposals on headers that no list of the project has: `make score-headers` (ARGS=--wrong lists the misses).

`tests/measure/headers.toml` has phrases by concept and language. Lists are generated from them: of clients, of people,
and of both, in six languages, in each style in which systems write headers, with and without values. A target is right
where record and field are. Every second phrase is for measuring alone: `--wrong` shows the others.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from services.mapper.targets.proposing import Column, propose
from tools.score_mapping import Score

DATA = Path(__file__).parents[1] / "tests" / "measure" / "headers.toml"
LANGUAGES = ("en", "fr", "nl", "de", "es", "it")
KINDS = ("clients", "people", "both")
KIND = "accounts_and_contacts"
ROUNDS = 3


def _ascii(text: str) -> str:
    text = text.replace("ß", "ss")
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def _bare(text: str) -> list[str]:
    return re.sub(r"[\W_]+", " ", _ascii(text)).split()


#: How systems write headers.
STYLES: dict[str, Callable[[str], str]] = {
    "as people write": str.capitalize,
    "capitals": str.upper,
    "marked": lambda text: f"{text.title()} *",
    "snake": lambda text: "_".join(_bare(text.lower())),
    "camel": lambda text: "".join(word.capitalize() for word in _bare(text)),
    "glued": lambda text: "".join(_bare(text.lower())),
    "technical": lambda text: "_".join(word.capitalize() for word in _bare(text)) + "__c",
}


@dataclass(frozen=True)
class Labelled:
    """A header with the keys of the fields that are right, "" for none, and values of the column."""

    header: str
    accept: frozenset[str]
    values: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """A generated list: what it is made of, and its columns."""

    language: str
    kind: str
    style: str
    columns: tuple[Labelled, ...]


@cache
def concepts() -> dict[str, dict[str, Any]]:
    """The concepts of the data with their phrases."""
    return tomllib.loads(DATA.read_text("utf-8"))


def samples(half: int | None = None, rounds: int = ROUNDS) -> Iterator[Sample]:
    """All generated lists; `half` 0 or 1 takes every second phrase alone."""
    for language in LANGUAGES:
        for kind in KINDS:
            for style in STYLES:
                for turn in range(rounds):
                    yield _sample(language, kind, style, turn, half)


def _sample(language: str, kind: str, style: str, turn: int, half: int | None) -> Sample:
    chance = random.Random(f"{language} {kind} {style} {turn}")
    columns = []
    for concept in concepts().values():
        if kind not in concept["lists"]:
            continue
        phrases = concept[language].split("; ")
        phrase = chance.choice(phrases if half is None else phrases[half::2])
        accept = frozenset(concept["accept"])
        values = tuple(concept["values"]) if turn % 2 else ()
        columns.append(Labelled(STYLES[style](phrase), _of_kind(accept, kind), values))
    return Sample(language, kind, style, tuple(columns))


def _of_kind(accept: frozenset[str], kind: str) -> frozenset[str]:
    """What is right in a kind of list: where people are named, how to reach them is theirs; tags may be of both."""
    if kind != "people" or "account.tags" in accept:
        return accept
    contact = frozenset(key for key in accept if not key.startswith("account."))
    return contact or accept


def scored(sample: Sample) -> tuple[Score, list[tuple[Labelled, str | None]]]:
    """The score of a list, and the columns that are wrong with their targets."""
    columns = [Column(at, each.header, each.values) for at, each in enumerate(sample.columns)]
    targets = [each.target for each in propose(columns, KIND).columns]
    result, wrong = Score(), []
    for labelled, target in zip(sample.columns, targets, strict=True):
        fits = target in labelled.accept if target else "" in labelled.accept
        must = "" not in labelled.accept
        result.columns += 1
        result.right += fits
        result.suggested += target is not None
        result.right_suggested += target is not None and fits
        result.must += must
        result.right_must += must and fits
        if not fits:
            wrong.append((labelled, target))
    return result, wrong


def by(groups: Sequence[Sample], key: Callable[[Sample], str]) -> dict[str, Score]:
    """The scores of lists, summed by a part of theirs; "all" has all of them."""
    found: dict[str, Score] = defaultdict(Score)
    for sample in groups:
        score, _ = scored(sample)
        found[key(sample)].add(score)
        found["all"].add(score)
    return dict(found)


def _print(title: str, found: dict[str, Score]) -> None:
    print(f"{title:24} {'cols':>6} {'accuracy':>9} {'precision':>10} {'recall':>7}")
    for name, each in found.items():
        accuracy, precision, recall = each.shares()
        print(f"  {name:22} {each.columns:6d} {accuracy:9.1f} {precision:10.1f} {recall:7.1f}")


def main(arguments: Sequence[str]) -> None:
    """Print the figures, and on demand what is wrong among the phrases to look at."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--wrong", action="store_true", help="list the misses among the phrases to look at")
    options = parser.parse_args(arguments)
    measured = list(samples(half=1))
    _print("measured: languages", by(measured, lambda sample: sample.language))
    _print("measured: styles", by(measured, lambda sample: sample.style))
    _print("measured: lists", by(measured, lambda sample: sample.kind))
    if options.wrong:
        seen = list(samples(half=0))
        _print("looked at: languages", by(seen, lambda sample: sample.language))
        misses = Counter(
            (sample.language, labelled.header, target or "", "/".join(sorted(labelled.accept)))
            for sample in seen
            for labelled, target in scored(sample)[1]
        )
        for (language, header, target, accept), count in sorted(misses.items()):
            print(f"{language} {count:3d} {header!r} as {target}, not {accept}")


if __name__ == "__main__":
    main(sys.argv[1:])
