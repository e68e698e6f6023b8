"""All services' routes in one web process, for machines without a proxy; with `memory://` their workers too."""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask

from services.importer import app as importer
from services.importer.handlers import HANDLERS as IMPORTER
from services.mapper import app as mapper
from services.mapper.handlers import HANDLERS as MAPPER
from services.notifier import app as notifier
from services.notifier.handlers import HANDLERS as NOTIFIER
from services.notifier.invitations.sending import send_letters
from services.notifier.webhooks.sending import send_webhooks
from services.upload import app as upload
from services.upload.api.receiving import UploadRequest
from services.upload.handlers import HANDLERS as UPLOAD
from services.validator import app as validator
from services.validator.handlers import HANDLERS as VALIDATOR
from services.wizard import app as wizard
from shared.plumbing import web
from shared.plumbing.settings import Settings, load_settings
from shared.plumbing.worker import Worker

#: Of each application its blueprints.
ROUTES = [
    blueprint
    for app in (upload, mapper, validator, importer, notifier, wizard)
    for blueprint in app.BLUEPRINTS
]
HANDLERS = {
    "upload": UPLOAD,
    "mapper": MAPPER,
    "validator": VALIDATOR,
    "importer": IMPORTER,
    "notifier": NOTIFIER,
}


def create_app(settings: Settings | None = None) -> Flask:
    """The web application of the whole system under one origin."""
    settings = settings or load_settings()
    app = web.create_app("origin", ROUTES, settings)
    app.request_class = UploadRequest
    if settings.workers_in_web:
        _start_workers(app, settings)
    return app


def _start_workers(app: Flask, settings: Settings) -> None:
    """Run every service's worker in threads of this process: the laptop mode, for want of RabbitMQ."""
    beside = {"notifier": (send_webhooks, send_letters)}
    workers = [Worker(name, handlers, settings, *beside.get(name, ())) for name, handlers in HANDLERS.items()]
    for worker in workers:
        threading.Thread(target=worker.run, name=f"worker-{worker.service}", daemon=True).start()
    app.extensions["workers"] = workers


def specification(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of all routes."""
    document: dict[str, Any] = app.extensions["openapi"].to_dict()
    return document
