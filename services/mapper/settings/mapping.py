"""The mapping document: suggested, then confirmed by a person; a wrong one is told column by column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.mapper.headers.normalising import plain
from services.mapper.settings.profiles import apply_profile, find_profile
from services.mapper.targets.proposing import Column as Headed
from services.mapper.targets.proposing import Suggestion, propose
from services.mapper.targets.reasons import Reason
from services.mapper.values.kinds import custom_type
from shared.contract.custom_fields import custom_of, id_of, name_of_header, with_id
from shared.contract.documents.job import AccountType, Column, ColumnMapping, Profile
from shared.contract.documents.job import Mapping as FieldMapping
from shared.contract.documents.reference import CustomField
from shared.contract.documents.values import ProblemAt
from shared.contract.documents.values import Reason as KeptReason
from shared.contract.fields import FIELDS, NEEDED, RECORDS_OF_KIND

CUSTOM_TYPES = ("text", "number", "date", "choice", "multi-choice", "email", "url", "phone")
ACCOUNT_TYPES = FIELDS["account.type"].choices
#: The confidence of a column that fills a custom field of its name.
SURE = 0.97
CHOSEN: KeptReason = {"code": "chosen", "params": {}}


class MappingError(Exception):
    """A mapping that cannot be used; `problems` has one entry per place: `{column, code, params}`."""

    def __init__(self, problems: list[ProblemAt]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def first_mapping(
    columns: Sequence[Column],
    kind: str,
    custom_fields: Sequence[CustomField] = (),
    profiles: Sequence[Profile] = (),
    *,
    may_create: bool = True,
) -> FieldMapping:
    """What we suggest for the columns of a source.

    `custom_fields` are those that the firm has; `profiles` its saved mappings, of which the one for the same or
    nearly the same headers goes before our own suggestions; `may_create` is whether custom fields may be made.
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


def new_fields(columns: Iterable[ColumnMapping], custom_fields: Sequence[CustomField]) -> list[ColumnMapping]:
    """The columns that fill a custom field which the firm does not have."""
    known = {(each["record"], each["name"]) for each in custom_fields}
    return [
        column
        for column in columns
        if (custom := custom_of(column)) and (custom["record"], custom["name"]) not in known
    ]


def fields_not_allowed(
    columns: Iterable[ColumnMapping], custom_fields: Sequence[CustomField]
) -> list[ProblemAt]:
    """The problems of somebody who may not make custom fields, one for each column that needs a new one."""
    return [
        {"column": column["index"], **_problem("may_not_create_custom_field", value=custom["name"])}
        for column in new_fields(columns, custom_fields)
        if (custom := custom_of(column))
    ]


def _without_new_fields(mapping: FieldMapping, custom_fields: Sequence[CustomField]) -> FieldMapping:
    """A mapping in which columns are skipped that would need a new custom field."""
    new = {column["index"] for column in new_fields(mapping["columns"], custom_fields)}
    columns = [_unknown(column) if column["index"] in new else column for column in mapping["columns"]]
    return {**mapping, "columns": columns}


def _unknown(column: ColumnMapping) -> ColumnMapping:
    reason = _kept(Reason("unknown"))
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
        "reason": _kept(each.reason),
        "candidates": [
            {"target": c.target, "confidence": c.confidence, "reason": _kept(c.reason)}
            for c in each.candidates[:2]
        ],
        "suggested_custom": custom if each.target is None and named else None,
    }


def _kept(reason: Reason) -> KeptReason:
    return {"code": reason.code, "params": dict(reason.params)}


def _take_known_custom(column: ColumnMapping, custom_fields: Sequence[CustomField]) -> None:
    """A column that is called like a custom field of the firm fills it, unless a field of ours is surer."""
    known = next((c for c in custom_fields if plain(c["name"]) == plain(column["header"])), None)
    if known is None or (column["target"] and column["confidence"] >= SURE):
        return
    column["action"], column["target"], column["custom"] = "custom", None, _known_custom(known)
    column["confidence"], column["reason"] = SURE, _kept(Reason("known_custom"))


def _known_custom(known: CustomField) -> CustomField:
    return {"id": id_of(known), "name": known["name"], "type": known["type"], "record": known["record"]}


