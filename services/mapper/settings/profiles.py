"""Saved mappings of a firm: find the one for the headers of a file, and apply it to the suggestion."""

from __future__ import annotations

from collections.abc import Sequence

from services.mapper.headers.fingerprint import fingerprint, most_like
from services.mapper.headers.normalising import plain
from services.mapper.settings.saved_settings import settings_by_header
from shared.contract.built_values import left_out_texts, moved
from shared.contract.documents.job import (
    AccountType,
    ColumnMapping,
    Profile,
    ProfileParts,
    SavedColumn,
    Settings,
)
from shared.contract.documents.job import Mapping as FieldMapping
from shared.contract.documents.reference import CustomField
from shared.contract.documents.values import Reason
from shared.contract.job import built_of


def profile_of(mapping: FieldMapping, kind: str, settings: Settings | None = None) -> ProfileParts:
    """The saved form of a mapping, and of settings: it goes by header, so that columns may move."""
    headers = [column["header"] for column in mapping["columns"]]
    if settings is not None:
        places = {column["index"]: at for at, column in enumerate(mapping["columns"])}
        own = settings_by_header(settings, places)
        return {**profile_of(mapping, kind), "settings": own, "settings_headers": headers}
    return {
        "kind": kind,
        "headers": headers,
        "fingerprint": fingerprint(headers),
        "columns": [
            {
                "header": column["header"],
                "action": column["action"],
                "target": column.get("target"),
                "also": column.get("also"),
                "custom": column.get("custom"),
                "join": column.get("join"),
                "split": column.get("split"),
                "leave_out": left_out_texts(column),
            }
            for column in mapping["columns"]
        ],
        "built": moved(built_of(mapping), {c["index"]: at for at, c in enumerate(mapping["columns"])}),
        "account_type": _without_column(mapping["account_type"]),
        "values": mapping.get("values"),
        "date_order": mapping.get("date_order"),
        "phone_region": mapping.get("phone_region"),
        "account_name": mapping.get("account_name"),
        "required": mapping.get("required"),
    }


def _without_column(chosen: AccountType) -> AccountType:
    """The account type without its column: the column that fills it is found again in each file."""
    if "value" in chosen:
        return {"mode": chosen["mode"], "value": chosen["value"]}
    return {"mode": chosen["mode"]}


def find_profile(headers: Sequence[str], kind: str, profiles: Sequence[Profile]) -> Profile | None:
    """The saved mapping for the same headers, else for nearly the same; the latest where there are several."""
    fitting = [profile for profile in profiles if profile["kind"] == kind]
    same = next((p for p in fitting if p["fingerprint"] == fingerprint(headers)), None)
    if same:
        return same
    nearest = most_like(headers, {at: profile["headers"] for at, profile in enumerate(fitting)})
    return None if nearest is None else fitting[nearest]


def apply_profile(mapping: FieldMapping, profile: Profile) -> FieldMapping:
    """The suggested mapping with the saved one applied; a new column keeps its suggestion where the field is free."""
    left = list(profile["columns"])
    found: dict[int, int] = {}
    at = profile["saved_at"].date().isoformat()
    reason: Reason = {"code": "profile", "params": {"name": profile["name"], "at": at}}
    columns: list[ColumnMapping] = []
    fresh: list[ColumnMapping] = []
    for column in mapping["columns"]:
        saved = next((c for c in left if plain(c["header"]) == plain(column["header"])), None)
        if saved is None:
            fresh.append(column)
            columns.append(column)
            continue
        left.remove(saved)
        found[next(at for at, c in enumerate(profile["columns"]) if c is saved)] = column["index"]
        columns.append(_as_saved(column, saved, reason))
    taken = {c["target"] for c in columns if c["target"] and c not in fresh}
    built = moved(profile.get("built") or (), found)
    taken |= {one["target"] for one in built if one["target"]}
    columns = [_without_target(c) if c in fresh and c["target"] in taken else c for c in columns]
    known = {"id": profile["id"], "name": profile["name"], "saved_at": at}
    return {
        **mapping,
        "columns": columns,
        "built": built,
        "account_type": _account_type(profile, columns),
        "values": profile.get("values") or mapping["values"],
        "date_order": profile.get("date_order") or mapping["date_order"],
        "phone_region": profile.get("phone_region") or mapping["phone_region"],
        "account_name": profile.get("account_name") or mapping["account_name"],
        "required": mapping.get("required", []) if (own := profile.get("required")) is None else own,
        "recognised": {**mapping["recognised"], "profile": known},
    }


def _as_saved(column: ColumnMapping, saved: SavedColumn, reason: Reason) -> ColumnMapping:
    return {
        **column,
        "action": saved["action"],
        "target": saved["target"],
        "also": saved.get("also"),
        "custom": saved["custom"],
        "join": saved["join"],
        "split": saved["split"],
        "leave_out": saved.get("leave_out") or [],
        "confidence": 1.0,
        "reason": reason,
    }


def _without_target(column: ColumnMapping) -> ColumnMapping:
    """A new column whose field another column fills."""
    return {**column, "action": "skip", "target": None, "also": None}


def _account_type(profile: Profile, columns: Sequence[ColumnMapping]) -> AccountType:
    chosen = profile["account_type"]
    if chosen["mode"] != "column":
        return chosen
    typed = next((c["index"] for c in columns if c["target"] == "account.type"), None)
    return {"mode": "column", "column": typed} if typed is not None else {"mode": "skip"}


def applied_profile(mapping: FieldMapping, profiles: Sequence[Profile]) -> Profile | None:
    """The saved mapping that a suggestion was made with; None where it was made without one."""
    known = mapping["recognised"].get("profile")
    identity = known.get("id") if isinstance(known, dict) else None
    return next((profile for profile in profiles if profile["id"] == identity), None)


def customs_saved(profile: Profile) -> list[CustomField]:
    """The custom fields that the columns of a saved mapping fill."""
    return [custom for column in profile["columns"] if (custom := column["custom"])]
