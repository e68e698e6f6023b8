"""What became of the fields of a record: by which import or person, with the values before and after.

A record keeps its last changes itself, so that they go with it. Long values are cut: the history only shows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from shared.contract.documents.record import FieldChange, Record, RecordChange
from shared.contract.records import BLANK, FRAME

#: Changes that a record keeps, fields of one change, and characters of a value in it.
MOST_CHANGES, MOST_FIELDS, MOST_OF_VALUE = 20, 60, 200

#: What changed a record.
IMPORTED, UNDONE, EDITED, MANY, MAILED = "import", "undo", "edit", "bulk", "mailed"
LINKED, MERGED, SEPARATED = "link", "merge", "unmerge"
#: Parts of a change that are no fields: links, and the records that a merge joined.
LINKS, RECORDS = "links", "records"


class Edit(NamedTuple):
    """Who changed a record without an import, by a name or an address that a colleague knows, and what they did."""

    by: str | None = None
    what: str = EDITED


def change_of(
    what: str, at: datetime, fields: Iterable[FieldChange], *, job: str | None = None, by: str | None = None
) -> RecordChange:
    """One change of a record; `by` is a name or an address that a colleague knows."""
    return {"what": what, "at": at, "job": job, "by": by, "fields": list(fields)[:MOST_FIELDS]}


def content_revision(record: Record) -> int:
    """The first revision with the content that the record has now; undo brings an earlier content back."""
    same = record.get("same_as")
    return same["as"] if same and same["revision"] == record["revision"] else record["revision"]


def of_update(
    was: Mapping[str, object], given: Mapping[str, object], added: Mapping[str, Iterable[object]]
) -> list[FieldChange]:
    """The fields that an update changes: those `given`, those that it adds to, and those that it takes away."""
    found: list[FieldChange] = []
    for name, old in was.items():
        if name != "keys":
            now = [*_entries(old), *added[name]] if name in added else given.get(name)
            found.append((name, _short(old), _short(now)))
    return found


def between(before: Mapping[str, object], after: Mapping[str, object]) -> list[FieldChange]:
    """The fields in which two contents of a record differ; fields of the firm's own as `custom.<id>`."""
    one, other = _flat(before), _flat(after)
    return [
        (name, _short(one.get(name)), _short(other.get(name)))
        for name in dict.fromkeys([*one, *other])
        if one.get(name) != other.get(name)
    ]


def _flat(record: Mapping[str, object]) -> dict[str, object]:
    custom = record.get("custom")
    own = custom if isinstance(custom, Mapping) else {}
    values = {name: value for name, value in record.items() if name not in FRAME and name != "custom"}
    values |= {f"custom.{name}": value for name, value in own.items()}
    return {name: value for name, value in values.items() if value not in BLANK}


def _entries(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _short(value: object) -> object:
    if isinstance(value, str) and len(value) > MOST_OF_VALUE:
        return value[: MOST_OF_VALUE - 1] + "…"
    return [_short(each) for each in value[:MOST_FIELDS]] if isinstance(value, list) else value
