"""Rows that were checked and matched, made ready for planning: their values, and the record each means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from services.validator.check.slots import NameOf
from shared.contract.documents.chunk import SLOTS, Checks, Followed, Groups, RowAccountType, Slot, columns_of
from shared.contract.documents.values import Position, Value
from shared.contract.keys import WIDTH, unpacked
from shared.contract.problems import LEFT_OUT


@dataclass(frozen=True)
class Place:
    """What a row means for one slot.

    The record's id, whether the firm has it, whether this row leads, and the chunk of the row that does.
    """

    identity: str
    known: bool
    leads: bool
    chunk: int


@dataclass(frozen=True)
class RowsToPlan:
    """The rows to plan: checked values by field key, and what each row means, by slot.

    `bad` rows are not loaded, `left_out` were deselected by a person or left out by a rule of theirs, `repeats` say
    nothing new; `linked` are, by slot, the rows whose link an earlier row makes, and `relinked` those of them that
    say something new of the person. `rules` has, per rule of the settings,
    its rows; `assigned` the members that a rule took from a column, by rule and row; `taken`, by row, the keys of
    fields in which a person chose the row against the record. `accounts` has, by row, the account of the firm that the
    contact of a list of contacts belongs to; `account_types` has a `RowAccountType` per row.
    The accounts of rows `named_after_people` are called like their persons.
    """

    columns: Mapping[str, Sequence[Value]]
    count: int
    places: Mapping[str, Sequence[Place | None]]
    bad: frozenset[int] = frozenset()
    left_out: frozenset[int] = frozenset()
    repeats: frozenset[int] = frozenset()
    linked: Mapping[str, frozenset[int]] = field(default_factory=dict)
    relinked: Mapping[str, frozenset[int]] = field(default_factory=dict)
    rules: Sequence[Sequence[int]] = ()
    assigned: Mapping[int, Mapping[int, Sequence[str]]] = field(default_factory=dict)
    accounts: Mapping[int, str] = field(default_factory=dict)
    taken: Mapping[int, Sequence[str]] = field(default_factory=dict)
    account_types: bytes = b""
    named_after_people: frozenset[int] = frozenset()

    def account_type(self, row: int) -> str | None:
        """The type that the account of a row has by its name, where the row gives none."""
        return RowAccountType(self.account_types[row]).type if self.account_types else None

    def account_of(self, row: int) -> Place | None:
        """The account of a row: its own, or the one of the firm that its contact belongs to."""
        if row in self.accounts:
            return Place(self.accounts[row], known=True, leads=True, chunk=-1)
        return self.places["account"][row] if "account" in self.places else None

    @cached_property
    def rules_of(self) -> dict[int, tuple[int, ...]]:
        """The rules of each row that has any."""
        found: dict[int, tuple[int, ...]] = {}
        for index, rows in enumerate(self.rules):
            for row in rows:
                found[row] = (*found.get(row, ()), index)
        return found


def rows_to_plan(checks: Checks, positions: Sequence[Position]) -> RowsToPlan:
    """Rows to plan, from the checks of rows whose groups are known; `positions` has chunk and offset of each."""
    groups = checks.groups or Groups()
    places: dict[str, list[Place | None]] = {}
    for slot in (slot for slot in SLOTS if slot in checks.slots):
        follows, renamed = groups.follows.get(slot, {}), groups.renamed.get(slot, {})
        places[slot] = _places(slot, checks.slots[slot], follows, renamed, positions)
    if "spouse" in places and "contact" in places:
        both = zip(places["spouse"], places["contact"], strict=True)
        places["spouse"] = [None if _are_same(*pair) else pair[0] for pair in both]
    return RowsToPlan(
        columns=columns_of(checks),
        count=len(positions),
        places=places,
        bad=frozenset([*checks.bad, *(doubt.offset for doubt in groups.doubts)]),
        left_out=frozenset([*checks.left_out, *(p.offset for p in checks.problems if p.code in LEFT_OUT)]),
        repeats=frozenset(groups.repeats) - checks.linked.keys(),
        linked={slot: frozenset(own) for slot, own in groups.linked.items()},
        relinked={slot: frozenset(own) for slot, own in groups.relinked.items()},
        rules=checks.rules,
        assigned=checks.assigned,
        accounts=checks.linked,
        taken={row: taken for row, decision in checks.decisions.items() if (taken := decision.get("take"))},
        account_types=checks.account_types,
        named_after_people=frozenset(
            row for row, name in enumerate(checks.names) if NameOf(name) is not NameOf.GIVEN
        ),
    )


def _places(
    slot: str,
    found: Slot,
    follows: Mapping[int, Followed],
    renamed: Mapping[int, str],
    positions: Sequence[Position],
) -> list[Place | None]:
    """What every row means for one slot; None where it names nobody."""
    matched, keys = set(found.matched), unpacked(found.keys)
    own: list[Place | None] = []
    for place, identity in enumerate(found.ids):
        followed = follows.get(place)
        if followed:
            own.append(Place(followed.identity, followed.known, leads=False, chunk=followed.chunk))
        elif (
            slot != "account"
            and place not in matched
            and not any(keys[place * WIDTH : place * WIDTH + WIDTH])
        ):
            own.append(None)
        else:
            own_id = renamed.get(place, identity)
            own.append(Place(own_id, place in matched, leads=True, chunk=positions[place][0]))
    return own


def _are_same(spouse: Place | None, contact: Place | None) -> bool:
    """Whether a row names the same person twice."""
    return spouse is not None and contact is not None and spouse.identity == contact.identity
