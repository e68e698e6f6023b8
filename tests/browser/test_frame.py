"""Tests in the browser what all pages share: sign-in, language, protection."""

import re

import pytest
import requests
from playwright.sync_api import expect

from shared.contract.texts.catalogues import LANGUAGES


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_start_page_is_accessible_and_in_the_persons_language(wizard, locale):
    person = wizard(locale=locale)
    page = person.open()
    assert page.locator("html").get_attribute("lang") == locale
    person.must_be_accessible()
    person.picture("start")


def test_a_person_changes_the_language_of_the_pages(wizard):
    person = wizard()
    page = person.open()
    page.get_by_role("button", name="NL").click()
    page.wait_for_selector("html[lang=nl]")
    assert page.get_by_role("link", name="Imports").is_visible()


def test_times_are_shown_in_the_persons_zone(wizard):
    person = wizard()
    job = person.client.job(person.client.upload(b"Email\na@example.be\n"))
    page = person.open()
    shown = page.locator(f"time[datetime='{job['created_at']}']").first.inner_text()
    hour = page.evaluate("iso => new Date(iso).toLocaleTimeString('en')", job["created_at"])
    assert hour.split(":")[:2] == re.search(r"(\d+):(\d+)", shown).group().split(":")


def test_signing_out_forgets_the_person(wizard):
    person = wizard()
    page = person.open()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/goodbye")
    answer = page.goto(page.url.replace("/goodbye", "/"))
    assert answer.status == 401
    person.errors.clear()  # the browser reports the 401


def test_a_link_does_not_lead_to_another_site(wizard):
    person = wizard()
    page = person.open("https://elsewhere.example/")
    assert page.url.startswith(person.client.url.removesuffix("/api/v1"))


def test_a_form_of_another_site_is_refused(wizard, system):
    person = wizard()
    person.open()
    cookies = {"carryover_session": session_of(person)["value"]}
    answer = requests.post(f"{system.url}/language", {"language": "fr"}, cookies=cookies, timeout=10)
    assert answer.status_code == 403
    assert "carryover_language" not in answer.cookies


def test_no_page_runs_or_loads_what_is_not_ours(wizard, system):
    person = wizard()
    person.open()
    answer = requests.get(system.url, cookies={"carryover_session": session_of(person)["value"]}, timeout=10)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|\sstyle=", answer.text)


def session_of(person):
    """The cookie that says who is signed in."""
    (kept,) = (one for one in person.page.context.cookies() if one["name"] == "carryover_session")
    return kept


def test_what_was_typed_survives_the_end_of_the_session(wizard, system):
    person = wizard()
    job = person.client.upload(b"Account name,Email\nNova,nova@x.be\n")
    person.client.wait_for(job, "proposed", limit=20)
    person.client.post(f"/jobs/{job}/map")
    person.client.wait_for(job, "validated", limit=20)
    page = person.open(f"/jobs/{job}/review?tab=all%26edit=2")
    cell = page.locator("tr.open input[name=cell-0]")
    cell.fill("Novum")
    person.page.context.add_cookies([{**session_of(person), "value": "a session that has ended"}])
    cell.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
    expect(cell).to_have_value("Novum")
    person.page.context.new_page().goto(f"{system.url}/signin?token={person.bearer}")
    cell.press("Enter")
    expect(page.locator("tr.open")).to_have_count(0)
    expect(page.locator("#row-2")).to_contain_text("Novum")
    person.errors.clear()  # the browser reports the 401


def test_a_page_that_follows_a_job_waits_for_a_server_that_is_down(wizard):
    person = wizard()
    job = person.client.upload(b"Account name,Email\nNova,nova@x.be\n")
    person.client.wait_for(job, "proposed", limit=20)
    page = person.open()
    asked = []

    def down_for_a_while(route):
        asked.append(route)
        if len(asked) == 1:  # the page as it is while the job is under way
            answer = route.fetch()
            text = answer.text().replace('<div id="mapping"', '<div id="mapping" data-live="0.1"')
            route.fulfill(response=answer, body=text)
        elif len(asked) < 4:
            route.fulfill(status=503, body="down")
        else:
            route.continue_()

    page.route("**/accounts", down_for_a_while)
    page.goto(page.url + f"jobs/{job}/accounts")
    expect(page.locator("#mapping[data-live]")).to_have_count(0)
    expect(page.locator("#mapping")).to_contain_text("Account name")
    assert len(asked) == 4
    person.errors.clear()  # the browser reports the 503


def test_the_address_of_a_form_leads_to_the_page_of_the_job(wizard):
    person = wizard()
    job = person.client.upload(b"Account name,Email\nNova,nova@x.be\n")
    person.client.wait_for(job, "proposed", limit=20)
    page = person.open(f"/jobs/{job}/review/rows/2")
    assert page.url.endswith(f"/jobs/{job}/accounts")
    page.goto(page.url.partition("/jobs/")[0] + "/jobs")
    assert page.get_by_role("heading", level=1).inner_text() == "Import a client list"
