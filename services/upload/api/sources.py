"""GET and PUT /jobs/{id}/source: what was found in the file, and how a person wants it read."""

from __future__ import annotations

from typing import Any

from services.upload.api.schemas import (
    SourceAnswer,
    SourceOverrides,
)
from services.upload.api.service import OVERRIDES, SERVICE, overrides_in, refuse_overrides, routes
from shared.contract.job import HELD, Status, waits_for
from shared.contract.problems import sentence, severity
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.web import Problem

#: What is known of a file however it is read.
KEPT = ("name", "bytes", "sha256", "sheets", "hidden_sheets", "encodings")


@routes.on("GET", "/jobs/<job_id>/source", may=MANAGE_CONTACTS, answer=SourceAnswer, problems=(410,))
def source(job_id: str) -> Any:
    """What was found in the file: format, encoding and its rivals, delimiter, sheets, header, columns."""
    return _source(web.kept_job(job_id))


@routes.on(
    "PUT",
    "/jobs/<job_id>/source",
    may=MANAGE_CONTACTS,
    takes=SourceOverrides,
    status=202,
    answer=SourceAnswer,
    problems=(409, 410),
)
def override(body: dict[str, Any], job_id: str) -> Any:
    """Decide otherwise than was found, and read the file again; the job goes back to its first step.

    The choices take the place of all earlier ones; null, like a choice that is left out, leaves the finding to us.
    `kind` stays as it is where it is left out.
    """
    job = web.kept_job(job_id)
    if waits_for(job) != HELD[Status.UPLOADED]:
        web.must_stand_at(job, Status.READ, Status.PROPOSED, Status.MAPPED, Status.VALIDATED)
    if job.get("repaired_job") and body.get("kind", job["kind"]) != job["kind"]:
        errors = {"kind": ["Repaired rows are of the kind of the import that they belong to."]}
        raise Problem("invalid_content", errors=errors)
    overrides = overrides_in(body)
    refuse_overrides(overrides, job["source"].get("sheets"))
    _refuse_header_row(overrides, job["source"])
    kept = {name: job["source"][name] for name in KEPT if name in job["source"]}
    parts = {"source": {**kept, "overrides": overrides}, "kind": body.get("kind") or job["kind"]}
    moved = web.jobs().go_back(job, Status.UPLOADED, by=web.caller().id, service=SERVICE, parts=parts)
    if moved is None:
        raise Problem("changed_meanwhile", status=409)
    web.servers().flow.arrived(moved)
    return _source(moved)


def _refuse_header_row(overrides: dict[str, Any], source: dict[str, Any]) -> None:
    """Raise the problem of a header row below the last row, where that is known of a reading by the same choices."""
    wanted, last = overrides.get("header_row"), source.get("last_row")
    before = source.get("overrides", {})
    same = all(overrides.get(name) == before.get(name) for name in OVERRIDES if name != "header_row")
    if same and wanted and last is not None and wanted > last:
        raise Problem("no_header", status=422, row=wanted)


def _source(job: dict[str, Any]) -> dict[str, Any]:
    lang = web.caller().locale
    problems = [
        {
            **problem,
            "severity": severity(problem["code"]),
            "message": sentence(problem["code"], lang, **problem["params"]),
        }
        for problem in job["source"].get("problems", [])
    ]
    return {**job["source"], "kind": job["kind"], "problems": problems}