def _renamed(columns: Iterable[ColumnMapping], custom_fields: Sequence[CustomField]) -> list[ColumnMapping]:
    """The columns of a saved mapping, with fields of the firm by their name of today."""
    known = {(each["record"], id_of(each)): each for each in custom_fields}
    renamed: list[ColumnMapping] = []
    for column in columns:
        custom = custom_of(column)
        field = known.get((custom["record"], id_of(custom))) if custom else None
        renamed.append({**column, "custom": _known_custom(field)} if field else column)
    return renamed


def with_ids(columns: Iterable[ColumnMapping], custom_fields: Sequence[CustomField]) -> list[ColumnMapping]:
    """The columns with the ids of the custom fields that they fill, also of new ones."""
    return [
        {**column, "custom": with_id(custom, custom_fields) if (custom := custom_of(column)) else None}
        for column in columns
    ]


def shown(mapping: FieldMapping, lang: str, *, may_create: bool = True) -> dict[str, object]:
    """The mapping with its reasons as sentences; new custom fields are suggested to who may make them."""
    columns = [
        {
            **{name: value for name, value in column.items() if name != "reason"},
            "why": Reason(**column["reason"]).told(lang),
            "candidates": [
                {
                    "target": c["target"],
                    "confidence": c["confidence"],
                    "why": Reason(**c["reason"]).told(lang),
                }
                for c in column["candidates"]
            ],
            "suggested_custom": column["suggested_custom"] if may_create else None,
        }
        for column in mapping["columns"]
    ]
    return {**mapping, "columns": columns}


def confirm_mapping(
    given: Mapping[str, Any],
    columns: Sequence[Column],
    kind: str,
    suggested: FieldMapping,
    custom_fields: Sequence[CustomField] = (),
    *,
    may_create: bool = True,
) -> FieldMapping:
    """Give the mapping that a person chose, complete; columns not named are skipped.

    Raises `MappingError` with one problem per column that cannot be used as given.
    """
    problems: list[ProblemAt] = []
    by_index = {c["index"]: c for c in suggested["columns"]}
    chosen: dict[int, ColumnMapping] = {}
    for one in (_as_custom(one, custom_fields) for one in given["columns"]):
        problem = _problem_of(one, by_index, chosen, kind)
        if problem:
            problems.append({"column": one["index"], **problem})
        else:
            chosen[one["index"]] = _chosen(one, by_index[one["index"]])
    if not may_create:
        problems += fields_not_allowed(chosen.values(), custom_fields)
    account_type = given.get("account_type") or _type_from(chosen, suggested)
    problems += _type_problems(account_type, by_index)
    problems += _name_problems(given.get("account_name"))
    if problems:
        raise MappingError(problems)
    whole = [chosen.get(c["index"]) or _skipped(by_index[c["index"]]) for c in columns]
    if account_type["mode"] == "column":
        _take_type_from(whole, account_type["column"])
    return {
        "columns": with_ids(whole, custom_fields),
        "account_type": account_type,
        "values": given.get("values") or {},
        "date_order": given.get("date_order"),
        "phone_region": given.get("phone_region"),
        "account_name": given.get("account_name"),
        "recognised": suggested.get("recognised", {}),
    }


def _as_custom(one: Mapping[str, Any], custom_fields: Sequence[CustomField]) -> Mapping[str, Any]:
    """A column mapped to the key of a custom field that the firm has is a column for that field."""
    record, _, name = (one.get("target") or "").partition(".custom.")
    known = next((c for c in custom_fields if (c["record"], c["name"]) == (record, name)), None)
    if one["action"] != "sync" or known is None:
        return one
    return {**one, "action": "custom", "target": None, "custom": _known_custom(known)}


def _name_problems(pattern: str | None) -> list[ProblemAt]:
    """What is wrong with the pattern of account names: fields that do not exist."""
    unknown = [name for name in re.findall(r"{([^{}]*)}", pattern or "") if name not in FIELDS]
    return [{"column": None, **_problem("unknown_field", target=name, value=name)} for name in unknown]


