"""Merges the values of a row into a record of the firm: what changes, and what stays because the record has another.

Values that belong together are one value: an address is never put together from two, nor is a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from shared.contract.documents.chunk import Change
from shared.contract.documents.job import Settings
from shared.contract.legal_forms import plain
from shared.contract.records import BLANK, CLEAR, FIELD_OF, have

#: What happens where the record has a value and the row has another: the record keeps its own, the row counts, the
#: record is never touched (not even where it is blank), or a person is asked and the record keeps its own until then.
FILL_EMPTY, OVERWRITE, NEVER, ASK = "fill_empty", "overwrite", "never", "ask"
POLICIES = (FILL_EMPTY, OVERWRITE, NEVER, ASK)
#: Which clients an import may touch: new ones and those that the firm has, only new ones, or only those it has.
BOTH, CREATE_ONLY, UPDATE_ONLY = "both", "create_only", "update_only"
MODES = (BOTH, CREATE_ONLY, UPDATE_ONLY)

STREET = "address_line1"
#: The parts of a place that are wrong as soon as the street is another; a country is right with any street.
OF_STREET = ("house_number", "box", "postal_code", "city", "state")
#: Fields that are one value together.
TOGETHER = (
    frozenset({STREET, *OF_STREET, "country"}),
    frozenset({"first_name", "middle_name", "last_name", "prefix", "suffix"}),
)
_GROUP_OF = {name: group for group in TOGETHER for name in group}
#: A person who is known by something else has a new address where the file gives another.
_OF_PEOPLE = {"email": OVERWRITE}


@dataclass(frozen=True)
class Merge:
    """How values are merged: a policy by the name of a field, and the one of all other fields."""

    policies: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = FILL_EMPTY

    def policy(self, part: str) -> str:
        """The policy for a part of a record."""
        return self.policies.get(FIELD_OF.get(part, part), self.otherwise)

    def taking(self, names: Iterable[str]) -> Merge:
        """The same, with fields in which the row counts, and those that are one value with them."""
        taken = with_companions(names)
        return Merge({**self.policies, **dict.fromkeys(taken, OVERWRITE)}, self.otherwise) if taken else self


def merge_of(settings: Settings, record: str) -> Merge:
    """How the settings of a job merge into an `account` or a `contact`."""
    if settings["mode"] == CREATE_ONLY:
        return Merge(otherwise=NEVER)
    start = f"{record}."
    chosen = {
        key.removeprefix(start): policy for key, policy in settings["merge"].items() if key.startswith(start)
    }
    usual = settings["merge_default"]
    if record == "contact" and usual == FILL_EMPTY:
        chosen = {**_OF_PEOPLE, **chosen}
    return Merge(chosen, usual)


def with_companions(names: Iterable[str]) -> set[str]:
    """Some fields, and those that are one value with any of them."""
    given = set(names)
    return given.union(*(_GROUP_OF.get(name, frozenset()) for name in given))


def difference(
    existing: Mapping[str, object], values: Mapping[str, object], merge: Merge
) -> tuple[Change, dict[str, list[object]]]:
    """What an update would change, and what it keeps: by field the value of the record and that of the row.

    A change with an empty `was` changes nothing.
    """
    change, kept = Change(), dict[str, list[object]]()
    staying = _staying(existing, values, merge)
    for name, value in values.items():
        policy = merge.policy(name)
        _compare_field(change, kept, name, value, have(existing, name), NEVER if name in staying else policy)
    for name in _left_behind(existing, values, merge, change):
        change.was[name] = existing[name]
        change.unset.append(name)
    return change, kept


def contradicted(values: Mapping[str, object], others: Mapping[str, object]) -> Iterator[frozenset[str]]:
    """The groups of fields in which both have values, and different ones."""
    for group in TOGETHER:
        if any(differ(values.get(name), others.get(name)) for name in group & values.keys()):
            yield group


def differ(one: object, other: object) -> bool:
    """Whether two filled values are more than two spellings of one."""
    if one in BLANK or other in BLANK or CLEAR in (one, other):
        return False
    return plain(str(one)) != plain(str(other))


def _staying(existing: Mapping[str, object], values: Mapping[str, object], merge: Merge) -> set[str]:
    """The fields that stay blank, because another part of the same value differs and the record keeps its own."""
    found: set[str] = set()
    for group in contradicted(values, existing):
        stays = {name for name in group & values.keys() if merge.policy(name) != OVERWRITE}
        if any(differ(values[name], existing.get(name)) for name in stays):
            found |= stays
    return found


def _left_behind(
    existing: Mapping[str, object], values: Mapping[str, object], merge: Merge, change: Change
) -> list[str]:
    """The parts of an old address that the row does not give, where the row's street takes its place."""
    if STREET not in change.set or not differ(values[STREET], change.was[STREET]):
        return []
    return [
        name
        for name in OF_STREET
        if name not in values and existing.get(name) not in BLANK and merge.policy(name) == OVERWRITE
    ]


def _on_one_line(now: object) -> object:
    """A value as a cell gives it back: a text of several lines, which only a person can write, comes on one."""
    return (
        " ".join(filter(None, (line.strip() for line in now.splitlines()))) if isinstance(now, str) else now
    )


def _compare_field(
    change: Change, kept: dict[str, list[object]], name: str, value: object, now: object, policy: str
) -> None:
    """Note what one field changes, or that it stays."""
    added = value if isinstance(value, list) and (now in BLANK or isinstance(now, list)) else None
    if added is not None:
        known = now if isinstance(now, list) else []
        added = [item for item in added if item not in known]
    if added == [] or value == now or (value == CLEAR and now in BLANK) or value == _on_one_line(now):
        return
    overwrites = added is not None or value == CLEAR or now in BLANK or policy == OVERWRITE
    if policy == NEVER or not overwrites:
        kept[name] = [now, added or value]
        return
    change.was[name] = now
    if added is not None:
        change.add[name] = added
    elif value == CLEAR:
        change.unset.append(name)
    else:
        change.set[name] = value
