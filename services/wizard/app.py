"""The pages; they use the public HTTP API and nothing else, so that a page and a program see the same product."""

from __future__ import annotations

from flask import Flask

from services.wizard import (
    client_links_page,
    client_page,
    clients_page,
    embed_page,
    file_page,
    guide,
    left_out_page,
    letters_page,
    many_page,
    mapping_pages,
    merge_page,
    new_client_page,
    result_page,
    review_page,
    settings_page,
    sign_in,
    start_page,
    webhooks_page,
)
from services.wizard.pages import pages
from shared.plumbing import web
from shared.plumbing.settings import Settings

SERVICE = "wizard"
#: What this application serves.
BLUEPRINTS = [pages]
#: each hangs its routes on the blueprint
PAGES = (
    sign_in,
    embed_page,
    start_page,
    file_page,
    mapping_pages,
    settings_page,
    review_page,
    left_out_page,
    result_page,
    clients_page,
    client_links_page,
    client_page,
    many_page,
    letters_page,
    merge_page,
    new_client_page,
    webhooks_page,
    guide,
)


def create_app(settings: Settings | None = None) -> Flask:
    """The web application of the wizard."""
    return web.create_app(SERVICE, BLUEPRINTS, settings)
