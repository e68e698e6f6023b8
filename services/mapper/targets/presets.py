"""Recognises layouts of known systems by their headers; each layout is a data file in `layouts/`.

A layout is also recognised when columns were added, left out or moved.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from services.mapper.headers.normalising import plain
from services.mapper.targets.scored import Scored
from shared.contract.fields import FIELDS, client_files
from shared.contract.texts.catalogues import LANGUAGES

_FIT = 0.99
_OWN_SHARE, _FILE_SHARE, _LEAST = 0.6, 0.5, 4
#: A file comes from a system where it has nearly all headers of the layout, or all that no other system writes and
#: little else.
_NEARLY_ALL = 0.8


class _Headed(Protocol):
    @property
    def header(self) -> str: ...


@dataclass(frozen=True)
class Preset:
    """A layout: its key and name, and the target of each header in order, "" where it has none.

    `own` are headers that no other system writes: without one of them it is not this layout. `required` are fields that
    each row must have.
    """

    key: str
    name: str
    columns: tuple[tuple[str, str], ...]
    own: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()

    def likeness(self, headers: Sequence[str]) -> float:
        """How like the layout a file is, from 0 to 1; 0 where it has another layout."""
        present = Counter(plain(header) for header in headers)
        mine = Counter(header for header, _ in self.columns)
        if self.own and not self.own & present.keys():
            return 0.0
        shared = sum((present & mine).values())
        of_mine, of_file = shared / sum(mine.values()), shared / max(1, sum(present.values()))
        if shared < _LEAST or max(of_mine, of_file) < _OWN_SHARE or of_file < _FILE_SHARE:
            return 0.0
        return (of_mine + of_file) / 2

    def is_one(self, headers: Sequence[str]) -> bool:
        """Whether a file that is like the layout comes from the system, and not only has some of its headers."""
        if self.key == client_files.LAYOUT:
            return True
        present = Counter(plain(header) for header in headers)
        mine = Counter(header for header, _ in self.columns)
        shared = sum((present & mine).values())
        of_mine, of_file = shared / sum(mine.values()), shared / max(1, sum(present.values()))
        return of_mine >= _NEARLY_ALL or (self.own <= present.keys() and of_file >= _NEARLY_ALL)

    def applied(
        self, columns: Sequence[_Headed], fits: Sequence[dict[str, Scored]], records: Sequence[str]
    ) -> list[dict[str, Scored]]:
        """The scored targets of all columns; a target of the layout replaces those of its column."""
        waiting: dict[str, list[str]] = {}
        for header, target in self.columns:
            waiting.setdefault(header, []).append(target)
        result = []
        for column, scored in zip(columns, fits, strict=True):
            targets = waiting.get(plain(column.header))
            if not targets:
                result.append(scored)
                continue
            target = targets.pop(0)
            if target and FIELDS[target].record not in records:
                result.append(scored)
                continue
            named = {"preset": self.name}
            result.append({target: Scored(target, _FIT, "preset", named)} if target else {})
        return result


@cache
def presets() -> tuple[Preset, ...]:
    """All layouts that are known."""
    found = []
    for file in sorted(
        files("services.mapper.targets").joinpath("layouts").iterdir(), key=lambda each: each.name
    ):
        if file.name.endswith(".toml"):
            found += _read(file.name.removesuffix(".toml"), tomllib.loads(file.read_text("utf-8")))
    return tuple(found)


@cache
def _own_files(collection: str) -> tuple[Preset, ...]:
    """The layouts of our own lists of a collection, one per language."""
    return tuple(
        Preset(
            client_files.LAYOUT,
            "Carryover",
            (
                *((plain(each.label(lang)), each.key) for each in client_files.fields_of(collection)),
                (plain(client_files.linked_label(collection, lang)), ""),
            ),
        )
        for lang in LANGUAGES
    )


def _read(key: str, data: Mapping[str, Any]) -> list[Preset]:
    """One layout per language in which the system writes its headers."""
    return [
        Preset(
            key,
            data["name"],
            tuple((plain(header), target) for header, target in layout["columns"]),
            frozenset(plain(header) for header in layout.get("own", ())),
            tuple(data.get("required", ())),
        )
        for layout in data["layouts"]
    ]


def recognised(headers: Sequence[str]) -> Preset | None:
    """The layout that a file is most like; None where it is like none.

    A file with the ids of our records is one of ours, whatever else it has.
    """
    own = client_files.collection_of(headers)
    if own:
        given = Counter(map(plain, headers))
        return max(
            _own_files(own), key=lambda each: (Counter(name for name, _ in each.columns) & given).total()
        )
    best = max(presets(), key=lambda each: each.likeness(headers), default=None)
    return best if best and best.likeness(headers) > 0 else None
