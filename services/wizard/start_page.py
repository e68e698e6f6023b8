"""The start: a file goes in, and the imports there were."""

from __future__ import annotations

from typing import Any

from flask import jsonify, render_template, request, url_for
from flask_babel import gettext

from services.wizard.api import ApiError
from services.wizard.pages import api, job, pages, sentence, to

#: which page shows a job at its status
PAGE_OF = {
    "uploaded": "file",
    "read": "file",
    "proposed": "accounts",
    "mapped": "review",
    "validated": "review",
}


@pages.get("/")
def start() -> Any:
    """The firm's imports, newest first, and the place to bring a file."""
    return _start(None)


def _start(refusal: str | None) -> str:
    found = api().get("/jobs", limit=20, cursor=request.args.get("cursor"))
    return render_template("start.html", jobs=found["items"], next=found["next"], refusal=refusal)


@pages.post("/jobs")
def upload() -> Any:
    """Take a file to the API: as it comes when the page sends it, else once the form is here."""
    by_page = "X-Form-Proof" in request.headers
    try:
        if by_page:
            headers = {name: request.headers[name] for name in ("Content-Type", "Content-Length")}
            made = api().upload(request.stream, headers)
        else:
            made = _upload_form()
    except ApiError as error:
        if by_page:
            return jsonify(told=sentence(error)), error.status
        return _start(sentence(error)), error.status
    if by_page:
        return jsonify(go=url_for("wizard.file", job_id=made["id"]))
    return to("file", job_id=made["id"])


def _upload_form() -> dict[str, Any]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise ApiError(422, "no_file", gettext("Choose a file first."))
    return api().upload_file(file.filename, file.stream, request.form.get("options", "{}"))


@pages.get("/jobs/<job_id>")
def where_it_stands(job_id: str) -> Any:
    """Lead to the page that a job's status asks for."""
    return to(PAGE_OF.get(job(job_id)["status"], "result"), job_id=job_id)
