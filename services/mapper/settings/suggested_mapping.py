"""Suggests the mapping of a file, and shows a mapping with its reasons as sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.mapper.headers.normalising import plain
from services.mapper.settings.custom_columns import new_fields, own_fields, with_ids, without_choices
from services.mapper.settings.profiles import apply_profile, find_profile
from services.mapper.targets.proposing import Column as Headed
from services.mapper.targets.proposing import Proposal, Suggestion, propose
from services.mapper.targets.reasons import Reason
from services.mapper.values.value_types import custom_type
from shared.contract.built_values import left_out_texts, renamed
from shared.contract.custom_fields import Names, custom_of, id_of, name_of_header
from shared.contract.documents.job import Column, ColumnMapping, Profile
from shared.contract.documents.job import Mapping as FieldMapping
from shared.contract.documents.reference import CustomField
from shared.contract.documents.values import Reason as KeptReason
from shared.contract.fields import FIELDS, NEEDED
from shared.contract.fields.client_files import collection_of, label_is_taken
from shared.contract.job import built_of

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
    headed = [Headed(c["index"], c["header"], c["samples"]) for c in columns]
    proposal = propose(headed, kind)
    own = _own_columns(proposal, kind, custom_fields)
    if own:
        proposal = propose(headed, kind, reserved=frozenset(own))
    fill = {c["index"]: c.get("fill", 1.0) for c in columns}
    samples = {c["index"]: c["samples"] for c in columns}
    suggested = [_suggested(each, samples[each.index], fill[each.index]) for each in proposal.columns]
    for column in suggested:
        if column["index"] in own:
            _fill_own_field(column, own[column["index"]])
    mapping: FieldMapping = {
        "columns": suggested,
        "built": [],
        "account_type": proposal.account_type or {"mode": "skip"},
        "values": {},
        "date_order": None,
        "phone_region": None,
        "account_name": None,
        "required": list(proposal.required),
        "recognised": _recognised(proposal),
    }
    profile = find_profile([c["header"] for c in columns], kind, profiles)
    if profile is None:
        return mapping
    mapping = apply_profile(mapping, profile)
    before = Names.of_mapping(mapping)
    mapping["columns"] = with_ids(_renamed(mapping["columns"], custom_fields), custom_fields)
    mapping["built"] = renamed(mapping["built"], custom_fields)
    now = Names.of_mapping(mapping)
    mapping["values"] = {now.key(before.path(key)): meant for key, meant in mapping["values"].items()}
    return mapping if may_create else _without_new_fields(mapping, custom_fields)


def _recognised(proposal: Proposal) -> dict[str, object]:
    """The layout that was recognised, with the fields that each of its rows must have."""
    found: dict[str, object] = {"preset": proposal.preset} if proposal.preset else {}
    if proposal.only_like:
        found["only_like"] = True
    return {**found, "required": list(proposal.required)} if proposal.required else found


def _own_columns(
    proposal: Proposal, kind: str, custom_fields: Sequence[CustomField]
) -> dict[int, CustomField]:
    """By index of the column, the firm's fields that columns fill, but where the import needs the column for a name."""
    targets = {each.index: each.target for each in proposal.columns}
    of_layout = (
        set() if proposal.only_like else {c.index for c in proposal.columns if c.reason.code == "preset"}
    )
    needed = {key for group in NEEDED[kind] for key in group}
    listed = collection_of(each.header for each in proposal.columns)
    free = {
        each.index: each.header
        for each in proposal.columns
        if each.index not in of_layout
        and (each.target not in needed or not _has_label(each.header, each.target))
        and not (listed and label_is_taken(listed, each.header))
    }
    labelled = {each.index for each in proposal.columns if _has_label(each.header, each.target)}
    own = own_fields(free, kind, custom_fields, labelled)
    for group in NEEDED[kind] if not listed else ():
        if not any(target in group for index, target in targets.items() if index not in own):
            own = {index: custom for index, custom in own.items() if targets[index] not in group}
    return own


def _has_label(header: str, target: str | None) -> bool:
    """Whether a header is the label of a field."""
    return target is not None and plain(header) in map(plain, FIELDS[target].labels.values())


def _without_new_fields(mapping: FieldMapping, custom_fields: Sequence[CustomField]) -> FieldMapping:
    """The mapping, with columns skipped that need a new custom field."""
    new = {column["index"] for column in new_fields(mapping["columns"], custom_fields)}
    columns = [_unknown(column) if column["index"] in new else column for column in mapping["columns"]]
    return {**mapping, "columns": columns, "built": built_of(mapping)}


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
        "also": each.also,
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


def _fill_own_field(column: ColumnMapping, known: CustomField) -> None:
    """Let a column fill a custom field of the firm."""
    column["action"], column["target"], column["custom"] = "custom", None, without_choices(known)
    column["also"] = None
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
            "leave_out": left_out_texts(column),
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
    return {**mapping, "columns": columns, "built": built_of(mapping)}
