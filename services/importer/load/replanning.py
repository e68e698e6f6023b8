"""Fits what a plan says of a record to the record as it is now, where somebody changed it since the review."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import asdict

from shared.contract.documents.chunk import Create, Update
from shared.contract.documents.record import Record
from shared.contract.keys import keys_of
from shared.contract.records import CLEAR, difference


def wanted_of(entry: Create | Update) -> dict[str, object]:
    """The fields that the plan of a record fills, whether it was to be made or changed."""
    if isinstance(entry, Update):
        planned = {name: value for name, value in entry.set.items() if name != "keys"}
        return {**planned, **entry.add, **dict.fromkeys(entry.unset, CLEAR)}
    custom = entry.record.get("custom")
    values = {name: value for name, value in entry.record.items() if name != "custom"}
    return {**values, **{f"custom.{n}": v for n, v in custom.items()}} if isinstance(custom, dict) else values


def refitted(record: Record, entry: Create | Update, merge: Mapping[str, str]) -> Update | None:
    """The update of a record as it is now that follows from a plan; None where nothing is left to do.

    `merge` has per field `fill_empty`, `overwrite` or `never`, as in the settings of a job.
    """
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
