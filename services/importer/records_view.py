"""Accounts, contacts and links as they are answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.contract.job import loaded_at
from shared.contract.records import FRAME

SECRET = "national_number"


def show_record(record: Mapping[str, Any], *, register_numbers: bool = False) -> dict[str, Any]:
    """A record with its values under `fields`; register numbers are masked unless the reader may see them."""
    values = {name: value for name, value in record.items() if name not in FRAME}
    if values.get(SECRET) and not register_numbers:
        values[SECRET] = f"{'•' * 9}{values[SECRET][-2:]}"
    return {
        "id": record["_id"].rsplit("/", 1)[1],
        "revision": record["revision"],
        "created_at": record["created_at"],
        "updated_at": record["updated_at"],
        "jobs": record["jobs"],
        "fields_": values,
    }


def show_links(
    links: Iterable[Mapping[str, Any]], end: str, others: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Links with the name of the record at their other `end`; one that leads nowhere is not shown.

    While an import is taken back, a record may be gone some moments before a link of it.
    """
    return [
        {
            "account": link["account"].rsplit("/", 1)[1],
            "contact": link["contact"].rsplit("/", 1)[1],
            "name": name_of(others[link[end]]),
            "switches": link["switches"],
            "job": link["job"],
        }
        for link in links
        if link[end] in others
    ]


def name_of(record: Mapping[str, Any]) -> str:
    """What a person knows an account or a contact by."""
    parts = [record.get("first_name"), record.get("last_name")]
    return record.get("name") or " ".join(filter(None, parts)) or record.get("email") or ""


def show_history(record: Mapping[str, Any], jobs: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The imports that made a record, or changed or linked it, the earliest first."""
    return [
        {
            "job": job["_id"],
            "file": job["source"]["name"],
            "at": loaded_at(job) or job["since"],
            "what": "created" if job["_id"] == record["job"] else "updated",
        }
        for job in jobs
    ]
