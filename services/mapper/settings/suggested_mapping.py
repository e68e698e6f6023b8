"""Suggests the mapping of a file, and shows a mapping with its reasons as sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.mapper.headers.normalising import plain
from services.mapper.settings.custom_columns import new_fields, with_ids, without_choices
from services.mapper.settings.profiles import apply_profile, find_profile
from services.mapper.targets.proposing import Column as Headed
from services.mapper.targets.proposing import Suggestion, propose
from services.mapper.targets.reasons import Reason
from services.mapper.values.value_types import custom_type
from shared.contract.custom_fields import custom_of, id_of, name_of_header
from shared.contract.documents.job import Column, ColumnMapping, Profile
from shared.contract.documents.job import Mapping as FieldMapping
from shared.contract.documents.reference import CustomField
from shared.contract.documents.values import Reason as KeptReason

#: The confidence of a column that fills a custom field of its name.
SURE = 0.97


def first_mapping(
    columns: Sequence[Column],
    kind: str,
    custom_fields: Sequence[CustomField] = (),
    profiles: Sequence[Profile] = (),
    *,
    may_create: bool = True,
) -> FieldMapping:
    """The mapping to suggest for the columns of a source.

    `custom_fields` are those of the firm, `profiles` its saved mappings: one for the same or nearly the same headers
    goes before a proposal. `may_create` is whether the importer may create custom fields.
    """
    proposal = propose([Headed(c["index"], c["header"], c["samples"]) for c in columns], kind)
    fill = {c["index"]: c.get("fill", 1.0) for c in columns}
    samples = {c["index"]: c["samples"] for c in columns}
    suggested = [_suggested(each, samples[each.index], fill[each.index]) for each in proposal.columns]
    for column in suggested:
        _take_known_custom(column, custom_fields)
    mapping: FieldMapping = {
        "columns": suggested,
        "account_type": proposal.account_type or {"mode": "skip"},
        "values": {},
        "date_order": None,
        "phone_region": None,
        "account_name": None,
        "recognised": {"preset": proposal.preset} if proposal.preset else {},
    }
    profile = find_profile([c["header"] for c in columns], kind, profiles)
    if profile is None:
        return mapping
    mapping = apply_profile(mapping, profile)
    mapping["columns"] = with_ids(_renamed(mapping["columns"], custom_fields), custom_fields)
    return mapping if may_create else _without_new_fields(mapping, custom_fields)


def _without_new_fields(mapping: FieldMapping, custom_fields: Sequence[CustomField]) -> FieldMapping:
    """The mapping, with columns skipped that need a new custom field."""
    new = {column["index"] for column in new_fields(mapping["columns"], custom_fields)}
    columns = [_unknown(column) if column["index"] in new else column for column in mapping["columns"]]
    return {**mapping, "columns": columns}


def _unknown(column: ColumnMapping) -> ColumnMapping:
    reason = _as_document(Reason("unknown"))
    return {**column, "action": "skip", "custom": None, "confidence": 0.0, "reason": reason}


def _suggested(each: Suggestion, samples: Sequence[str], fill: float) -> ColumnMapping:
    named = each.header.strip()
    custom: CustomField = {
        "name": name_of_header(named),
        "type": custom_type(samples, fill),
        "record": "account",
    }
    return {
        "index": each.index,
        "header": each.header,
        "action": each.action,
        "target": each.target,
        "custom": None,
        "join": None,
        "split": False,
        "confidence": each.confidence,
        "reason": _as_document(each.reason),
        "candidates": [
            {"target": c.target, "confidence": c.confidence, "reason": _as_document(c.reason)}
            for c in each.candidates[:2]
        ],
        "suggested_custom": custom if each.target is None and named else None,
    }


def _as_document(reason: Reason) -> KeptReason:
    return {"code": reason.code, "params": dict(reason.params)}


def _take_known_custom(column: ColumnMapping, custom_fields: Sequence[CustomField]) -> None:
    """Let a column fill the firm's custom field of its name, unless a target of its own is as sure."""
    known = next((c for c in custom_fields if plain(c["name"]) == plain(column["header"])), None)
    if known is None or (column["target"] and column["confidence"] >= SURE):
        return
    column["action"], column["target"], column["custom"] = "custom", None, without_choices(known)
    column["confidence"], column["reason"] = SURE, _as_document(Reason("known_custom"))


def _renamed(columns: Iterable[ColumnMapping], custom_fields: Sequence[CustomField]) -> list[ColumnMapping]:
    """The columns of a saved mapping, with custom fields by their present names."""
    known = {(each["record"], id_of(each)): each for each in custom_fields}
    renamed: list[ColumnMapping] = []
    for column in columns:
        custom = custom_of(column)
        field = known.get((custom["record"], id_of(custom))) if custom else None
        renamed.append({**column, "custom": without_choices(field)} if field else column)
    return renamed


def shown(mapping: FieldMapping, lang: str, *, may_create: bool = True) -> dict[str, object]:
    """The mapping with its reasons as sentences; it suggests new custom fields only where `may_create`."""
    columns = [
        {
            **{name: value for name, value in column.items() if name != "reason"},
            "why": Reason(**column["reason"]).sentence(lang),
            "candidates": [
                {
                    "target": c["target"],
                    "confidence": c["confidence"],
                    "why": Reason(**c["reason"]).sentence(lang),
                }
                for c in column["candidates"]
            ],
            "suggested_custom": column["suggested_custom"] if may_create else None,
        }
        for column in mapping["columns"]
    ]
    return {**mapping, "columns": columns}
