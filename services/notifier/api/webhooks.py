"""Webhooks: addresses to which events of the firm are posted, and the secrets that sign them."""

from __future__ import annotations

from datetime import timedelta
from typing import NotRequired, TypedDict

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from services.notifier.api.service import routes, webhooks
from shared.contract.bounded import Choice, Flag, Many, Text, WebAddress, Whole
from shared.contract.documents.webhook import Webhook
from shared.contract.moments import Moment
from shared.contract.requests import Input
from shared.contract.webhooks import CALLBACK, MOST_WEBHOOKS, OFFERED, OVERLAP_HOURS
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_WEBHOOKS
from shared.plumbing.outgoing import check_url
from shared.plumbing.problem import Problem
from shared.plumbing.webhook_store import TooMany, shown_id

MOST_DESCRIPTION = 200
#: What an address is refused with that must not be called, or cannot be.
NOT_CALLED = ("private_address", "unknown_address")


def _events(required: bool) -> Many:
    described = {"description": "types of events; those of single records are published over RabbitMQ only"}
    return Many(Choice(OFFERED), len(OFFERED), 1, required=required, metadata=described)


class NewWebhook(Input):
    """A webhook to be made."""

    url = WebAddress(required=True)
    events = _events(required=True)
    description = Text(MOST_DESCRIPTION, load_default="")


class NewWebhookAsked(TypedDict):
    """The body that `NewWebhook` reads."""

    url: str
    events: list[str]
    description: str


class WebhookChange(Input):
    """What is to change; parts not named stay as they are."""

    url = WebAddress()
    events = _events(required=False)
    description = Text(MOST_DESCRIPTION)
    enabled = Flag(metadata={"description": "false: nothing is posted until it is true again"})


class WebhookChangeAsked(TypedDict):
    """The body that `WebhookChange` reads."""

    url: NotRequired[str]
    events: NotRequired[list[str]]
    description: NotRequired[str]
    enabled: NotRequired[bool]


class Rotation(Input):
    """How the secret is replaced."""

    overlap_hours = Whole(
        0,
        168,
        load_default=OVERLAP_HOURS,
        metadata={"description": "for so long the secret before signs as well"},
    )


class RotationAsked(TypedDict):
    """The body that `Rotation` reads."""

    overlap_hours: int


class DisabledAnswer(Schema):
    """Since when nothing is posted, and why."""

    at = Moment(required=True)
    reason = fields.String(
        required=True,
        metadata={"description": "`by_person`, `failing` (for a day) or `gone` (it answered 410)"},
    )


class WebhookAnswer(Schema):
    """A webhook. The one with the id `callback` has no address: it signs what is posted to a `callback_url`."""

    id = fields.String(required=True)
    url = fields.String(required=True, allow_none=True)
    events = fields.List(fields.String(), required=True)
    description = fields.String(required=True)
    enabled = fields.Boolean(required=True)
    disabled = fields.Nested(DisabledAnswer, required=True, allow_none=True)
    failing_since = Moment(required=True, allow_none=True)
    created_by = fields.String(required=True)
    created_at = Moment(required=True)
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class WebhookList(Schema):
    """The firm's webhooks, the oldest first."""

    items = fields.List(fields.Nested(WebhookAnswer), required=True)


class SecretAnswer(Schema):
    """The secret that signs, as the libraries of Standard Webhooks take it."""

    secret = fields.String(required=True)
    made_at = Moment(required=True)
    before_signs_until = Moment(
        required=True, allow_none=True, metadata={"description": "until then the secret before signs, too"}
    )


class WebhookMade(WebhookAnswer):
    """A new webhook with its secret."""

    secret = fields.String(required=True)


def shown(webhook: Webhook) -> dict[str, object]:
    """A webhook as the API answers it."""
    here = f"{web.PREFIX}/webhooks/{shown_id(webhook)}"
    return {
        **webhook,
        "id": shown_id(webhook),
        "enabled": not webhook["disabled"],
        "links": {"self": here, "deliveries": f"{here}/deliveries"},
    }


def known(webhook_id: str) -> Webhook:
    """A webhook of the firm; raises the problem where there is none. That of callbacks is made at its first use."""
    found = webhooks().callback() if webhook_id == CALLBACK else webhooks().get(webhook_id)
    if found is None:
        raise Problem("not_found")
    return found


