"""Sums up what a person should know before the start, from the counts of all chunks of a job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import unquote_plus

from shared.contract.counting import added_up, group_of
from shared.contract.custom_fields import customs_of, id_of
from shared.contract.date_order import OrderDecision
from shared.contract.documents.job import (
    ColumnProblem,
    FilledCustomField,
    Job,
    Report,
    ReportedFix,
    ReportedProblem,
    UnknownValue,
)
from shared.contract.documents.task import Count, Counts
from shared.contract.documents.values import Collection, Reason
from shared.contract.job import COUNTS, mapping_of, settings_of
from shared.contract.problems import VALUE_LEFT_OUT, severity

MOST_TAGS = 200
MOST_VALUES = 500


def totals_of(counts: Iterable[Mapping[str, Count]]) -> Counts:
    """The counts of checking, matching and planning, added up over all rows of a job."""
    return added_up(counts, MOST_TAGS)


def totals_less(totals: Counts, counts: Counts) -> Counts:
    """The totals without some counts that were in them; lists and numbers outside groups stay."""
    less: Counts = {
        name: {key: -number for key, number in group.items()}
        for name, group in counts.items()
        if isinstance(group, dict)
    }
    return totals_of([totals, less])


def summary(
    job: Job, totals: Counts, records: int, orders: Mapping[int, OrderDecision]
) -> tuple[dict[str, int], Report]:
    """The counts per bucket and the report, without examples.

    `records` is how many accounts (or contacts, where only these are imported) the firm has; `orders` what was
    decided of the dates of each column.
    """
    buckets = group_of(totals, "buckets")
    counts = {name: buckets.get(name, 0) for name in COUNTS}
    named = group_of(totals, "named").get(kind_in_system(job), 0)
    rules = group_of(totals, "rules")
    unknown = group_of(totals, "unknown")
    report: Report = {
        "problems": _problems(group_of(totals, "problems")),
        "fixes": _fixes(group_of(totals, "fixes")),
        "records": group_of(totals, "records"),
        "without_value": group_of(totals, "problems").get(VALUE_LEFT_OUT, 0),
        "asked": group_of(totals, "asked").get("rows", 0),
        "only_in_system": max(0, records - named),
        "new_tags": _new_tags(group_of(totals, "new_tags")),
        "custom_fields": _custom_fields(job, group_of(totals, "custom")),
        "unknown_values": _unknown_values(unknown),
        "settings": {name: records for name, records in group_of(totals, "touches").items() if records > 0},
        "rules": [rules.get(str(at), 0) for at in range(len(settings_of(job)["rules"]))],
        "columns": _columns(job, orders),
        "totals": {**totals, "unknown": dict(Counter(unknown).most_common(MOST_VALUES))},
    }
    return counts, report


def _problems(rows: Mapping[str, int]) -> list[ReportedProblem]:
    """The problems that rows have, the most frequent first."""
    return [
        {"code": code, "severity": severity(code), "rows": number, "examples": []}
        for code, number in sorted(rows.items(), key=lambda item: (-item[1], item[0]))
        if number > 0
    ]


def _fixes(values: Mapping[str, int]) -> list[ReportedFix]:
    return [{"code": code, "values": number} for code, number in sorted(values.items()) if number > 0]


def _custom_fields(job: Job, filled: Mapping[str, int]) -> list[FilledCustomField]:
    return [{**custom, "filled": filled.get(id_of(custom), 0)} for custom in customs_of(mapping_of(job))]


def _unknown_values(counts: Mapping[str, int]) -> list[UnknownValue]:
    """The values that a choice does not know, each once, the most frequent first."""
    found: list[UnknownValue] = []
    for name, rows in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_VALUES]:
        field, _, value = name.replace("%2E", ".").partition(" ")
        if rows > 0:
            found.append({"field": field, "value": unquote_plus(value), "rows": rows})
    return found


def _new_tags(counts: Mapping[str, int]) -> list[str]:
    """The tags that will be made; one that is new for accounts and for contacts is two."""
    found = (name.replace("%2E", ".").partition(" ")[2] for name, records in counts.items() if records > 0)
    return sorted(map(unquote_plus, found))


def kind_in_system(job: Job) -> Collection:
    """The records of the firm that a file of this kind is compared with."""
    return "contacts" if job["kind"] == "contacts" else "accounts"


def _columns(job: Job, orders: Mapping[int, OrderDecision]) -> list[ColumnProblem]:
    """What was found of whole columns: dates whose order the file does not decide, or that it mixes."""
    headers = {column["index"]: column["header"] for column in mapping_of(job)["columns"]}
    found: list[ColumnProblem] = []
    for index, dates in orders.items():
        code = "date_order_mixed" if dates.conflicting else "date_order_undecided"
        if index in headers and (dates.conflicting or dates.undecided):
            params = {"header": headers[index], "order": dates.order}
            found.append({"column": index, "code": code, "params": params})
    return found


def too_many_invalid(limit: Mapping[str, float], invalid: int, rows: int) -> Reason | None:
    """Why autostart stops: more rows are invalid than the request allows; None when it may go on."""
    allowed = limit["rows"] if "rows" in limit else int(limit["share"] * rows)
    if invalid <= allowed:
        return None
    return {"code": "too_many_invalid", "params": {"invalid": invalid, "allowed": allowed}}
