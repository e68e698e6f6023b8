"""The jobs of a firm: lists, shows, follows, cancels and purges them."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from flask import Response

from services.upload.api.following import answer_when_due, stream_events
from services.upload.api.schemas import LastEvent, Page, Waiting
from services.upload.api.service import answer, routes
from shared.contract.answers import JobAnswer, JobList
from shared.contract.job import ENDS, Status
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.problem import Problem
from shared.plumbing.purging import purge as purge_job


class PageQuery(TypedDict):
    """What `Page` gives: the id of the last job of the page before, and the size of a page."""

    cursor: NotRequired[str]
    limit: int


class WaitingQuery(TypedDict):
    """What `Waiting` gives: seconds, and a version or a revision."""

    wait: NotRequired[int]
    after: NotRequired[str]


class LastEventHeaders(TypedDict):
    """What `LastEvent` gives: the id of the last event, "" for none."""

    last_event_id: str


@routes.on("GET", "/jobs", may=MANAGE_CONTACTS, answer=JobList, query=Page)
def history(query: PageQuery) -> dict[str, object]:
    """The firm's imports, newest first."""
    found = web.jobs().history(query.get("cursor"), query["limit"] + 1)
    page = found[: query["limit"]]
    return {
        "items": [answer(job) for job in page],
        "next": page[-1]["_id"] if len(found) > len(page) else None,
    }


@routes.on(
    "GET",
    "/jobs/<job_id>",
    may=MANAGE_CONTACTS,
    answer=JobAnswer,
    query=Waiting,
    problems=("too_many_requests",),
)
def one(query: WaitingQuery, job_id: str) -> dict[str, object] | Response:
    """One import: now, or with `wait` as soon as it is due."""
    found = web.brief_job(job_id)
    if not query.get("wait"):
        return answer(found)
    return answer_when_due(found, query.get("after"), query["wait"])


EVENTS: dict[str, object] = {
    "type": "string",
    "description": "Events, each of the lines `id`, `event` and `data`. `data` is JSON: of `status` a status that the"
    " job had, when and at which revision; of `job` its parts now. `id` is the `version` of the job",
}


@routes.on(
    "GET",
    "/jobs/<job_id>/events",
    may=MANAGE_CONTACTS,
    answer=EVENTS,
    headers=LastEvent,
    content_type="text/event-stream",
    problems=("too_many_requests",),
    session=True,
    doc={"responses": {"204": {"description": "The job moves no more, and its last event has come already"}}},
)
def events(headers: LastEventHeaders, job_id: str) -> Response:
    """Status and progress as Server-Sent Events, until the job has ended or waits for a person.

    Each status that the job has had since the last event comes as `status`, in order, then the job as it is now.
    """
    return stream_events(web.brief_job(job_id), headers["last_event_id"])


@routes.on(
    "POST",
    "/jobs/<job_id>/cancel",
    may=MANAGE_CONTACTS,
    as_seen=True,
    answer=JobAnswer,
    problems=("wrong_state", web.OVERTAKEN),
)
def cancel(job_id: str) -> dict[str, object]:
    """Stop an import; what was loaded until then is listed in its result.

    Repeated, it answers with the cancelled job.
    """
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


@routes.on(
    "DELETE", "/jobs/<job_id>", may=MANAGE_CONTACTS, status=204, problems=("wrong_state", web.OVERTAKEN)
)
def purge(job_id: str) -> tuple[str, int]:
    """Remove the file and the rows of an import that has ended; the counts and the history stay."""
    job = web.job(job_id)
    if Status(job["status"]) not in ENDS:
        raise Problem("wrong_state", standing=job["status"], allowed=", ".join(sorted(ENDS)))
    if not purge_job(web.servers().db, job):
        raise Problem("changed_meanwhile", status=409)
    return "", 204
