"""Decides which rows of a file mean the same account or contact, over the whole file and in file order.

A row joins the record of the first earlier row that shares a key with it, strongest key first, unless the two
disagree on a stronger key (the same name with two client codes is two clients). A row that matched a record of
the firm belongs to that record. The answer does not depend on how the file was cut into chunks.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.validator.keys import KINDS

WIDTH = len(KINDS)
_MASK = (1 << 24) - 1


def packed(keys: Iterable[Sequence[int]]) -> bytes:
    """Keys of many rows as bytes, eight to a key."""
    flat = array("Q")
    for row in keys:
        flat.extend(row)
    return flat.tobytes()


def unpacked(data: bytes) -> array[int]:
    """The keys of `packed`, in one flat array of `WIDTH` to a row."""
    flat = array("Q")
    flat.frombytes(data)
    return flat


class Repeats:
    """Finds the keys that occur more than once, in memory that does not grow with the file.

    Few keys of a client list repeat, so only those need to be remembered. A first sight is a mark in a table of
    fixed size; two keys that share a mark count as repeated, which costs a little memory and changes nothing.
    """

    def __init__(self) -> None:
        self._seen = bytearray(_MASK + 1)
        self.keys: set[int] = set()

    def add(self, keys: Iterable[int]) -> None:
        """Take note of some keys; 0 is no key."""
        seen, repeated = self._seen, self.keys
        for key in keys:
            if key:
                mark = key & _MASK
                if seen[mark]:
                    repeated.add(key)
                else:
                    seen[mark] = 1


def mark_of(identity: str) -> int:
    """An id as a number to be counted beside the keys; good within one process."""
    return hash(identity) or 1


@dataclass
class Entity:
    """A record that rows mean: the row that leads, its id, what is known of its keys, whether rows may share it."""

    lead: int
    identity: str
    shared: bool = False
    keys: list[int] = field(default_factory=lambda: [0] * WIDTH)


class Matcher:
    """Takes the rows in file order and says which entity each belongs to."""

    def __init__(self, repeats: Repeats, order: Sequence[int]) -> None:
        self._repeated = repeats.keys
        self._order = order
        self._by_key: dict[int, list[Entity]] = {}
        self._by_identity: dict[str, Entity] = {}

    def place(self, row: int, keys: Sequence[int], identity: str, known: bool) -> Entity | None:
        """The entity of a row, led by an earlier row or by itself; None where several fit equally well.

        `identity` is the id of the record that the row matched (`known`) or would create.
        """
        if self._repeated.isdisjoint(keys) and not (known and mark_of(identity) in self._repeated):
            return Entity(row, identity)
        if known:
            entity = self._by_identity.get(identity)
            if entity is None:
                entity = self._by_identity[identity] = Entity(row, identity, shared=True)
        else:
            found = self._find(keys)
            if len(found) > 1:
                return None
            entity = found[0] if found else Entity(row, identity, shared=True)
        self._remember(entity, keys)
        return entity

    def _find(self, keys: Sequence[int]) -> list[Entity]:
        for position in self._order:
            key = keys[position]
            candidates = self._by_key.get(key, ()) if key else ()
            fitting = [c for c in candidates if not self._disagree(c, keys, position)]
            if fitting:
                return fitting
        return []

    def _disagree(self, entity: Entity, keys: Sequence[int], position: int) -> bool:
        stronger = range(position)
        return any(entity.keys[p] and keys[p] and entity.keys[p] != keys[p] for p in stronger)

    def _remember(self, entity: Entity, keys: Sequence[int]) -> None:
        for position, key in enumerate(keys):
            if key and not entity.keys[position]:
                entity.keys[position] = key
            if key in self._repeated:
                holders = self._by_key.setdefault(key, [])
                if entity not in holders:
                    holders.append(entity)


def match_records(
    keys: Sequence[int], order: Sequence[int], holders: dict[int, list[tuple[str, list[int]]]]
) -> tuple[str | None, bool]:
    """Find the firm's record for one row: its id or None, and whether several fit.

    `holders` has, per key, the records that hold it as (id, all their keys).
    """
    for position in order:
        key = keys[position]
        if not key:
            continue
        fitting = [
            identity for identity, theirs in holders.get(key, ()) if not _differ(keys, theirs, position)
        ]
        if len(fitting) == 1:
            return fitting[0], False
        if fitting:
            return None, True
    return None, False


def _differ(keys: Sequence[int], theirs: Sequence[int], position: int) -> bool:
    """Whether a record disagrees with the row on a stronger key."""
    by_kind: dict[int, set[int]] = {}
    for key in theirs:
        by_kind.setdefault((key >> 60) - 1, set()).add(key)
    return any(keys[p] and p in by_kind and keys[p] not in by_kind[p] for p in range(position))
