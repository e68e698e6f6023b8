"""The firm's reference data: the lists that its records use. The importer writes it, for people and for imports."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class TeamMember(TypedDict):
    """Somebody who works at the firm; `default_access` gives them every new account."""

    id: str
    name: str
    email: NotRequired[str]
    default_access: NotRequired[bool]


class CustomField(TypedDict):
    """A field of the firm's own on its accounts or contacts; `record` says which. The id stays when it is renamed."""

    id: NotRequired[str]
    name: str
    type: str
    record: str
    choices: NotRequired[list[str]]


class Retention(TypedDict):
    """Days that an import can be undone, and that its rows are kept; None takes the installation's number."""

    undo_days: int | None
    keep_days: int | None


class Locale(TypedDict):
    """How the firm writes: language, country (ISO 3166 alpha-2), time zone (IANA), order of dates (DMY, MDY, YMD).

    A firm that has not chosen a language has none: no contact gets English by accident.
    """

    language: str | None
    country: str
    time_zone: str
    date_order: str


class Added(TypedDict):
    """What one job added to the reference data."""

    job: str
    tags: NotRequired[list[str]]
    contact_tags: NotRequired[list[str]]
    custom_fields: NotRequired[list[CustomField]]


class LetterSender(TypedDict):
    """What the firm is called in letters to its clients, and where answers go; None where it has not chosen any."""

    name: str | None
    reply_to: str | None


class Reference(TypedDict):
    """The reference data of a firm; `events` says which events about records it wants (none, summary, each)."""

    team_members: list[TeamMember]
    tags: list[str]
    contact_tags: list[str]
    roles: list[str]
    folder_templates: list[str]
    questionnaires: list[str]
    custom_fields: list[CustomField]
    languages: list[str]
    retention: Retention
    events: str
    locale: Locale
    sender: LetterSender
    revision: int
    limits: NotRequired[dict[str, int]]


class AddedNames(TypedDict):
    """Entries that a job added to the reference data, by part."""

    tags: list[str]
    contact_tags: list[str]
    custom_fields: list[CustomField]
