"""GET and PUT /jobs/{id}/mapping, and POST /jobs/{id}/map, which confirms mapping and settings."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from services.mapper.api.service import (
    SERVICE,
    answered,
    chooser_of,
    may_create,
    profile_store,
    routes,
    write,
)
from services.mapper.settings.confirmed_mapping import MappingError, confirm_mapping, missing_fields
from services.mapper.settings.custom_columns import fields_not_allowed
from services.mapper.settings.job_settings import follow_mapping, settings_not_allowed
from services.mapper.settings.profiles import profile_of
from services.mapper.settings.suggested_mapping import first_mapping, shown
from shared.contract.answers import JobAnswer
from shared.contract.documents.job import ChosenMapping, Job
from shared.contract.documents.values import ProblemAt
from shared.contract.edits import MAPPING
from shared.contract.job import Status, mapping_of, settings_of
from shared.contract.requests import BuiltValue, MappingBody
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.job_view import show
from shared.plumbing.problem import Problem

READING = (Status.UPLOADED, Status.READ)


class MappingAnswer(Schema):
    """The mapping of a job."""

    columns = fields.List(fields.Dict(), required=True)
    built = fields.List(
        fields.Nested(BuiltValue), required=True, metadata={"description": "values built from columns"}
    )
    account_type = fields.Dict(required=True)
    values = fields.Dict(required=True)
    date_order = fields.String(required=True, allow_none=True)
    phone_region = fields.String(required=True, allow_none=True)
    account_name = fields.String(required=True, allow_none=True)
    required = fields.List(
        fields.String(),
        metadata={"description": "fields that each row must have, beside what every import needs"},
    )
    recognised = fields.Dict(
        required=True,
        metadata={
            "description": "the preset (`only_like` where the file merely has some of its headers) or the saved"
            " mapping that the file was recognised by"
        },
    )
    missing = fields.List(fields.String(), required=True)
    provisional = fields.Boolean(
        required=True,
        metadata={"description": "Suggested from the first rows, while the others are being read"},
    )


def _shown(job: Job) -> dict[str, object]:
    mapping = shown(mapping_of(job), web.caller().locale, may_create=may_create())
    missing = missing_fields(mapping_of(job), job["kind"])
    return {**mapping, "missing": missing, "provisional": job["status"] in READING}


@routes.on(
    "GET",
    "/jobs/<job_id>/mapping",
    may=MANAGE_CONTACTS,
    answer=MappingAnswer,
    problems=("wrong_state", "purged"),
)
def mapping(job_id: str) -> ResponseReturnValue:
    """The mapping as suggested or chosen; while the file is being read, what its first rows suggest."""
    job = web.kept_job(job_id)
    if job["status"] in READING and job["source"].get("column_list"):
        return _shown({**job, "mapping": first_mapping(job["source"]["column_list"], job["kind"])})
    return _shown(web.mapped_job(job_id))


@routes.on(
    "PUT",
    "/jobs/<job_id>/mapping",
    may=MANAGE_CONTACTS,
    as_seen=True,
    takes=MappingBody,
    answer=MappingAnswer,
    problems=("wrong_state", web.OVERTAKEN, "purged"),
)
def choose_mapping(body: ChosenMapping, job_id: str) -> ResponseReturnValue:
    """Choose the mapping; a job that was already checked goes back to this step."""
    job = web.mapped_job(job_id)
    web.must_have_status(job, Status.PROPOSED, Status.MAPPED, Status.VALIDATED)
    try:
        custom = web.directory().reference()["custom_fields"]
        chosen = confirm_mapping(
            body,
            job["source"]["column_list"],
            job["kind"],
            mapping_of(job),
            custom,
            may_create=may_create(),
        )
    except MappingError as error:
        raise Problem("invalid_content", errors=answered(error.problems)) from None
    settings = follow_mapping(settings_of(job), chosen)
    return _shown(write(job, MAPPING, mapping={**chosen, "problem": None}, settings=settings))


def _obstacles(job: Job) -> list[ProblemAt]:
    """The problems that keep the caller from confirming mapping and settings, which somebody else may have chosen."""
    mapping = mapping_of(job)
    missing = missing_fields(mapping, job["kind"])
    problems: list[ProblemAt] = [
        {"column": None, "code": "required_not_mapped", "params": {"field": key}} for key in missing
    ]
    problem = mapping.get("problem")
    if not problems and problem:
        return list(problem["errors"])
    reference = web.directory().reference()
    if not may_create():
        problems += fields_not_allowed(mapping["columns"], reference["custom_fields"])
    return problems + settings_not_allowed(settings_of(job), reference, chooser_of(job))


@routes.on(
    "POST",
    "/jobs/<job_id>/map",
    may=MANAGE_CONTACTS,
    as_seen=True,
    answer=JobAnswer,
    status=202,
    problems=("wrong_state", web.OVERTAKEN, "purged", "invalid_content"),
)
def go_on(job_id: str) -> ResponseReturnValue:
    """Confirm mapping and settings: the rows are checked, under the rights of who confirms.

    Repeated before the rows are checked, it answers with the job; afterwards it is refused with `wrong_state`.
    """
    job = web.mapped_job(job_id)
    web.must_have_status(job, Status.PROPOSED, Status.MAPPED)
    problems = _obstacles(job)
    if problems:
        raise Problem("invalid_content", errors=answered(problems))
    moved = web.jobs().advance(
        job,
        Status.MAPPED,
        by=web.caller().id,
        service=SERVICE,
        parts={"rights": web.caller().rights()},
        as_read=True,
    )
    if moved is None:
        raise Problem("changed_meanwhile", status=409)
    name = f"{job['source']['name']}"[:100]
    profile_store().save(profile_of(mapping_of(job), job["kind"]), name, web.caller().id, named=False)
    flow = web.servers().flow
    return (
        show(flow.arrived(moved), flow, web.PREFIX, web.caller().locale),
        202,
        web.located(f"/jobs/{job_id}"),
    )
