"""Checks the mapping that a person chose, column by column, and completes it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from services.mapper.settings.custom_columns import fields_not_allowed, with_ids
from shared.contract.built_values import problems_of_built, with_fields
from shared.contract.custom_fields import CUSTOM_TYPES
from shared.contract.documents.job import (
    AccountType,
    BuiltValue,
    ChosenColumn,
    ChosenCustomField,
    ChosenMapping,
    Column,
    ColumnMapping,
)
from shared.contract.documents.job import Mapping as FieldMapping
from shared.contract.documents.reference import CustomField
from shared.contract.documents.values import ProblemAt
from shared.contract.documents.values import Reason as KeptReason
from shared.contract.fields import FIELDS, NEEDED, RECORDS_OF_KIND
from shared.contract.fields.client_files import OWN_ID
from shared.contract.job import targets_of

ACCOUNT_TYPES = FIELDS["account.type"].choices
CHOSEN: KeptReason = {"code": "chosen", "params": {}}


class MappingError(Exception):
    """A mapping that cannot be used; `problems` has one entry per place: `{column, built, code, params}`."""

    def __init__(self, problems: list[ProblemAt]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def confirm_mapping(
    given: ChosenMapping,
    columns: Sequence[Column],
    kind: str,
    suggested: FieldMapping,
    custom_fields: Sequence[CustomField] = (),
    *,
    may_create: bool = True,
) -> FieldMapping:
    """The mapping that a person chose, complete; columns that it does not name are skipped.

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
    built = with_fields(given.get("built") or (), custom_fields)
    account_type = given.get("account_type") or _type_from(chosen, built, suggested)
    problems += _type_problems(account_type, by_index)
    problems += _name_problems(given.get("account_name"))
    problems += [
        {"column": None, **_problem("not_for_this_kind", value=key, field=key)}
        for key in given.get("required") or ()
        if key not in FIELDS or FIELDS[key].record not in RECORDS_OF_KIND[kind]
    ]
    whole = [chosen.get(c["index"]) or _skipped(by_index[c["index"]]) for c in columns]
    if account_type["mode"] == "column":
        _take_type_from(whole, account_type["column"])
    mapping: FieldMapping = {
        "columns": with_ids(whole, custom_fields),
        "built": built,
        "account_type": account_type,
        "values": given.get("values") or {},
        "date_order": given.get("date_order"),
        "phone_region": given.get("phone_region"),
        "account_name": given.get("account_name"),
        "required": suggested.get("required", []) if (own := given.get("required")) is None else own,
        "recognised": suggested.get("recognised", {}),
    }
    problems += problems_of_built(mapping, kind)
    if problems:
        raise MappingError(problems)
    return mapping


def _as_custom(one: ChosenColumn, custom_fields: Sequence[CustomField]) -> ChosenColumn:
    """The choice for a column; a target such as `account.custom.Sector` becomes the firm's custom field."""
    record, _, name = (one.get("target") or "").partition(".custom.")
    known = next((c for c in custom_fields if (c["record"], c["name"]) == (record, name)), None)
    if one["action"] != "sync" or known is None:
        return one
    custom: ChosenCustomField = {"name": known["name"], "type": known["type"], "record": known["record"]}
    return {**one, "action": "custom", "target": None, "custom": custom}


def _name_problems(pattern: str | None) -> list[ProblemAt]:
    """What is wrong with the pattern of account names: fields that do not exist."""
    unknown = [name for name in re.findall(r"{([^{}]*)}", pattern or "") if name not in FIELDS]
    return [{"column": None, **_problem("unknown_field", target=name, value=name)} for name in unknown]


def _problem_of(
    one: ChosenColumn,
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
    target, also = one.get("target"), one.get("also")
    if not target:
        return _problem("target_missing")
    if one.get("split") and not target.endswith(".address_line1"):
        return _problem("not_for_this_kind", value="split", field=target)
    if also == target:
        return _problem("target_used_twice", value=target, field=target)
    found = (_problem_of_target(key, one, chosen, kind) for key in (target, also) if key)
    return next(filter(None, found), None)


def _problem_of_target(
    target: str, one: ChosenColumn, chosen: Mapping[int, ColumnMapping], kind: str
) -> ProblemAt | None:
    """What is wrong with one of the fields that a column fills, or None."""
    if target not in FIELDS:
        return _problem("unknown_field", target=target)
    if FIELDS[target].record not in RECORDS_OF_KIND[kind]:
        return _problem("not_for_this_kind", value=target, field=target)
    joins = one.get("join") is not None and FIELDS[target].type in ("text", "name")
    taken = any(target in (c["target"], c.get("also")) for c in chosen.values())
    if taken and not (FIELDS[target].repeats or joins):
        return _problem("target_used_twice", value=target, field=target)
    return None


def _custom_problem(
    custom: ChosenCustomField | None, chosen: Mapping[int, ColumnMapping]
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


def _type_from(
    chosen: Mapping[int, ColumnMapping], built: Sequence[BuiltValue], suggested: FieldMapping
) -> AccountType:
    """The account type where the choice names none: what fills it, else the suggestion without a column."""
    if any(one["target"] == "account.type" for one in built):
        return {"mode": "skip"}
    column = next((i for i, c in chosen.items() if c["target"] == "account.type"), None)
    if column is not None:
        return {"mode": "column", "column": column}
    return suggested["account_type"] if suggested["account_type"]["mode"] != "column" else {"mode": "skip"}


def _take_type_from(columns: list[ColumnMapping], index: int) -> None:
    for column in columns:
        if column["index"] == index:
            column["action"], column["target"], column["custom"] = "sync", "account.type", None
            column["also"] = None
        elif column["target"] == "account.type":
            column["action"], column["target"], column["also"] = "skip", None, None


def _chosen(one: ChosenColumn, suggested: ColumnMapping) -> ColumnMapping:
    custom = one.get("custom") if one["action"] == "custom" else None
    target = one.get("target") if one["action"] == "sync" else None
    as_suggested = target is not None and target == suggested["target"]
    return {
        **suggested,
        "action": one["action"],
        "target": target,
        "also": one.get("also") or None if target else None,
        "custom": _custom_chosen(custom) if custom else None,
        "confidence": suggested["confidence"] if as_suggested else 1.0,
        "reason": suggested["reason"] if as_suggested else CHOSEN,
        "join": one.get("join") if target else None,
        "split": bool(one.get("split")) if target else False,
        "leave_out": one.get("leave_out") or [],
    }


def _custom_chosen(custom: ChosenCustomField) -> CustomField:
    return {"record": custom.get("record", "account"), "name": custom["name"], "type": custom["type"]}


def _skipped(suggested: ColumnMapping) -> ColumnMapping:
    return {
        **suggested,
        "action": "skip",
        "target": None,
        "also": None,
        "custom": None,
        "leave_out": [],
        "confidence": 1.0,
        "reason": CHOSEN,
    }


def missing_fields(mapping: FieldMapping, kind: str) -> list[str]:
    """The keys of needed fields that no column fills, for this kind of import.

    Rows with the ids of records need no name: a list of ours may come back with few of its columns.
    """
    targets = targets_of(mapping)
    named_by_id = OWN_ID["contacts" if kind == "contacts" else "accounts"] in targets
    needed = [group[0] for group in NEEDED[kind] if not named_by_id and not targets.intersection(group)]
    return needed + [key for key in mapping.get("required", []) if key not in {*targets, *needed}]
