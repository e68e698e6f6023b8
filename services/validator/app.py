"""The HTTP of the checking step: the report before the start, and the rows with their problems and plans."""

from __future__ import annotations

from itertools import islice
from typing import Any

from flask import Flask
from marshmallow import Schema, fields, validate

from services.validator.rows_view import label, show_rows, wanted_chunks
from shared.contract.job import COUNTS, Status
from shared.contract.problems import sentence
from shared.contract.requests import Input
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.row_store import CONTENTS
from shared.plumbing.settings import Settings
from shared.plumbing.task_store import TaskStore
from shared.plumbing.web import Problem, Routes

SERVICE = "validator"

routes = Routes(SERVICE)


def create_app(settings: Settings | None = None) -> Flask:
    """The web application of the validator."""
    return web.create_app(SERVICE, [routes], settings)


class RowsQuery(Input):
    """Which rows, and how many."""

    bucket = fields.String(validate=validate.OneOf(COUNTS))
    problem = fields.String(validate=validate.Regexp(r"^[a-z_]{1,60}$"))
    cursor = fields.String(validate=validate.Regexp(r"^\d{1,9}\.\d{1,9}$"))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))


class RowAnswer(Schema):
    """One row of the file."""

    row = fields.Integer(required=True)
    cells = fields.List(fields.String(), required=True)
    bucket = fields.String(required=True)
    selected = fields.Boolean(required=True)
    problems = fields.List(fields.Dict(), required=True)
    fixes = fields.List(fields.Dict(), required=True)
    plan = fields.Dict(required=True)
    outcome = fields.String(required=True, allow_none=True)


class RowsAnswer(Schema):
    """A page of rows."""

    items = fields.List(fields.Nested(RowAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class ReportAnswer(Schema):
    """What will happen, in numbers."""

    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    problems = fields.List(fields.Dict(), required=True)
    fixes = fields.List(fields.Dict(), required=True)
    records = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


CHECKED = (
    Status.VALIDATED,
    Status.CONFIRMED,
    Status.IMPORTED,
    Status.FAILED,
    Status.CANCELLED,
    Status.UNDOING,
    Status.UNDONE,
)


def _checked_job(job_id: str) -> dict[str, Any]:
    job = web.job(job_id)
    if job.get("purged_at"):
        raise Problem("purged")
    if job["status"] not in CHECKED or job["report"] is None:
        raise Problem("wrong_state", standing=job["status"], allowed=Status.VALIDATED.value)
    return job


@routes.on("GET", "/jobs/<job_id>/report", may=MANAGE_CONTACTS, answer=ReportAnswer, problems=(409, 410))
def report(job_id: str) -> Any:
    """Counts per bucket and per problem, with examples, before the start."""
    job, lang = _checked_job(job_id), web.caller().locale
    found = job["report"]
    problems = []
    for problem in found["problems"]:
        examples = [
            {
                "row": example["row"],
                "message": sentence(
                    problem["code"], lang, **{"field": label(example["field"], lang), **example["params"]}
                ),
            }
            for example in problem["examples"]
        ]
        problems.append({**problem, "examples": examples})
    return {**found, "problems": problems, "counts": job["counts"]}


@routes.on(
    "GET", "/jobs/<job_id>/rows", may=MANAGE_CONTACTS, answer=RowsAnswer, query=RowsQuery, problems=(409, 410)
)
def rows(query: dict[str, Any], job_id: str) -> Any:
    """Rows by bucket and problem, with cells, problems, fixes and plan."""
    job = _checked_job(job_id)
    start, skip = (int(part) for part in query.get("cursor", "0.0").split("."))
    tasks = TaskStore(web.servers().db)
    chunks = wanted_chunks(
        tasks.counts_by_chunk(job, "plan"),
        tasks.counts_by_chunk(job, "check"),
        query.get("bucket"),
        query.get("problem"),
        start,
        len(job["source"]["chunks"]),
    )
    found: list[tuple[str, dict[str, Any]]] = []
    for n in chunks:
        shown = show_rows(_contents(job, n), job["mapping"], web.caller().locale)
        fitting = (
            (f"{n}.{offset}", row)
            for offset, row in enumerate(shown)
            if (n > start or offset >= skip) and _fits(row, query)
        )
        found.extend(islice(fitting, query["limit"] + 1 - len(found)))
        if len(found) > query["limit"]:
            break
    page, rest = found[: query["limit"]], found[query["limit"] :]
    return {"items": [row for _, row in page], "next": rest[0][0] if rest else None}


def _contents(job: dict[str, Any], n: int) -> dict[str, Any]:
    store = web.rows(job["_id"])
    revisions = {"cells": job["source"]["revision"]}
    found = {content: store.find(content, revisions.get(content, job["revision"]), n) for content in CONTENTS}
    if any(found[content] is None for content in ("cells", "checks", "plans")):
        raise Problem("purged")
    return found


def _fits(row: dict[str, Any], query: dict[str, Any]) -> bool:
    if query.get("bucket") and row["bucket"] != query["bucket"]:
        return False
    return not query.get("problem") or any(p["code"] == query["problem"] for p in row["problems"])
