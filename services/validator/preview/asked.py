"""Puts what somebody chose over the mapping and the rules that a job has, and refuses what no check could use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from shared.contract.built_values import problems_of_built, with_fields
from shared.contract.custom_fields import CUSTOM_TYPES, Names, customs_of, with_id
from shared.contract.documents.job import (
    AccountType,
    BuiltValue,
    ChosenColumn,
    ChosenMapping,
    ColumnMapping,
    Rule,
)
from shared.contract.documents.job import Mapping as FieldMapping
from shared.contract.documents.reference import CustomField
from shared.contract.documents.values import ProblemAt
from shared.contract.fields import FIELDS, RECORDS_OF_KIND, SETTABLE


class CannotShow(Exception):
    """A mapping or rules that cannot be shown; `problems` has one entry per place."""

    def __init__(self, problems: list[ProblemAt]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def asked_mapping(
    given: ChosenMapping, current: FieldMapping, kind: str, custom_fields: Sequence[CustomField]
) -> FieldMapping:
    """The mapping that somebody chose, over the one of the job; columns that it does not name are skipped.

    Raises `CannotShow`. Saving the mapping checks it further.
    """
    chosen = {one["index"]: one for one in given["columns"]}
    columns = [_column(column, chosen.get(column["index"]), custom_fields) for column in current["columns"]]
    indexes = {column["index"] for column in columns}
    built = with_fields(given.get("built") or (), custom_fields)
    mapping: FieldMapping = {
        **current,
        "columns": columns,
        "built": built,
        "account_type": given.get("account_type") or _account_type(columns, built, current),
        "values": given.get("values") or {},
        "date_order": given.get("date_order"),
        "phone_region": given.get("phone_region"),
        "account_name": given.get("account_name"),
        "required": given.get("required") or [],
    }
    problems: list[ProblemAt] = [
        {"column": index, **_problem("unknown_column", index=index)}
        for index in chosen
        if index not in indexes
    ]
    problems += _wrong_columns(columns, kind)
    problems += problems_of_built(mapping, kind)
    if problems:
        raise CannotShow(problems)
    return mapping


def _column(
    column: ColumnMapping, chosen: ChosenColumn | None, custom_fields: Sequence[CustomField]
) -> ColumnMapping:
    """What a column fills as somebody chose it; without a choice it is skipped."""
    nothing: ColumnMapping = {**column, "action": "skip", "target": None, "also": None, "custom": None}
    if chosen is None:
        return {**nothing, "leave_out": []}
    own: ColumnMapping = {**nothing, "action": chosen["action"], "leave_out": chosen.get("leave_out") or []}
    named = chosen.get("custom")
    if chosen["action"] == "custom" and named:
        custom: CustomField = {
            "record": named.get("record", "account"),
            "name": named["name"],
            "type": named["type"],
        }
        return {**own, "custom": with_id(custom, custom_fields)}
    target = chosen.get("target") if chosen["action"] == "sync" else None
    record, _, name = (target or "").partition(".custom.")
    known = next((one for one in custom_fields if (one["record"], one["name"]) == (record, name)), None)
    if known:
        return {**own, "action": "custom", "custom": with_id(known, custom_fields)}
    return {
        **own,
        "target": target,
        "also": (chosen.get("also") or None) if target else None,
        "join": chosen.get("join") if target else None,
        "split": bool(chosen.get("split")) if target else False,
    }


def _account_type(
    columns: Sequence[ColumnMapping], built: Sequence[BuiltValue], current: FieldMapping
) -> AccountType:
    """The account type where nothing was chosen: what fills it, else the present one without a column."""
    if any(one["target"] == "account.type" for one in built):
        return {"mode": "skip"}
    filling = next((column["index"] for column in columns if column["target"] == "account.type"), None)
    if filling is not None:
        return {"mode": "column", "column": filling}
    return current["account_type"] if current["account_type"]["mode"] != "column" else {"mode": "skip"}


def _wrong_columns(columns: Sequence[ColumnMapping], kind: str) -> Iterator[ProblemAt]:
    """The columns that fill a field which there is not, or not in this kind of import."""
    for column in columns:
        custom = column["custom"]
        if custom and custom["type"] not in CUSTOM_TYPES:
            yield {"column": column["index"], **_problem("unknown_custom_type", type=custom["type"])}
        for key in (column["target"], column.get("also")):
            if key and key not in FIELDS:
                yield {"column": column["index"], **_problem("unknown_field", target=key, value=key)}
            elif key and FIELDS[key].record not in RECORDS_OF_KIND[kind]:
                yield {"column": column["index"], **_problem("not_for_this_kind", value=key, field=key)}


def asked_rules(
    given: Sequence[Rule], mapping: FieldMapping, custom_fields: Sequence[CustomField]
) -> list[Rule]:
    """The rules that somebody chose, with the custom fields whose values they set by their ids.

    Raises `CannotShow` for columns and fields that there are not.
    """
    names = Names([*custom_fields, *customs_of(mapping)])
    indexes = {column["index"] for column in mapping["columns"]}
    rules = [_rule(rule, names) for rule in given]
    problems: list[ProblemAt] = []
    for number, rule in enumerate(rules):
        used = [condition["column"] for condition in rule["when"] if "column" in condition]
        used += [rule["then"]["assignees_from"]] if "assignees_from" in rule["then"] else []
        found = [_problem("unknown_column", index=index) for index in used if index not in indexes]
        found += [
            _problem("unknown_field", target=key, value=key)
            for key in rule["then"].get("set", {})
            if key not in SETTABLE and not names.knows(key)
        ]
        problems += [{"setting": f"rules.{number}", **problem} for problem in found]
    if problems:
        raise CannotShow(problems)
    return rules


def _rule(rule: Rule, names: Names) -> Rule:
    values: Mapping[str, str] = rule["then"].get("set", {})
    if not values:
        return rule
    return {**rule, "then": {**rule["then"], "set": {names.path(key): text for key, text in values.items()}}}


def _problem(code: str, **params: object) -> ProblemAt:
    return {"code": code, "params": params}
