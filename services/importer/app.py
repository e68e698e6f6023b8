"""The HTTP of the loading step: start, result, and the firm's directory."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from babel import Locale as Territories
from flask import Flask
from marshmallow import Schema, ValidationError, fields, validate

from services.importer.records_view import show_link, show_record
from shared.contract.answers import JobAnswer
from shared.contract.job import Status
from shared.contract.requests import Flag, Headers, Input, Whole
from shared.plumbing import web
from shared.plumbing.auth import LANGUAGES, MANAGE_CONTACTS, MANAGE_DIRECTORY, VIEW_ACCOUNTS, VIEW_CONTACTS
from shared.plumbing.directory_store import ChangedMeanwhile
from shared.plumbing.job_view import result_of, show
from shared.plumbing.settings import Settings
from shared.plumbing.web import Problem, Routes

SERVICE = "importer"

routes = Routes(SERVICE)


def create_app(settings: Settings | None = None) -> Flask:
    """The web application of the importer."""
    return web.create_app(SERVICE, [routes], settings)


@routes.on(
    "POST", "/jobs/<job_id>/confirm", may=MANAGE_CONTACTS, answer=JobAnswer, status=202, problems=(409,)
)
def confirm(job_id: str) -> Any:
    """Start loading what the plan shows."""
    job = web.job(job_id)
    web.must_stand_at(job, Status.VALIDATED, Status.CONFIRMED)
    moved = web.jobs().advance(job, Status.CONFIRMED, by=web.caller().id)
    if moved is None:
        raise Problem("changed_meanwhile", status=409)
    flow = web.servers().flow
    return show(flow.arrived(moved), flow.tasks, web.PREFIX, web.caller().locale), 202


class ResultAnswer(Schema):
    """The numbers of an import, and where to go from there."""

    status = fields.String(required=True)
    rows = fields.Integer(required=True, allow_none=True)
    result = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    balanced = fields.Boolean(required=True)
    notices = fields.List(fields.Dict(), required=True)
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


@routes.on("GET", "/jobs/<job_id>/result", may=MANAGE_CONTACTS, answer=ResultAnswer, problems=(409,))
def result(job_id: str) -> Any:
    """What became of the rows; while loading, what was done so far."""
    job = web.job(job_id)
    web.must_stand_at(
        job, Status.CONFIRMED, Status.IMPORTED, Status.CANCELLED, Status.FAILED, Status.UNDOING, Status.UNDONE
    )
    shown = show(job, web.servers().flow.tasks, web.PREFIX, web.caller().locale)
    numbers = result_of(job, web.servers().flow.tasks)
    done = sum(numbers[name] for name in ("rows_loaded", "rows_unchanged", "rows_skipped"))
    return {
        "status": job["status"],
        "rows": job["source"].get("rows"),
        "result": numbers,
        "balanced": done == job["source"].get("rows"),
        "notices": [
            {"to": n["to"], "status": n["status"], "sent_at": _iso(n["sent_at"])} for n in job["notices"]
        ],
        "links": shown["links"],
    }


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


# the directory

NAME = validate.Length(1, 100)


class Member(Input):
    """A team member of the firm."""

    id = fields.String(required=True, validate=NAME)
    name = fields.String(required=True, validate=NAME)
    email = fields.Email(required=True)
    default_access = Flag(load_default=False)


class CustomField(Input):
    """A custom field of the firm."""

    name = fields.String(required=True, validate=NAME)
    type = fields.String(required=True, validate=NAME)
    record = fields.String(load_default="account", validate=validate.OneOf(["account", "contact"]))


def _known_time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError("Not a time zone, like Europe/Brussels.")


def _known_country(value: str) -> None:
    if value not in Territories("en").territories:
        raise ValidationError("Not a country code, like BE.")


class Locale(Input):
    """Where the firm is at home."""

    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))
    country = fields.String(required=True, validate=[validate.Regexp(r"^[A-Z]{2}$"), _known_country])
    time_zone = fields.String(required=True, validate=[NAME, _known_time_zone])
    date_order = fields.String(required=True, validate=validate.OneOf(["DMY", "MDY", "YMD"]))


def _names() -> fields.List:
    return fields.List(fields.String(validate=NAME), validate=validate.Length(max=5000))


class FileLimits(Input):
    """What the firm lets in, where that is less than the system takes; lengths in characters."""

    bytes = Whole(validate=validate.Range(1))
    rows = Whole(validate=validate.Range(1))
    columns = Whole(validate=validate.Range(1))
    cell_length = Whole(validate=validate.Range(1))
    unzipped = Whole(validate=validate.Range(1), metadata={"description": "Bytes, once unpacked"})
    ratio = Whole(validate=validate.Range(1), metadata={"description": "Unpacked over packed size"})
    seconds = Whole(validate=validate.Range(1), metadata={"description": "Processor time for reading a file"})


class DirectoryBody(Input):
    """The firm's reference data; parts not named stay as they are."""

    team_members = fields.List(fields.Nested(Member), validate=validate.Length(max=5000))
    tags = _names()
    contact_tags = _names()
    roles = _names()
    folder_templates = _names()
    questionnaires = _names()
    custom_fields = fields.List(fields.Nested(CustomField), validate=validate.Length(max=1000))
    languages = fields.List(
        fields.String(validate=validate.Regexp(r"^[a-z]{2}$")), validate=validate.Length(1, 30)
    )
    locale = fields.Nested(Locale)
    limits = fields.Nested(FileLimits)
    revision = Whole(
        validate=validate.Range(0),
        metadata={"description": "The revision that the writer saw; another one is refused like `If-Match`"},
    )


