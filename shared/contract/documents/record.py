"""Accounts, contacts and links: the content of the firm's directory. The importer writes them.

Ids begin with the firm and a slash. A record holds, beside its frame, the values of its fields under their names;
fields of the firm's own lie in `custom`, by their id. Code that treats all fields alike takes a record as a mapping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NotRequired, TypedDict

from shared.contract.documents.values import Value

#: Undo gave a record at `revision` the content back that it had at the revision `as`.
SameAs = TypedDict("SameAs", {"revision": int, "as": int})


#: The name of a part of a record (`custom.<id>` for a field of the firm's own), its value before, and after.
FieldChange = tuple[str, object, object]


class RecordChange(TypedDict):
    """A change of a record, as `shared.contract.record_history` makes it; `job` is None where a person made it.

    `merge` is the public id of a merge that was not undone.
    """

    what: str
    at: datetime
    job: str | None
    by: str | None
    fields: Sequence[FieldChange]
    merge: NotRequired[str | None]


class Record(TypedDict):
    """The frame of an account or a contact.

    `keys` are its matching keys (`shared.contract.keys`). `job` is the job that made it, None where a person did;
    `jobs` are all that made, changed or linked it; `kept_for` those whose undo left it. `revision` counts from 1.
    `listed` is its place in lists, `signs` what they are filtered by (`shared.contract.listing`); one of an earlier
    version has none yet.
    `changed` are its last changes, the earliest first. `made_by` is the person who made it, where one did; `request`
    the hash of the request that did so under a key. `merged_keys` are the keys of records that were merged into it.
    """

    _id: str
    firm: str
    keys: list[int]
    revision: int
    job: str | None
    jobs: list[str]
    created_at: datetime
    updated_at: datetime
    listed: NotRequired[str]
    signs: NotRequired[str]
    changed: NotRequired[list[RecordChange]]
    made_by: NotRequired[str]
    request: NotRequired[str]
    merged_keys: NotRequired[list[int]]
    linked_at: NotRequired[datetime]
    same_as: NotRequired[SameAs]
    kept_for: NotRequired[list[str]]
    custom: NotRequired[dict[str, Value]]
    tags: NotRequired[list[str]]
    email: NotRequired[str]
    phone: NotRequired[str]
    language: NotRequired[str]


class Questionnaire(TypedDict):
    """The questionnaire of an account; `sent_at` is when the first mail of it went out (RFC 3339)."""

    name: str
    status: str
    sent_at: NotRequired[str]


class Account(Record):
    """A client of the firm."""

    name: str
    type: NotRequired[str]
    company_name: NotRequired[str]
    client_code: NotRequired[str]
    assignees: NotRequired[list[str]]
    roles: NotRequired[list[str]]
    folder_template: NotRequired[str]
    questionnaire: NotRequired[Questionnaire]


class Contact(Record):
    """A person whom the firm knows."""

    first_name: NotRequired[str]
    last_name: NotRequired[str]
    national_number: NotRequired[str]
    date_of_birth: NotRequired[str]


class LinkChange(TypedDict):
    """What the contact of a link was to the account `before` a job changed it, and `after`."""

    job: str
    before: list[str]
    after: list[str]


class Link(TypedDict):
    """A contact belongs to an account; the id is that of the account, a colon, and the public id of the contact.

    `switches` go by the key of an e-mail field: `login`, `notify`, `email_sync`. `relationship` is what the contact
    is to the account; `changes` are those by other jobs than the one that made the link, the last 20. `revision` counts
    from 1, where it is missing.
    """

    _id: str
    firm: str
    account: str
    contact: str
    job: str | None
    created_at: datetime
    switches: dict[str, dict[str, bool]]
    relationship: NotRequired[list[str]]
    changes: NotRequired[list[LinkChange]]
    revision: NotRequired[int]


class RecordUpdate(TypedDict):
    """A change to write to a record that is still at `revision`, by a job; see `Change` of a chunk for its parts.

    `was` has the values before, for the history of the record.
    """

    _id: str
    revision: int
    set: NotRequired[Mapping[str, object]]
    unset: NotRequired[Sequence[str]]
    add: NotRequired[Mapping[str, Sequence[str]]]
    was: NotRequired[Mapping[str, object]]
    job: str


class RecordRestore(TypedDict):
    """Values that a record gets back, whatever its revision; `changed` is what its history says of that."""

    _id: str
    set: Mapping[str, object]
    unset: Sequence[str]
    changed: NotRequired[RecordChange]


class MergedEnd(TypedDict):
    """A record at the other end of a link that a merge moved: its revision before and after, and what that was like."""

    id: str
    before: int
    after: int


class Merge(TypedDict):
    """A merge of two records of a `kind` (accounts, contacts), as undo needs it; it goes at `ends_at`.

    `kept` and `gone` are ids. `records` has both as they were, `after` the one that was kept as the merge left it;
    `links` those of both before, `links_after` those of the kept one after. `ends` are the records at their other ends.
    """

    _id: str
    firm: str
    kind: str
    kept: str
    gone: str
    at: datetime
    by: str | None
    ends_at: datetime
    records: list[Record]
    after: Record
    links: list[Link]
    links_after: list[Link]
    ends: list[MergedEnd]


class Merged(TypedDict):
    """Where a record went that was merged into another: it is kept when the merge can no longer be undone."""

    _id: str
    firm: str
    kind: str
    gone: str
    into: str
