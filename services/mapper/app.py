"""The HTTP of the mapping step: the fields there are, the mapping, the settings, and going on."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask
from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from services.mapper.settings.job_settings import (
    Chooser,
    SettingsError,
    confirm_settings,
    follow_mapping,
    settings_not_allowed,
)
from services.mapper.settings.mapping import (
    MappingError,
    confirm_mapping,
    fields_not_allowed,
    first_mapping,
    missing_fields,
    shown,
)
from services.mapper.settings.profiles import profile_of
from shared.contract.answers import JobAnswer
from shared.contract.bounded import Choice, Code, Name
from shared.contract.documents.job import Job
from shared.contract.documents.reference import CustomField
from shared.contract.documents.values import ProblemAt
from shared.contract.fields import describe
from shared.contract.job import Status, mapping_of, settings_of
from shared.contract.problems import sentence
from shared.contract.requests import Input, MappingBody, Rule, SettingsBody
from shared.contract.rights import MANAGE_CUSTOM_FIELDS
from shared.contract.texts.catalogues import LANGUAGES
from shared.plumbing import web
from shared.plumbing.auth import ANYONE, MANAGE_CONTACTS
from shared.plumbing.job_view import show
from shared.plumbing.profile_store import ProfileStore
from shared.plumbing.settings import Settings
from shared.plumbing.web import Problem, Routes

SERVICE = "mapper"
MAPPED = (Status.PROPOSED, Status.MAPPED, Status.VALIDATED, Status.CONFIRMED, Status.IMPORTED)
READING = (Status.UPLOADED, Status.READ)

routes = Routes(SERVICE)
#: What this application serves.
BLUEPRINTS = [routes]


def create_app(settings: Settings | None = None) -> Flask:
    """The web application of the mapper."""
    return web.create_app(SERVICE, BLUEPRINTS, settings)


class FieldsQuery(Input):
    """In which language."""

    lang = Choice(LANGUAGES)


class FieldAnswer(Schema):
    """A target field."""

    key = fields.String(required=True)
    record = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.String(required=True)
    required = fields.Boolean(required=True)
    repeats = fields.Boolean(required=True)
    choices = fields.List(fields.String(), required=True)


class FieldsAnswer(Schema):
    """All target fields."""

    items = fields.List(fields.Nested(FieldAnswer), required=True)


class MappingAnswer(Schema):
    """The mapping of a job."""

    columns = fields.List(fields.Dict(), required=True)
    account_type = fields.Dict(required=True)
    values = fields.Dict(required=True)
    date_order = fields.String(required=True, allow_none=True)
    phone_region = fields.String(required=True, allow_none=True)
    account_name = fields.String(required=True, allow_none=True)
    recognised = fields.Dict(
        required=True,
        metadata={"description": "the preset or the saved mapping that the file was recognised by"},
    )
    missing = fields.List(fields.String(), required=True)
    provisional = fields.Boolean(
        required=True,
        metadata={"description": "Suggested from the first rows, while the others are being read"},
    )


class SettingsAnswer(Schema):
    """The settings of a job."""

    contacts = fields.Dict(required=True)
    tags = fields.List(fields.String(), required=True)
    assignees = fields.List(fields.String(), required=True)
    folder_template = fields.String(required=True, allow_none=True)
    language = fields.String(required=True, allow_none=True)
    questionnaire = fields.String(required=True, allow_none=True)
    rules = fields.List(fields.Nested(Rule), required=True)
    match = fields.Dict(required=True)
    on_match = fields.String(required=True)
    on_change = fields.String(required=True)
    on_doubt = fields.String(required=True)
    merge = fields.Dict(required=True)


@routes.on("GET", "/fields", may=ANYONE, answer=FieldsAnswer, query=FieldsQuery)
def all_fields(query: dict[str, Any]) -> ResponseReturnValue:
    """The fields that columns may be mapped to, with the firm's own."""
    custom = web.directory().reference()["custom_fields"]
    return {"items": [*describe(query.get("lang") or web.caller().locale), *map(_custom_field, custom)]}


def _custom_field(custom: CustomField) -> dict[str, object]:
    """A custom field of the firm, in the shape of the others."""
    return {
        "key": f"{custom['record']}.custom.{custom['name']}",
        "record": custom["record"],
        "label": custom["name"],
        "type": custom["type"],
        "required": False,
        "repeats": False,
        "choices": custom.get("choices", []),
    }


