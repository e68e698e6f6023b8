"""Accounts, contacts and links as they are answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from shared.contract.custom_fields import Names
from shared.contract.documents.job import Job
from shared.contract.documents.record import Link, Record, RecordChange
from shared.contract.fields import part_label
from shared.contract.job import loaded_at
from shared.contract.record_history import IMPORTED, UNDONE
from shared.contract.records import FIELD_OF, masked, name_of, public_id, values_of

#: What a line of a history says an import did, beside what `record_history` names.
CREATED, UPDATED, LINKED = "created", "updated", "linked"


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
            "revision": link.get("revision", 1),
        }
        for link in links
        if end(link) in others
    ]


def show_history(
    record: Record, jobs: Iterable[Job], names: Names, lang: str, *, register_numbers: bool = False
) -> list[dict[str, object]]:
    """What became of a record, the earliest first: the imports that it went through, and what people changed.

    An import that changed fields shows them; one that only linked the record, or made it, shows none.
    """
    known = {job["_id"]: job for job in jobs}
    kind = "account" if "name" in record else "contact"

    def line(what: str, at: datetime, job_id: str | None, by: str | None) -> dict[str, object]:
        job = known.get(job_id or "")
        person = by or (job["created_by_email"] if job and what != UNDONE else None)
        return {"what": what, "at": at, "job": job_id, "file": job and job["source"]["name"], "by": person}

    def fields(changed: RecordChange) -> list[dict[str, object]]:
        shown = []
        for name, old, new in changed["fields"]:
            key = f"{kind}.{FIELD_OF.get(name, name)}"
            values = [value if register_numbers else masked(name, value) for value in (old, new)]
            shown.append(
                {
                    "field": names.key(key),
                    "label": part_label(name, names.key(key), lang),
                    "old": values[0],
                    "new": values[1],
                }
            )
        return shown

    changes = record.get("changed", [])
    explained = {changed["job"] for changed in changes if changed["what"] == IMPORTED}
    lines = [
        {
            **line(
                CREATED if job["_id"] == record["job"] else LINKED,
                loaded_at(job) or job["since"],
                job["_id"],
                None,
            ),
            "fields_": [],
            "merge": None,
        }
        for job in known.values()
        if job["_id"] == record["job"] or job["_id"] not in explained
    ]
    if record["job"] is None:
        lines.append(
            {**line(CREATED, record["created_at"], None, record.get("made_by")), "fields_": [], "merge": None}
        )
    lines += [
        {
            **line(UPDATED if one["what"] == IMPORTED else one["what"], one["at"], one["job"], one["by"]),
            "fields_": fields(one),
            "merge": one.get("merge"),
        }
        for one in changes
    ]
    return sorted(lines, key=lambda each: (str(each["at"]), each["what"] != CREATED))
