"""Which records the rows of a chunk mean, and the part of the chunk that is kept of a check."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

from services.validator.check.checked_rows import CheckedRows
from shared.contract.documents.chunk import Checks, Fix, Slot
from shared.contract.documents.values import Params, Value
from shared.contract.keys import Keys, packed


class SlotProblem(NamedTuple):
    """A problem with the record that a row means."""

    offset: int
    code: str
    params: Params


@dataclass
class Identified:
    """Per row the id of the record that it means or would create; `matched` are the rows whose record exists.

    `known_keys` has the keys of the record of each matched row. Problems are: several records fit, no record has the
    id that the row gives, a record has the same name.
    """

    ids: list[str] = field(default_factory=list)
    matched: list[int] = field(default_factory=list)
    known_keys: dict[int, Keys] = field(default_factory=dict)
    problems: list[SlotProblem] = field(default_factory=list)


def checks_of(
    found: CheckedRows, slots: Mapping[str, Identified], left_out: frozenset[int], n: int = -1
) -> Checks:
    """What is kept of checked rows, and of the records that they mean."""
    return Checks(
        n=n,
        fields=list(found.columns),
        values=list(found.columns.values()),
        problems=found.problems,
        fixes=_with_new_values(found),
        bad=sorted(found.bad),
        left_out=sorted(left_out),
        slots={
            slot: Slot(
                keys=packed(found.keys[slot]),
                ids=own.ids,
                matched=own.matched,
                digests=_digests(found.columns, slot, len(own.ids)),
                known_keys=packed(own.known_keys[offset] for offset in own.matched),
            )
            for slot, own in slots.items()
        },
        names=bytes(name.value for name in found.names),
        decisions=dict(found.decisions),
        account_types=bytes(found.account_types),
        rules=found.rules,
        assigned=found.assigned,
        linked=found.linked,
    )


def _with_new_values(found: CheckedRows) -> dict[int, list[Fix]]:
    """By offset the fixes with their new values; a field of -1 for fields that others were made from."""
    places = {key: at for at, key in enumerate(found.columns)}
    by_row: dict[int, list[Fix]] = {}
    for offset, key, code in found.fixes:
        at = places.get(key, -1)
        by_row.setdefault(offset, []).append(Fix(at, code, found.columns[key][offset] if at >= 0 else None))
    return by_row


def _digests(columns: Mapping[str, Sequence[Value]], slot: str, count: int) -> bytes:
    """Per row a number for what it says of a record, so that rows that say the same are known without reading."""
    own = [values for key, values in columns.items() if key.startswith(f"{slot}.")]
    rows = zip(*own, strict=True) if own else iter([()] * count)
    return array("I", [crc32(repr(row).encode("utf-8", "surrogatepass")) for row in rows]).tobytes()
