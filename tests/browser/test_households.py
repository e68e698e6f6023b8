"""Tests couples on one row and cells with several lines; no page writes an error to the console."""

import pytest
from playwright.sync_api import expect

from shared.contract.texts.catalogues import LANGUAGES

HOUSEHOLDS = b"""Household name;Taxpayer first name;Taxpayer last name;Spouse first name;Spouse last name;Spouse email
Household One;Ann;Oak;Ben;Elm;ben@elm.example
Household Two;Cas;Ash;Dee;Fir;dee@fir.example
Household Three;Eva;Yew;;;
"""
WRONG = b"""Account name;First name;Last name;Email;Notes
Oak;Ann;Oak;ann.oak.example;"one
two"
Elm;Ben;Elm;ben@elm.example;
"""


def test_couples_stay_couples_when_a_person_only_presses_continue(wizard):
    person = wizard()
    job = person.upload(HOUSEHOLDS, "households.csv")
    page = person.page
    page.get_by_role("link", name="Continue to accounts").click()
    for button in ("Continue to settings", "Continue to contacts", "Check the rows"):
        page.get_by_role("button", name=button).click()
    page.wait_for_url("**/review")
    person.client.wait_for(job, "validated", limit=20)
    person.client.post(f"/jobs/{job}/confirm")
    person.client.wait_for(job, "imported", limit=20)

    accounts = list(person.client.every("/accounts"))
    contacts = {one["id"]: one["fields"]["first_name"] for one in person.client.every("/contacts")}
    couples = {
        one["fields"]["name"]: {contacts[link["contact"]] for link in one["links"]}
        for one in (person.client.get(f"/accounts/{each['id']}") for each in accounts)
    }
    assert couples == {
        "Household One": {"Ann", "Ben"},
        "Household Two": {"Cas", "Dee"},
        "Household Three": {"Eva"},
    }
    assert len(contacts) == 5


@pytest.mark.parametrize("locale", LANGUAGES)
def test_no_page_has_an_error_in_the_console(wizard, locale):
    person = wizard(locale=locale)
    job = person.client.upload(WRONG)
    person.client.wait_for(job, "proposed", limit=20)
    for step in ("file", "accounts", "settings", "contacts"):
        expect(person.open(f"/jobs/{job}/{step}").get_by_role("heading", level=1)).to_have_count(1)
    person.client.post(f"/jobs/{job}/map")
    person.client.wait_for(job, "validated", limit=20)
    page = person.open(f"/jobs/{job}/review")
    page.locator("#problem-invalid_email a[href*='edit=']").click()
    page.locator("#edit").wait_for(state="attached")
    expect(page.locator("tr.open textarea[name=cell-4]")).to_have_value("one\ntwo")
    page.locator("tr.open [name=cell-3]").fill("ann@oak.example")
    page.locator("tr.open button").click()
    expect(page.locator("tr.open")).to_have_count(0)
    (row,) = person.client.get(f"/jobs/{job}/rows", row="2")["items"]
    assert row["cells"][3:] == ["ann@oak.example", "one\ntwo"]
    assert [one["what"] for one in person.client.get(f"/jobs/{job}/repairs")["items"]] == ["edit"]
    person.client.post(f"/jobs/{job}/confirm")
    person.client.wait_for(job, "imported", limit=20)
    for step in ("result", "undo"):
        expect(person.open(f"/jobs/{job}/{step}").get_by_role("heading", level=1)).to_have_count(1)
    page = person.open("/")
    expect(page.get_by_role("link", name="clients.csv")).to_be_visible()
