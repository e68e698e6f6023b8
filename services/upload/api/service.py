"""What the resources of this service share: the routes, a job as an answer, a person's choices for the reading."""

from __future__ import annotations

from shared.contract.documents import job as documents
from shared.plumbing import web
from shared.plumbing.job_view import show
from shared.plumbing.web import Routes

SERVICE = "upload"

routes = Routes(SERVICE)


def answer(job: documents.Job) -> dict[str, object]:
    """Give a job in the shape of `JobAnswer`, in the caller's language."""
    return show(job, web.servers().flow, web.PREFIX, web.caller().locale)
