"""Finds from the values of a column whether they name people, companies, or both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files

from services.mapper.headers.normalising import folded
from services.mapper.values.value_types import filled, is_form_of_address
from shared.contract.fields import FIELDS
from shared.contract.legal_forms import shows_legal_form

#: Given names that are common where our users work, without accents. A list of names has some of them.
_GIVEN = frozenset(files("services.mapper.values").joinpath("given_names.txt").read_text("utf-8").split())
#: Share of names from which on a column names people, too, or companies above all.
PEOPLE, COMPANIES = 0.2, 0.5


def names_people(samples: Sequence[str]) -> bool:
    """Whether a good part of the values are names of people."""
    return _share(samples, _is_person) >= PEOPLE


def names_companies(samples: Sequence[str]) -> bool:
    """Whether most of the values show the legal form of a company."""
    return _share(samples, shows_legal_form) >= COMPANIES


def are_companies(types: Sequence[str]) -> bool:
    """Whether most of some types of accounts are words for a company."""
    words = {folded(word) for word in ("Company", *FIELDS["account.type"].choice_names["Company"])}
    return _share(types, lambda value: folded(value.strip()) in words) >= COMPANIES


def _share(samples: Sequence[str], test: Callable[[str], bool]) -> float:
    values = filled(samples)
    return sum(map(test, values)) / len(values) if values else 0.0


def _is_person(value: str) -> bool:
    """Whether a value has the given name of a person first or last, or a form of address before it."""
    words = folded(value.replace(",", " ").replace(".", " ")).split()
    if not 2 <= len(words) <= 6 or any(char.isdigit() or char == "@" for char in value):
        return False
    if shows_legal_form(value):
        return False
    first = [words[0], words[-1], *(words[1:2] if "," in value else ())]
    return is_form_of_address(words[0]) or not _GIVEN.isdisjoint(first)