def _mapped_job(job_id: str) -> Job:
    job = web.kept_job(job_id)
    if job["mapping"] is None:
        raise Problem("wrong_state", standing=job["status"], allowed=Status.PROPOSED.value)
    return job


def _may_create() -> bool:
    return web.caller().may(MANAGE_CUSTOM_FIELDS)


def _chooser(job: Job) -> Chooser:
    """The caller, who may name themselves and the importer, who is assigned in any case."""
    caller = web.caller()
    return Chooser(frozenset(caller.rights()), frozenset({caller.id, job["created_by"]}))


def _shown(job: Job) -> dict[str, object]:
    told = shown(mapping_of(job), web.caller().locale, may_create=_may_create())
    missing = missing_fields(mapping_of(job), job["kind"])
    return {**told, "missing": missing, "provisional": job["status"] in READING}


@routes.on("GET", "/jobs/<job_id>/mapping", may=MANAGE_CONTACTS, answer=MappingAnswer, problems=(409, 410))
def mapping(job_id: str) -> ResponseReturnValue:
    """The mapping as suggested or chosen; while the file is being read, what its first rows suggest."""
    job = web.kept_job(job_id)
    if job["status"] in READING and job["source"].get("column_list"):
        return _shown({**job, "mapping": first_mapping(job["source"]["column_list"], job["kind"])})
    return _shown(_mapped_job(job_id))


@routes.on(
    "PUT",
    "/jobs/<job_id>/mapping",
    may=MANAGE_CONTACTS,
    takes=MappingBody,
    answer=MappingAnswer,
    problems=(409, 410),
)
def choose_mapping(body: dict[str, Any], job_id: str) -> ResponseReturnValue:
    """Choose the mapping; a job that was already checked goes back to this step."""
    job = _mapped_job(job_id)
    web.must_stand_at(job, Status.PROPOSED, Status.MAPPED, Status.VALIDATED)
    try:
        custom = web.directory().reference()["custom_fields"]
        chosen = confirm_mapping(
            body,
            job["source"]["column_list"],
            job["kind"],
            mapping_of(job),
            custom,
            may_create=_may_create(),
        )
    except MappingError as error:
        raise Problem("invalid_content", errors=_told(error.problems)) from None
    settings = follow_mapping(settings_of(job), chosen)
    return _shown(_write(job, mapping={**chosen, "problem": None}, settings=settings))


@routes.on("GET", "/jobs/<job_id>/settings", may=MANAGE_CONTACTS, answer=SettingsAnswer, problems=(409, 410))
def settings(job_id: str) -> ResponseReturnValue:
    """What the import applies to the records it makes."""
    job = _mapped_job(job_id)
    return follow_mapping(settings_of(job), mapping_of(job))


@routes.on(
    "PUT",
    "/jobs/<job_id>/settings",
    may=MANAGE_CONTACTS,
    takes=SettingsBody,
    answer=SettingsAnswer,
    problems=(409, 410),
)
def choose_settings(body: dict[str, Any], job_id: str) -> ResponseReturnValue:
    """Choose settings; parts not named stay as they are."""
    job = _mapped_job(job_id)
    web.must_stand_at(job, Status.PROPOSED, Status.MAPPED, Status.VALIDATED)
    try:
        reference, chooser = web.directory().reference(), _chooser(job)
        chosen = confirm_settings(body, settings_of(job), mapping_of(job), reference, chooser)
    except SettingsError as error:
        raise Problem("invalid_content", errors=_told(error.problems)) from None
    parts: dict[str, object] = {"settings": chosen}
    mapping = mapping_of(job)
    problem = mapping.get("problem")
    if not problem or all("setting" in error for error in problem["errors"]):
        parts["mapping"] = {**mapping, "problem": None}  # it was about settings that came with the file
    return settings_of(_write(job, **parts))


def _write(job: Job, **parts: object) -> Job:
    """Write parts of the job; one that stands further on goes back to be mapped again.

    A job that goes on by itself then works under the rights of who changed it last.
    """
    parts["rights"] = web.caller().rights()
    if job["status"] == Status.PROPOSED:
        if not web.jobs().write(job, SERVICE, **parts):
            raise Problem("changed_meanwhile", status=409)
        return cast("Job", {**job, **parts})
    moved = web.jobs().go_back(job, Status.PROPOSED, by=web.caller().id, service=SERVICE, parts=parts)
    if moved is None:
        raise Problem("changed_meanwhile", status=409)
    return moved


