"""Deliveries of a webhook: what was posted, what was answered, what is tried again; and a test."""

from __future__ import annotations

import secrets
from typing import NotRequired, TypedDict

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from services.notifier.api.service import routes, webhooks
from services.notifier.api.webhooks import known, known_with_url
from shared.contract.bounded import Choice, Code, Count
from shared.contract.documents.webhook import Delivery
from shared.contract.events import test_event
from shared.contract.moments import Moment
from shared.contract.requests import Input
from shared.contract.webhooks import DELIVERED, FAILED, WAITING
from shared.plumbing import clock, web
from shared.plumbing.auth import MANAGE_WEBHOOKS
from shared.plumbing.problem import Problem


class DeliveryQuery(Input):
    """Which deliveries."""

    state = Choice([WAITING, DELIVERED, FAILED])
    job = Code(r"^[0-9a-f]{1,64}$")
    cursor = Code(r"^[0-9a-f]{1,64}$")
    limit = Count(1, 200, load_default=50)


class DeliveryAsked(TypedDict):
    """The query that `DeliveryQuery` reads."""

    state: NotRequired[str]
    job: NotRequired[str]
    cursor: NotRequired[str]
    limit: int


class AttemptAnswer(Schema):
    """One attempt."""

    at = Moment(required=True)
    ms = fields.Integer(required=True)
    status = fields.Integer(required=True, allow_none=True)
    error = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "`timeout`, `unreachable`, `certificate`, `broken_answer`, `private_address`,"
            " `unknown_address`; null where there was an answer"
        },
    )


class DeliveryAnswer(Schema):
    """An event on its way to an address; `attempts` has the latest ones."""

    id = fields.String(required=True)
    state = fields.String(required=True)
    url = fields.String(required=True)
    event = fields.Dict(required=True)
    job = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)
    next_attempt_at = Moment(required=True, allow_none=True)
    attempts_made = fields.Integer(required=True)
    attempts = fields.List(fields.Nested(AttemptAnswer), required=True)


class DeliveryList(Schema):
    """A page of deliveries, the latest first."""

    items = fields.List(fields.Nested(DeliveryAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


def shown(delivery: Delivery) -> dict[str, object]:
    """A delivery as the API answers it."""
    return {
        **delivery,
        "id": delivery["_id"],
        "attempts_made": delivery["made"],
        "next_attempt_at": delivery["due"] if delivery["state"] == WAITING else None,
    }


@routes.on(
    "GET", "/webhooks/<webhook_id>/deliveries", may=MANAGE_WEBHOOKS, answer=DeliveryList, query=DeliveryQuery
)
def deliveries(query: DeliveryAsked, webhook_id: str) -> dict[str, object]:
    """What was posted to a webhook in the last 30 days, and what came of it."""
    known(webhook_id)
    found = webhooks().deliveries_of(webhook_id, query, query["limit"] + 1)
    page = found[: query["limit"]]
    more = len(found) > len(page)
    return {"items": [shown(each) for each in page], "next": page[-1]["_id"] if more else None}


@routes.on(
    "POST",
    "/webhooks/<webhook_id>/deliveries/<delivery_id>/repeat",
    may=MANAGE_WEBHOOKS,
    answer=DeliveryAnswer,
    status=202,
)
def repeat(webhook_id: str, delivery_id: str) -> ResponseReturnValue:
    """Have a delivery that ended made once more.

    Repeated while it waits, it answers with the delivery, which is made once.
    """
    known(webhook_id)
    found = webhooks().again(webhook_id, delivery_id) or webhooks().delivery(webhook_id, delivery_id)
    if found is None:
        raise Problem("not_found")
    return shown(found), 202, web.located(f"/webhooks/{webhook_id}/deliveries")


@routes.on(
    "POST",
    "/webhooks/<webhook_id>/test",
    may=MANAGE_WEBHOOKS,
    answer=DeliveryAnswer,
    status=202,
    problems=("not_of_callbacks",),
)
def test_webhook(webhook_id: str) -> ResponseReturnValue:
    """Post an event of the type `webhook.test` once, also where the webhook is switched off.

    Repeated, it posts another event.
    """
    webhook = known_with_url(webhook_id)
    event = test_event(web.caller().firm, secrets.token_hex(16), clock.now())
    return (
        shown(webhooks().post_once(webhook, webhook["url"] or "", event)),
        202,
        web.located(f"/webhooks/{webhook_id}/deliveries"),
    )
