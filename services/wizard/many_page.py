"""The page that changes several clients at once: what to change, how many that makes different, and the change."""

from __future__ import annotations

import time
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict

from services.wizard.api import ApiError
from services.wizard.clients_page import KINDS, chosen_filters, directory
from services.wizard.pages import api, done, pages, sentence, to
from services.wizard.review_rows import language_name
from services.wizard.wording import number

#: Seconds for which one request goes on with the calls of the API; the rest waits for the next.
WORKING_SECONDS = 10.0
NONE = "__NONE__"
_LISTS = ("add_tags", "remove_tags", "add_assignees", "remove_assignees")
_VALUES = ("folder_template", "language", "questionnaire")
_SWITCHES = ("login", "notify", "email_sync")


def _which(kind: str, given: MultiDict[str, str]) -> dict[str, Any]:
    """The clients that a form names: those that are ticked, or all of the list."""
    if "all" in given:
        return {"filter": chosen_filters(kind, given)}
    return {"ids": given.getlist("id")}


def _changes(given: MultiDict[str, str]) -> dict[str, Any]:
    """The changes that a form asks for, as the API takes them."""
    found: dict[str, Any] = {}
    for name in _LISTS:
        entries = [each.strip() for value in given.getlist(f"c.{name}") for each in value.split(",")]
        if kept := list(dict.fromkeys(filter(None, entries))):
            found[name] = kept
    for name in _VALUES:
        if value := given.get(f"c.{name}"):
            found[name] = None if value == NONE else value
    for name in _SWITCHES:
        if (value := given.get(f"c.{name}")) in ("on", "off"):
            found[name] = value == "on"
    return found


def _go_on(kind: str, body: dict[str, Any], after: str | None) -> tuple[int, int, str | None]:
    """Call the API until all are done, or for a while: how many changed, how many did not, and where it goes on."""
    changed = unchanged = 0
    end = time.monotonic() + WORKING_SECONDS
    while True:
        answer = api().post(f"/{kind}/bulk", {**body, "after": after} if "filter" in body else body)
        changed, unchanged, after = (
            changed + answer["changed"],
            unchanged + answer["unchanged"],
            answer["next"],
        )
        if after is None or time.monotonic() > end:
            return changed, unchanged, after


@pages.post("/clients/several")
def several() -> ResponseReturnValue:
    """Ask what is to change; count what a change would do; make it."""
    given, kind = request.form, request.form.get("kind", "")
    if kind not in KINDS:
        raise ApiError(404, "not_found", gettext("There is no such list."))
    if "all" not in given and not given.getlist("id"):
        done(gettext("Tick the clients first that are to change."), "note")
        return to("clients", kind=kind, **chosen_filters(kind, given))
    step = given.get("step", "ask")
    changes, which = _changes(given), _which(kind, given)
    if step == "ask" or not changes:
        nothing = gettext("Choose what is to change.") if step != "ask" else None
        return _show(kind, given, refusal=nothing), 422 if nothing else 200
    body = {**which, "changes": changes, "preview": step == "look"}
    try:
        changed, unchanged, after = _go_on(kind, body, given.get("after") or None)
    except ApiError as error:
        if error.status not in (403, 409, 422):
            raise
        return _show(kind, given, refusal=_refusal(error)), error.status
    if step == "look":
        return _show(kind, given, found=(changed, changed + unchanged, after is not None))
    before = (
        int(given["changed"])
        if given.get("changed", "").isascii() and given.get("changed", "").isdigit()
        else 0
    )
    if after is not None:
        return _show(kind, given, under_way=(before + changed, after))
    total = before + changed
    done(ngettext("%(n)s client is changed.", "%(n)s clients are changed.", total, n=number(total)))
    return to("clients", kind=kind, **chosen_filters(kind, given))


def _refusal(error: ApiError) -> str:
    reasons = (
        [str(each.get("message", "")) for each in error.errors] if isinstance(error.errors, list) else []
    )
    return " ".join(dict.fromkeys(reasons)) or sentence(error)


def _show(
    kind: str,
    given: MultiDict[str, str],
    refusal: str | None = None,
    found: tuple[int, int, bool] | None = None,
    under_way: tuple[int, str] | None = None,
) -> str:
    lists = directory()
    return render_template(
        "several.html",
        kind=kind,
        given=given,
        kept=[(name, value) for name, value in given.items(multi=True) if not name.startswith("c.")],
        filters=chosen_filters(kind, given),
        ticked=len(given.getlist("id")) if "all" not in given else 0,
        tags=lists["tags" if kind == "accounts" else "contact_tags"],
        members=[(each["id"], each["name"]) for each in lists["team_members"]],
        spoken=[(code, language_name(code)) for code in lists["languages"]],
        lists=lists,
        nothing=NONE,
        refusal=refusal,
        found=found,
        under_way=under_way,
    )