def _told(problems: list[ProblemAt]) -> list[dict[str, object]]:
    lang = web.caller().locale
    return [
        {
            **({"column": problem["column"]} if "column" in problem else {}),
            **({"setting": problem["setting"]} if "setting" in problem else {}),
            "code": problem["code"],
            "message": sentence(problem["code"], lang, **problem["params"]),
        }
        for problem in problems
    ]


def _in_the_way(job: Job) -> list[ProblemAt]:
    """Why the caller cannot confirm a mapping and settings, which others may have chosen."""
    mapping = mapping_of(job)
    missing = missing_fields(mapping, job["kind"])
    problems: list[ProblemAt] = [
        {"column": None, "code": "required_not_mapped", "params": {"field": key}} for key in missing
    ]
    problem = mapping.get("problem")
    if not problems and problem:
        return list(problem["errors"])
    reference = web.directory().reference()
    if not _may_create():
        problems += fields_not_allowed(mapping["columns"], reference["custom_fields"])
    return problems + settings_not_allowed(settings_of(job), reference, _chooser(job))


@routes.on(
    "POST", "/jobs/<job_id>/map", may=MANAGE_CONTACTS, answer=JobAnswer, status=202, problems=(409, 410, 422)
)
def go_on(job_id: str) -> ResponseReturnValue:
    """Confirm mapping and settings: the rows are checked, under the rights of who confirms."""
    job = _mapped_job(job_id)
    web.must_stand_at(job, Status.PROPOSED, Status.MAPPED)
    problems = _in_the_way(job)
    if problems:
        raise Problem("invalid_content", errors=_told(problems))
    moved = web.jobs().advance(
        job, Status.MAPPED, by=web.caller().id, service=SERVICE, parts={"rights": web.caller().rights()}
    )
    if moved is None:
        raise Problem("changed_meanwhile", status=409)
    name = f"{job['source']['name']}"[:100]
    _profiles().save(profile_of(mapping_of(job), job["kind"]), name, web.caller().id, named=False)
    flow = web.servers().flow
    return show(flow.arrived(moved), flow.tasks, web.PREFIX, web.caller().locale), 202


# saved mappings


class ProfileBody(Input):
    """Save the mapping of a job under a name."""

    name = Name(required=True)
    job = Code(r"^[0-9a-f]{1,64}$", required=True)


class ProfileAnswer(Schema):
    """A saved mapping."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    fingerprint = fields.String(required=True)
    headers = fields.List(fields.String(), required=True)
    columns = fields.List(fields.Dict(), required=True)
    by = fields.String(required=True)
    saved_at = fields.AwareDateTime(required=True)


class ProfilesAnswer(Schema):
    """The firm's saved mappings, the latest first."""

    items = fields.List(fields.Nested(ProfileAnswer), required=True)


def _profiles() -> ProfileStore:
    return ProfileStore(web.servers().db, web.caller().firm)


@routes.on("GET", "/mapping-profiles", may=MANAGE_CONTACTS, answer=ProfilesAnswer)
def profiles() -> ResponseReturnValue:
    """The firm's saved mappings; each is found again by the headers of a file."""
    return {"items": _profiles().all()}


@routes.on(
    "POST",
    "/mapping-profiles",
    may=MANAGE_CONTACTS,
    takes=ProfileBody,
    answer=ProfileAnswer,
    status=201,
    problems=(404, 409, 410),
)
def save_profile(body: dict[str, Any]) -> ResponseReturnValue:
    """Save the mapping of a job under a name; the same name for the same headers takes its place."""
    job = _mapped_job(body["job"])
    kept = _profiles().save(
        profile_of(mapping_of(job), job["kind"]), body["name"], web.caller().id, named=True
    )
    saved = _profiles().get(kept)
    if saved is None:  # forgotten the moment after
        raise Problem("not_found")
    return saved, 201


@routes.on("DELETE", "/mapping-profiles/<profile_id>", may=MANAGE_CONTACTS, status=204)
def delete_profile(profile_id: str) -> ResponseReturnValue:
    """Forget a saved mapping."""
    if not _profiles().delete(profile_id):
        raise Problem("not_found")
    return "", 204
