"""The web application of the notifier: lists of rows, webhooks and their deliveries."""

from __future__ import annotations

from flask import Flask

from services.notifier.api import client_lists, deliveries, invitations, lists, questionnaires, webhooks
from services.notifier.api.service import SERVICE, routes
from shared.plumbing import relay, sending_store, web, webhook_store
from shared.plumbing.settings import Settings

#: What this application serves; the modules put their routes on it.
BLUEPRINTS = [routes]
RESOURCES = (lists, client_lists, webhooks, deliveries, invitations, questionnaires)
routes.measures += [relay.measure, webhook_store.measure, sending_store.measure]


def create_app(settings: Settings | None = None) -> Flask:
    """The web application."""
    return web.create_app(SERVICE, BLUEPRINTS, settings)
