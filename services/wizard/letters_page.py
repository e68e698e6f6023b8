"""The pages about letters to clients: a last check with each mail, the sendings, and one that is under way."""

from __future__ import annotations

import re
import time
from typing import Any

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from services.wizard import letters_view
from services.wizard.api import ApiError
from services.wizard.clients_page import chosen_filters
from services.wizard.forms import whole
from services.wizard.letters_view import SENDING_STATES, Check, letter_reason, letter_status
from services.wizard.pages import JOB_ID, POLICY, ancestors, api, done, pages, sentence, to

#: By kind of letters: their path in the API, and the list that they are asked for from.
PATHS = {"invitations": "/invitations", "questionnaires": "/questionnaires/send"}
LISTS = {"invitations": "contacts", "questionnaires": "accounts"}
OF_LIST = {kind: letters for letters, kind in LISTS.items()}
#: Seconds for which one request goes on with the check, and records of one call.
CHECKING_SECONDS, AT_ONCE = 6.0, 500
RECORD = re.compile(r"[0-9a-f]{1,64}")
#: A mail may have styles of its own and nothing else; it is shown within our page.
MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
for shown in (letter_status, letter_reason):
    pages.add_app_template_filter(shown, shown.__name__)


def _path(letters: str, *rest: str) -> str:
    if letters not in PATHS or not all(RECORD.fullmatch(part) or part in ("stop", "resume") for part in rest):
        raise ApiError(404, "not_found", gettext("There is no such sending."))
    return "/".join((PATHS[letters], *rest))


def _asked(letters: str, given: MultiDict[str, str]) -> dict[str, Any]:
    """Who a form asks for: those that are ticked, those of an import, or all of the list."""
    again = {"again": bool(given.get("again"))}
    if "all" not in given:
        return {LISTS[letters]: given.getlist("id"), **again}
    filters = chosen_filters(LISTS[letters], given)
    if filters.keys() == {"job"} and JOB_ID.fullmatch(filters["job"]):
        return {"job": filters["job"], **again}
    return {"filter": filters, **again}


def _check(letters: str, asked: dict[str, Any]) -> Check:
    """Look at all who are asked for, or at as many as there is time for."""
    check, end = Check(), time.monotonic() + CHECKING_SECONDS
    while True:
        body = {**asked, "limit": AT_ONCE, "mails": 0}
        check.add(api().post(f"{_path(letters)}/preview", {**body, "after": check.after}))
        if check.after is None or time.monotonic() > end:
            return check


@pages.post("/letters/<any('invitations','questionnaires'):letters>/check")
def last_check(letters: str) -> ResponseReturnValue:
    """Show who gets a letter and who does not; send them once the person has agreed."""
    given, kind = request.form, LISTS[letters]
    if "all" not in given and not given.getlist("id"):
        done(gettext("Tick the clients first who are to get a mail."), "note")
        return to("clients", kind=kind, **chosen_filters(kind, given))
    asked = _asked(letters, given)
    try:
        if given.get("step") == "send":
            sending = api().post(_path(letters), asked)
            done(gettext("The mails go out now, one after the other."))
            return to("sending", letters=letters, sending_id=sending["id"])
        return _shown(letters, given, _check(letters, asked))
    except ApiError as error:
        if error.status not in (403, 404, 409, 422):
            raise
        return _shown(letters, given, Check(), _refusal(error)), error.status


def _refusal(error: ApiError) -> str:
    if error.code == "invalid_content":
        return gettext(
            "These clients cannot be asked for like this. Go back to the list and choose them again."
        )
    return sentence(error)


def _shown(letters: str, given: MultiDict[str, str], check: Check, refusal: str | None = None) -> Response:
    at = min(max(whole(given.get("at")) or 1, 1), max(len(check.recipients), 1))
    chosen = check.recipients[at - 1] if check.recipients else None
    page = render_template(
        "last_check.html",
        letters=letters,
        kind=LISTS[letters],
        check=check,
        at=at,
        chosen=chosen,
        mail=_mail(letters, chosen, again=bool(given.get("again"))) if chosen else None,
        kept=[(name, value) for name, value in given.items(multi=True) if name in ("id", "all")],
        filters=chosen_filters(LISTS[letters], given),
        again=bool(given.get("again")),
        counted=letters_view.counted(letters, check.will_get),
        refusal=refusal,
    )
    answer = make_response(page)
    own = POLICY.format(ancestors=ancestors())
    answer.headers["Content-Security-Policy"] = f"{own}; frame-src 'self'"
    return answer


def _mail(letters: str, recipient: dict[str, Any], *, again: bool) -> dict[str, Any] | None:
    """The mail to one who gets a letter; None where somebody else has just sent it."""
    record = recipient["account"] if letters == "questionnaires" else recipient["contact"]
    body = {LISTS[letters]: [record], "again": again, "limit": 1, "mails": 20}
    mails: list[dict[str, Any]] = api().post(f"{_path(letters)}/preview", body)["mails"]
    return next((mail for mail in mails if mail["contact"] == recipient["contact"]), None)


@pages.get("/letters/<any('invitations','questionnaires'):letters>/mail/<contact>")
def letter_as_seen(letters: str, contact: str) -> ResponseReturnValue:
    """A mail as its reader sees it, for a frame of the last check."""
    account = request.args.get("account")
    if not RECORD.fullmatch(contact) or not RECORD.fullmatch(account or "0"):
        raise ApiError(404, "not_found", gettext("There is no such client."))
    recipient = {"contact": contact, "account": account}
    if letters == "questionnaires" and account is None:
        raise ApiError(404, "not_found", gettext("There is no such client."))
    mail = _mail(letters, recipient, again="again" in request.args)
    if mail is None:
        raise ApiError(404, "not_found", gettext("This mail is not sent any more."))
    answer = make_response(mail["html"])
    around = "" if ancestors() == "'none'" else ancestors()
    answer.headers["Content-Security-Policy"] = f"{MAIL_POLICY} {around}".rstrip()
    return answer


@pages.get("/letters")
def sendings() -> str:
    """The latest sendings of both kinds."""
    found = [
        {**sending, "letters_kind": letters}
        for letters, path in PATHS.items()
        for sending in api().get(path, limit=50)["items"]
    ]
    latest = sorted(found, key=lambda each: str(each["created_at"]), reverse=True)
    return render_template("sendings.html", sendings=latest, states=SENDING_STATES, view=letters_view)


@pages.get("/letters/<any('invitations','questionnaires'):letters>/<sending_id>")
def sending(letters: str, sending_id: str) -> str:
    """One sending and how far it is."""
    found = api().get(_path(letters, sending_id))
    return render_template(
        "sending.html",
        sending=found,
        letters=letters,
        kind=LISTS[letters],
        states=SENDING_STATES,
        view=letters_view,
    )


@pages.post("/letters/<any('invitations','questionnaires'):letters>/<sending_id>/<any('stop','resume'):step>")
def steer_sending(letters: str, sending_id: str, step: str) -> ResponseReturnValue:
    """Stop a sending, or go on with it."""
    try:
        api().post(_path(letters, sending_id, step))
    except ApiError as error:
        if error.status != 409:
            raise
        done(sentence(error), "note")
    return to("sending", letters=letters, sending_id=sending_id)