def _problem_of(
    one: Mapping[str, Any],
    by_index: Mapping[int, ColumnMapping],
    chosen: Mapping[int, ColumnMapping],
    kind: str,
) -> ProblemAt | None:
    """What is wrong with one column of a mapping, or None."""
    if one["index"] not in by_index:
        return _problem("unknown_column", index=one["index"])
    if one["index"] in chosen:
        return _problem("column_given_twice", index=one["index"])
    if one["action"] == "custom":
        return _custom_problem(one.get("custom"), chosen)
    if one["action"] != "sync":
        return None
    target = one.get("target")
    if not target:
        return _problem("target_missing")
    if target not in FIELDS:
        return _problem("unknown_field", target=target)
    if FIELDS[target].record not in RECORDS_OF_KIND[kind]:
        return _problem("not_for_this_kind", value=target, field=target)
    if one.get("split") and not target.endswith(".address_line1"):
        return _problem("not_for_this_kind", value="split", field=target)
    if not (FIELDS[target].repeats or _joins(one)) and any(c["target"] == target for c in chosen.values()):
        return _problem("target_used_twice", value=target, field=target)
    return None


def _joins(one: Mapping[str, Any]) -> bool:
    """Whether a column is joined to the others of its field."""
    return one.get("join") is not None and FIELDS[one["target"]].type in ("text", "name")


def _custom_problem(
    custom: Mapping[str, Any] | None, chosen: Mapping[int, ColumnMapping]
) -> ProblemAt | None:
    if not custom:
        return _problem("custom_name_missing")
    if custom["type"] not in CUSTOM_TYPES:
        return _problem("unknown_custom_type", type=custom["type"])
    taken = {(c["custom"]["record"], c["custom"]["name"]) for c in chosen.values() if c["custom"]}
    if (custom.get("record", "account"), custom["name"]) in taken:
        return _problem("custom_name_taken", name=custom["name"])
    return None


def _problem(code: str, **params: object) -> ProblemAt:
    return {"code": code, "params": params}


def _type_problems(account_type: AccountType, by_index: Mapping[int, ColumnMapping]) -> list[ProblemAt]:
    mode = account_type["mode"]
    if mode == "fixed" and account_type.get("value") not in ACCOUNT_TYPES:
        return [
            {
                "column": None,
                **_problem(
                    "unknown_account_type", value=account_type.get("value"), choices=", ".join(ACCOUNT_TYPES)
                ),
            }
        ]
    if mode == "column" and account_type.get("column") not in by_index:
        return [
            {
                "column": account_type.get("column"),
                **_problem("unknown_column", index=account_type.get("column")),
            }
        ]
    return []


def _type_from(chosen: Mapping[int, ColumnMapping], suggested: FieldMapping) -> AccountType:
    """Without a word on the account type: the column that holds it, else as suggested without a column."""
    column = next((i for i, c in chosen.items() if c["target"] == "account.type"), None)
    if column is not None:
        return {"mode": "column", "column": column}
    return suggested["account_type"] if suggested["account_type"]["mode"] != "column" else {"mode": "skip"}


def _take_type_from(columns: list[ColumnMapping], index: int) -> None:
    for column in columns:
        if column["index"] == index:
            column["action"], column["target"], column["custom"] = "sync", "account.type", None
        elif column["target"] == "account.type":
            column["action"], column["target"] = "skip", None


def _chosen(one: Mapping[str, Any], suggested: ColumnMapping) -> ColumnMapping:
    custom = one.get("custom") if one["action"] == "custom" else None
    target = one.get("target") if one["action"] == "sync" else None
    as_suggested = target is not None and target == suggested["target"]
    return {
        **suggested,
        "action": one["action"],
        "target": target,
        "custom": _custom_chosen(custom) if custom else None,
        "confidence": suggested["confidence"] if as_suggested else 1.0,
        "reason": suggested["reason"] if as_suggested else CHOSEN,
        "join": one.get("join") if target else None,
        "split": bool(one.get("split")) if target else False,
    }


def _custom_chosen(custom: Mapping[str, str]) -> CustomField:
    return {"record": custom.get("record", "account"), "name": custom["name"], "type": custom["type"]}


def _skipped(suggested: ColumnMapping) -> ColumnMapping:
    return {
        **suggested,
        "action": "skip",
        "target": None,
        "custom": None,
        "confidence": 1.0,
        "reason": CHOSEN,
    }


def missing_fields(mapping: FieldMapping, kind: str) -> list[str]:
    """What a kind of import cannot do without and no column fills."""
    targets = {c["target"] for c in mapping["columns"] if c["action"] == "sync"}
    return [group[0] for group in NEEDED[kind] if not targets.intersection(group)]
