"""The pages about webhooks: their list, and one of them with its secret, its deliveries and a test."""

from __future__ import annotations

import re
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from services.wizard.api import ApiError
from services.wizard.pages import api, done, pages, sentence, to
from shared.contract.events import RECORDS_CHANGED, TEST
from shared.contract.webhooks import CALLBACK, OFFERED

WEBHOOK_ID = re.compile(r"[0-9a-z]{1,64}")
#: what a new webhook is offered with
USUAL = frozenset({"job.imported", "job.failed", "job.cancelled", "job.undone"})
#: types of events that are no status of an import
OTHER_EVENTS = {RECORDS_CHANGED: lazy_gettext("records changed, in numbers"), TEST: lazy_gettext("a test")}
WHY_OFF = {
    "by_person": lazy_gettext("It was switched off here."),
    "failing": lazy_gettext("For a day no attempt to reach it has succeeded."),
    "gone": lazy_gettext("It answered that it is gone for good (410)."),
}
WHAT_WENT_WRONG = {
    "timeout": lazy_gettext("no answer within 15 seconds"),
    "unreachable": lazy_gettext("nobody answers there"),
    "certificate": lazy_gettext("its certificate is not valid"),
    "broken_answer": lazy_gettext("what it answers is not HTTP"),
    "private_address": lazy_gettext("its name leads to an address that is not public"),
    "unknown_address": lazy_gettext("no server has this name"),
}
ON_A_PAGE = 20


@pages.app_template_filter("event_name")
def event_name(kind: str) -> str:
    """What a person calls a type of events that is no status of an import; the status itself is named elsewhere."""
    return str(OTHER_EVENTS.get(kind, kind))


def path(webhook_id: str, *rest: str) -> str:
    """The path of a webhook, or of something of it, in the API."""
    if not all(WEBHOOK_ID.fullmatch(part) for part in (webhook_id, *rest)):
        raise ApiError(404, "not_found", gettext("There is no such webhook."))
    return "/".join(("/webhooks", webhook_id, *rest))


@pages.get("/webhooks")
def webhooks() -> str:
    """The firm's webhooks, and the form for a new one."""
    return _webhooks(None, {})


def _webhooks(refusal: str | None, given: dict[str, object]) -> str:
    return render_template(
        "webhooks.html",
        webhooks=api().get("/webhooks")["items"],
        offered=OFFERED,
        given={"events": sorted(USUAL), **given},
        refusal=refusal,
    )


@pages.post("/webhooks")
def make_webhook() -> ResponseReturnValue:
    """Make a webhook."""
    given = _given()
    try:
        made = api().post("/webhooks", given)
    except ApiError as error:
        return _webhooks(_refusal(error), given), error.status
    done(gettext("The webhook is made. Its secret is on this page; try it with a test."))
    return to("webhook", webhook_id=made["id"])


def _given() -> dict[str, object]:
    return {
        "url": request.form.get("url", "").strip(),
        "description": request.form.get("description", "").strip(),
        "events": request.form.getlist("events"),
    }


def _refusal(error: ApiError) -> str:
    """The sentence of a refusal; of a form that is not filled in well, what is wrong with it."""
    if error.code != "invalid_content":
        return sentence(error)
    if "events" in str(error.errors):
        return gettext("Choose at least one event.")
    return gettext("Give an address like https://example.com/events.")


@pages.get("/webhooks/<webhook_id>")
def webhook(webhook_id: str) -> str:
    """One webhook."""
    return _webhook(webhook_id, None)


def _webhook(webhook_id: str, refusal: str | None) -> str:
    cursor = request.args.get("cursor") or None
    found: dict[str, Any] = api().get(path(webhook_id, "deliveries"), limit=ON_A_PAGE, cursor=cursor)
    return render_template(
        "webhook.html",
        webhook=api().get(path(webhook_id)),
        secret=api().get(path(webhook_id, "secret")),
        deliveries=found["items"],
        next=found["next"],
        later=cursor,
        busy=any(not each["ended_at"] and not each["attempts_made"] for each in found["items"]),
        offered=OFFERED,
        of_callbacks=webhook_id == CALLBACK,
        why_off=WHY_OFF,
        what_went_wrong=WHAT_WENT_WRONG,
        refusal=refusal,
    )


@pages.post("/webhooks/<webhook_id>")
def change_webhook(webhook_id: str) -> ResponseReturnValue:
    """Change its address, its events or its description."""
    try:
        api().patch(path(webhook_id), _given())
    except ApiError as error:
        return _webhook(webhook_id, _refusal(error)), error.status
    done(gettext("Kept."))
    return to("webhook", webhook_id=webhook_id)


@pages.post("/webhooks/<webhook_id>/switch")
def switch_webhook(webhook_id: str) -> ResponseReturnValue:
    """Switch it on or off."""
    api().patch(path(webhook_id), {"enabled": request.form.get("enabled") == "1"})
    return to("webhook", webhook_id=webhook_id)


@pages.post("/webhooks/<webhook_id>/test")
def test_webhook(webhook_id: str) -> ResponseReturnValue:
    """Have an event of the type `webhook.test` posted."""
    api().post(path(webhook_id, "test"))
    done(gettext("A test is on its way; what is answered appears below."), "note")
    return to("webhook", webhook_id=webhook_id)


@pages.post("/webhooks/<webhook_id>/rotate")
def rotate_webhook(webhook_id: str) -> ResponseReturnValue:
    """Make a new secret; the one before signs for another day."""
    api().post(path(webhook_id, "rotate"), {})
    done(gettext("There is a new secret. The one before signs for another day, so that nothing is refused."))
    return to("webhook", webhook_id=webhook_id)


@pages.post("/webhooks/<webhook_id>/remove")
def remove_webhook(webhook_id: str) -> ResponseReturnValue:
    """Remove it with its deliveries."""
    api().delete(path(webhook_id))
    done(gettext("The webhook is removed."))
    return to("webhooks")


@pages.post("/webhooks/<webhook_id>/deliveries/<delivery_id>")
def repeat_delivery(webhook_id: str, delivery_id: str) -> ResponseReturnValue:
    """Make a delivery once more."""
    api().post(path(webhook_id, "deliveries", delivery_id, "repeat"))
    done(gettext("It is posted again."), "note")
    return to("webhook", webhook_id=webhook_id)
