"""Decides which rows of a file mean the same account or contact, over the whole file and in file order.

A row joins the record of the first earlier row that shares a key with it, strongest key first, unless the two
disagree on a stronger key (the same name with two client codes is two clients). A row that matched a record of
the firm belongs to that record. The answer does not depend on how the file was cut into chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as item

from shared.contract.keys import FORMED_NAME, KIND_SHIFT, WIDTH, Order

_BITS = 27
_MARKS = (1 << _BITS) - 1


class Repeats:
    """Finds the keys that occur more than once, in memory that does not grow with the file.

    Few keys of a client list repeat, so only those need to be remembered. A first sight is a mark in a table of
    fixed size (16 MiB); two keys that share a mark count as repeated, which costs a little memory and changes
    nothing.
    """

    def __init__(self) -> None:
        self._seen = bytearray(1 << (_BITS - 3))
        self.keys: set[int] = set()

    def add(self, keys: Iterable[int]) -> None:
        """Take note of some keys; 0 is no key."""
        seen, repeated = self._seen, self.keys
        for key in keys:
            if key:
                mark = key & _MARKS
                bit = 1 << (mark & 7)
                if seen[mark >> 3] & bit:
                    repeated.add(key)
                else:
                    seen[mark >> 3] |= bit


def mark_of(identity: str) -> int:
    """An id as a number to be counted beside the keys; good within one process."""
    return hash(identity) or 1


class Entity:
    """A record that rows mean: the row that leads, its id, whether rows may share it, whether the firm has it.

    `has` tells which telling kinds of keys are known of it, a bit for each place in the firm's order.
    """

    __slots__ = ("has", "identity", "known", "lead", "said", "shared", "telling")

    def __init__(self, lead: int, identity: str, shared: bool, known: bool = False) -> None:
        self.known = known
        self.lead = lead
        self.identity = identity
        self.shared = shared
        self.has = 0
        self.said: int | None = None  # what its first row says of it, as a number
        self.telling: dict[int, int] = {}  # of a record of the firm: the telling keys of rows that mean it


_MANY = Entity(-1, "", False)


class Matcher:
    """Takes the rows in file order and says which entity each belongs to.

    Two that share a weaker key and both have a telling key of a stronger kind disagree on it: otherwise that
    stronger key would have joined them already. So an entity is filed under its key together with the stronger kinds it
    has, and where several are filed alike, only that there are many needs to be known. A name that thousands
    share costs as little as any other.
    """

    def __init__(self, repeats: Repeats, order: Order) -> None:
        self._repeated = repeats.keys
        self._order = order.positions
        self._telling = [(1 << place, p) for place, p in enumerate(order.positions) if p in order.telling]
        self._filed: dict[int, Entity] = {}
        self._by_identity: dict[str, Entity] = {}

    def find(self, row: int, keys: Sequence[int], identity: str, held: int | None) -> Entity | None:
        """The entity of a row, led by an earlier row or by itself; None where several fit equally well.

        Only `file` makes it known to later rows.

        `identity` is the id of the record that the row matched or would create. `held` has a bit for each kind
        of key that the matched record has, None where there is none: a row that shares a name with that record
        and has another client code does not mean it, whoever else does.
        """
        known = held is not None
        if self._repeated.isdisjoint(keys) and not (known and mark_of(identity) in self._repeated):
            return Entity(row, identity, shared=False)
        entity = self._by_identity.get(identity) if known else self._find(keys, self._kinds(keys))
        if entity is _MANY or (known and entity is not None and self._differs(entity, keys)):
            return None
        if entity is None:
            entity = Entity(row, identity, shared=True, known=known)
            entity.has = sum(bit for bit, position in self._telling if held and held >> position & 1)
        return entity

    def _differs(self, entity: Entity, keys: Sequence[int]) -> bool:
        """Whether a row that matched the same record of the firm as others has another stronger key than they.

        Then they claim one record for two, and nobody can tell which of them means it.
        """
        for _, position in self._telling:
            theirs = entity.telling.get(position) if position < FORMED_NAME - 1 else None
            if theirs and keys[position]:
                return theirs != keys[position]
        return False

    def _kinds(self, keys: Sequence[int]) -> int:
        return sum(bit for bit, position in self._telling if keys[position])

    def _find(self, keys: Sequence[int], has: int) -> Entity | None:
        for place, position in enumerate(self._order):
            key = keys[position]
            if key not in self._repeated:
                continue
            found: Entity | None = None
            for stronger in range(1 << place):
                entity = None if stronger & has else self._filed.get(key << WIDTH | stronger)
                if entity is None or entity.has & has & ((1 << place) - 1):
                    continue
                if entity is _MANY or (found is not None and found is not entity):
                    return _MANY
                found = entity
            if found:
                return found
        return None

    def file(self, entity: Entity, keys: Sequence[int]) -> None:
        """Let later rows find an entity by the keys of a row that means it."""
        if not entity.shared:
            return
        if entity.known:
            self._by_identity.setdefault(entity.identity, entity)
            for _, position in self._telling:
                if keys[position]:
                    entity.telling.setdefault(position, keys[position])
        entity.has |= self._kinds(keys)
        for place, position in enumerate(self._order):
            if keys[position] in self._repeated:
                under = keys[position] << WIDTH | (entity.has & ((1 << place) - 1))
                if self._filed.setdefault(under, entity) is not entity:
                    self._filed[under] = _MANY


Holders = dict[int, list[tuple[str, list[int]]]]


@dataclass
class Matches:
    """The firm's records that rows mean, by offset.

    `hits` are decided. `doubts` have several records that fit. `near` have one that bears the same name and
    differs in something stronger: it is only mentioned.
    """

    hits: dict[int, str] = item(default_factory=dict)
    doubts: dict[int, list[str]] = item(default_factory=dict)
    near: dict[int, str] = item(default_factory=dict)


def match_records(
    keys: Sequence[Sequence[int]],
    order: Order,
    holders_of: Callable[[set[int]], Holders],
    hits: dict[int, str] | None = None,
) -> Matches:
    """Find the firm's records for many rows; `hits` are those that are known already.

    `holders_of(keys)` gives, per key, the records that hold it as (id, all their keys). It is asked kind by
    kind, strongest first, and only for rows that no stronger key has found: common names are rarely asked for.
    """
    found = Matches(dict(hits or {}))
    for place, position in enumerate(order.positions):
        stronger = order.telling.intersection(order.positions[:place])
        open_rows = [
            offset
            for offset, row in enumerate(keys)
            if row[position] and offset not in found.hits and offset not in found.doubts
        ]
        holders = holders_of({keys[offset][position] for offset in open_rows}) if open_rows else {}
        for offset in open_rows if holders else ():
            held = holders.get(keys[offset][position], ())
            _take(found, offset, [(who, _differ(keys[offset], theirs, stronger)) for who, theirs in held])
    for offset in found.hits:
        found.near.pop(offset, None)
    return found


def _take(found: Matches, offset: int, holders: Sequence[tuple[str, bool]]) -> None:
    """Decide for one row among the records that hold its key; each comes with whether it differs."""
    fitting = [identity for identity, differs in holders if not differs]
    if len(fitting) == 1:
        found.hits[offset] = fitting[0]
    elif fitting:
        found.doubts[offset] = sorted(fitting)
    elif holders:
        found.near[offset] = min(identity for identity, _ in holders)


def _differ(keys: Sequence[int], theirs: Sequence[int], stronger: frozenset[int]) -> bool:
    """Whether a record disagrees with the row on a stronger key."""
    for key in theirs:
        position = (key >> KIND_SHIFT) - 1
        if position in stronger and keys[position] and keys[position] != key:
            return True
    return False
