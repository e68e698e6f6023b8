"""The routes of the notifier, and the webhooks of the caller's firm."""

from __future__ import annotations

from shared.plumbing import web
from shared.plumbing.web import Routes
from shared.plumbing.webhook_store import WebhookStore

SERVICE = "notifier"

routes = Routes(SERVICE)


def webhooks() -> WebhookStore:
    """The webhooks of the caller's firm."""
    return WebhookStore(web.servers().db, web.caller().firm)