def known_with_url(webhook_id: str) -> Webhook:
    """A webhook that has an address; raises the problem of one that has none."""
    found = known(webhook_id)
    if found["url"] is None:
        raise Problem("not_of_callbacks")
    return found


@routes.on("GET", "/webhooks", may=MANAGE_WEBHOOKS, answer=WebhookList)
def all_webhooks() -> dict[str, object]:
    """The firm's webhooks."""
    return {"items": [shown(webhook) for webhook in webhooks().all()]}


@routes.on(
    "POST",
    "/webhooks",
    may=MANAGE_WEBHOOKS,
    takes=NewWebhook,
    answer=WebhookMade,
    status=201,
    problems=("too_many_webhooks", *NOT_CALLED),
)
def make_webhook(body: NewWebhookAsked) -> ResponseReturnValue:
    """Make a webhook; the answer has its secret.

    Repeated, it makes another one, which gets each event, too: look at the list first.
    """
    check_url(body["url"], web.settings().webhook_networks)
    try:
        made = webhooks().add(body["url"], body["events"], body["description"], web.caller())
    except TooMany:
        raise Problem("too_many_webhooks", status=409, max=MOST_WEBHOOKS) from None
    return (
        {**shown(made), "secret": made["secrets"][0]["secret"]},
        201,
        web.located(f"/webhooks/{shown_id(made)}"),
    )


@routes.on("GET", "/webhooks/<webhook_id>", may=MANAGE_WEBHOOKS, answer=WebhookAnswer)
def one_webhook(webhook_id: str) -> dict[str, object]:
    """One webhook."""
    return shown(known(webhook_id))


@routes.on(
    "PATCH",
    "/webhooks/<webhook_id>",
    may=MANAGE_WEBHOOKS,
    takes=WebhookChange,
    answer=WebhookAnswer,
    problems=("not_of_callbacks", *NOT_CALLED),
)
def change_webhook(body: WebhookChangeAsked, webhook_id: str) -> dict[str, object]:
    """Change a webhook, or switch it off and on."""
    known_with_url(webhook_id)
    if "url" in body:
        check_url(body["url"], web.settings().webhook_networks)
    changes = {name: value for name, value in body.items() if name != "enabled"}
    changed = webhooks().change(webhook_id, changes, body.get("enabled"))
    if changed is None:  # another request removed it meanwhile
        raise Problem("not_found")
    return shown(changed)


@routes.on(
    "DELETE", "/webhooks/<webhook_id>", may=MANAGE_WEBHOOKS, status=204, problems=("not_of_callbacks",)
)
def remove_webhook(webhook_id: str) -> tuple[str, int]:
    """Remove a webhook with its deliveries."""
    known_with_url(webhook_id)
    if not webhooks().remove(webhook_id):
        raise Problem("not_found")
    return "", 204


@routes.on("GET", "/webhooks/<webhook_id>/secret", may=MANAGE_WEBHOOKS, answer=SecretAnswer)
def secret(webhook_id: str) -> dict[str, object]:
    """The secret by which a receiver checks signatures."""
    return _secret(known(webhook_id))


@routes.on("POST", "/webhooks/<webhook_id>/rotate", may=MANAGE_WEBHOOKS, takes=Rotation, answer=SecretAnswer)
def rotate(body: RotationAsked, webhook_id: str) -> dict[str, object]:
    """Make a new secret; the one before signs as well for some hours, so that no event is refused meanwhile.

    Repeated, it makes another secret, and those before sign until their hours are over.
    """
    known(webhook_id)
    rotated = webhooks().rotate(webhook_id, timedelta(hours=body["overlap_hours"]))
    if rotated is None:  # another request removed it meanwhile
        raise Problem("not_found")
    return _secret(rotated)


def _secret(webhook: Webhook) -> dict[str, object]:
    newest, *before = webhook["secrets"]
    ends = [one["ends_at"] for one in before if one["ends_at"]]
    return {
        "secret": newest["secret"],
        "made_at": newest["made_at"],
        "before_signs_until": max(ends, default=None),
    }
