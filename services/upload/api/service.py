"""What the resources of this service share: the routes, a job as an answer, a person's choices for the reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import convert

from services.upload.ingest.reader import check_overrides
from services.upload.model.source import Overrides, ReadError
from shared.contract.documents import job as documents
from shared.plumbing import web
from shared.plumbing.job_view import show
from shared.plumbing.web import Problem, Routes

SERVICE = "upload"
OVERRIDES = ("encoding", "delimiter", "quote", "sheet", "header_row", "leave_out_hidden")

routes = Routes(SERVICE)


def answer(job: documents.Job) -> dict[str, object]:
    """Give a job in the shape of `JobAnswer`, in the caller's language."""
    return show(job, web.servers().flow.tasks, web.PREFIX, web.caller().locale)


def overrides_in(body: Mapping[str, object]) -> documents.Overrides:
    """Give what a request decides of how its file is read; null leaves a choice to detection."""
    chosen = {name: body[name] for name in OVERRIDES if body.get(name) is not None}
    return convert(chosen, documents.Overrides)


def refuse_overrides(overrides: documents.Overrides, sheets: Sequence[str] | None = None) -> None:
    """Raise the problem of overrides that no file can be read with; `sheets` are checked only where they are known."""
    try:
        check_overrides(Overrides(**overrides), sheets)
    except ReadError as error:
        raise refusal(error, status=422) from error


def refusal(error: ReadError, status: int | None = None) -> Problem:
    """Turn a file that cannot be read into an answer; without `status` it has the usual one of its code."""
    problem = Problem(error.code, status=status)
    problem.params.update(error.params)
    return problem
