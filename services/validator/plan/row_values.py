"""The values of rows for one slot, and the union of lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from shared.contract.documents.values import Value
from shared.contract.records import CLEAR, RELATIONSHIP, RENAMED


class RowValues:
    """The values of a slot, turned from columns into rows once; `simple` when a row can become a record as it is."""

    def __init__(self, slot: str, columns: Mapping[str, Sequence[Value]]) -> None:
        prefix = f"{slot}."
        own = {key[len(prefix) :]: values for key, values in columns.items() if key.startswith(prefix)}
        own.pop(RELATIONSHIP, None)  # the link has it
        self.names = [RENAMED.get(name, name) for name in own]
        self.rows = list(zip(*own.values(), strict=True))
        clears = any(CLEAR in values for values in own.values())
        self.simple = not clears and not any(name.startswith("custom.") for name in own)

    def of(self, row: int) -> dict[str, Value]:
        """The filled values of a row."""
        if not self.rows:
            return {}
        return {
            name: value for name, value in zip(self.names, self.rows[row], strict=True) if value is not None
        }


def union(*lists: Sequence[str] | None) -> list[str]:
    """The entries of some lists, each once, in their order."""
    filled = [items for items in lists if items]
    if len(filled) < 2:
        return list(filled[0]) if filled else []
    return list(dict.fromkeys(chain.from_iterable(filled)))


def as_list(value: object) -> list[str]:
    """A list as it is; a cell that asks to empty the list changes nothing in it."""
    return value if isinstance(value, list) else []
