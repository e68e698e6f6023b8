"""Makes the web application of the upload service."""

from __future__ import annotations

from flask import Flask

from services.upload.api import description, jobs, resuming, sign_ins, sources, templates, uploading
from services.upload.api.receiving import UploadRequest
from services.upload.api.service import SERVICE, routes
from shared.plumbing import web
from shared.plumbing.settings import Settings

#: What this application serves.
BLUEPRINTS = [routes]
#: The modules that put their routes on it.
RESOURCES = (resuming, uploading, jobs, sources, templates, sign_ins, description)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the web application; opens no connection."""
    app = web.create_app(SERVICE, BLUEPRINTS, settings)
    app.request_class = UploadRequest
    return app
