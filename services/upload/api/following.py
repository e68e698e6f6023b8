"""Answers that follow a job: a stream of events, and one answer that waits until it is due."""

from __future__ import annotations

from flask import Response, request

from shared.contract.documents.job import Job
from shared.plumbing import web
from shared.plumbing.following.followers import FOLLOWER, DelayedAnswer, EventStream, Follower, is_due
from shared.plumbing.following.hub import TooManyFollowers
from shared.plumbing.following.picture import Picture
from shared.plumbing.problem import Problem

#: Seconds after which a caller that follows too much may try again.
TRY_AGAIN_SECONDS = 10


def stream_events(job: Job, last_id: str) -> Response:
    """The events of a job since the one with `last_id`; 204 ends a stream for good, also for a browser."""
    picture = _picture(job)
    stream = EventStream(web.servers().hub, picture, _person(), last_id)
    if stream.nothing_new:
        return Response(status=204)
    return _followed(stream, "text/event-stream")


def answer_when_due(job: Job, after: str | None, seconds: int) -> Response:
    """The job as soon as it is due: see `DelayedAnswer`."""
    picture, lang = _picture(job), web.caller().locale
    if is_due(picture, after) or request.method == "HEAD":
        return Response(picture.document(lang), content_type="application/json")
    waiting = DelayedAnswer(web.servers().hub, picture, _person(), lang, after, seconds)
    return _followed(waiting, "application/json")


def _picture(job: Job) -> Picture:
    return Picture(job, web.servers().flow)


def _person() -> tuple[str, str]:
    return web.caller().firm, web.caller().id


def _followed(follower: Follower, content_type: str) -> Response:
    """The answer whose body a follower is; 429 where the process or the person has too many."""
    try:
        web.servers().hub.must_have_room(follower.person)
    except TooManyFollowers:
        raise Problem("too_many_requests", seconds=TRY_AGAIN_SECONDS) from None
    request.environ[FOLLOWER] = follower
    # the last header keeps proxies like nginx from collecting events before they pass them on
    return Response(follower, content_type=content_type, headers={"X-Accel-Buffering": "no"})
