"""POST /jobs/{id}/mapping/preview: the first rows as a mapping and rules would make them, saved or not."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from marshmallow import Schema, fields

from services.validator.api.service import routes
from services.validator.preview.asked import CannotShow, asked_mapping, asked_rules
from services.validator.preview.first_rows import Preview, preview
from shared.contract.bounded import Many, Whole, Within
from shared.contract.custom_fields import customs_set
from shared.contract.documents.chunk import EditedCells
from shared.contract.documents.job import ChosenMapping, Job
from shared.contract.documents.job import Rule as AskedRule
from shared.contract.documents.reference import CustomField
from shared.contract.job import mapping_of, settings_of
from shared.contract.requests import MOST_RULES, Input, MappingBody, Rule
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.directory_store import MOST_NAMES
from shared.plumbing.problem import Problem
from shared.plumbing.request_errors import answered

MOST_ROWS = 10


class PreviewBody(Input):
    """What to show: a mapping and rules that need not be saved; those of the job where they are not given."""

    mapping = fields.Nested(MappingBody)
    rules = Many(
        fields.Nested(Rule),
        100,
        checks=[Within(MOST_RULES)],
        metadata={"description": "rules of the settings"},
    )
    rows = Whole(1, MOST_ROWS, load_default=MOST_ROWS, metadata={"description": "how many rows to show"})


class PreviewAsked(TypedDict):
    """The body that `PreviewBody` reads."""

    mapping: NotRequired[ChosenMapping]
    rules: NotRequired[list[AskedRule]]
    rows: int


class FirstRow(Schema):
    """One of the first rows as it would be."""

    row = fields.Integer(required=True)
    values = fields.Dict(
        required=True, metadata={"description": "by the key of a field, as the check makes them"}
    )
    built = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "the built texts, in the order of the mapping"},
    )
    problems = fields.List(fields.Dict(), required=True)
    fixes = fields.List(fields.Dict(), required=True)
    rules = fields.List(
        fields.Integer(), required=True, metadata={"description": "the rules that apply, counted from 1"}
    )
    left_out = fields.Boolean(
        required=True, metadata={"description": "left out by a value or by rules, as chosen"}
    )


class PreviewedRule(Schema):
    """A rule, and the rows that it applies to."""

    number = fields.Integer(required=True, metadata={"description": "counted from 1"})
    rows = fields.List(
        fields.Integer(), required=True, metadata={"description": "of the rows that are shown"}
    )
    counted = fields.Integer(required=True, metadata={"description": "of the rows that were counted"})


class PreviewAnswer(Schema):
    """The first rows as they would be; nothing is saved."""

    rows = fields.List(fields.Nested(FirstRow), required=True)
    rules = fields.List(fields.Nested(PreviewedRule), required=True)
    left_out = fields.Integer(
        required=True,
        metadata={"description": "rows left out by values or rules, of those that were counted"},
    )
    counted_rows = fields.Integer(
        required=True,
        metadata={"description": "how many rows were looked at: at most the first 2,000 of the file"},
    )


@routes.on(
    "POST",
    "/jobs/<job_id>/mapping/preview",
    may=MANAGE_CONTACTS,
    takes=PreviewBody,
    answer=PreviewAnswer,
    problems=("wrong_state", "purged"),
)
def preview_mapping(body: PreviewAsked, job_id: str) -> Preview:
    """The first rows under a mapping and rules: built values, what values mean, and which rows rules apply to.

    Repeated, it answers the same: nothing is saved.
    """
    job = web.mapped_job(job_id)
    reference = web.directory().reference()
    try:
        asked = _asked(job, body, reference["custom_fields"])
    except CannotShow as error:
        raise Problem("invalid_content", errors=answered(error.problems, web.caller().locale)) from None
    return preview(asked, reference, _first_chunk(job), MOST_NAMES, body["rows"], web.caller().locale)


def _asked(job: Job, body: PreviewAsked, custom_fields: list[CustomField]) -> Job:
    """The job with the mapping and the rules of the request."""
    mapping, settings = mapping_of(job), settings_of(job)
    if "mapping" in body:
        mapping = asked_mapping(body["mapping"], mapping, job["kind"], custom_fields)
    rules = asked_rules(body.get("rules", settings["rules"]), mapping, custom_fields)
    set_fields = customs_set(rules, custom_fields)
    return {**job, "mapping": mapping, "settings": {**settings, "rules": rules, "custom_fields": set_fields}}


def _first_chunk(job: Job) -> EditedCells:
    if not job["source"].get("chunks"):
        return EditedCells()
    try:
        return web.rows(job["_id"]).edited_cells(job["source"]["revision"], 0)
    except KeyError:
        raise Problem("purged") from None
