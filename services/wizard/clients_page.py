"""The list of clients: accounts and contacts, filtered and searched, page by page, and as files."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, cast

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from services.wizard.answers import Job
from services.wizard.api import ApiError
from services.wizard.clients_view import Filter, filters_offered
from services.wizard.pages import JOB_ID, api, job, pages, pass_on, people
from services.wizard.people import called
from shared.contract.documents.reference import Reference

pages.add_app_template_filter(called, "called")

KINDS = ("accounts", "contacts")
ON_A_PAGE = 50
#: Seconds for which a page goes on looking where the list gives nothing yet, and asks the API again.
LOOKING_SECONDS = 1.0
#: A directory that the person may not see: the lists offer no choices then.
NO_DIRECTORY: dict[str, Any] = {
    "tags": [], "contact_tags": [], "team_members": [], "languages": [], "questionnaires": [],
    "folder_templates": [], "roles": [], "custom_fields": [],
}  # fmt: skip


def directory() -> dict[str, Any]:
    """The firm's lists, as far as the person may see them, and what its `people` are called."""
    try:
        found: dict[str, Any] = api().get("/directory")
    except ApiError as error:
        if error.status != 403:
            raise
        return NO_DIRECTORY
    return {**found, "people": people(directory=cast("Reference", found))}


def chosen_filters(kind: str, given: Mapping[str, str]) -> dict[str, str]:
    """The filters of a list among what a form or an address gives."""
    known = [*filters_offered(kind, NO_DIRECTORY), Filter("q", "", ()), Filter("job", "", ())]
    return {each.name: value for each in known if (value := given.get(each.name, "").strip())}


@pages.get("/clients")
def clients() -> ResponseReturnValue:
    """The list of accounts or contacts that fit the filters."""
    kind = request.args.get("kind", KINDS[0])
    if kind not in KINDS:
        raise ApiError(404, "not_found", gettext("There is no such list."))
    filters, cursor = chosen_filters(kind, request.args), request.args.get("cursor") or None
    refusal = None
    try:
        found = _found(kind, filters, cursor)
    except ApiError as error:
        if error.status != 422:
            raise
        found, refusal = {"items": [], "next": None}, gettext("Nothing can be searched for like this.")
    lists = directory()
    return render_template(
        "clients.html",
        kind=kind,
        records=found["items"],
        next=found["next"],
        later=cursor,
        filters=filters,
        offered=filters_offered(kind, lists),
        people=lists.get("people", {}),
        imported=_imported(filters.get("job")),
        refusal=refusal,
    )


def _found(kind: str, filters: Mapping[str, str], cursor: str | None) -> dict[str, Any]:
    """A page of the list; it goes on for a while where the API has found nothing yet."""
    end = time.monotonic() + LOOKING_SECONDS
    while True:
        found: dict[str, Any] = api().get(f"/{kind}", limit=ON_A_PAGE, cursor=cursor, **filters)
        cursor = found["next"]
        if found["items"] or cursor is None or time.monotonic() > end:
            return found


def _imported(job_id: str | None) -> Job | None:
    """The import whose clients are listed."""
    if not job_id or not JOB_ID.fullmatch(job_id):
        return None
    try:
        return job(job_id)
    except ApiError as error:
        if error.status not in (403, 404):
            raise
        return None


@pages.get("/clients/<any('accounts','contacts'):kind>.<any('csv','xlsx'):ending>")
def clients_as_file(kind: str, ending: str) -> ResponseReturnValue:
    """The list of a filter as a file that can be changed and imported again."""
    named = gettext("accounts") if kind == "accounts" else gettext("contacts")
    return pass_on(f"/{kind}.{ending}", f"{named}.{ending}", **chosen_filters(kind, MultiDict(request.args)))
