"""Tests steps two to four in the browser: columns, settings, rules, and going back and forth."""

import pytest
from playwright.sync_api import expect

LIST = """Account name;Account type;First name;Last name;E-mail;Branch;Street
Bakery Peeters;Société;An;Peeters;an@peeters.example;bakery;Kerkstraat 12
Garage Dubois;Company;Luc;Dubois;luc@dubois.example;garage;Rue Haute 3 b 4
Mia Jansen;Individual;Mia;Jansen;mia@jansen.example;;Dorpsstraat 1
""".encode("cp1252")


@pytest.fixture
def at_mapping(wizard):
    """A person whose file waits for its mapping, and the id of the job."""

    def make(content=LIST, page="accounts", **how):
        person = wizard(**how)
        job = person.client.upload(content)
        person.client.wait_for(job, "proposed", limit=20)
        person.open(f"/jobs/{job}/{page}")
        return person, job

    return make


def test_a_person_maps_chooses_settings_and_has_the_rows_checked(at_mapping):
    person, job = at_mapping()
    page = person.page
    person.must_be_accessible()
    page.get_by_label("Where “Branch” goes").select_option("new")
    page.locator("input[name=name-5]").fill("Trade")
    page.get_by_label("Account type", exact=True).select_option("fixed:Company")
    person.picture("accounts")
    page.get_by_role("button", name="Continue to settings").click()

    page.wait_for_url("**/settings")
    page.get_by_label("Other tags").or_(page.get_by_label("Tags", exact=True)).fill("2026, vip")
    page.get_by_label("Anna Claes").check()
    page.get_by_label("E-mail sync: Email").uncheck()
    page.get_by_text("Add a rule").click()
    rule = page.locator("details.rule")
    rule.get_by_label("Where").select_option("column:5")
    rule.get_by_label("Value").first.fill("garage")
    rule.get_by_label("What").select_option("assignees")
    rule.get_by_label("Value").last.fill("bruno lambert")
    page.get_by_role("button", name="Save and add another").click()
    expect(page.get_by_text("Rule 1").first).to_be_visible()
    person.must_be_accessible()
    person.picture("settings")
    page.get_by_role("button", name="Continue to contacts").click()

    page.wait_for_url("**/contacts")
    page.locator("input[name=split-6]").check()
    person.must_be_accessible()
    person.picture("contacts")
    page.get_by_role("button", name="Check the rows").click()
    page.wait_for_url("**/review")

    person.client.wait_for(job, "validated", limit=20)
    mapping = person.client.get(f"/jobs/{job}/mapping")
    assert mapping["account_type"] == {"mode": "fixed", "value": "Company"}
    custom = mapping["columns"][5]["custom"]
    assert custom == {"id": custom["id"], "name": "Trade", "type": "text", "record": "account"}
    assert mapping["columns"][6]["split"] is True
    settings = person.client.get(f"/jobs/{job}/settings")
    assert settings["tags"] == ["2026", "vip"]
    assert settings["assignees"] == ["anna"]
    assert settings["contacts"]["contact.email"]["email_sync"] is False
    assert settings["rules"] == [{"when": [{"column": 5, "is": "garage"}], "then": {"assignees": ["bruno"]}}]


def test_a_wrong_mapping_is_reported_at_its_column_and_keeps_what_was_chosen(at_mapping):
    person, job = at_mapping()
    page = person.page
    page.get_by_label("Where “Branch” goes").select_option("account.name")
    page.get_by_role("button", name="Continue to settings").click()
    expect(page.locator("#wrong-5")).to_be_visible()
    expect(page.get_by_label("Where “Branch” goes")).to_have_value("account.name")
    person.must_be_accessible()
    person.picture("refused")
    page.get_by_label("Join the columns with").last.select_option(" ")
    page.get_by_role("button", name="Continue to settings").click()
    page.wait_for_url("**/settings")
    assert person.client.get(f"/jobs/{job}/mapping")["columns"][5]["join"] == " "
    person.errors.clear()  # the browser reports the 422


def test_going_back_without_a_change_leaves_the_checked_rows_as_they_are(at_mapping):
    person, job = at_mapping()
    person.client.post(f"/jobs/{job}/map")
    before = person.client.wait_for(job, "validated", limit=20)
    page = person.open(f"/jobs/{job}/accounts")
    page.get_by_role("button", name="Continue to settings").click()
    page.wait_for_url("**/settings")
    page.get_by_role("button", name="Continue to contacts").click()
    page.wait_for_url("**/contacts")
    page.get_by_role("button", name="Check the rows").click()
    page.wait_for_url("**/review")
    assert person.client.job(job)["revision"] == before["revision"]


def test_values_of_the_file_are_given_their_meaning(at_mapping):
    person, job = at_mapping()
    page = person.page
    page.get_by_text("What values of the file mean").first.click()
    page.get_by_label("What “Société” means").select_option("Other")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("Saved.")
    assert person.client.get(f"/jobs/{job}/mapping")["values"] == {"account.type": {"Société": "Other"}}


def test_a_mapping_saved_under_a_name_is_recognised_for_the_next_file(at_mapping):
    person, _ = at_mapping(page="contacts")
    page = person.page
    page.get_by_text("Save this mapping for later files").click()
    page.locator(".save input[name=name]").fill("Spring list")
    page.get_by_role("button", name="Save the mapping").click()
    expect(page.locator("#messages")).to_contain_text("Spring list")
    again = person.client.upload(LIST + b"Zoe Maes;;Zoe;Maes;zoe@maes.example;;\n", "next.csv")
    person.client.wait_for(again, "proposed", limit=20)
    page = person.open(f"/jobs/{again}/accounts")
    expect(page.get_by_text("Recognised: your mapping “Spring list”")).to_be_visible()
    person.picture("recognised")


def test_the_steps_work_without_scripts_in_french_on_a_phone(at_mapping):
    person, job = at_mapping(locale="fr", phone=True, scripts=False)
    page = person.page
    person.picture("accounts")
    page.get_by_role("button", name="Continuer vers les réglages").click()
    page.wait_for_url("**/settings")
    person.picture("settings")
    page.get_by_role("button", name="Continuer vers les contacts").click()
    page.wait_for_url("**/contacts")
    page.get_by_role("button", name="Vérifier les lignes").click()
    page.wait_for_url("**/review")
    person.client.wait_for(job, "validated", limit=20)


def test_the_pages_are_legible_in_the_dark(at_mapping):
    person, _ = at_mapping(dark=True)
    person.must_be_accessible()
    person.picture("accounts")
    person.page.goto(person.page.url.replace("accounts", "settings"))
    person.must_be_accessible()
