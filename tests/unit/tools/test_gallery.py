"""Tests that the gallery has every page that people can open."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from services.wizard import app as wizard
from shared.plumbing.settings import Settings
from tools.gallery.pages import PAGES, SIGNED_OUT

#: Addresses that show no page of their own: they go on to one, give a file or a part of a page, or are the guide.
NO_PAGES = {
    *("live", "ready", "metrics", "static", "guide", "theme_css", "host_script"),
    *("all_jobs", "of_form", "sign_in"),  # go on to a page
    *("clients_as_file", "rows_as_file", "template"),  # files
    "letter_as_seen",  # within the last check
    *("embed", "signed_in"),  # within a page of the platform: see the tests of embedding
}


def test_the_gallery_has_every_page() -> None:
    app = wizard.create_app(
        Settings("mongodb://nowhere", "memory://", "smtp://nowhere", "", jwt_secret="-" * 32)
    )
    addresses = [
        re.sub(r"\{\w+\}", "0123456789abcdef01234567", one) for one in (*PAGES.values(), *SIGNED_OUT.values())
    ]
    shown = {app.url_map.bind("localhost").match(urlsplit(one).path)[0] for one in addresses}
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    pages = {page.removeprefix("wizard.") for page in pages - shown}
    assert pages == NO_PAGES
