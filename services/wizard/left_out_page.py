"""Rows that are left out, as a file to repair, and that file again: before the start, and after it."""

from __future__ import annotations

import json

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.wizard.api import ApiError
from services.wizard.pages import api, done, pages, pass_on, path, sentence, to
from services.wizard.start_page import PAGE_OF

REFUSED = (409, 410, 413, 415, 422)


@pages.get("/jobs/<job_id>/<any('skipped.zip','skipped.xlsx','undone.zip'):name>")
def rows_as_file(job_id: str, name: str) -> ResponseReturnValue:
    """The rows that are left out, or of which something stays after an undo; workbooks have wrong cells marked."""
    what, _, ending = name.partition(".")
    called = gettext("rows-left-out") if what == "skipped" else gettext("rows-that-stay")
    return pass_on(path(job_id, name), f"{called}.{ending}")


@pages.post("/jobs/<job_id>/repaired-file")
def bring_back(job_id: str) -> ResponseReturnValue:
    """Take the repaired file: before loading it repairs this import, after it its rows are an import of their own."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise ApiError(422, "no_file", gettext("Choose the repaired file first."))
        made = api().upload_file(file.filename, file.stream, json.dumps({"repairs": job_id}))
    except ApiError as error:
        if error.status not in REFUSED:
            raise
        done(sentence(error), "bad")
        return to("page_of_status", job_id=job_id)
    if made["id"] == job_id:
        done(gettext("The repaired rows are taken over from the file."))
        return to("page_of_status", job_id=job_id)
    if made["status"] not in PAGE_OF:
        done(gettext("These rows were brought before; this is the import that loaded them."), "note")
    else:
        done(gettext("The repaired rows are on their way."))
    return to("corrected", job_id=made["id"])
