"""A target with its score, and what all rules need to give one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from services.mapper.headers.meaning import Meaning
from services.mapper.targets.table import Table
from shared.contract.fields import FIELDS


@dataclass(frozen=True)
class Scored:
    """A target with its score before calibration (up to 1), and the code of the reason with its values."""

    target: str
    score: float
    code: str
    params: Mapping[str, object] = field(default_factory=dict)


#: Takes the file, the place of a column and one meaning of its header; gives the targets that it may get.
Rule = Callable[[Table, int, Meaning], list[Scored]]

_KEYS = {
    "account_name": "account.name",
    "contact_tags": "contact.tags",
    "contact_notes": "contact.notes",
    "language": "contact.language",
}


def key_of(name: str, table: Table) -> str | None:
    """The key of a field by its name: of the record that usually has it, else of the first that this import fills."""
    if name in _KEYS and FIELDS[_KEYS[name]].record in table.records:
        return _KEYS[name]
    name = _KEYS.get(name, f".{name}").split(".")[1]
    keys = [f"{record}.{name}" for record in table.records if f"{record}.{name}" in FIELDS]
    return keys[0] if keys else None


def rank_of(meaning: Meaning) -> float:
    """The score of a field that exists once, for a header that qualifies it, such as "other" or "billing"."""
    if "shipping" in meaning.qualifiers:
        return 0.0
    rank = 0.4 if "other" in meaning.qualifiers else 1.0
    if meaning.block > 1:
        rank *= 0.45
    if meaning.qualifiers & {"billing", "mailing"}:
        rank *= 0.88
    return rank
