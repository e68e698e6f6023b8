"""The jobs of a firm: lists, shows, follows, cancels and purges them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NotRequired, TypedDict

from flask import Response, stream_with_context

from services.upload.api.following import snapshots
from services.upload.api.schemas import Page
from services.upload.api.service import answer, routes
from shared.contract.answers import JobAnswer, JobList
from shared.contract.job import ENDS, Status
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.job_view import show
from shared.plumbing.problem import Problem
from shared.plumbing.purging import purge as purge_job


class PageQuery(TypedDict):
    """What `Page` gives: the id of the last job of the page before, and the size of a page."""

    cursor: NotRequired[str]
    limit: int


@routes.on("GET", "/jobs", may=MANAGE_CONTACTS, answer=JobList, query=Page)
def history(query: PageQuery) -> dict[str, object]:
    """The firm's imports, newest first."""
    found = web.jobs().history(query.get("cursor"), query["limit"] + 1)
    page = found[: query["limit"]]
    return {
        "items": [answer(job) for job in page],
        "next": page[-1]["_id"] if len(found) > len(page) else None,
    }


@routes.on("GET", "/jobs/<job_id>", may=MANAGE_CONTACTS, answer=JobAnswer)
def one(job_id: str) -> dict[str, object]:
    """One import."""
    return answer(web.brief_job(job_id))


EVENT: dict[str, object] = {
    "type": "object",
    "description": "One event of the stream; `data` is JSON with parts of the job",
    "required": ["event", "data"],
    "properties": {"event": {"const": "job"}, "data": {"type": "string"}},
}


@routes.on(
    "GET",
    "/jobs/<job_id>/events",
    may=MANAGE_CONTACTS,
    answer=EVENT,
    content_type="text/event-stream",
)
def events(job_id: str) -> Response:
    """Status and progress as Server-Sent Events, until the job has ended or waits for a person."""
    web.brief_job(job_id)
    store, tasks, lang = web.jobs(), web.servers().flow.tasks, web.caller().locale

    def stream() -> Iterator[str]:
        schema = JobAnswer(only=("id", "status", "revision", "waiting_for", "progress", "counts", "result"))
        last = None
        for job in snapshots(store, job_id):
            text = json.dumps(schema.dump(show(job, tasks, web.PREFIX, lang)))
            # a line that says nothing keeps proxies from closing the stream
            yield f"event: job\ndata: {text}\n\n" if text != last else ":\n\n"
            last = text

    return Response(stream_with_context(stream()), content_type="text/event-stream")


@routes.on("POST", "/jobs/<job_id>/cancel", may=MANAGE_CONTACTS, answer=JobAnswer, problems=(409,))
def cancel(job_id: str) -> dict[str, object]:
    """Stop an import; what was loaded until then is listed in its result."""
    for _ in range(5):  # the job may move on in between; the first writer wins
        job = web.job(job_id)
        if job["status"] == Status.CANCELLED:
            return answer(job)
        if Status(job["status"]) in {*ENDS, Status.UNDOING}:
            raise Problem("wrong_state", standing=job["status"], allowed="an earlier step")
        moved = web.jobs().advance(job, Status.CANCELLED, by=web.caller().id)
        if moved:
            web.servers().flow.tasks.drop_open(job_id)
            return answer(moved)
    raise Problem("changed_meanwhile", status=409)


@routes.on("DELETE", "/jobs/<job_id>", may=MANAGE_CONTACTS, status=204, problems=(409,))
def purge(job_id: str) -> tuple[str, int]:
    """Remove the file and the rows of an import that has ended; the counts and the history stay."""
    job = web.job(job_id)
    if Status(job["status"]) not in ENDS:
        raise Problem("wrong_state", standing=job["status"], allowed=", ".join(sorted(ENDS)))
    if not purge_job(web.servers().db, job):
        raise Problem("changed_meanwhile", status=409)
    return "", 204
