"""The way from one step to the next: what a button leads to, and why the API refused to go on."""

from __future__ import annotations

from flask_babel import gettext
from werkzeug import Response

from services.wizard import steps
from services.wizard.answers import Job
from services.wizard.api import ApiError
from services.wizard.pages import api, done, job, path, sentence, to


def confirm(job_id: str) -> None:
    """Confirm mapping and settings, so that the rows are checked; raises `ApiError` where something is missing."""
    if job(job_id)["status"] == "proposed":
        api().post(path(job_id, "map"))


def go_on(found: Job, page: str, where: str) -> Response:
    """Go from a page to the one that its button names: `back`, `stay`, else the next."""
    if where == "back":
        return to(steps.before(found["kind"], page), job_id=found["id"])
    if where == "stay":
        done(gettext("Saved."))
        return to(page, job_id=found["id"])
    following = steps.after(found["kind"], page)
    if following == steps.REVIEW:
        confirm(found["id"])
    return to(following, job_id=found["id"])


def refusal_of(error: ApiError | None) -> str | None:
    """Why a mapping was refused; what is wrong with one column is shown beside it."""
    if error is None:
        return None
    listed = error.errors if isinstance(error.errors, list) else []
    places = [entry for entry in listed if "column" in entry]
    general = [entry["message"] for entry in places if entry["column"] is None and "built" not in entry]
    if any("built" in entry for entry in places) and not general:
        return gettext("A built value needs another choice; the reason is below it.")
    if places and not general:
        return gettext("Some columns need another choice; the reason is beside them.")
    return " ".join(general) or sentence(error)
