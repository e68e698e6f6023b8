"""Functions that make settings, records and checked rows, for tests of planning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from services.validator.check.checked_rows import CheckedRows
from services.validator.match.identified import Identified, checks_of
from services.validator.plan.context import PlanContext
from shared.contract.documents.chunk import Checks, Groups
from shared.contract.documents.record import Record
from shared.contract.keys import keys_of, keys_of_columns

COLLECTION = {"account": "accounts", "contact": "contacts", "spouse": "contacts"}
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def settings(**chosen: Any) -> Any:
    """Settings that give nothing to records unless it is chosen."""
    return {
        "contacts": {},
        "tags": [],
        "assignees": [],
        "folder_template": None,
        "language": None,
        "questionnaire": None,
        "rules": [],
        "match": {
            "accounts": ["client_code", "number", "email_and_name", "name"],
            "contacts": ["number", "email_and_name", "name"],
        },
        "mode": "both",
        "merge_default": "fill_empty",
        "merge": {},
        **chosen,
    }


def record(slot: str, identity: str, **values: Any) -> Any:
    """A record that the firm has."""
    frame = {"_id": identity, "firm": "f", "revision": 3, "job": "earlier", "jobs": ["earlier"]}
    return {**frame, "created_at": NOW, "updated_at": NOW, "keys": keys_of(slot, values), **values}


def checks(
    columns: Mapping[str, Sequence[Any]],
    ids: Mapping[str, Sequence[str]],
    known: Mapping[str, Record] | None = None,
    groups: Groups | None = None,
    **more: Any,
) -> Checks:
    """The checks of rows: values by field key, per slot the id of each row's record; `known` are those that exist."""
    found = CheckedRows(columns={key: list(values) for key, values in columns.items()})
    slots = {}
    for slot, own in ids.items():
        values = {
            key.split(".", 1)[1]: list(column) for key, column in columns.items() if key.startswith(slot)
        }
        found.keys[slot] = keys_of_columns(slot, values, len(own))
        matched = [at for at, identity in enumerate(own) if identity in (known or {})]
        slots[slot] = Identified(list(own), matched, {at: found.keys[slot][at] for at in matched})
    made = checks_of(found, slots, frozenset(more.pop("left_out", ())))
    made.groups = groups or Groups()
    for name, value in more.items():
        setattr(made, name, value)
    return made


def context(
    *existing: tuple[str, Record], linked: Mapping[tuple[str, str], Sequence[str]] | None = None, **more: Any
) -> PlanContext:
    """What planning knows of the firm; `existing` are pairs of collection and record."""
    by_kind: dict[str, dict[str, Record]] = {"accounts": {}, "contacts": {}}
    for kind, one in existing:
        by_kind[kind][one["_id"]] = one
    return PlanContext(more.pop("settings", settings()), by_kind, linked or {}, "anna", **more)
