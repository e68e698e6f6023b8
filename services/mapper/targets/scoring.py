"""Scores the targets that a column may get, with the whole file in view: neighbours, addresses, sides, values.

A header alone seldom decides: a bare "name" beside first names is a surname, a second street is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.mapper.headers.meaning import Meaning
from services.mapper.targets.rules import addresses, client_records, names, reaching
from services.mapper.targets.rules.client_records import partner
from services.mapper.targets.scored import Rule, Scored, key_of, rank_of
from services.mapper.targets.table import Table
from shared.contract.fields import FIELDS

#: The rules by the name of a meaning. A meaning without a rule is the field of its name.
RULES: dict[str, Rule] = {**names.RULES, **reaching.RULES, **addresses.RULES, **client_records.RULES}
_SPOUSE_NAMES = {"phone": "mobile"}


def score_targets(table: Table, place: int) -> list[Scored]:
    """The targets that the column at a place may get, by its header, the file and its values."""
    scored: dict[str, Scored] = {}
    for meaning in table.readings[place]:
        if not meaning.name:
            continue
        for found in _targets(table, place, meaning):
            target = _of_kind(found.target, table.records)
            fits = replace(found, target=target or "", score=found.score * meaning.score)
            if target and (target not in scored or fits.score > scored[target].score):
                scored[target] = fits
    return list(scored.values())


def dismissed(table: Table, place: int) -> bool:
    """Whether a header is understood, but the rest of the file excludes every field that it could mean."""
    readings = table.readings[place]
    return bool(readings and readings[0].name) and not any(
        _targets(table, place, meaning) for meaning in readings if meaning.name
    )


def _of_kind(target: str, records: Sequence[str]) -> str | None:
    """The target where the import has its record, else the same field of the account, or None.

    An import of contacts alone takes no field from an account, whose e-mail address or phone is not a person's.
    """
    record, _, name = target.partition(".")
    if record in records:
        return target
    same = f"account.{name}"
    return same if record == "contact" and "account" in records and same in FIELDS else None


def _targets(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    if meaning.side == "spouse":
        return _spouse(table, place, meaning)
    rule = RULES.get(meaning.name)
    return rule(table, place, meaning) if rule else _single(table, meaning)


def _spouse(table: Table, place: int, meaning: Meaning) -> list[Scored]:
    if meaning.name == "spouse_name":
        names = {each.name for each in table.best if each and each.side == "spouse"}
        if "last_name" in names:
            return [Scored("spouse.first_name", 1.0, "surnames_beside")]
        return [Scored("spouse.last_name", 1.0, "first_names_beside")] if "first_name" in names else []
    if meaning.name == "partner":
        return partner(table, place)
    key = f"spouse.{_SPOUSE_NAMES.get(meaning.name, meaning.name)}"
    if key not in FIELDS or meaning.block > 1:
        return []
    return [Scored(key, 0.85 if meaning.name in _SPOUSE_NAMES else 1.0, "spouse")]


def _single(table: Table, meaning: Meaning) -> list[Scored]:
    key = key_of(meaning.name, table)
    if key is None:
        return []
    return [Scored(key, rank_of(meaning), "words")]
