"""The HTTP of the loading step: start, result, taking back, and the firm's directory."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from babel import Locale as Territories
from flask import Flask
from marshmallow import Schema, ValidationError, fields

from services.importer.foreseeing import foresee
from services.importer.record_fields import (
    AccountChanges,
    ContactChanges,
    applied,
    not_allowed,
    outside_directory,
)
from services.importer.records_view import show_history, show_links, show_record
from shared.contract.answers import JobAnswer, Reason, UndoNumbers
from shared.contract.bounded import Address, Choice, Code, Count, Flag, Many, Name, Text, Whole
from shared.contract.custom_fields import CustomName, Names, kept
from shared.contract.events import CHOICES, EACH
from shared.contract.job import UNDO_NUMBERS, Status, as_loaded, loaded_at
from shared.contract.keeping import UNDOABLE
from shared.contract.keys import KEY_FIELDS, keys_of
from shared.contract.problems import sentence
from shared.contract.records import public_id
from shared.contract.requests import Headers, Input
from shared.contract.texts.catalogues import LANGUAGES
from shared.plumbing import web
from shared.plumbing.auth import (
    MANAGE_ACCOUNTS,
    MANAGE_CONTACTS,
    MANAGE_DIRECTORY,
    VIEW_ACCOUNTS,
    VIEW_CONTACTS,
    VIEW_REGISTER_NUMBERS,
)
from shared.plumbing.directory_store import TAGS_OF, ChangedMeanwhile, DirectoryStore
from shared.plumbing.event_store import TellingDirectory
from shared.plumbing.job_view import result_of, show, undo_of
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


class LeftOut(Schema):
    """How many of the rows that were skipped have a problem; a row may have several."""

    code = fields.String(required=True)
    rows = fields.Integer(required=True)
    message = fields.String(required=True)


class ResultAnswer(Schema):
    """The numbers of an import, and where to go from there."""

    status = fields.String(required=True)
    rows = fields.Integer(required=True, allow_none=True)
    result = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    undo = fields.Nested(UndoNumbers, required=True, allow_none=True)
    balanced = fields.Boolean(required=True)
    left_out = fields.List(
        fields.Nested(LeftOut),
        required=True,
        allow_none=True,
        metadata={"description": "Why rows were skipped; null until the list of them is made"},
    )
    notices = fields.List(fields.Dict(), required=True)
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


@routes.on("GET", "/jobs/<job_id>/result", may=MANAGE_CONTACTS, answer=ResultAnswer, problems=(409,))
def result(job_id: str) -> Any:
    """What became of the rows; while loading, what was done so far."""
    job = web.brief_job(job_id)
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
        "undo": shown["undo"],
        "balanced": done == job["source"].get("rows"),
        "left_out": _left_out(job, numbers["rows_skipped"]),
        "notices": [
            {"to": n["to"], "status": n["status"], "sent_at": _iso(n["sent_at"])} for n in job["notices"]
        ],
        "links": shown["links"],
    }


def _left_out(job: dict[str, Any], skipped: int) -> list[dict[str, Any]] | None:
    if not skipped:
        return []
    counted = job.get("left_out")
    if counted is None:
        return None
    lang = web.caller().locale
    ranked = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return [{"code": code, "rows": rows, "message": sentence(code, lang)} for code, rows in ranked]


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


# taking back

MOST_FORESEEN = 20_000


class Kept(Schema):
    """Names among the firm's reference data that stay, because somebody uses them."""

    tags = fields.List(fields.String(), required=True)
    contact_tags = fields.List(fields.String(), required=True)
    custom_fields = fields.List(fields.Dict(), required=True)


class UndoAnswer(Schema):
    """Whether an import may be taken back and until when, what that will do, and what it came to."""

    may = fields.Boolean(required=True)
    why_not = fields.Nested(Reason, required=True, allow_none=True)
    days = fields.Integer(required=True)
    until = fields.AwareDateTime(required=True, allow_none=True)
    will = fields.Nested(
        Schema.from_dict(
            {n: fields.Integer(required=True, allow_none=True) for n in UNDO_NUMBERS}, name="Will"
        ),
        required=True,
        allow_none=True,
        metadata={
            "description": "What it would come to now; for large imports what was loaded, with null for what"
            " depends on changes since"
        },
    )
    done = fields.Nested(UndoNumbers, required=True, allow_none=True)
    names_kept = fields.Nested(Kept, required=True, allow_none=True)


class UndoQuery(Input):
    """How much to tell."""

    numbers = fields.Boolean(
        load_default=True, metadata={"description": "false: not what it would come to, which takes its time"}
    )


def _undo_days() -> int:
    return web.directory().days("undo_days", web.settings().undo_days)


