"""What matching over a file works with: rows by their keys, the records they mean, keys that occur more than once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.validator.check.slots import NameOf
from shared.contract.documents.values import Decision, Params
from shared.contract.keys import Keys

_BITS = 27
_MASK = (1 << _BITS) - 1


class Repeats:
    """Finds the keys that occur more than once, in memory that does not grow with the file.

    Few keys of a client list repeat, so only those need to be remembered. A first occurrence sets a bit in a table of
    fixed size (16 MiB). Two keys that share a bit count as repeated, which costs a little memory and changes nothing.
    """

    def __init__(self) -> None:
        self._seen = bytearray(1 << (_BITS - 3))
        self.keys: set[int] = set()

    def add(self, keys: Iterable[int]) -> None:
        """Take note of some keys; 0 is no key."""
        seen, repeated = self._seen, self.keys
        for key in keys:
            if key:
                place = key & _MASK
                bit = 1 << (place & 7)
                if seen[place >> 3] & bit:
                    repeated.add(key)
                else:
                    seen[place >> 3] |= bit


def id_number(identity: str) -> int:
    """An id as a number that can be counted like a key; valid within one process."""
    return hash(identity) or 1


@dataclass
class RowKeys:
    """What checking found of one row, by slot.

    `references` has a number for each slot that no other slot of the file has; `known_keys` the keys of the firm's
    record that the row matched. `decision` is what a person decided; its `as` names a record by its id, or by the place
    of its row in the file.
    """

    references: Mapping[str, int]
    keys: Mapping[str, Keys]
    ids: Mapping[str, str]
    known_keys: Mapping[str, Keys]
    name_of: NameOf = NameOf.GIVEN
    decision: Decision | None = None


@dataclass(eq=False, slots=True)
class Entity:
    """A record that rows mean: the reference that leads, its id, and its keys.

    `shared` where other rows may mean it too, `known` where the firm has it. An account knows its `people` by the key
    of their name, a person the `accounts` that rows name together with them. `digest` is a number for what its first
    row says of it.
    """

    lead: int
    identity: str
    keys: Keys
    shared: bool = False
    known: bool = False
    digest: int | None = None
    people: dict[int, list[Entity]] = field(default_factory=dict)
    accounts: list[Entity] = field(default_factory=list)

    def learn(self, keys: Sequence[int]) -> None:
        """Take over keys that it does not have yet."""
        self.keys = tuple(own or fresh for own, fresh in zip(self.keys, keys, strict=True))


@dataclass(frozen=True)
class Conflict:
    """Different names that rows give beside one client code or number: code of the problem and its params."""

    code: str
    params: Params
