"""GET and PUT /jobs/{id}/source: shows what was found in the file, and reads it again under a person's choices."""

from __future__ import annotations

from typing import TypedDict

from services.upload.api.refusals import NO_SUCH_READING
from services.upload.api.schemas import SourceAnswer
from services.upload.api.service import SERVICE, routes
from services.upload.new_jobs.asked import SourceOverrides
from services.upload.new_jobs.making import OVERRIDES, overrides_in, refuse_overrides
from shared.contract.documents.job import Job, Overrides, Source
from shared.contract.edits import SOURCE
from shared.contract.job import WAITS_ON_HOLD, Status, waits_for
from shared.contract.problems import sentence, severity
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.problem import Problem


class Choices(TypedDict, total=False):
    """What `SourceOverrides` gives."""

    encoding: str | None
    delimiter: str | None
    quote: str | None
    sheet: str | None
    header_row: int | None
    leave_out_hidden: bool | None
    kind: str


@routes.on("GET", "/jobs/<job_id>/source", may=MANAGE_CONTACTS, answer=SourceAnswer, problems=("purged",))
def source(job_id: str) -> dict[str, object]:
    """What was found in the file: format, encoding and its rivals, delimiter, sheets, header, columns."""
    return _source(web.kept_job(job_id))


@routes.on(
    "PUT",
    "/jobs/<job_id>/source",
    may=MANAGE_CONTACTS,
    as_seen=True,
    takes=SourceOverrides,
    status=202,
    answer=SourceAnswer,
    problems=("wrong_state", web.OVERTAKEN, "purged", *NO_SUCH_READING, ("no_header", 422)),
)
def override(body: Choices, job_id: str) -> tuple[dict[str, object], int, dict[str, str]]:
    """Decide otherwise than was found, and read the file again; the job goes back to its first step.

    The choices take the place of all earlier ones; null, like a choice that is left out, leaves the finding to us.
    `kind` stays as it is where it is left out.
    """
    job = web.kept_job(job_id)
    if waits_for(job) != WAITS_ON_HOLD[Status.UPLOADED]:
        web.must_have_status(job, Status.READ, Status.PROPOSED, Status.MAPPED, Status.VALIDATED)
    if job.get("repaired_job") and body.get("kind", job["kind"]) != job["kind"]:
        errors = {"kind": ["Repaired rows are of the kind of the import that they belong to."]}
        raise Problem("invalid_content", errors=errors)
    overrides = overrides_in(body)
    refuse_overrides(overrides, job["source"].get("sheets"))
    _refuse_header_row(overrides, job["source"])
    parts = {"source": _before_reading(job["source"], overrides), "kind": body.get("kind") or job["kind"]}
    moved = web.jobs().go_back(
        job, Status.UPLOADED, by=web.caller().id, service=SERVICE, parts=parts, edit=web.edit(SOURCE)
    )
    if moved is None:
        raise Problem("changed_meanwhile", status=409)
    web.servers().flow.arrived(moved)
    return _source(moved), 202, web.located(f"/jobs/{job_id}/source")


def _before_reading(source: Source, overrides: Overrides) -> Source:
    """Give the source with what is true of the file however it is read."""
    fresh: Source = {
        "name": source["name"],
        "bytes": source["bytes"],
        "sha256": source["sha256"],
        "overrides": overrides,
    }
    if "sheets" in source:
        fresh["sheets"] = source["sheets"]
    if "hidden_sheets" in source:
        fresh["hidden_sheets"] = source["hidden_sheets"]
    if "encodings" in source:
        fresh["encodings"] = source["encodings"]
    return fresh


def _refuse_header_row(overrides: Overrides, source: Source) -> None:
    """Raise the problem of a header row below the last row; that row is known of a reading by the same choices."""
    wanted, last = overrides.get("header_row"), source.get("last_row")
    before = source.get("overrides", {})
    is_same = all(overrides.get(name) == before.get(name) for name in OVERRIDES if name != "header_row")
    if is_same and wanted and last is not None and wanted > last:
        raise Problem("no_header", status=422, row=wanted)


def _source(job: Job) -> dict[str, object]:
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
