"""Tests the pages within a page of a platform on another site: sign-in, the whole way, attackers, cookies, look."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect, sync_playwright

LIST = b"""Account name;Client code;First name;Last name;E-mail
Bakery Peeters;C1;An;Peeters;an@peeters.example
Garage Dubois;C2;Luc;Dubois;luc at dubois
Mia Jansen BV;C3;Mia;Jansen;mia@jansen.example
"""
FILE = {"name": "clients.csv", "mimeType": "text/csv", "buffer": LIST}
#: what a page of a platform does; `heard` are the calls of its functions
OPEN = """({token, ...options}) => {
  window.heard = [];
  const on = Object.fromEntries(["onImported", "onFailed", "onUndone", "onClosed", "onError"]
    .map((name) => [name, (value) => heard.push([name, value])]));
  const getToken = token === undefined ? async () => (await fetch("/carryover-token")).text() : undefined;
  window.carryover = Carryover.open({ token, getToken, ...on, ...options });
}"""


@pytest.fixture
def embed(wizard, platform):
    """A person at the platform: opens the pages there; gives the person and what is in the iframe."""

    def opened(person=None, address=None, wait=True, **options):
        person = person or wizard(phone=options.pop("phone", False), dark=options.pop("dark_browser", False))
        platform.firm = person.client.firm
        person.page.goto(address or platform.url)
        person.page.evaluate(OPEN, options)
        inside = person.page.frame_locator("iframe")
        if wait:
            expect(inside.locator("#upload")).to_be_visible()
        return person, inside

    yield opened
    platform.seconds, platform.claims = 3600.0, {}


def heard(page, name):
    return page.evaluate("name => heard.filter(([what]) => what === name).map(([, value]) => value)", name)


def go_to_review(inside):
    """Upload the list, and go on with what is suggested until the rows are checked."""
    inside.locator("input[type=file]").set_input_files(FILE)
    inside.get_by_role("link", name="Continue to accounts").click()
    for button in ("Continue to settings", "Continue to contacts", "Check the rows"):
        inside.get_by_role("button", name=button).click()
    expect(inside.get_by_role("button", name="Start import of 2 rows")).to_be_visible()


def start(inside):
    """Start the import; the question is asked within the page, because a browser may refuse one of its own."""
    inside.get_by_role("button", name="Start import of 2 rows").click()
    inside.get_by_role("dialog").get_by_role("button", name="Go on").click()
    expect(inside.get_by_role("heading", name="Your list is imported")).to_be_visible()


def test_a_list_goes_all_the_way_and_the_platform_hears_of_it_once(embed, platform):
    seen = []
    person, inside = embed(kind="accounts_and_contacts", wait=False)
    page = person.page
    page.on("request", lambda request: seen.append((request.url, request.headers.get("referer", ""))))
    expect(inside.locator("#upload")).to_be_visible()
    expect(inside.locator("header.top")).to_have_count(0)
    person.picture("start")
    go_to_review(inside)
    person.picture("review")
    start(inside)
    (job,) = (one["id"] for one in person.client.get("/jobs")["items"])
    page.wait_for_function("heard.length > 0")
    expected = person.client.get(f"/jobs/{job}/result")["result"]
    assert heard(page, "onImported") == [{"job": job, "result": expected}]
    assert (expected["rows_loaded"], expected["rows_skipped"]) == (2, 1)
    person.picture("result")

    with page.expect_download() as archive:
        inside.get_by_role("link", name="CSV, zipped").click()
    assert archive.value.path().read_bytes().startswith(b"PK")
    assert archive.value.suggested_filename == "rows-left-out.zip"

    inside.get_by_role("link", name="See what it would do").click()
    inside.get_by_label("Yes, undo the import").check()
    inside.get_by_role("button", name="Undo it now").click()
    expect(inside.get_by_role("heading", name="The import was undone")).to_be_visible()
    page.wait_for_function("heard.length > 1")
    inside.get_by_role("button", name="Close").click()
    expect(page.locator("iframe")).to_have_count(0)
    assert [name for name, _ in page.evaluate("heard")] == ["onImported", "onUndone", "onClosed"]
    assert all("eyJ" not in url and "eyJ" not in referrer for url, referrer in seen)
    assert len(seen) > 20
