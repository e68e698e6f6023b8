"""Counts the clicks from a chosen file to a loaded list, and follows the pages of each kind of import."""

import pytest
from playwright.sync_api import expect

CLEAN = b"""Account name,Account type,First name,Last name,Email
Oak Bakery,Company,An,Oak,an@oak.example
Elm Garage,Company,Ben,Elm,ben@elm.example
"""
ACCOUNTS = b"Account name,Account type,Client code\nOak Bakery,Company,C1\nElm Garage,Company,C2\n"
CONTACTS = b"First name,Last name,Email\nAn,Oak,an@oak.example\nBen,Elm,ben@elm.example\n"
MOST_CLICKS = 3


class Clicks:
    """Presses buttons and links by their words, and counts them."""

    def __init__(self, page):
        self.page = page
        self.count = 0

    def on(self, name):
        """Press the main button of the page, which must have these words."""
        self.page.locator(".actions .button.main", has_text=name).click()
        self.count += 1


@pytest.mark.parametrize("scripts", [True, False])
def test_a_clean_file_is_loaded_with_three_clicks_after_choosing_it(wizard, scripts):
    person = wizard(scripts=scripts)
    if scripts:
        job = person.upload(CLEAN)
    else:
        job = person.client.upload(CLEAN)
        person.client.wait_for(job, "proposed", limit=20)
        person.open(f"/jobs/{job}/file")
    clicks = Clicks(person.page)
    expect(
        person.page.get_by_text("All columns are recognised").or_(person.page.get_by_text("recognised:"))
    ).to_be_visible()
    if scripts:
        person.must_be_accessible()
        person.picture("file")
    clicks.on("Check the rows")
    person.client.wait_for(job, "validated", limit=20)
    if not scripts:
        person.page.goto(person.page.url)
    clicks.on("Start import of 2 rows")
    done = person.client.wait_for(job, "imported", limit=20)
    assert done["result"]["rows_loaded"] == 2
    assert clicks.count <= MOST_CLICKS


@pytest.mark.parametrize(
    ("kind", "content", "ways"),
    [
        ("accounts", ACCOUNTS, ["Continue to accounts", "Continue to settings", "Check the rows"]),
        ("contacts", CONTACTS, ["Continue to contacts", "Continue to settings", "Check the rows"]),
    ],
)
def test_an_import_of_one_kind_has_no_page_for_the_other(wizard, kind, content, ways):
    person = wizard()
    job = person.client.upload(content, kind=kind)
    person.client.wait_for(job, "proposed", limit=20)
    page = person.open(f"/jobs/{job}/file")
    page.locator(".actions").get_by_role("link", name=ways[0]).click()
    for button in ways[1:]:
        assert page.locator("#steps li").count() == 4
        page.get_by_role("button", name=button).click()
    page.wait_for_url("**/review")
    expect(page.get_by_role("button", name="Start import of 2 rows")).to_be_visible()


def test_language_and_questionnaire_of_the_new_clients_are_chosen_on_the_review(wizard):
    person = wizard()
    job = person.client.upload(CLEAN)
    person.client.wait_for(job, "proposed", limit=20)
    person.client.put("/directory", {"questionnaires": ["Personal income tax"], "languages": ["fr", "nl"]})
    person.client.post(f"/jobs/{job}/map")
    person.client.wait_for(job, "validated", limit=20)
    page = person.open(f"/jobs/{job}/review")
    page.get_by_label("Language where the file says none").select_option("nl")
    page.get_by_label("Questionnaire of new accounts").select_option("Personal income tax")
    page.get_by_role("button", name="Apply to all new ones").click()
    expect(page.get_by_text("2 accounts get the questionnaire “Personal income tax”")).to_be_visible()
    expect(page.get_by_text("2 contacts have the language Dutch")).to_be_visible()
    person.must_be_accessible()
    person.picture("review")