class DirectoryAnswer(DirectoryBody):
    """The firm's reference data with its revision."""


class IfMatch(Headers):
    """The revision that the writer saw."""

    if_match = fields.String(data_key="If-Match", validate=validate.Regexp(r'^"\d{1,12}"$'))


def _with_tag(reference: dict[str, Any]) -> Any:
    return reference, 200, {"ETag": f'"{reference["revision"]}"'}


@routes.on("GET", "/directory", may=MANAGE_CONTACTS, answer=DirectoryAnswer)
def directory() -> Any:
    """The firm's reference data: team, tags, roles, templates, custom fields, languages, locale."""
    return _with_tag(web.directory().reference())


@routes.on(
    "PUT",
    "/directory",
    may=MANAGE_DIRECTORY,
    takes=DirectoryBody,
    answer=DirectoryAnswer,
    headers=IfMatch,
    problems=(412,),
)
def replace_directory(headers: dict[str, Any], body: dict[str, Any]) -> Any:
    """Set reference data; with `If-Match` only when nobody changed it meanwhile."""
    tag, seen = headers.get("if_match"), body.pop("revision", None)
    expected = int(tag.strip('"')) if tag else seen
    try:
        return _with_tag(web.directory().replace_reference(body, expected))
    except ChangedMeanwhile:
        raise Problem("changed_meanwhile", status=412) from None


class RecordsQuery(Input):
    """A page of records."""

    cursor = fields.String(validate=validate.Regexp(r"^[0-9a-f]{1,64}$"))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))
    name = fields.String(
        validate=[NAME, validate.ContainsNoneOf("\0")], metadata={"description": "part of the name"}
    )
    tag = fields.String(validate=NAME)
    job = fields.String(validate=validate.Regexp(r"^[0-9a-f]{1,64}$"))


class RecordAnswer(Schema):
    """An account or a contact."""

    id = fields.String(required=True)
    revision = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    jobs = fields.List(fields.String(), required=True)
    fields_ = fields.Dict(required=True, data_key="fields")
    links = fields.List(fields.Dict())


class RecordsAnswer(Schema):
    """A page of records."""

    items = fields.List(fields.Nested(RecordAnswer), required=True)
    next = fields.String(required=True, allow_none=True)
    total = fields.Integer(
        required=True, metadata={"description": "records of the firm, whatever the filter"}
    )


def _page(kind: str, query: dict[str, Any]) -> dict[str, Any]:
    store = web.directory()
    found = store.page(kind, query.get("cursor"), query["limit"] + 1, query)
    page = found[: query["limit"]]
    return {
        "items": [show_record(record) for record in page],
        "next": page[-1]["_id"].rsplit("/", 1)[1] if len(found) > len(page) else None,
        "total": store.count(kind),
    }


def _one(kind: str, record_id: str) -> dict[str, Any]:
    store = web.directory()
    identity = f"{web.caller().firm}/{record_id}"
    record = store.fetch(kind, [identity]).get(identity)
    if record is None:
        raise Problem("not_found")
    return {**show_record(record), "links": [show_link(link) for link in store.links_of(kind, identity)]}


@routes.on("GET", "/accounts", may=VIEW_ACCOUNTS, answer=RecordsAnswer, query=RecordsQuery)
def accounts(query: dict[str, Any]) -> Any:
    """The firm's accounts."""
    return _page("accounts", query)


@routes.on("GET", "/accounts/<record_id>", may=VIEW_ACCOUNTS, answer=RecordAnswer)
def account(record_id: str) -> Any:
    """One account with its contacts."""
    return _one("accounts", record_id)


@routes.on("GET", "/contacts", may=VIEW_CONTACTS, answer=RecordsAnswer, query=RecordsQuery)
def contacts(query: dict[str, Any]) -> Any:
    """The firm's contacts."""
    return _page("contacts", query)


@routes.on("GET", "/contacts/<record_id>", may=VIEW_CONTACTS, answer=RecordAnswer)
def contact(record_id: str) -> Any:
    """One contact with its accounts."""
    return _one("contacts", record_id)
