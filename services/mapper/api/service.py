"""The routes of the mapper, and what modules share: the caller's rights, problems as sentences."""

from __future__ import annotations

from typing import cast

from services.mapper.settings.job_settings import Chooser
from shared.contract.documents.job import Job
from shared.contract.documents.values import ProblemAt
from shared.contract.job import Status
from shared.contract.rights import MANAGE_CUSTOM_FIELDS
from shared.plumbing import request_errors, web
from shared.plumbing.problem import Problem
from shared.plumbing.profile_store import ProfileStore
from shared.plumbing.web import Routes

SERVICE = "mapper"

routes = Routes(SERVICE)


def may_create() -> bool:
    """Whether the caller may create custom fields."""
    return web.caller().may(MANAGE_CUSTOM_FIELDS)


def chooser_of(job: Job) -> Chooser:
    """The caller, who may name themselves and the importer, who is assigned in any case."""
    caller = web.caller()
    own = frozenset({caller.id, job["created_by"]})
    return Chooser(frozenset(caller.rights()), own, bool(web.settings().invitation_url))


def profile_store() -> ProfileStore:
    """The saved mappings of the caller's firm."""
    return ProfileStore(web.servers().db, web.caller().firm)


def write(job: Job, **parts: object) -> Job:
    """Write parts of the job; a job that is already mapped goes back to `proposed`.

    The job keeps the rights of the caller: a job with autostart goes on under the rights of who changed it last.
    Raises the problem of a job that changed meanwhile.
    """
    parts["rights"] = web.caller().rights()
    if job["status"] == Status.PROPOSED:
        if not web.jobs().write(job, SERVICE, **parts):
            raise Problem("changed_meanwhile", status=409)
        return cast("Job", {**job, **parts})
    moved = web.jobs().go_back(job, Status.PROPOSED, by=web.caller().id, service=SERVICE, parts=parts)
    if moved is None:
        raise Problem("changed_meanwhile", status=409)
    return moved


def answered(problems: list[ProblemAt]) -> list[dict[str, object]]:
    """Problems with their sentences, in the language of the caller."""
    return request_errors.answered(problems, web.caller().locale)
