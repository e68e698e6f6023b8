"""The web application of the importer: start, result, undo, and the firm's directory."""

from __future__ import annotations

from flask import Flask

from services.importer.api import (
    directory,
    entries,
    loading,
    many_records,
    merges,
    new_records,
    record_links,
    records,
    undo,
)
from services.importer.api.service import SERVICE, routes
from shared.plumbing import web
from shared.plumbing.settings import Settings

#: What this application serves; the modules put their routes on it.
BLUEPRINTS = [routes]
RESOURCES = (loading, undo, directory, entries, records, new_records, record_links, merges, many_records)


def create_app(settings: Settings | None = None) -> Flask:
    """The web application."""
    return web.create_app(SERVICE, BLUEPRINTS, settings)
