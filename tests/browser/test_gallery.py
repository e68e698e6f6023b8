"""Every page of the gallery: light, accessible, within the window at 320 px, and usable by keyboard; and every mail."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from shared.contract.texts.catalogues import LANGUAGES
from tests.system import System, token
from tools.gallery import mails
from tools.gallery.firm import Firm, furnish
from tools.gallery.looking import faults_of, not_accessible, not_by_keyboard, too_wide
from tools.gallery.pages import PAGES, SIGNED_OUT

FIRM = f"gallery-{uuid.uuid4().hex[:6]}"


@pytest.fixture(scope="module")
def firm(system: System) -> Firm:
    """A firm with something to see on every page."""
    return furnish(system.url, token(FIRM))


@pytest.fixture(scope="module")
def windows(browser: Browser, system: System, firm: Firm) -> Iterator[dict[str, Page]]:
    """A window for each language in which somebody of the firm is signed in."""
    made = {}
    for language in LANGUAGES:
        page = browser.new_page(locale=language, reduced_motion="reduce")
        page.goto(f"{system.url}/signin?token={token(FIRM, locale=language)}")
        made[language] = page
    yield made
    for page in made.values():
        page.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_light_accessible_narrow_enough_and_usable_by_keyboard(
    firm: Firm, windows: dict[str, Page], name: str
) -> None:
    page = windows[LANGUAGES[list(PAGES).index(name) % len(LANGUAGES)]]
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light")
    answer = page.goto(firm.url + PAGES[name].format(**firm.ids))
    assert answer is not None
    faults: list[Any] = [faults_of(page, answer.body()), not_by_keyboard(page)]
    page.set_viewport_size({"width": 320, "height": 800})
    page.emulate_media(color_scheme="dark")
    faults += [too_wide(page), not_accessible(page)]
    assert faults == [[], [], [], []]


@pytest.mark.parametrize("name", SIGNED_OUT)
def test_a_page_for_everybody_is_as_good(browser: Browser, system: System, name: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 800})
    answer = page.goto(system.url + SIGNED_OUT[name])
    assert answer is not None
    assert [faults_of(page, answer.body()), not_by_keyboard(page)] == [[], []]
    page.close()


def test_a_mail_fits_into_narrow_and_wide_windows(browser: Browser) -> None:
    page, faults = browser.new_page(), {}
    for name, mail in mails.all_mails():
        for width in (320, 800):
            page.set_viewport_size({"width": width, "height": 600})
            page.set_content(mails.page_of(mail))
            faults[f"{name} {width}"] = too_wide(page)
    page.close()
    assert {name: found for name, found in faults.items() if found} == {}
