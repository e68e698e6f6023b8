"""Webhooks of a firm, and what was or will be posted to them. The notifier writes both.

Times are those of the database server, where a document is written by an update with its clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from shared.contract.events import Event


class Secret(TypedDict):
    """A secret that signs what is posted; `ends_at` is set as soon as a newer one has taken its place."""

    secret: str
    made_at: datetime
    ends_at: datetime | None


class Disabled(TypedDict):
    """Since when nothing is posted, and why: `by_person`, `failing` or `gone`.

    `mailed` is true as soon as the owner need not be mailed (any longer).
    """

    at: datetime
    reason: str
    mailed: bool


class Webhook(TypedDict):
    """An address to which events of the firm are posted.

    Its id is `<firm>/<public id>`. The one whose public id is `callback` has no `url`: it signs what is posted to
    the `callback_url` of jobs. `secrets` has the newest first. `owner` is the e-mail address of who made it.
    `failing_since` is the time of the first attempt that failed after the last one that did not.
    """

    _id: str
    firm: str
    url: str | None
    events: list[str]
    description: str
    secrets: list[Secret]
    disabled: Disabled | None
    failing_since: datetime | None
    created_by: str
    owner: str | None
    locale: str
    created_at: datetime


class Attempt(TypedDict):
    """One attempt to deliver: when, how many milliseconds it took, and the HTTP status, or what went wrong."""

    at: datetime
    ms: int
    status: int | None
    error: str | None


class Delivery(TypedDict):
    """An event on its way to one address.

    `state` is `waiting`, `delivered` or `failed`. `lane` is what is posted in order: the webhook and the job;
    `order` is the place in it. `due` is when it is tried next; while an attempt runs, when its lease ends. `left` is
    how many attempts are left; `attempts` has the latest ones.
    """

    _id: str
    webhook: str
    firm: str
    url: str
    event: Event
    job: str | None
    lane: str
    order: int
    state: str
    due: datetime
    token: str | None
    made: int
    left: int
    attempts: list[Attempt]
    created_at: datetime
    ended_at: datetime | None
