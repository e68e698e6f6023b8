"""Plans the update of a record again where somebody changed the record since the review."""

from __future__ import annotations

from msgspec.structs import asdict

from shared.contract.documents.chunk import Create, Update
from shared.contract.documents.record import Record
from shared.contract.keys import keys_of
from shared.contract.merging import Merge, difference
from shared.contract.records import BLANK, CLEAR


def wanted_of(entry: Create | Update) -> dict[str, object]:
    """The values that a plan gives to a record, by field, whether it creates or updates it."""
    if isinstance(entry, Update):
        planned = {name: value for name, value in entry.set.items() if name != "keys"}
        return {**planned, **entry.add, **dict.fromkeys(entry.unset, CLEAR)}
    custom = entry.record.get("custom")
    values = {name: value for name, value in entry.record.items() if name != "custom"}
    return {**values, **{f"custom.{n}": v for n, v in custom.items()}} if isinstance(custom, dict) else values


def refitted(record: Record, entry: Create | Update, merge: Merge) -> Update | None:
    """The update that a plan means for the record as it is now; None where nothing is left to change.

    A value that the plan gives in place of another counts here too, whatever `merge` says: a person may have chosen it.
    """
    if isinstance(entry, Update):
        merge = merge.taking(name for name in entry.set if entry.was.get(name) not in BLANK)
    change, _ = difference(record, wanted_of(entry), merge)
    if not change.was:
        return None
    keys = keys_of(entry.slot, {**record, **change.set, **dict.fromkeys(change.unset)})
    if keys != record["keys"]:
        change.set["keys"], change.was["keys"] = keys, record["keys"]
    return Update(
        **asdict(change),
        row=entry.row,
        slot=entry.slot,
        id=record["_id"],
        revision=record["revision"],
        made_by=record["job"],
    )