def _why_not(job: dict[str, Any], days: int) -> Problem | None:
    """Why an import cannot be taken back now."""
    ended = loaded_at(job)
    if job["status"] not in UNDOABLE:
        return Problem("wrong_state", standing=job["status"], allowed=", ".join(UNDOABLE))
    if ended is None:
        return Problem("nothing_loaded")
    if datetime.now(UTC) > ended + timedelta(days=days):
        return Problem("undo_expired", days=days)
    return Problem("purged") if job.get("purged_at") else None


@routes.on("GET", "/jobs/<job_id>/undo", may=MANAGE_CONTACTS, answer=UndoAnswer, query=UndoQuery)
def undo_shown(query: dict[str, Any], job_id: str) -> Any:
    """What taking the import back will do, and whether it may be; afterwards, what it came to."""
    job, days = web.brief_job(job_id), _undo_days()
    why_not, ended = _why_not(job, days), loaded_at(job)
    told = sentence(why_not.code, web.caller().locale, **why_not.params) if why_not else None
    return {
        "may": why_not is None,
        "why_not": {"code": why_not.code, "message": told} if why_not else None,
        "days": days,
        "until": ended + timedelta(days=days) if ended else None,
        "will": _foreseen(job) if query["numbers"] and not why_not else None,
        "done": undo_of(job, web.servers().flow.tasks),
        "names_kept": (job["undo"] or {}).get("names_kept"),
    }


def _foreseen(job: dict[str, Any]) -> dict[str, int | None]:
    """What taking back would come to; a large import is not walked through for it."""
    loaded = result_of(job, web.servers().flow.tasks)
    if job["source"]["rows"] > MOST_FORESEEN:
        unknown: dict[str, int | None] = dict.fromkeys(UNDO_NUMBERS)
        known = {f"{kind}_removed": loaded[f"{kind}_created"] for kind in ("accounts", "contacts", "links")}
        restored = {f"{kind}_restored": loaded[f"{kind}_updated"] for kind in ("accounts", "contacts")}
        return {**unknown, "rows_reversed": loaded["rows_loaded"], **known, **restored}
    revision, chunks = as_loaded(job)["revision"], len(job["source"]["chunks"])
    found = foresee(web.directory(), job["_id"], web.rows(job["_id"]).each("outcomes", revision, chunks))
    numbers = {name: found.get(name, 0) for name in UNDO_NUMBERS}
    rows = sum(number for name, number in numbers.items() if name.startswith("rows_"))
    return {
        **numbers,
        "rows_nothing": numbers["rows_nothing"] + job["source"]["rows"] - rows,
        "tags_removed": None,
        "custom_fields_removed": None,
    }


@routes.on(
    "POST", "/jobs/<job_id>/undo", may=MANAGE_CONTACTS, answer=JobAnswer, status=202, problems=(409, 410)
)
def undo(job_id: str) -> Any:
    """Take the import back: remove what it made, give back the values it changed, keep what changed since."""
    job, flow = web.job(job_id), web.servers().flow
    if job["status"] != Status.UNDOING:
        why_not = _why_not(job, _undo_days())
        if why_not:
            raise why_not
        undone = {"of": as_loaded(job)["revision"], "numbers": None, "names_kept": None}
        parts = {"result": result_of(job, flow.tasks), "undo": undone}
        moved = web.jobs().go_back(job, Status.UNDOING, by=web.caller().id, service=SERVICE, parts=parts)
        job = moved or web.job(job_id)  # somebody else may have been quicker
        if job["status"] != Status.UNDOING:
            raise _why_not(job, _undo_days()) or Problem("changed_meanwhile", status=409)
    return show(flow.arrived(job), flow.tasks, web.PREFIX, web.caller().locale), 202


# the directory

#: Names in one list of the directory, and characters of all of it as JSON: it is one document.
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

    language = Choice(LANGUAGES, required=True)
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
        metadata={"description": "days in which an import can be taken back; null for the platform's number"},
    )
    keep_days = Whole(
        1,
        3650,
        allow_none=True,
        metadata={
            "description": "days for which file and rows are kept after the end of an import, and never fewer than"
            " those of taking back; null for the platform's number"
        },
    )


def _events() -> Choice:
    told = "how other services are told of records: not at all, in numbers per import, or of each one"
    return Choice(CHOICES, metadata={"description": told})


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
    limits = fields.Nested(FileLimits)
    retention = fields.Nested(Retention)
    events = _events()
    revision = Whole(
        metadata={"description": "The revision that the writer saw; another one is refused like `If-Match`"},
    )


class DirectoryAnswer(DirectoryBody):
    """The firm's reference data with its revision."""


