"""Rows as a person sees them: cells with problems, fixes, plan and outcome, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shared.contract.fields import FIELDS
from shared.contract.problems import sentence, severity


def wanted_chunks(
    planned: Mapping[int, Mapping[str, Any]],
    checked: Mapping[int, Mapping[str, Any]],
    bucket: str | None,
    problem: str | None,
    start: int,
    chunks: int,
) -> Iterator[int]:
    """The chunks, from `start` on, that hold rows of the bucket and with the problem."""
    for n in range(start, chunks):
        if bucket and not planned.get(n, {}).get("buckets", {}).get(bucket):
            continue
        codes = {**checked.get(n, {}).get("problems", {}), **planned.get(n, {}).get("problems", {})}
        if problem and problem not in codes:
            continue
        yield n


def show_rows(chunk: Mapping[str, Any], mapping: Mapping[str, Any], lang: str) -> list[dict[str, Any]]:
    """All rows of one chunk.

    `chunk` has `cells`, `checks` and `plans`, and `outcomes` once it was loaded (None before).
    """
    cells, checks, plans = chunk["cells"], chunk["checks"], chunk["plans"]
    numbers = cells["numbers"] or range(cells["first"], cells["first"] + len(cells["rows"]))
    columns_of = _columns_by_field(mapping)
    problems = _problems(checks, plans, columns_of, lang)
    fixes = _fixes(checks, cells["rows"], columns_of)
    actions = _actions(plans)
    outcomes = (chunk.get("outcomes") or {}).get("outcomes", {})
    return [
        {
            "row": number,
            "cells": cells["rows"][offset],
            "bucket": plans["buckets"][offset],
            "selected": True,
            "problems": problems.get(offset, []),
            "fixes": fixes.get(offset, []),
            "plan": actions.get(offset, {}),
            "outcome": outcomes[offset] if outcomes else None,
        }
        for offset, number in enumerate(numbers)
    ]


def _columns_by_field(mapping: Mapping[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for column in mapping["columns"]:
        if column["action"] == "sync":
            found.setdefault(column["target"], column["index"])
    return found


def _problems(
    checks: Mapping[str, Any], plans: Mapping[str, Any], columns_of: Mapping[str, int], lang: str
) -> dict[int, list[dict[str, Any]]]:
    by_row: dict[int, list[dict[str, Any]]] = {}
    for offset, key, code, params in [*checks["problems"], *plans["problems"]]:
        by_row.setdefault(offset, []).append(
            {
                "code": code,
                "severity": severity(code),
                "field": key,
                "column": columns_of.get(key),
                "message": sentence(code, lang, **{"field": label(key, lang), **params}),
            }
        )
    return by_row


def label(key: str, lang: str) -> str:
    """The name of a field as a person knows it."""
    return FIELDS[key].label(lang) if key in FIELDS else key.split("custom.")[-1]


def _fixes(
    checks: Mapping[str, Any], rows: list[list[str]], columns_of: Mapping[str, int]
) -> dict[int, list[dict[str, Any]]]:
    values = dict(zip(checks["fields"], checks["values"], strict=True))
    by_row: dict[int, list[dict[str, Any]]] = {}
    for offset, key, code in checks["fixes"]:
        column = columns_of.get(key)
        old = rows[offset][column] if column is not None else ""
        new = values[key][offset] if key in values else None
        by_row.setdefault(offset, []).append(
            {"code": code, "field": key, "column": column, "old": old, "new": new}
        )
    return by_row


def _actions(plans: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    by_row: dict[int, dict[str, Any]] = {}
    for entries in plans["creates"].values():
        for entry in entries:
            record = entry["record"]
            by_row.setdefault(entry["row"], {})[entry["slot"]] = {
                "do": "create",
                "id": _public(record["_id"]),
            }
    for entries in plans["updates"].values():
        for entry in entries:
            changes = [
                {"field": name, "old": old, "new": entry["set"].get(name, entry["add"].get(name))}
                for name, old in entry["was"].items()
                if name != "keys"
            ]
            by_row.setdefault(entry["row"], {})[entry["slot"]] = {
                "do": "update",
                "id": _public(entry["_id"]),
                "changes": changes,
            }
    for link in plans["links"]:
        for end in ("account", "contact"):
            by_row.setdefault(link["row"], {}).setdefault(end, {"do": "link", "id": _public(link[end])})
        by_row.setdefault(link["row"], {}).setdefault("links", []).append(
            {"account": _public(link["account"]), "contact": _public(link["contact"])}
        )
    return by_row


def _public(identity: str) -> str:
    """Ids as the API shows them: without the firm in front."""
    return identity.rsplit("/", 1)[-1]
