"""GET /jobs/{id}/report: what will happen, in numbers, before the start."""

from __future__ import annotations

from collections.abc import Iterable

from marshmallow import Schema, fields

from services.validator.api.service import checked_job, routes
from shared.contract.custom_fields import Names
from shared.contract.documents.job import Job, ReportedProblem
from shared.contract.fields import label
from shared.contract.job import columns_by_field, mapping_of, report_of
from shared.contract.problems import sentence
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS


class ReportAnswer(Schema):
    """What will happen, in numbers."""

    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    problems = fields.List(fields.Dict(), required=True)
    fixes = fields.List(fields.Dict(), required=True)
    columns = fields.List(fields.Dict(), required=True)
    records = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    asked = fields.Integer(
        required=True,
        metadata={"description": "rows that are invalid only until a person decides whom they mean"},
    )
    without_value = fields.Integer(metadata={"description": "rows with a wrong value that is left out"})
    only_in_system = fields.Integer(required=True)
    new_tags = fields.List(fields.String(), required=True)
    custom_fields = fields.List(fields.Dict(), required=True)
    unknown_values = fields.List(fields.Dict(), required=True)
    settings = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    rules = fields.List(fields.Integer(), required=True)


@routes.on(
    "GET",
    "/jobs/<job_id>/report",
    may=MANAGE_CONTACTS,
    answer=ReportAnswer,
    problems=("wrong_state", "purged"),
)
def report(job_id: str) -> dict[str, object]:
    """Counts per bucket and per problem, with examples, before the start."""
    job, lang = checked_job(job_id), web.caller().locale
    found, names = report_of(job), Names.of_job(job)
    return {
        **found,
        "problems": _problems(job, found["problems"], lang),
        "columns": [{**c, "message": sentence(c["code"], lang, **c["params"])} for c in found["columns"]],
        "unknown_values": [
            {**value, "field": names.key(value["field"])} for value in found["unknown_values"]
        ],
        "counts": job["counts"],
    }


def _problems(job: Job, problems: Iterable[ReportedProblem], lang: str) -> list[dict[str, object]]:
    """The problems with their examples in the language of the caller."""
    columns_of, names = columns_by_field(mapping_of(job)), Names.of_job(job)
    shown: list[dict[str, object]] = []
    for problem in problems:
        examples = [
            {
                "row": example["row"],
                "field": names.key(example["field"]),
                "column": columns_of.get(example["field"]),
                "message": sentence(
                    problem["code"],
                    lang,
                    **{"field": label(names.key(example["field"]), lang), **example["params"]},
                ),
            }
            for example in problem["examples"]
        ]
        shown.append({**problem, "examples": examples})
    return shown
