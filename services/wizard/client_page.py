"""The page of one client: its values, its links and what became of it; the form that changes it, and its removal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from services.wizard.api import ApiError
from services.wizard.client_form import Form, changes_in, form_of, refused_at
from services.wizard.clients_page import KINDS, directory
from services.wizard.clients_view import (
    QUESTIONNAIRE_STATUSES,
    control_id,
    plain_value,
    questionnaire_status,
    record_name,
    shown_values,
    type_name,
)
from services.wizard.pages import api, done, fields, pages, sentence, to
from services.wizard.review_rows import language_name

RECORD_ID = re.compile(r"[0-9a-f]{1,64}")
REFUSED = (403, 412, 422)
#: Notices of a kind after a change, and characters of a value in one: they are in a cookie.
MOST_SHOWN, MOST_OF_VALUE = 4, 60
for shown in (record_name, language_name, questionnaire_status, type_name, plain_value, control_id):
    pages.add_app_template_filter(shown, shown.__name__)


def path(kind: str, record_id: str) -> str:
    """The path of a record in the API."""
    if kind not in KINDS or not RECORD_ID.fullmatch(record_id):
        raise ApiError(404, "not_found", gettext("There is no such client."))
    return f"/{kind}/{record_id}"


@pages.get("/clients/<kind>/<record_id>")
def client(kind: str, record_id: str) -> ResponseReturnValue:
    """One account or contact."""
    record, lists = api().get(path(kind, record_id)), directory()
    return render_template(
        "client.html",
        kind=kind,
        record=record,
        groups=shown_values(kind, record["fields"], fields(), lists),
        questionnaires=_questionnaires(record, lists),
        statuses=[(name, questionnaire_status(name)) for name in QUESTIONNAIRE_STATUSES],
    )


def _questionnaires(record: Mapping[str, Any], lists: Mapping[str, Any]) -> list[str]:
    """The questionnaires that an account may have, with the one that it has."""
    own = (record["fields"].get("questionnaire") or {}).get("name")
    return list(dict.fromkeys([*([own] if own else []), *lists["questionnaires"]]))


@pages.post("/clients/accounts/<record_id>/questionnaire")
def set_questionnaire(record_id: str) -> ResponseReturnValue:
    """Link a questionnaire to an account, say how far it is, or take it away."""
    where, given = path("accounts", record_id), request.form
    seen, name = given.get("revision", ""), given.get("name", "")
    now = api().get(where)["fields"].get("questionnaire") or {}
    kept = now if now.get("name") == name else {"name": name[:100]}
    form = {**kept, "status": given.get("status", "not_sent")} if name else None
    try:
        api().patch(
            where,
            {"questionnaire": form},
            {"If-Match": f'"{seen if seen.isascii() and seen.isdigit() else 0}"'},
        )
    except ApiError as error:
        if error.status not in REFUSED:
            raise
        changed = gettext("Somebody has changed this client since you opened it. Look at it again.")
        done(changed if error.status == 412 else sentence(error), "warn")
    else:
        done(gettext("Your changes are kept."))
    return to("client", kind="accounts", record_id=record_id)


@pages.get("/clients/<kind>/<record_id>/change")
def client_form(kind: str, record_id: str) -> ResponseReturnValue:
    """The form of a record."""
    record = api().get(path(kind, record_id))
    return _form(kind, record, form_of(kind, record["fields"], fields(), directory()))


def _form(kind: str, record: dict[str, Any], form: Form, refusal: str | None = None) -> str:
    return render_template("client_form.html", kind=kind, record=record, form=form, refusal=refusal)


@pages.post("/clients/<kind>/<record_id>/change")
def change_client(kind: str, record_id: str) -> ResponseReturnValue:
    """Write what a person changed, to the record as they saw it."""
    where = path(kind, record_id)
    record = api().get(where)
    form = form_of(kind, record["fields"], fields(), directory())
    changes = changes_in(form, request.form)
    if not changes:
        done(gettext("Nothing was changed."), "note")
        return to("client", kind=kind, record_id=record_id)
    seen = request.form.get("revision", "")
    try:
        kept = api().patch(where, changes, {"If-Match": f'"{seen if seen.isdigit() else 0}"'})
    except ApiError as error:
        if error.status not in REFUSED:
            raise
        refused = refused_at(form, request.form, error)
        return _form(kind, record, refused, _refusal(error)), error.status
    done(gettext("Your changes are kept."))
    show_what_became(kept)
    return to("client", kind=kind, record_id=record_id)


def show_what_became(record: Mapping[str, Any]) -> None:
    """Show on the next page which values checking wrote in another way, and which to look at, as far as there is room.

    The notices are in a cookie, which browsers limit.
    """
    fixes, problems = record.get("fixes", ()), record.get("problems", ())
    for each in fixes[:MOST_SHOWN]:
        old, new = (plain_value(each[side])[:MOST_OF_VALUE] if each[side] else "" for side in ("old", "new"))
        became = f"{each['label']}: {old} → {new or gettext('empty')}."
        done(f"{became} {each['message']}", "note")
    for each in problems[:MOST_SHOWN]:
        done(f"{each['label']}: {each['message']}", "warn")
    more = len(fixes[MOST_SHOWN:]) + len(problems[MOST_SHOWN:])
    if more:
        done(
            ngettext(
                "%(n)s more value was changed or noted.",
                "%(n)s more values were changed or noted.",
                more,
                n=more,
            ),
            "note",
        )


def _refusal(error: ApiError) -> str:
    if error.status == 412:
        return gettext(
            "Somebody has changed this client since you opened it. Below are your values; what the client has now is"
            " beside those that differ. Save again to keep yours."
        )
    if error.code == "invalid_content":
        return gettext("Some values are not right; each says why.")
    return sentence(error)


@pages.get("/clients/<kind>/<record_id>/remove")
def client_removal(kind: str, record_id: str) -> ResponseReturnValue:
    """Ask once more before a client is removed."""
    record = api().get(path(kind, record_id))
    return render_template("client_removal.html", kind=kind, record=record)


@pages.post("/clients/<kind>/<record_id>/remove")
def remove_client(kind: str, record_id: str) -> ResponseReturnValue:
    """Remove a client, once the person has agreed."""
    where, seen = path(kind, record_id), request.form.get("revision", "")
    try:
        api().delete(where, {"If-Match": f'"{seen if seen.isdigit() else 0}"'})
    except ApiError as error:
        if error.status not in REFUSED:
            raise
        changed = gettext("Somebody has changed this client since you opened it. Look at it again.")
        record, refusal = api().get(where), changed if error.status == 412 else sentence(error)
        return render_template("client_removal.html", kind=kind, record=record, refusal=refusal), error.status
    done(gettext("The client is removed."))
    return to("clients", kind=kind)
