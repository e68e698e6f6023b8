"""The page of the links of one client: what a contact is to an account, what it may do, and links to others."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from services.wizard.api import ApiError
from services.wizard.client_page import RECORD_ID, path
from services.wizard.pages import api, done, pages, sentence, to

#: Records that a search for one shows.
MOST_FOUND = 20
SWITCHES = ("login", "notify", "email_sync")
OTHER = {"accounts": "contacts", "contacts": "accounts"}


def found(kind: str, text: str, *without: str) -> list[dict[str, Any]]:
    """Some records that a search finds, but those with some ids."""
    answer = api().get(f"/{kind}", q=text[:100], limit=MOST_FOUND) if text.strip() else {"items": []}
    return [each for each in answer["items"] if each["id"] not in without]


@pages.get("/clients/<kind>/<record_id>/links")
def client_links(kind: str, record_id: str) -> ResponseReturnValue:
    """The links of a client, and a search for others to link."""
    record = api().get(path(kind, record_id))
    return _show(kind, record)


def _show(kind: str, record: dict[str, Any], refusal: str | None = None) -> str:
    text = request.args.get("q", "")
    end = OTHER[kind].removesuffix("s")
    linked = [link[end] for link in record["links"]]
    try:
        others = found(OTHER[kind], text, *linked)
    except ApiError as error:
        if error.status not in (403, 422):
            raise
        others, refusal = [], sentence(error)
    return render_template(
        "client_links.html",
        kind=kind,
        other=OTHER[kind],
        end=end,
        record=record,
        text=text,
        others=others,
        refusal=refusal,
    )


@pages.post("/clients/<kind>/<record_id>/links")
def change_client_links(kind: str, record_id: str) -> ResponseReturnValue:
    """Make, change or remove one link."""
    given, other = request.form, request.form.get("other", "")
    where, step = path(kind, record_id), given.get("step")
    if not RECORD_ID.fullmatch(other):
        raise ApiError(404, "not_found", gettext("There is no such client."))
    account, contact = (record_id, other) if kind == "accounts" else (other, record_id)
    link = f"/accounts/{account}/contacts/{contact}"
    seen = given.get("revision", "")
    if_match = {"If-Match": f'"{seen}"'} if seen.isascii() and seen.isdigit() else {}
    try:
        if step == "remove":
            api().delete(link, if_match)
            done(gettext("The link is removed; both clients stay."))
        else:
            api().put(link, {} if step == "add" else _body(given), if_match)
            done(gettext("The link is kept."))
    except ApiError as error:
        if error.status not in (403, 404, 412, 422):
            raise
        changed = gettext("Somebody has changed this link since you opened it. Look at it again.")
        refusal = changed if error.status == 412 else sentence(error)
        return _show(kind, api().get(where), refusal), error.status
    return to("client_links", kind=kind, record_id=record_id)


def _body(given: MultiDict[str, str]) -> dict[str, Any]:
    """What a form says of a link: relationships, separated by commas, and the switches of each e-mail field."""
    parts = (part.strip() for part in given.get("relationship", "").replace(";", ",").split(","))
    switches = {
        field: {name: f"{field}.{name}" in given for name in SWITCHES} for field in given.getlist("field")
    }
    return {"relationship": list(filter(None, parts)), "switches": switches}
