"""Fits what a plan says of a record to the record as it is now, where somebody changed it since the review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.contract.keys import keys_of
from shared.contract.records import CLEAR, compare


def wanted_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that the plan of a record fills, whether it was to be made or changed."""
    if "record" not in entry:
        planned = {name: value for name, value in entry["set"].items() if name != "keys"}
        return {**planned, **entry["add"], **dict.fromkeys(entry["unset"], CLEAR)}
    values = {n: v for n, v in entry["record"].items() if n != "custom"}
    return {**values, **{f"custom.{n}": v for n, v in entry["record"].get("custom", {}).items()}}


def refitted(
    record: Mapping[str, Any], entry: Mapping[str, Any], merge: Mapping[str, str]
) -> dict[str, Any] | None:
    """The update of a record as it is now that follows from a plan; None where nothing is left to do.

    `merge` has per field `fill_empty`, `overwrite` or `never`, as in the settings of a job.
    """
    change, _ = compare(record, wanted_of(entry), merge)
    if not change:
        return None
    keys = keys_of(entry["slot"], {**record, **change["set"], **dict.fromkeys(change["unset"])})
    if keys != record["keys"]:
        change["set"]["keys"], change["was"]["keys"] = keys, record["keys"]
    frame = {"row": entry["row"], "slot": entry["slot"], "_id": record["_id"]}
    return {**frame, "revision": record["revision"], **change}
