"""The HTTP of the notifying step: the lists of rows that were skipped, and of those taken back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Any

from flask import Flask, Response
from marshmallow import fields

from services.notifier.handlers import skipped_id, write_skipped
from services.notifier.undone import write_undone
from shared.contract.job import Status, as_loaded
from shared.contract.requests import Input
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
        write_skipped(made, web.rows(job["_id"]), as_loaded(job))
        made.seek(0)
        return made


class UndoneQuery(Input):
    """Which rows."""

    all = fields.Boolean(load_default=False, metadata={"description": "also those that nothing stays of"})


@routes.on(
    "GET",
    "/jobs/<job_id>/undone.zip",
    may=MANAGE_CONTACTS,
    answer={"type": "string", "format": "binary"},
    content_type="application/zip",
    query=UndoneQuery,
    problems=(409, 410),
)
def undone(query: dict[str, Any], job_id: str) -> Any:
    """The rows of an import taken back of which something was kept or failed, with the reasons, as a zipped CSV."""
    job = web.job(job_id)
    if job.get("purged_at"):
        raise Problem("purged")
    if job.get("undo") is None:
        raise Problem("wrong_state", standing=job["status"], allowed=Status.UNDONE.value)
    made = tempfile.TemporaryFile(prefix="carryover-")  # noqa: SIM115 - closed when it was sent
    source = job["source"]
    headers = [column["header"] for column in source["column_list"]]
    lang, every = web.caller().locale, query["all"]
    write_undone(made, headers, source.get("delimiter"), _taken_back(job), lang, every=every)
    made.seek(0)
    answer = Response(_pieces(made), content_type="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="taken-back.zip"'
    return answer


def _taken_back(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    rows, source = web.rows(job["_id"]), job["source"]
    for chunk in rows.each("undone", job["undo"]["of"], len(source["chunks"])):
        yield {"undone": chunk, "cells": rows.cells(source["revision"], chunk["n"])}


def _pieces(archive: IO[bytes]) -> Iterator[bytes]:
    with archive:
        while piece := archive.read(PIECE_BYTES):
            yield piece
