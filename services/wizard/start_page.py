"""The start page: upload of a file, templates to download, and the list of imports."""

from __future__ import annotations

import json

from flask import jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from services.wizard import session
from services.wizard.answers import Job
from services.wizard.api import ApiError, Body
from services.wizard.embed_page import look
from services.wizard.kinds import KINDS
from services.wizard.pages import api, job, most_bytes, pages, pass_on, people, sentence, to

#: which page shows a job at its status
PAGE_OF = {
    "uploaded": "file",
    "read": "file",
    "proposed": "accounts",
    "mapped": "review",
    "validated": "review",
}
TEMPLATES = {
    "accounts-and-contacts": lazy_gettext("Accounts and contacts"),
    "accounts": lazy_gettext("Accounts"),
    "contacts": lazy_gettext("Contacts"),
    "household": lazy_gettext("Households: two partners on a row"),
    "accounton": lazy_gettext("Accounton's list of customers"),
}
ON_A_PAGE = 20


@pages.get("/")
def start() -> ResponseReturnValue:
    """The firm's imports, newest first, and the place to bring a file."""
    return _start(None)


def _start(refusal: str | None) -> str:
    cursor = request.args.get("cursor") or None
    found = api().get("/jobs", limit=ON_A_PAGE, cursor=cursor)
    return render_template(
        "start.html",
        jobs=found["items"],
        people=people(*found["items"]),
        next=found["next"],
        later=cursor,
        busy=[
            each for each in found["items"] if (each["waiting_for"] or {}).get("who") not in (None, "person")
        ],
        kinds=KINDS,
        kind=_kind(),
        templates=TEMPLATES,
        limit=most_bytes(),
        refusal=refusal,
    )


def _kind() -> str:
    """The kind that is chosen: of a form that was refused, of the address, or of the platform around the page."""
    known = look()
    asked = (request.values.get("kind"), known and known["kind"])
    return next((kind for kind in asked if kind in KINDS), "accounts_and_contacts")


@pages.post("/jobs")
def upload() -> ResponseReturnValue:
    """Take a file to the API: as it comes when the page sends it, else once the form is here."""
    by_page = "X-Form-Proof" in request.headers
    try:
        made = pass_upload_on() if by_page else _upload_form()
    except ApiError as error:
        if by_page:
            return jsonify(message=sentence(error)), error.status
        return _start(sentence(error)), error.status
    if by_page:
        return jsonify(go=url_for("wizard.file", job_id=made["id"]))
    return to("file", job_id=made["id"])


def pass_upload_on() -> Job:
    """Give the body of the request to the API piece by piece; gives the job."""
    body = Body(request.stream, request.content_length or 0)
    made: Job = api().upload(body, request.headers.get("Content-Type", ""))
    return made


def _upload_form() -> Job:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise ApiError(422, "no_file", gettext("Choose a file first."))
    kind = request.form.get("kind", "accounts_and_contacts")
    made: Job = api().upload_file(file.filename, file.stream, json.dumps({"kind": kind}))
    return made


@pages.get("/jobs/<job_id>")
def page_of_status(job_id: str) -> ResponseReturnValue:
    """Redirect to the page of the job's status."""
    return to(PAGE_OF.get(job(job_id)["status"], "result"), job_id=job_id)


@pages.get("/jobs")
def all_jobs() -> ResponseReturnValue:
    """Redirect from the address of the upload form, which a browser keeps after a refusal, to the start."""
    return to("start")


@pages.get("/jobs/<job_id>/<path:_form>")
def of_form(job_id: str, _form: str) -> ResponseReturnValue:
    """Redirect from an address that only accepts forms to the page of the job's status."""
    return to("page_of_status", job_id=job_id)


@pages.get("/templates/<name>.<any(xlsx,csv):ending>")
def template(name: str, ending: str) -> ResponseReturnValue:
    """A template to fill in, in the language of the page."""
    if name not in TEMPLATES:
        raise ApiError(404, "not_found", gettext("There is no such template."))
    return pass_on(f"/templates/{name}.{ending}?lang={session.language()}", f"{name}.{ending}")
