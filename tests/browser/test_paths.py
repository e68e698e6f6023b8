"""Tests whole imports in the browser: TaxDome's five steps, Accounton's in French, two tabs, leaving and returning."""

import re

import pytest
from playwright.sync_api import expect

from tools.client_lists import generate

TAXDOME = b"""Account Name,Account Type,First Name,Last Name,Email,Phone Number,Account Tags,Team Members
Peeters Bakery,Company,An,Peeters,an@peeters.example,0470 12 34 56,"food, vip",Anna Claes
Peeters Bakery,Company,Bob,Peeters,bob@peeters.example,,,
Garage Dubois,Company,Luc,Dubois,luc at dubois.example,0470 12 34 57,,bruno@example.org
Mia Jansen,Individual,Mia,Jansen,mia@jansen.example,,,
"""
#: Accounton's template in French; one mobile number and one register number are wrong
ACCOUNTON = """person;Prénom;Nom;Email;Numéro de mobile;Numéro de registre national;Extra IPP;Langue;Code client
person;Zoé;Lefèvre;zoe@cafe.example;+32470123456;85073003328;;french;C001
person;Noël;Dupré;noel@garage.example;;;;dutch;C002
person;Éva;Maes;eva@maes.example;0470;12345678901;;french;C003
""".encode("cp1252")


def go_through_the_steps(page, settings, contacts, check):
    """From the file to the review, as everything was suggested."""
    for button in (settings, contacts, check):
        page.get_by_role("button", name=button).click()
    page.wait_for_url("**/review")


def account(person, name):
    """The account of a name."""
    (found,) = (each for each in person.client.get("/accounts")["items"] if each["fields"]["name"] == name)
    return found


def test_the_five_steps_of_a_taxdome_list(wizard):
    person = wizard()
    job = person.upload(TAXDOME, "clients.csv")
    page = person.page
    page.get_by_role("link", name="Continue to accounts").click()
    expect(page.get_by_text("Many columns are called as in a list of TaxDome")).to_be_visible()
    go_through_the_steps(page, "Continue to settings", "Continue to contacts", "Check the rows")
    expect(page.get_by_role("button", name="Start import of 3 rows")).to_be_visible()
    person.must_be_accessible()
    person.picture("review")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Start import of 3 rows").click()
    page.wait_for_url(f"**/jobs/{job}/result")
    expect(page.get_by_role("heading", name="1 row was left out")).to_be_visible()
    person.must_be_accessible()
    person.picture("result")
    result = person.client.job(job)["result"]
    assert (result["accounts_created"], result["contacts_created"]) == (2, 3)
    assert (result["rows_loaded"], result["rows_skipped"]) == (3, 1)
    bakery = account(person, "Peeters Bakery")
    assert sorted(bakery["fields"]["tags"]) == ["food", "vip"]
    assert bakery["fields"]["assignees"] == ["anna"]


@pytest.mark.long
def test_accountons_list_in_french(wizard):
    person = wizard(locale="fr")
    job = person.upload(ACCOUNTON, "clients.csv")
    page = person.page
    page.get_by_role("link", name="Continuer vers les comptes").click()
    expect(page.get_by_text("Accounton").first).to_be_visible()
    page.get_by_role("button", name="Continuer vers les réglages").click()
    page.get_by_label("Langue quand le fichier n’en indique pas").select_option("nl")
    page.get_by_label("Questionnaire", exact=True).select_option("Personal income tax")
    page.get_by_role("button", name="Continuer vers les contacts").click()
    page.get_by_role("button", name="Vérifier les lignes").click()
    page.wait_for_url("**/review")
    start = page.get_by_role("button", name=re.compile("Importer 2 lignes"))
    expect(start).to_be_visible()
    person.picture("review")
    page.once("dialog", lambda dialog: dialog.accept())
    start.click()
    page.wait_for_url(f"**/jobs/{job}/result")
    person.client.wait_for(job, "imported", limit=30)
    questionnaire = account(person, "Noël Dupré")["fields"]["questionnaire"]
    assert questionnaire == {"name": "Personal income tax", "status": "not_sent"}
    expect(page.get_by_role("heading", name=re.compile("1 ligne"))).to_be_visible()
    person.must_be_accessible()
    person.picture("result")


def test_two_tabs_of_one_person_do_not_undo_one_another(wizard):
    person = wizard()
    job = person.client.upload(TAXDOME)
    person.client.wait_for(job, "proposed", limit=20)
    first = person.open(f"/jobs/{job}/settings")
    second = first.context.new_page()
    second.goto(first.url)
    second.get_by_role("button", name="Continue to contacts").click()
    second.get_by_role("button", name="Check the rows").click()
    second.wait_for_url("**/review")
    expect(second.get_by_role("button", name="Start import of 3 rows")).to_be_visible()
    first.get_by_label(re.compile("tags", re.I)).first.fill("late")
    first.get_by_role("button", name="Save", exact=True).click()
    expect(first.locator("#messages")).to_contain_text("Saved.")
    second.once("dialog", lambda dialog: dialog.accept())
    second.get_by_role("button", name="Start import of 3 rows").click()
    second.wait_for_url(re.compile(f"/jobs/{job}/(accounts|review)"))
    assert person.client.job(job)["status"] == "proposed"
    assert person.client.get("/accounts")["items"] == []


def test_a_person_leaves_while_rows_are_loaded_and_finds_the_result_on_coming_back(wizard, tmp_path):
    person = wizard()
    path = tmp_path / "large.csv"
    expected = generate(6_000, 1, path)
    options = {"autostart": True, "max_invalid": {"share": 0.2}}
    job = person.client.upload(path.read_bytes(), "large.csv", **options)
    page = person.open(f"/jobs/{job}")
    page.goto("about:blank")
    done = person.client.wait_for(job, "imported", limit=60)
    assert done["result"]["rows_loaded"] == expected.valid
    page = person.open("/")
    page.get_by_role("link", name="large.csv").click()
    page.wait_for_url(f"**/jobs/{job}/result")
    expect(page.locator(".balance .whole .n")).to_have_text("6,000")
    person.picture("result")


@pytest.mark.parametrize("path", ["/jobs/0123456789abcdef/file", "/jobs/0123456789abcdef/review", "/jobs/x"])
def test_a_missing_page_is_reported_on_a_page(wizard, path):
    person = wizard()
    page = person.open(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    person.errors.clear()  # the browser reports the 404
