"""Accounts, contacts and links as they are answered."""

from __future__ import annotations

from typing import Any

FRAME = frozenset({"_id", "firm", "keys", "revision", "job", "jobs", "created_at", "updated_at"})
SECRET = "national_number"


def show_record(record: dict[str, Any]) -> dict[str, Any]:
    """A record with its values under `fields`; register numbers are masked."""
    values = {name: value for name, value in record.items() if name not in FRAME}
    if values.get(SECRET):
        values[SECRET] = f"{'•' * 9}{values[SECRET][-2:]}"
    return {
        "id": record["_id"].rsplit("/", 1)[1],
        "revision": record["revision"],
        "created_at": record["created_at"],
        "updated_at": record["updated_at"],
        "jobs": record["jobs"],
        "fields_": values,
    }


def show_link(link: dict[str, Any]) -> dict[str, Any]:
    """A link with its switches per e-mail field."""
    return {
        "account": link["account"].rsplit("/", 1)[1],
        "contact": link["contact"].rsplit("/", 1)[1],
        "switches": link["switches"],
        "job": link["job"],
    }
