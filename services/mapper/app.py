"""The web application of the mapper: fields, mapping, settings and saved mappings."""

from __future__ import annotations

from flask import Flask

from services.mapper.api import fields, mapping, profiles, settings
from services.mapper.api.service import SERVICE, routes
from shared.plumbing import web
from shared.plumbing.settings import Settings

#: What this application serves; the modules put their routes on it.
BLUEPRINTS = [routes]
RESOURCES = (fields, mapping, settings, profiles)


def create_app(settings: Settings | None = None) -> Flask:
    """The web application."""
    return web.create_app(SERVICE, BLUEPRINTS, settings)
