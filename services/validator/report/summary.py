"""Adds the chunks of a check up to what a person should know before the start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from services.validator.check.rules import SWITCHES
from shared.contract.custom_fields import id_of
from shared.contract.date_order import OrderDecision
from shared.contract.job import COUNTS
from shared.contract.problems import severity

MOST_TAGS = 200
MOST_VALUES = 500


class Totals(dict[str, Any]):
    """The counts of checking, matching and planning, added up over all rows of a job."""

    @classmethod
    def of(cls, *counts: Mapping[str, Any]) -> Totals:
        """Add counts up: numbers, also in groups, and lists."""
        whole = cls()
        for some in counts:
            for name, value in some.items():
                if isinstance(value, dict):
                    group = whole.setdefault(name, {})
                    for key, number in value.items():
                        group[key] = group.get(key, 0) + number
                elif isinstance(value, list):
                    whole[name] = list(dict.fromkeys([*whole.get(name, []), *value]))[:MOST_TAGS]
                else:
                    whole[name] = whole.get(name, 0) + value
        return whole

    def less(self, counts: Mapping[str, Any]) -> Totals:
        """The totals without some counts that were in them; lists stay."""
        groups = {name: value for name, value in counts.items() if isinstance(value, dict)}
        return Totals.of(self, {n: {k: -v for k, v in group.items()} for n, group in groups.items()})


def summary(
    job: Mapping[str, Any], totals: Totals, records: int, orders: Mapping[int, OrderDecision]
) -> tuple[dict[str, int], dict[str, Any]]:
    """The counts per bucket and the report, without examples.

    `records` is how many accounts (or contacts, where only these are imported) the firm has; `orders` what was
    decided of the dates of each column.
    """
    buckets = totals.get("buckets", {})
    counts = {name: buckets.get(name, 0) for name in COUNTS}
    problems = [
        {"code": code, "severity": severity(code), "rows": number, "examples": []}
        for code, number in sorted(totals.get("problems", {}).items(), key=lambda item: (-item[1], item[0]))
        if number > 0
    ]
    fixes = [
        {"code": code, "values": number}
        for code, number in sorted(totals.get("fixes", {}).items())
        if number > 0
    ]
    report = {
        "problems": problems,
        "fixes": fixes,
        "records": totals.get("records", {}),
        "asked": totals.get("asked", {}).get("rows", 0),
        "only_in_system": max(0, records - totals.get("named", {}).get(kind_in_system(job), 0)),
        "new_tags": totals.get("new_tags", []),
        "custom_fields": [
            {**column["custom"], "filled": totals.get("custom", {}).get(id_of(column["custom"]), 0)}
            for column in job["mapping"]["columns"]
            if column["action"] == "custom"
        ],
        "unknown_values": _unknown(totals.get("unknown", {})),
        "settings": totals.get("touches", {}),
        "rules": [totals.get("rules", {}).get(str(at), 0) for at in range(len(job["settings"]["rules"]))],
        "columns": _columns(job, orders),
        "totals": {**totals, "unknown": dict(Counter(totals.get("unknown", {})).most_common(MOST_VALUES))},
    }
    return counts, report


def touches_of(plan: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, int]:
    """How many records get what each setting gives; `plan` has entries by row, as they are kept."""
    touched: Counter[str] = Counter()
    wanted = set(settings["tags"])
    for entry in plan["creates"]["accounts"].values():
        record = entry["record"]
        touched["tags"] += bool(wanted)
        touched["assignees"] += not set(settings["assignees"]).isdisjoint(record["assignees"])
        touched["folder_template"] += record.get("folder_template") == settings["folder_template"]
        touched["questionnaire"] += record.get("questionnaire", {}).get("name") == settings["questionnaire"]
    for entry in plan["updates"]["accounts"].values():
        touched["tags"] += not wanted.isdisjoint(entry["add"].get("tags", ()))
    for entry in plan["creates"]["contacts"].values():
        touched["language"] += entry["record"].get("language") == settings["language"]
    for link in plan["links"].values():
        switches = link.get("switches", settings["contacts"])
        touched.update({name for given in switches.values() for name, on in given.items() if on})
    given = [name for name in ("folder_template", "questionnaire", "language") if settings[name]]
    shown = {"tags", "assignees", *given, *SWITCHES}
    return {name: number for name, number in touched.items() if number and name in shown}


def _unknown(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """The values that a choice does not know, each once, the most frequent first."""
    found = []
    for name, rows in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_VALUES]:
        field, _, value = name.replace("%2E", ".").partition(" ")
        if rows > 0:
            found.append({"field": field, "value": unquote_plus(value), "rows": rows})
    return found


def kind_in_system(job: Mapping[str, Any]) -> str:
    """Which records of the firm a file of this kind is held against."""
    return "contacts" if job["kind"] == "contacts" else "accounts"


def _columns(job: Mapping[str, Any], orders: Mapping[int, OrderDecision]) -> list[dict[str, Any]]:
    """What was found of whole columns: dates whose order the file does not decide, or that it mixes."""
    headers = {column["index"]: column["header"] for column in job["mapping"]["columns"]}
    found = []
    for index, dates in orders.items():
        code = "date_order_mixed" if dates.conflicting else "date_order_undecided"
        if dates.conflicting or dates.undecided:
            params = {"header": headers[index], "order": dates.order}
            found.append({"column": index, "code": code, "params": params})
    return found


def too_many_invalid(limit: Mapping[str, Any], invalid: int, rows: int) -> dict[str, Any] | None:
    """Why autostart stops: more rows are invalid than the request allows; None when it may go on."""
    allowed = limit["rows"] if "rows" in limit else int(limit["share"] * rows)
    if invalid <= allowed:
        return None
    return {"code": "too_many_invalid", "params": {"invalid": invalid, "allowed": allowed}}
