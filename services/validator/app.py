"""The web application of the validator: the report before the start, the rows of a job, and their repair."""

from __future__ import annotations

from flask import Flask

from services.validator.api import preview, repairs, report, rows
from services.validator.api.service import SERVICE, routes
from shared.plumbing import web
from shared.plumbing.settings import Settings

#: What this application serves; the modules put their routes on it.
BLUEPRINTS = [routes]
RESOURCES = (preview, report, rows, repairs)


def create_app(settings: Settings | None = None) -> Flask:
    """The web application."""
    return web.create_app(SERVICE, BLUEPRINTS, settings)
