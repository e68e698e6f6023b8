"""The web application of the upload service: jobs come in, are watched, cancelled and purged."""

from __future__ import annotations

from flask import Flask

from services.upload.api import description, jobs, sources, templates, uploading
from services.upload.api.receiving import UploadRequest
from services.upload.api.service import SERVICE, routes
from shared.plumbing import web
from shared.plumbing.settings import Settings

#: What this application serves; the modules put their routes on it.
BLUEPRINTS = [routes]
RESOURCES = (uploading, jobs, sources, templates, description)


def create_app(settings: Settings | None = None) -> Flask:
    """The web application."""
    app = web.create_app(SERVICE, BLUEPRINTS, settings)
    app.request_class = UploadRequest
    return app
