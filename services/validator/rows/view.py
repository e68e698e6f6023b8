"""Rows as a person sees them: cells with problems, fixes, plan and outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.contract.custom_fields import Names
from shared.contract.fields import label
from shared.contract.job import columns_by_field
from shared.contract.problems import sentence, severity
from shared.contract.records import BLANK, masked, public_id, values_of

#: The record that a slot of a row fills.
RECORD = {"account": "account", "contact": "contact", "spouse": "contact"}


def show_rows(
    offsets: Sequence[int], chunk: Mapping[str, Any], mapping: Mapping[str, Any], lang: str
) -> list[dict[str, Any]]:
    """Some rows of one chunk.

    `chunk` has their `rows`, `numbers`, `left_out` and `decisions` as `RowStore.cells_at` gives them, what `found_at`
    gives, and `outcomes` of the whole chunk, empty before it is loaded.
    """
    columns_of, names = columns_by_field(mapping), Names.of_mapping(mapping)
    loaded = chunk.get("outcomes") or {}
    outcomes = loaded.get("outcomes", ())
    at_load: list[Sequence[Any]] = [
        (int(offset), "", code, {}) for offset, code in loaded.get("reasons", {}).items()
    ]
    problems = _problems([*chunk["problems"], *at_load], columns_of, names, lang)
    actions = _actions(chunk, names)
    left_out = set(chunk["left_out"])
    return [
        {
            "row": chunk["numbers"][place],
            "cells": cells,
            "bucket": chunk["buckets"][offset],
            "selected": offset not in left_out,
            "problems": problems.get(offset, []),
            "fixes": [_fix(fix, cells, columns_of, names) for fix in chunk["fixes"].get(str(offset), ())],
            "plan": actions.get(offset, {}),
            "outcome": outcomes[offset] if outcomes else None,
            "decision": _decision(chunk["decisions"].get(offset, {})),
        }
        for place, (offset, cells) in enumerate(zip(offsets, chunk["rows"], strict=True))
    ]


def show_record_left(record: Mapping[str, Any], kind: str, names: Names) -> dict[str, Any]:
    """A record of the firm that the file does not name, in the shape of a row."""
    values = names.values(kind.removesuffix("s"), values_of(record))
    return {
        "row": None,
        "cells": [],
        "bucket": "only_in_system",
        "selected": False,
        "problems": [],
        "fixes": [],
        "plan": {"record": {"id": public_id(record["_id"]), "values": values}},
        "outcome": None,
        "decision": {},
    }


def _decision(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What a person decided of a row, in the words of the request that decides."""
    shown: dict[str, Any] = {"decision": kept["is"]} if "is" in kept else {}
    if "as" in kept:
        shown["same_as"] = {"row": kept["as"][2]} if isinstance(kept["as"], list) else {"id": kept["as"]}
    if "to_account" in kept:
        shown["to_account"] = True
    return shown


def _problems(
    problems: Iterable[Sequence[Any]], columns_of: Mapping[str, int], names: Names, lang: str
) -> dict[int, list[dict[str, Any]]]:
    by_row: dict[int, list[dict[str, Any]]] = {}
    for offset, key, code, params in problems:
        by_row.setdefault(offset, []).append(
            {
                "code": code,
                "severity": severity(code),
                "field": names.key(key),
                "column": columns_of.get(key),
                "message": sentence(code, lang, **{"field": label(names.key(key), lang), **params}),
                **({"candidates": params["candidates"]} if "candidates" in params else {}),
            }
        )
    return by_row


def _fix(
    fix: Sequence[Any], cells: Sequence[str], columns_of: Mapping[str, int], names: Names
) -> dict[str, Any]:
    key, code, new = fix
    column = columns_of.get(key)
    old = cells[column] if column is not None else ""
    return {"code": code, "field": names.key(key), "column": column, "old": old, "new": new}


def _actions(plan: Mapping[str, Any], names: Names) -> dict[int, dict[str, Any]]:
    by_row: dict[int, dict[str, Any]] = {}
    shown: dict[str, Any]
    for entries in plan["creates"].values():
        for entry in entries.values():
            values = names.values(RECORD[entry["slot"]], values_of(entry["record"]))
            shown = {"do": "create", "id": public_id(entry["_id"]), "values": values}
            by_row.setdefault(entry["row"], {})[entry["slot"]] = shown
    for entries in plan["updates"].values():
        for entry in entries.values():
            shown = {
                "do": "update",
                "id": public_id(entry["_id"]),
                "changes": _changes(entry, names),
            }
            by_row.setdefault(entry["row"], {})[entry["slot"]] = shown
    for link in plan["links"].values():
        own = by_row.setdefault(link["row"], {})
        for slot, end in (("account", "account"), (link["slot"], "contact")):
            own.setdefault(slot, {"do": "link", "id": public_id(link[end])})
        own.setdefault("links", []).append(
            {
                "account": public_id(link["account"]),
                "contact": public_id(link["contact"]),
                **({"switches": link["switches"]} if "switches" in link else {}),
            }
        )
    for kept in plan["kept"].values():
        own = by_row.setdefault(kept["row"], {}).setdefault(kept["slot"], {"do": "nothing"})
        own["kept"] = [
            {
                "field": names.part(RECORD[kept["slot"]], name),
                "old": masked(name, old),
                "new": masked(name, new),
            }
            for name, (old, new) in kept["fields"].items()
        ]
    return by_row


def _changes(entry: Mapping[str, Any], names: Names) -> list[dict[str, Any]]:
    record = RECORD[entry["slot"]]
    changes = [_change(name, entry) for name in entry["was"] if name != "keys"]
    return [{**change, "field": names.part(record, change["field"])} for change in changes]


def _change(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """One difference of an update: what the record has, what it will have, and why."""
    old = masked(name, entry["was"][name])
    if name in entry["add"]:
        return {"field": name, "old": old, "new": entry["add"][name], "why": "added"}
    if name in entry["unset"]:
        return {"field": name, "old": old, "new": None, "why": "cleared"}
    why = "filled" if old in BLANK else "overwritten"
    return {"field": name, "old": old, "new": masked(name, entry["set"][name]), "why": why}
