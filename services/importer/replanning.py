"""Fits what a plan says of a record to the record as it is now, where somebody changed it since the review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.contract.keys import keys_of
from shared.contract.records import FRAME

LISTS = frozenset({"tags", "assignees", "roles"})
BLANK: tuple[Any, ...] = (None, "", [])


def have(record: Mapping[str, Any], name: str) -> Any:
    """The value of a field; `custom.` leads into the part of the firm's own fields."""
    if name.startswith("custom."):
        return (record.get("custom") or {}).get(name[len("custom.") :])
    return record.get(name)


def wanted_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that the plan of a record fills, whether it was to be made or changed; None clears."""
    if "record" not in entry:
        planned = {name: value for name, value in entry["set"].items() if name != "keys"}
        return {**planned, **entry["add"], **dict.fromkeys(entry["unset"])}
    values = {n: v for n, v in entry["record"].items() if n not in FRAME and n != "custom"}
    return {**values, **{f"custom.{n}": v for n, v in entry["record"].get("custom", {}).items()}}


def refitted(
    record: Mapping[str, Any], entry: Mapping[str, Any], merge: Mapping[str, str]
) -> dict[str, Any] | None:
    """The update of a record as it is now that follows from a plan; None where nothing is left to do.

    `merge` has per field `fill_empty`, `overwrite` or `never`, as in the settings of a job.
    """
    change: dict[str, Any] = {"set": {}, "unset": [], "add": {}, "was": {}}
    for name, value in wanted_of(entry).items():
        now, policy = have(record, name), merge.get(name, "fill_empty")
        if policy == "never" or now == value:
            continue
        if name in LISTS and isinstance(value, list):
            if fresh := [item for item in value if item not in (now or [])]:
                change["add"][name], change["was"][name] = fresh, now
        elif value is None:
            if now not in BLANK:
                change["unset"].append(name)
                change["was"][name] = now
        elif now in BLANK or policy == "overwrite":
            change["set"][name], change["was"][name] = value, now
    if not change["was"]:
        return None
    keys = keys_of(entry["slot"], {**record, **change["set"], **dict.fromkeys(change["unset"])})
    if keys != record["keys"]:
        change["set"]["keys"], change["was"]["keys"] = keys, record["keys"]
    frame = {"row": entry["row"], "slot": entry["slot"], "_id": record["_id"]}
    return {**frame, "revision": record["revision"], **change}
