"""GET and PUT /directory: the reference data of the firm."""

from __future__ import annotations

import json
from typing import TypedDict
from zoneinfo import available_timezones

from babel import Locale as Territories
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError, fields

from services.importer.api.service import Conditions, IfMatch, revision_seen, routes
from shared.contract.bounded import Address, Choice, Code, Flag, Many, Name, Text, Whole
from shared.contract.custom_fields import CustomName, kept
from shared.contract.documents.reference import CustomField as KeptField
from shared.contract.documents.reference import LetterSender as KeptSender
from shared.contract.documents.reference import Locale as KeptLocale
from shared.contract.documents.reference import Reference, TeamMember
from shared.contract.documents.reference import Retention as KeptRetention
from shared.contract.events import CHOICES
from shared.contract.requests import Input
from shared.contract.texts.catalogues import LANGUAGES
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS, MANAGE_DIRECTORY
from shared.plumbing.directory_store import ChangedMeanwhile
from shared.plumbing.problem import Problem

#: Bounds of the directory, which is one document: names in one list, and characters of the whole as JSON.
MOST_LISTED, MOST_DIRECTORY = 5_000, 3_000_000


class Member(Input):
    """A team member of the firm."""

    id = Name(required=True)
    name = Name(required=True)
    email = Address(required=True)
    default_access = Flag(load_default=False)


class CustomField(Input):
    """A custom field of the firm; one that names its id keeps its values when it is renamed."""

    id = Text(100, 1)
    name = CustomName(required=True)
    type = Name(required=True)
    record = Choice(["account", "contact"], load_default="account")
    choices = Many(Text(1000, 1), MOST_LISTED)


def _known_time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError("Not a time zone, like Europe/Brussels.")


def _known_country(value: str) -> None:
    if value not in Territories("en").territories:
        raise ValidationError("Not a country code, like BE.")


class Locale(Input):
    """Where the firm is at home."""

    language = Choice(
        LANGUAGES,
        required=True,
        allow_none=True,
        metadata={"description": "of contacts whose row and account have none; null: such contacts get none"},
    )
    country = Text(2, 2, required=True, checks=[_known_country])
    time_zone = Text(100, 1, required=True, checks=[_known_time_zone])
    date_order = Choice(["DMY", "MDY", "YMD"], required=True)


def _names() -> Many:
    return Many(Name(), MOST_LISTED)


class FileLimits(Input):
    """What the firm lets in, where that is less than the system takes; lengths in characters."""

    bytes = Whole(1)
    rows = Whole(1)
    columns = Whole(1)
    cell_length = Whole(1)
    unzipped = Whole(1, metadata={"description": "Bytes, once unpacked"})
    ratio = Whole(1, metadata={"description": "Unpacked over packed size"})
    seconds = Whole(1, metadata={"description": "Processor time for reading a file"})


class Retention(Input):
    """How long things are kept for."""

    undo_days = Whole(
        0,
        3650,
        allow_none=True,
        metadata={"description": "days in which an import can be undone; null for the platform's number"},
    )
    keep_days = Whole(
        1,
        3650,
        allow_none=True,
        metadata={
            "description": "days for which file and rows are kept after the end of an import, and never fewer than"
            " those for undoing it; null for the platform's number"
        },
    )


class LetterSender(Input):
    """Who letters to clients are from."""

    name = Name(allow_none=True, required=True, metadata={"description": "what the firm is called in them"})
    reply_to = Address(allow_none=True, required=True, metadata={"description": "where answers go"})


def _events() -> Choice:
    description = "which events of records are published: none, numbers per import, or one of each record"
    return Choice(CHOICES, metadata={"description": description})


class DirectoryBody(Input):
    """The firm's reference data; parts not named stay as they are."""

    team_members = Many(fields.Nested(Member), MOST_LISTED)
    tags = _names()
    contact_tags = _names()
    roles = _names()
    folder_templates = _names()
    questionnaires = _names()
    custom_fields = Many(fields.Nested(CustomField), 1000)
    languages = Many(Code(r"^[a-z]{2}$"), 30, 1)
    locale = fields.Nested(Locale)
    sender = fields.Nested(LetterSender)
    limits = fields.Nested(FileLimits)
    retention = fields.Nested(Retention)
    events = _events()
    revision = Whole(
        metadata={"description": "The revision that the writer saw; another one is refused like `If-Match`"},
    )


class DirectoryAnswer(DirectoryBody):
    """The firm's reference data with its revision."""


class Changes(TypedDict, total=False):
    """The parts of the reference data that a body sets."""

    team_members: list[TeamMember]
    tags: list[str]
    contact_tags: list[str]
    roles: list[str]
    folder_templates: list[str]
    questionnaires: list[str]
    custom_fields: list[KeptField]
    languages: list[str]
    locale: KeptLocale
    sender: KeptSender
    limits: dict[str, int]
    retention: KeptRetention
    events: str
    revision: int


def _with_tag(reference: Reference) -> ResponseReturnValue:
    return reference, 200, {"ETag": f'"{reference["revision"]}"'}


@routes.on("GET", "/directory", may=MANAGE_CONTACTS, answer=DirectoryAnswer)
def directory() -> ResponseReturnValue:
    """The firm's reference data: team, tags, roles, templates, custom fields, languages, locale."""
    return _with_tag(web.directory().reference())


@routes.on(
    "PUT",
    "/directory",
    may=MANAGE_DIRECTORY,
    takes=DirectoryBody,
    answer=DirectoryAnswer,
    headers=IfMatch,
    problems=("changed_meanwhile",),
)
def replace_directory(headers: Conditions, body: Changes) -> ResponseReturnValue:
    """Set reference data; with `If-Match` only when nobody changed it meanwhile."""
    by_header, by_body = revision_seen(headers), body.pop("revision", None)
    expected = by_body if by_header is None else by_header
    if len(json.dumps({**web.directory().reference(), **body}, default=str)) > MOST_DIRECTORY:
        raise Problem(
            "invalid_content", errors={"json": {"_schema": [f"More than {MOST_DIRECTORY} characters."]}}
        )
    if "custom_fields" in body:
        body["custom_fields"] = _with_ids(body["custom_fields"])
    try:
        return _with_tag(web.directory().replace_reference(body, expected))
    except ChangedMeanwhile:
        raise Problem("changed_meanwhile", status=412) from None


def _with_ids(custom_fields: list[KeptField]) -> list[KeptField]:
    """The custom fields with their ids; raises the problem of a name or an id that is given twice."""
    try:
        return kept(custom_fields, web.directory().reference()["custom_fields"])
    except ValueError as error:
        place = str(error.args[0])
        errors = {"custom_fields": {place: {"name": ["Given twice, or its id is of no field."]}}}
        raise Problem("invalid_content", errors=errors) from None
