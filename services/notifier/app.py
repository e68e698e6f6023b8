"""The HTTP of the notifying step: the list of skipped rows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Any

from flask import Flask, Response

from services.notifier.handlers import skipped_id, write_skipped
from shared.contract.job import Status
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_CONTACTS
from shared.plumbing.settings import Settings
from shared.plumbing.web import Problem, Routes

SERVICE = "notifier"
LOADED = (Status.IMPORTED, Status.UNDOING, Status.UNDONE)
PIECE_BYTES = 256 * 1024

routes = Routes(SERVICE)


def create_app(settings: Settings | None = None) -> Flask:
    """The web application of the notifier."""
    return web.create_app(SERVICE, [routes], settings)


@routes.on(
    "GET",
    "/jobs/<job_id>/skipped.zip",
    may=MANAGE_CONTACTS,
    answer={"type": "string", "format": "binary"},
    content_type="application/zip",
    problems=(409, 410),
)
def skipped(job_id: str) -> Any:
    """The rows that were not loaded, with the reasons, as a zipped CSV."""
    job = web.job(job_id)
    if job.get("purged_at"):
        raise Problem("purged")
    web.must_stand_at(job, *LOADED)
    if not job["result"]["rows_skipped"]:
        raise Problem("not_found")
    answer = Response(_pieces(_archive(job)), content_type="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="skipped-rows.zip"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _archive(job: dict[str, Any]) -> IO[bytes]:
    """The list as it is kept; made on the spot while the notifier has not come to it."""
    try:
        return web.files().open(skipped_id(job["_id"]))
    except KeyError:
        made = tempfile.TemporaryFile(prefix="carryover-")  # noqa: SIM115 - closed when it was sent
        write_skipped(made, web.rows(job["_id"]), job)
        made.seek(0)
        return made


def _pieces(archive: IO[bytes]) -> Iterator[bytes]:
    with archive:
        while piece := archive.read(PIECE_BYTES):
            yield piece
