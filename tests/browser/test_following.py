"""Tests that a page follows a job by its events: without asking again and again, and also where there are none."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_result import clients

LIMIT = 30.0


def requests_of(page: Page) -> list[str]:
    """The requests of a page from now on, without those for its own files."""
    seen: list[str] = []
    page.on("request", lambda one: "/static/" in one.url or seen.append(one.url.partition("/jobs/")[2]))
    return seen


def test_a_page_follows_an_import_to_its_end_with_a_handful_of_requests(wizard):
    person = wizard()
    job = person.upload(clients(3000))
    page = person.page
    person.client.wait_for(job, "proposed", limit=LIMIT)
    person.client.post(f"/jobs/{job}/map")
    seen = requests_of(page)
    page.goto(f"{person.client.url.removesuffix('/api/v1')}/jobs/{job}/review")
    expect(page.locator("#checking[data-live]")).to_have_count(0)
    person.client.post(f"/jobs/{job}/confirm")
    page.goto(f"{person.client.url.removesuffix('/api/v1')}/jobs/{job}/result")
    expect(page.locator("h1")).to_have_text("Your list is imported")
    streams = [one for one in seen if one.endswith("/events")]
    assert 1 <= len(streams) <= 3
    assert len(seen) <= 14, seen


@pytest.mark.long
@pytest.mark.parametrize("fault", ["refused", "cut", "silent"])
def test_a_page_that_gets_no_events_looks_by_itself(wizard, fault):
    person = wizard()
    job = person.upload(clients(5))
    page = person.page
    person.client.wait_for(job, "proposed", limit=LIMIT)

    def answer(route):
        if fault == "refused":
            route.fulfill(status=404, body="")
        elif fault == "cut":
            route.abort()
        # a silent one is never answered

    page.route("**/events", answer)
    page.on("console", lambda message: person.errors.clear())  # Chromium reports each failed stream
    page.goto(f"{person.client.url.removesuffix('/api/v1')}/jobs/{job}/accounts")
    person.client.post(f"/jobs/{job}/map")
    page.goto(f"{person.client.url.removesuffix('/api/v1')}/jobs/{job}/review")
    expect(page.locator("#checking[data-live]")).to_have_count(0, timeout=15_000)
    person.errors.clear()
    assert person.client.job(job)["status"] == "validated"


def test_the_list_of_imports_follows_the_one_that_moves(wizard):
    person = wizard()
    job = person.client.upload(clients(3000), autostart=True)
    page = person.open("/")
    seen = requests_of(page)
    expect(page.locator("#imports[data-live]")).to_have_count(0, timeout=15_000)
    assert person.client.job(job)["status"] == "imported"
    assert len(seen) <= 10, seen
