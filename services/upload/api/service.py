"""The routes of the upload service, and what several of them share: jobs as answered, choices of how to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.upload.ingest.reader import Overrides, ReadError, check_overrides
from shared.plumbing import web
from shared.plumbing.job_view import show
from shared.plumbing.web import Problem, Routes

SERVICE = "upload"
OVERRIDES = ("encoding", "delimiter", "quote", "sheet", "header_row")

routes = Routes(SERVICE)


def answer(job: dict[str, Any]) -> dict[str, Any]:
    """A job as it is answered."""
    return show(job, web.servers().flow.tasks, web.PREFIX, web.caller().locale)


def overrides_in(options: Mapping[str, Any]) -> dict[str, Any]:
    """What a request decides of how its file is read."""
    return {name: options[name] for name in OVERRIDES if options.get(name) is not None}


def refuse_overrides(overrides: dict[str, Any], sheets: list[str] | None = None) -> None:
    """Raise the problem of overrides that no file can be read with; of `sheets` only where they are known."""
    try:
        check_overrides(Overrides(**overrides), sheets)
    except ReadError as error:
        raise Problem(error.code, status=422, **error.params) from error
