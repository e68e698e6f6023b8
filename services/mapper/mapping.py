"""The mapping document: suggested, then confirmed by a person; a wrong one is told column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.mapper.proposing import Column, Suggestion, propose
from shared.contract.fields import FIELDS, NEEDED, RECORDS_OF_KIND

CUSTOM_TYPES = ("text", "number", "date", "choice", "multi-choice", "email", "url", "phone")
ACCOUNT_TYPES = FIELDS["account.type"].choices


class MappingError(Exception):
    """A mapping that cannot be used; `problems` has one entry per place: `{column, code, params}`."""

    def __init__(self, problems: list[dict[str, Any]]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def first_mapping(columns: Sequence[Mapping[str, Any]], kind: str) -> dict[str, Any]:
    """What we suggest for the columns of a source."""
    proposal = propose([Column(c["index"], c["header"], c["samples"]) for c in columns], kind)
    return {
        "columns": [_suggested(each) for each in proposal.columns],
        "account_type": dict(proposal.account_type) or {"mode": "skip"},
        "values": {},
        "date_order": None,
        "phone_region": None,
    }


def _suggested(each: Suggestion) -> dict[str, Any]:
    candidates = [{"target": c.target, "confidence": c.confidence, "why": c.why} for c in each.candidates[:2]]
    return {
        "index": each.index,
        "header": each.header,
        "action": each.action,
        "target": each.target,
        "custom": None,
        "confidence": each.confidence,
        "why": each.why,
        "candidates": candidates,
    }


def confirm_mapping(
    given: Mapping[str, Any], columns: Sequence[Mapping[str, Any]], kind: str, suggested: Mapping[str, Any]
) -> dict[str, Any]:
    """Give the mapping that a person chose, complete; columns not named are skipped.

    Raises `MappingError` with one problem per column that cannot be used as given.
    """
    problems: list[dict[str, Any]] = []
    by_index = {c["index"]: c for c in suggested["columns"]}
    chosen: dict[int, dict[str, Any]] = {}
    for one in given["columns"]:
        problem = _problem_of(one, by_index, chosen, kind)
        if problem:
            problems.append({"column": one["index"], **problem})
        else:
            chosen[one["index"]] = _chosen(one, by_index[one["index"]])
    account_type = given.get("account_type") or _type_from(chosen, suggested)
    problems += _type_problems(account_type, by_index)
    if problems:
        raise MappingError(problems)
    whole = [chosen.get(c["index"]) or _skipped(by_index[c["index"]]) for c in columns]
    if account_type["mode"] == "column":
        _take_type_from(whole, account_type["column"])
    return {
        "columns": whole,
        "account_type": account_type,
        "values": given.get("values") or {},
        "date_order": given.get("date_order"),
        "phone_region": given.get("phone_region"),
    }


def _problem_of(
    one: Mapping[str, Any], by_index: Mapping[int, Any], chosen: Mapping[int, Any], kind: str
) -> dict[str, Any] | None:
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
    if not FIELDS[target].repeats and any(c["target"] == target for c in chosen.values()):
        return _problem("target_used_twice", value=target, field=target)
    return None


def _custom_problem(custom: Mapping[str, Any] | None, chosen: Mapping[int, Any]) -> dict[str, Any] | None:
    if not custom or not custom["name"].strip():
        return _problem("custom_name_missing")
    if custom["type"] not in CUSTOM_TYPES:
        return _problem("unknown_custom_type", type=custom["type"])
    taken = {(c["custom"]["record"], c["custom"]["name"]) for c in chosen.values() if c["custom"]}
    if (custom.get("record", "account"), custom["name"].strip()) in taken:
        return _problem("custom_name_taken", name=custom["name"])
    return None


def _problem(code: str, **params: Any) -> dict[str, Any]:
    return {"code": code, "params": params}


def _type_problems(account_type: Mapping[str, Any], by_index: Mapping[int, Any]) -> list[dict[str, Any]]:
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


def _type_from(chosen: Mapping[int, Mapping[str, Any]], suggested: Mapping[str, Any]) -> dict[str, Any]:
    """Without a word on the account type: the column that holds it, else as suggested without a column."""
    column = next((i for i, c in chosen.items() if c["target"] == "account.type"), None)
    if column is not None:
        return {"mode": "column", "column": column}
    return (
        dict(suggested["account_type"]) if suggested["account_type"]["mode"] != "column" else {"mode": "skip"}
    )


def _take_type_from(columns: list[dict[str, Any]], index: int) -> None:
    for column in columns:
        if column["index"] == index:
            column.update(action="sync", target="account.type", custom=None)
        elif column["target"] == "account.type":
            column.update(action="skip", target=None)


def _chosen(one: Mapping[str, Any], suggested: Mapping[str, Any]) -> dict[str, Any]:
    custom = one.get("custom") if one["action"] == "custom" else None
    target = one.get("target") if one["action"] == "sync" else None
    as_suggested = target is not None and target == suggested["target"]
    return {
        **suggested,
        "action": one["action"],
        "target": target,
        "custom": {"record": "account", **custom, "name": custom["name"].strip()} if custom else None,
        "confidence": suggested["confidence"] if as_suggested else 1.0,
        "why": suggested["why"] if as_suggested else "chosen",
    }


def _skipped(suggested: Mapping[str, Any]) -> dict[str, Any]:
    return {**suggested, "action": "skip", "target": None, "custom": None, "confidence": 1.0, "why": "chosen"}


def missing_fields(mapping: Mapping[str, Any], kind: str) -> list[str]:
    """What a kind of import cannot do without and no column fills."""
    targets = {c["target"] for c in mapping["columns"] if c["action"] == "sync"}
    return [group[0] for group in NEEDED[kind] if not targets.intersection(group)]
