"""Saved mappings of a firm: found again by the headers of a file, and laid over what would be suggested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.mapper.headers.fingerprint import fingerprint, most_like
from services.mapper.headers.normalising import plain

#: What of a column is remembered.
PARTS = ("action", "target", "custom", "join", "split")
WHOLE = ("values", "date_order", "phone_region", "account_name")


def profile_of(mapping: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """What is remembered of a mapping: by header, so that columns may move."""
    headers = [column["header"] for column in mapping["columns"]]
    chosen = mapping["account_type"]
    return {
        "kind": kind,
        "headers": headers,
        "fingerprint": fingerprint(headers),
        "columns": [
            {"header": column["header"], **{part: column.get(part) for part in PARTS}}
            for column in mapping["columns"]
        ],
        "account_type": {k: v for k, v in chosen.items() if k != "column"},
        **{part: mapping.get(part) for part in WHOLE},
    }


def find_profile(
    headers: Sequence[str], kind: str, profiles: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """The saved mapping for the same headers, else for nearly the same; the latest where there are several."""
    fitting = [profile for profile in profiles if profile["kind"] == kind]
    same = next((p for p in fitting if p["fingerprint"] == fingerprint(headers)), None)
    if same:
        return same
    nearest = most_like(headers, {at: profile["headers"] for at, profile in enumerate(fitting)})
    return None if nearest is None else fitting[nearest]


def apply_profile(mapping: Mapping[str, Any], profile: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping as it was saved, with our suggestions for columns that are new, where their field is free."""
    left = [dict(column) for column in profile["columns"]]
    at = profile["saved_at"].date().isoformat()
    reason = {"code": "profile", "params": {"name": profile["name"], "at": at}}
    columns, fresh = [], []
    for column in mapping["columns"]:
        saved = next((c for c in left if plain(c["header"]) == plain(column["header"])), None)
        if saved is None:
            fresh.append(column)
            columns.append(column)
            continue
        left.remove(saved)
        parts = {part: saved[part] for part in PARTS}
        columns.append({**column, **parts, "confidence": 1.0, "reason": reason})
    taken = {c["target"] for c in columns if c["target"] and c not in fresh}
    columns = [
        {**c, "action": "skip", "target": None} if c in fresh and c["target"] in taken else c for c in columns
    ]
    typed = next((c["index"] for c in columns if c["target"] == "account.type"), None)
    chosen = dict(profile["account_type"])
    if chosen["mode"] == "column":
        chosen = {"mode": "column", "column": typed} if typed is not None else {"mode": "skip"}
    known = {"id": profile["id"], "name": profile["name"], "saved_at": at}
    return {
        **mapping,
        "columns": columns,
        "account_type": chosen,
        **{part: profile.get(part) or mapping[part] for part in WHOLE},
        "recognised": {**mapping["recognised"], "profile": known},
    }
