"""Tests the first step in the browser: choosing or dropping a file, and the choices for reading it."""

import re

import pytest
from playwright.sync_api import expect

ACCENTS = """Société;Prénom;Nom;E-mail
Café Zoé;Zoé;Lefèvre;zoe@cafe.example
Garage Noël;Noël;Dupré;noel@garage.example
"""


def test_a_list_is_uploaded_by_choosing_it_and_shown_as_it_was_read(wizard):
    person = wizard()
    job = person.upload(ACCENTS.encode("cp1252"))
    page = person.page
    expect(page.get_by_role("cell", name="Café Zoé")).to_be_visible()
    expect(page.get_by_role("button", name="Read it again")).to_be_enabled()
    person.must_be_accessible()
    person.picture("found")
    page.get_by_role("link", name="Continue to accounts").click()
    page.wait_for_url(f"**/jobs/{job}/accounts")


def test_the_page_shows_how_far_the_upload_is_and_takes_a_dropped_file(wizard):
    person, paused = wizard(), []
    page = person.open()
    page.route(
        "**/*", lambda route: paused.append(route) if route.request.method == "POST" else route.continue_()
    )
    page.evaluate(
        """content => {
            const data = new DataTransfer();
            data.items.add(new File([content], "dropped.csv", { type: "text/csv" }));
            document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
        }""",
        "Email;Name\n" + "an@example.be;An\n" * 200_000,
    )
    expect(page.locator(".sending-name")).to_have_text("dropped.csv")
    for route in paused:
        route.continue_()
    page.wait_for_url(re.compile(r"/jobs/[0-9a-f]+/file"))
    expect(page.locator(".crumbs .file")).to_have_text("dropped.csv")


def test_another_encoding_is_chosen_by_its_sample_and_the_file_read_again(wizard):
    person = wizard(locale="fr")
    person.upload(ACCENTS.encode("cp1252"))
    page = person.page
    expect(page.get_by_role("button", name="Relire le fichier")).to_be_enabled()
    person.picture("rivals")
    page.locator(".rival", has_text="cp850").click()
    page.get_by_role("button", name="Relire le fichier").click()
    expect(page.locator("#messages")).to_contain_text("relu")
    expect(page.locator(".first-rows")).not_to_contain_text("Café")


def test_a_wrong_choice_is_refused_with_a_sentence(wizard):
    person = wizard()
    person.upload(ACCENTS.encode())
    page = person.page
    expect(page.get_by_role("button", name="Read it again")).to_be_enabled()
    page.get_by_label("Headers are in row").fill("")
    page.evaluate("document.querySelector('#header_row').type = 'text'")
    page.get_by_label("Headers are in row").fill("x")
    page.get_by_role("button", name="Read it again").click()
    expect(page.locator("#messages")).to_contain_text("must be a number")
    person.errors.clear()  # the browser reports the 422


def test_a_choice_that_the_file_cannot_be_read_with_is_shown_and_can_be_undone(wizard):
    person = wizard()
    job = person.upload(ACCENTS.encode())
    page = person.page
    expect(page.get_by_role("button", name="Read it again")).to_be_enabled()
    page.get_by_label("Headers are in row").fill("3")
    page.get_by_label("The list has").select_option("accounts")
    page.get_by_role("button", name="Read it again").click()
    expect(page.locator(".notice.bad")).to_contain_text("no rows")
    expect(page.get_by_role("link", name="Continue to accounts")).to_have_count(0)
    person.must_be_accessible()
    person.picture("paused")
    page.goto(page.url.replace("/file", "/accounts"))
    page.wait_for_url(f"**/jobs/{job}/file")
    page.get_by_role("button", name="Undo my choices").click()
    expect(page.get_by_role("cell", name="Café Zoé")).to_be_visible()
    expect(page.get_by_label("The list has")).to_have_value("accounts")
    expect(page.get_by_role("button", name="Undo my choices")).to_have_count(0)


def test_what_is_no_list_is_refused_at_once(wizard):
    person = wizard()
    page = person.open()
    image = b"\x89PNG\r\n\x1a\n" + bytes(200)
    page.set_input_files("input[type=file]", {"name": "logo.png", "mimeType": "image/png", "buffer": image})
    expect(page.locator("#messages .notice.bad")).to_be_visible()
    expect(page.locator("#file")).to_be_visible()
    person.picture("refused")
    person.errors.clear()  # the browser reports the 415


def test_the_same_file_again_is_recognised_with_a_link_to_the_first(wizard):
    person = wizard()
    first = person.client.upload(ACCENTS.encode(), autostart=True)
    person.client.wait_for(first, "imported", limit=20)
    person.upload(ACCENTS.encode())
    page = person.page
    expect(page.get_by_text("This very file was imported before")).to_be_visible()
    person.picture("again")
    assert page.locator(".notice a").get_attribute("href") == f"/jobs/{first}"


def test_a_list_is_uploaded_without_scripts(wizard):
    person = wizard(scripts=False, phone=True)
    person.open()
    person.picture("start")
    person.upload(ACCENTS.encode())
    assert person.page.locator("h1").inner_text() == "Your file"


def test_an_import_is_cancelled_after_a_question(wizard):
    person = wizard()
    job = person.upload(ACCENTS.encode())
    page = person.page
    expect(page.get_by_role("button", name="Read it again")).to_be_enabled()
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Cancel the import").click()
    assert person.client.job(job)["status"] == "proposed"
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancel the import").click()
    expect(page.locator("#messages")).to_contain_text("cancelled")
    assert person.client.job(job)["status"] == "cancelled"


@pytest.mark.parametrize(("ending", "head"), [("xlsx", b"PK"), ("csv", "\ufeff".encode())])
def test_templates_come_in_the_language_of_the_page(wizard, ending, head):
    person = wizard(locale="nl")
    page = person.open()
    with page.expect_download() as download:
        page.get_by_role(
            "link", name=f"Klantenlijst van Accounton, {'Excel' if ending == 'xlsx' else 'CSV'}"
        ).click()
    assert download.value.suggested_filename == f"accounton.{ending}"
    assert download.value.path().read_bytes().startswith(head)


def test_a_saved_mapping_can_be_renamed_and_forgotten(wizard):
    person = wizard()
    job = person.client.upload(ACCENTS.encode())
    person.client.wait_for(job, "proposed", limit=20)
    person.client.post("/mapping-profiles", {"name": "Spring list", "job": job})
    page = person.open()
    page.get_by_role("link", name="Your saved mappings").click()
    page.get_by_label("Name of “Spring list”").fill("Summer list")
    page.get_by_role("button", name="Rename “Spring list”").click()
    expect(page.locator("#messages")).to_contain_text("Summer list")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Forget “Summer list”").click()
    expect(page.locator("#messages")).to_contain_text("forgotten")
    assert person.client.get("/mapping-profiles")["items"] == []
