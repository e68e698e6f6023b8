"""What all pages share: sign-in, language, protection."""

import re

import pytest
import requests


@pytest.mark.parametrize("locale", ["en", "fr", "nl"])
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
    person.errors.clear()  # the browser tells of the 401


def test_a_link_does_not_lead_to_another_site(wizard):
    person = wizard()
    page = person.open("https://elsewhere.example/")
    assert page.url.startswith(person.client.url.removesuffix("/api/v1"))


def test_a_form_of_another_site_is_refused(wizard, system):
    person = wizard()
    cookies = {"carryover_session": person.bearer}
    answer = requests.post(f"{system.url}/language", {"language": "fr"}, cookies=cookies, timeout=10)
    assert answer.status_code == 403
    assert "carryover_language" not in answer.cookies


def test_no_page_runs_or_loads_what_is_not_ours(wizard, system):
    person = wizard()
    answer = requests.get(system.url, cookies={"carryover_session": person.bearer}, timeout=10)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|\sstyle=", answer.text)
