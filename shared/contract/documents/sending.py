"""Letters to the clients of a firm, and the sendings that a person asked for. The notifier writes them.

Times are those of the database server, where a document is written by an update with its clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import NotRequired, TypedDict


class Recipients(TypedDict):
    """Who is to get a letter, as it was asked for: `ids` of contacts or accounts, a `filter` of their list, or a `job`.

    With `chosen` only the contacts whom the job linked with the switch `send_invitation`.
    """

    ids: NotRequired[list[str]]
    filter: NotRequired[dict[str, str]]
    job: NotRequired[str]
    chosen: NotRequired[bool]


class Sending(TypedDict):
    """What a person asked for at once. Its id is `<firm>/<public id>`; `kind` is that of its letters.

    `after` is where the search for recipients goes on: the cursor of a list, or a number of `ids`; `found` is true when
    the search has ended. `look_at` is when it may go on; while a process searches, when its lease ends. `left_out`
    counts by reason who gets no letter. `again` lets letters go to addresses that failed before. `why_stopped` is
    `by_person` or `import_undone`.
    """

    _id: str
    firm: str
    kind: str
    which: Recipients
    again: bool
    status: str
    after: str | None
    found: bool
    look_at: datetime
    looked_at: int
    left_out: dict[str, int]
    by: str
    locale: str
    created_at: datetime
    ended_at: datetime | None
    why_stopped: str | None


class Letter(TypedDict):
    """The mail to one contact; see `shared.contract.sendings.letter_id` for its id.

    `sendings` are those that asked for it and may send it; it goes out as long as one of them goes on. `due` is when it
    is tried; while a process sends it, when its `token` ends. `mails` counts the mails that were accepted or refused,
    so that each has an id of its own; `tries` those that the server put off. `address` is that of the last mail;
    `error` says why it failed. `marked` is the revision that the account got when its questionnaire was marked as sent.
    """

    _id: str
    firm: str
    kind: str
    contact: str
    account: str | None
    form: str | None
    status: str
    sendings: list[str]
    due: datetime
    token: str | None
    mails: int
    tries: int
    address: str | None
    error: str | None
    marked: int
    queued_at: datetime
    changed_at: datetime


class Turn(TypedDict):
    """When a firm may send its next letters; `_id` is the firm."""

    _id: str
    due: datetime