class IfMatch(Headers):
    """The revision that the writer saw."""

    if_match = Code(r'^"[0-9]{1,12}"$', data_key="If-Match")


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
    tag, told = _seen(headers), body.pop("revision", None)
    expected = told if tag is None else tag
    if len(json.dumps({**web.directory().reference(), **body}, default=str)) > MOST_DIRECTORY:
        raise Problem(
            "invalid_content", errors={"json": {"_schema": [f"More than {MOST_DIRECTORY} characters."]}}
        )
    if "custom_fields" in body:
        body["custom_fields"] = _kept(body["custom_fields"])
    try:
        return _with_tag(web.directory().replace_reference(body, expected))
    except ChangedMeanwhile:
        raise Problem("changed_meanwhile", status=412) from None


def _kept(custom_fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The custom fields as they are kept, with their ids; refused where a name or an id is given twice."""
    try:
        return kept(custom_fields, web.directory().reference()["custom_fields"])
    except ValueError as error:
        place = str(error.args[0])
        told = {"custom_fields": {place: {"name": ["Given twice, or its id is of no field."]}}}
        raise Problem("invalid_content", errors=told) from None


class RecordsQuery(Input):
    """A page of records."""

    cursor = Code(r"^[0-9a-f]{1,64}$")
    limit = Count(1, 500, load_default=50)
    name = Text(100, 1, metadata={"description": "part of the name"})
    tag = Text(100, 1)
    job = Code(r"^[0-9a-f]{1,64}$")
    total = fields.Boolean(
        load_default=False, metadata={"description": "count all records of the firm, which takes its time"}
    )


class LinkAnswer(Schema):
    """A link of an account and a contact, with the name of the other end and what it may do by e-mail field."""

    account = fields.String(required=True)
    contact = fields.String(required=True)
    name = fields.String(required=True)
    switches = fields.Dict(required=True)
    job = fields.String(required=True)


class HistoryOfRecord(Schema):
    """An import that made a record (`created`), or changed or linked it (`updated`)."""

    job = fields.String(required=True)
    file = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    what = fields.String(required=True)


class RecordAnswer(Schema):
    """An account or a contact."""

    id = fields.String(required=True)
    revision = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    jobs = fields.List(fields.String(), required=True)
    fields_ = fields.Dict(required=True, data_key="fields")
    links = fields.List(fields.Nested(LinkAnswer))
    history = fields.List(fields.Nested(HistoryOfRecord))


class RecordsAnswer(Schema):
    """A page of records."""

    items = fields.List(fields.Nested(RecordAnswer), required=True)
    next = fields.String(required=True, allow_none=True)
    total = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "records of the firm, whatever the filter; null unless asked for"},
    )


def _page(kind: str, query: dict[str, Any]) -> dict[str, Any]:
    store = web.directory()
    found = store.page(kind, query.get("cursor"), query["limit"] + 1, query)
    page = found[: query["limit"]]
    names = Names(store.reference()["custom_fields"])
    return {
        "items": [show_record(record, kind, names) for record in page],
        "next": public_id(page[-1]["_id"]) if len(found) > len(page) else None,
        "total": store.count(kind) if query["total"] else None,
    }


def _shown(kind: str, record: dict[str, Any]) -> dict[str, Any]:
    names = Names(web.directory().reference()["custom_fields"])
    return show_record(record, kind, names, register_numbers=web.caller().may(VIEW_REGISTER_NUMBERS))


def _identity(record_id: str) -> str:
    return f"{web.caller().firm}/{record_id}"


def _record(kind: str, record_id: str) -> dict[str, Any]:
    identity = _identity(record_id)
    record = web.directory().fetch(kind, [identity]).get(identity)
    if record is None:
        raise Problem("not_found")
    return record


def _whole(kind: str, record: dict[str, Any]) -> Any:
    """A record with its links and the imports that it went through."""
    store, other, end = web.directory(), *OTHER_END[kind]
    links = store.links_of(kind, record["_id"])
    named = ("name", "first_name", "last_name", "email")
    others = store.fetch(other, {link[end] for link in links}, None, *named)
    whole = {
        **_shown(kind, record),
        "links": show_links(links, end, others),
        "history": show_history(record, web.jobs().some(record["jobs"])),
    }
    return whole, 200, {"ETag": f'"{record["revision"]}"'}


OTHER_END = {"accounts": ("contacts", "contact"), "contacts": ("accounts", "account")}
TRIES = 5


def _seen(headers: dict[str, Any]) -> int | None:
    """The revision that the writer saw, where they say it."""
    tag = headers.get("if_match")
    return int(tag.strip('"')) if tag else None


def _telling_directory() -> DirectoryStore:
    """The directory to write to by hand; other services are told of each record where the firm wants that."""
    plain = web.directory()
    each = plain.reference()["events"] == EACH
    return TellingDirectory(plain.db, plain.firm, None) if each else plain


def _change(kind: str, record_id: str, headers: dict[str, Any], changes: dict[str, Any]) -> Any:
    """Write the changes over the record as it is; with `If-Match` only over what the writer saw."""
    store, seen, slot = _telling_directory(), _seen(headers), kind.removesuffix("s")
    for _ in range(TRIES):
        record = _record(kind, record_id)
        if seen is not None and record["revision"] != seen:
            raise Problem("changed_meanwhile", status=412)
        reference, caller = store.reference(), web.caller()
        problems = outside_directory(slot, changes, reference)
        refused = not_allowed(record, changes, reference[TAGS_OF[kind]], caller.rights(), caller.id)
        for name, (code, value) in refused.items():
            problems.setdefault(name, []).append(sentence(code, caller.locale, value=value))
        if problems:
            raise Problem("invalid_content", errors=problems)
        after = applied(record, _by_ids(slot, changes, reference))
        if any(record.get(name) != after.get(name) for name in KEY_FIELDS):
            after["keys"] = keys_of(slot, after)
        try:
            return _whole(kind, store.rewrite(kind, record, after))
        except ChangedMeanwhile:
            continue
    raise Problem("changed_meanwhile", status=412)


def _by_ids(record: str, changes: dict[str, Any], reference: dict[str, Any]) -> dict[str, Any]:
    """The changes with custom fields by their ids."""
    if "custom" not in changes:
        return changes
    return {**changes, "custom": Names(reference["custom_fields"]).ids(record, changes["custom"])}


def _delete(kind: str, record_id: str, headers: dict[str, Any]) -> Any:
    try:
        if not _telling_directory().delete(kind, _identity(record_id), _seen(headers)):
            raise Problem("not_found")
    except ChangedMeanwhile:
        raise Problem("changed_meanwhile", status=412) from None
    return "", 204


@routes.on("GET", "/accounts", may=VIEW_ACCOUNTS, answer=RecordsAnswer, query=RecordsQuery)
def accounts(query: dict[str, Any]) -> Any:
    """The firm's accounts."""
    return _page("accounts", query)


@routes.on("GET", "/accounts/<record_id>", may=VIEW_ACCOUNTS, answer=RecordAnswer)
def account(record_id: str) -> Any:
    """One account with its contacts."""
    return _whole("accounts", _record("accounts", record_id))


@routes.on(
    "PATCH",
    "/accounts/<record_id>",
    may=MANAGE_ACCOUNTS,
    takes=AccountChanges,
    headers=IfMatch,
    answer=RecordAnswer,
    problems=(412,),
)
def change_account(headers: dict[str, Any], body: dict[str, Any], record_id: str) -> Any:
    """Change fields of an account; null clears, custom fields are merged, lists are taken whole."""
    return _change("accounts", record_id, headers, body)


@routes.on(
    "DELETE", "/accounts/<record_id>", may=MANAGE_ACCOUNTS, headers=IfMatch, status=204, problems=(412,)
)
def delete_account(headers: dict[str, Any], record_id: str) -> Any:
    """Remove an account with its links; its contacts stay."""
    return _delete("accounts", record_id, headers)


@routes.on("GET", "/contacts", may=VIEW_CONTACTS, answer=RecordsAnswer, query=RecordsQuery)
def contacts(query: dict[str, Any]) -> Any:
    """The firm's contacts."""
    return _page("contacts", query)


@routes.on("GET", "/contacts/<record_id>", may=VIEW_CONTACTS, answer=RecordAnswer)
def contact(record_id: str) -> Any:
    """One contact with its accounts."""
    return _whole("contacts", _record("contacts", record_id))


@routes.on(
    "PATCH",
    "/contacts/<record_id>",
    may=MANAGE_CONTACTS,
    takes=ContactChanges,
    headers=IfMatch,
    answer=RecordAnswer,
    problems=(412,),
)
def change_contact(headers: dict[str, Any], body: dict[str, Any], record_id: str) -> Any:
    """Change fields of a contact; null clears, custom fields are merged, lists are taken whole."""
    return _change("contacts", record_id, headers, body)


@routes.on(
    "DELETE", "/contacts/<record_id>", may=MANAGE_CONTACTS, headers=IfMatch, status=204, problems=(412,)
)
def delete_contact(headers: dict[str, Any], record_id: str) -> Any:
    """Remove a contact with its links; its accounts stay."""
    return _delete("contacts", record_id, headers)
