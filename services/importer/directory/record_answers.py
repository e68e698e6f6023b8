"""Accounts, contacts and links as they are answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from shared.contract.custom_fields import Names
from shared.contract.documents.job import Job
from shared.contract.documents.record import Link, Record
from shared.contract.job import loaded_at
from shared.contract.records import name_of, public_id, values_of


def show_record(
    record: Record, collection: str, names: Names, *, register_numbers: bool = False
) -> dict[str, object]:
    """A record with its values under `fields`; register numbers are masked unless the reader may see them."""
    values = values_of(record, register_numbers=register_numbers)
    return {
        "id": public_id(record["_id"]),
        "revision": record["revision"],
        "created_at": record["created_at"],
        "updated_at": record["updated_at"],
        "jobs": record["jobs"],
        "fields_": names.values(collection.removesuffix("s"), values),
    }


def show_links(
    links: Iterable[Link], end: Callable[[Link], str], others: Mapping[str, Record]
) -> list[dict[str, object]]:
    """Links with the name of the record at their other `end`; one that leads nowhere is not shown.

    While an import is undone, a record may be gone some moments before a link of it.
    """
    return [
        {
            "account": public_id(link["account"]),
            "contact": public_id(link["contact"]),
            "name": name_of(others[end(link)]),
            "relationship": link.get("relationship", []),
            "switches": link["switches"],
            "job": link["job"],
        }
        for link in links
        if end(link) in others
    ]


def show_history(record: Record, jobs: Iterable[Job]) -> list[dict[str, object]]:
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
