"""GET and PUT /jobs/{id}/settings: what an import applies to its records, and how it finds those that exist."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from services.mapper.api.service import answered, chooser_of, routes, write
from services.mapper.settings.job_settings import (
    SettingsError,
    confirm_settings,
    follow_mapping,
    names_of,
    with_keys,
    with_offered,
)
from shared.contract.documents.job import ChosenSettings, Settings
from shared.contract.documents.job import Mapping as FieldMapping
from shared.contract.job import Status, mapping_of, settings_of
from shared.contract.requests import Rule, SettingsBody
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.problem import Problem


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
    mode = fields.String(required=True)
    on_change = fields.String(required=True)
    on_doubt = fields.String(required=True)
    merge_default = fields.String(required=True)
    merge = fields.Dict(required=True)
    on_invalid = fields.Dict(required=True)


@routes.on(
    "GET",
    "/jobs/<job_id>/settings",
    may=MANAGE_CONTACTS,
    answer=SettingsAnswer,
    problems=("wrong_state", "purged"),
)
def settings(job_id: str) -> ResponseReturnValue:
    """What the import applies to the records it makes."""
    job = web.mapped_job(job_id)
    return _shown(follow_mapping(settings_of(job), mapping_of(job)), mapping_of(job))


@routes.on(
    "PUT",
    "/jobs/<job_id>/settings",
    may=MANAGE_CONTACTS,
    takes=SettingsBody,
    answer=SettingsAnswer,
    problems=("wrong_state", web.OVERTAKEN, "purged"),
)
def choose_settings(body: ChosenSettings, job_id: str) -> ResponseReturnValue:
    """Choose settings; parts not named stay as they are."""
    job = web.mapped_job(job_id)
    web.must_have_status(job, Status.PROPOSED, Status.MAPPED, Status.VALIDATED)
    try:
        reference, chooser = web.directory().reference(), chooser_of(job)
        chosen = confirm_settings(body, settings_of(job), mapping_of(job), reference, chooser)
    except SettingsError as error:
        raise Problem("invalid_content", errors=answered(error.problems)) from None
    parts: dict[str, object] = {"settings": chosen}
    mapping = mapping_of(job)
    problem = mapping.get("problem")
    if not problem or all("setting" in error for error in problem["errors"]):
        parts["mapping"] = {
            **mapping,
            "problem": None,
        }  # the problem was about settings that came with the file
    return _shown(settings_of(write(job, **parts)), mapping)


def _shown(settings: Settings, mapping: FieldMapping) -> ResponseReturnValue:
    """The settings with the firm's own fields by name."""
    names = names_of(web.directory().reference(), mapping)
    offered = with_offered(settings, invites=bool(web.settings().invitation_url))
    return dict[str, object](with_keys(offered, names.key))
