"""Tests the result page in the browser: progress, numbers, repair of rows that were left out, and undo."""

from __future__ import annotations

import csv
import io
import re
import signal
import zipfile

import pytest
from playwright.sync_api import expect

from tests.system import eventually

LIMIT = 30.0
HEADER = ("Account name", "Client code", "Account tags", "First name", "Last name", "E-mail", "Mobile")
NO_WORKBOOK = b"PK\x03\x04 no zip at all"


def table(rows):
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([HEADER, *rows])
    return text.getvalue().encode()


def clients(count, bad=0, phones=0):
    """A list of that many clients; the last `bad` have no usable address, the last `phones` no usable phone."""
    rows = []
    for n in range(count):
        email = f"jan{n}@{'' if n >= count - bad else 'example.be'}"
        phone = "12" if n >= count - phones else "+32470123456"
        rows.append((f"Bakery {n}", f"C{n}", "vip", "Jan", f"Peeters {n}", email, phone))
    return table(rows)


def left_out(client, job):
    """The list of rows left out, once it is made."""
    eventually(lambda: client.get(f"/jobs/{job}/result")["left_out"], LIMIT, "the reasons are counted")
    with zipfile.ZipFile(io.BytesIO(client.call("GET", f"/jobs/{job}/skipped.zip").content)) as archive:
        text = archive.read("skipped-rows.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def as_file(lines):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(lines[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(lines)
    return {"name": "corrected.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()}


def corrected(lines):
    return [{**line, "E-mail": f"{line['Client code']}@example.be", "Mobile": ""} for line in lines]


def loaded(person, content, name="clients.csv"):
    job = person.client.upload(content, name, autostart=True, max_invalid={"share": 0.9})
    person.client.wait_for(job, "imported", limit=LIMIT)
    return job


def sum_of(page):
    """The numbers of the line that balances."""
    expect(page.locator(".balance")).to_be_visible()
    return [int(re.sub(r"\D", "", text)) for text in page.locator(".balance .n").all_inner_texts()]


def test_the_numbers_balance_rows_left_out_are_shown_and_come_back_corrected(wizard):
    person = wizard()
    job = loaded(person, clients(40, bad=6, phones=2))
    lines = left_out(person.client, job)
    page = person.open(f"/jobs/{job}")
    expect(page).to_have_url(re.compile(rf"/jobs/{job}/result"))
    expect(page.locator("h1")).to_have_text("Your list is imported")
    whole, *parts = sum_of(page)
    assert (whole, parts) == (40, [34, 0, 6])
    expect(page.locator(".figure", has_text="accounts created").locator("dd")).to_have_text("34")
    expect(page.locator(".reasons .count")).to_have_text(["6 rows", "2 rows"])
    expect(page.locator(".examples tbody tr")).to_have_count(5)
    expect(page.locator("#timeline")).to_contain_text("Mail sent to owner@")
    person.must_be_accessible()
    person.picture("imported")

    page.locator(".reasons a", has_text="phone").click()
    expect(page.locator(".examples tbody tr")).to_have_count(2)
    expect(page.locator(".examples mark")).to_have_text(["12", "12"])
    expect(page.locator("#why-invalid_phone")).to_be_focused()

    with page.expect_download() as archive:
        page.get_by_role("link", name="CSV, zipped").click()
    assert archive.value.suggested_filename == "rows-left-out.zip"
    with page.expect_download() as book:
        page.get_by_role("link", name="Excel, marked").click()
    assert book.value.path().read_bytes().startswith(b"PK")

    page.get_by_label("Correct them").set_input_files(as_file(corrected(lines[:4]) + lines[4:]))
    page.get_by_role("button", name="Load the corrected rows").click()
    expect(page.locator("h1")).to_have_text("Your list is imported")
    expect(page.get_by_text("This import loaded corrected rows of an earlier one.")).to_be_visible()
    assert sum_of(page) == [6, 4, 0, 2]
    person.picture("corrected")
    page.locator(".notice").get_by_role("link", name="clients.csv").click()
    expect(page).to_have_url(re.compile(job))
    assert sum_of(page) == [40, 38, 0, 2]
    expect(page.get_by_role("link", name="corrected.csv")).to_be_visible()
    person.must_be_accessible()
    person.picture("after-repair")

    page.get_by_label("Correct them").set_input_files(as_file(corrected(lines[:1])))
    page.get_by_role("button", name="Load the corrected rows").click()
    expect(page.locator("#messages .notice.bad")).to_contain_text("waits to be loaded")
    person.errors.clear()  # the browser reports the 409


@pytest.fixture
def slow(system):
    """Lets a test hold the loading at any moment; it goes on afterwards in any case."""
    importer = system["importer"]
    yield importer
    importer.signal(signal.SIGCONT)


def under_way(wizard, importer, rows=6_000):
    """A person at the page of a job that is being loaded; loading is stopped when it has begun."""
    person = wizard()
    job = person.client.upload(clients(rows, bad=3), autostart=True, max_invalid={"rows": 2})
    person.client.wait_for(job, "validated", limit=LIMIT)
    importer.signal(signal.SIGSTOP)
    person.client.post(f"/jobs/{job}/confirm")
    page = person.open(f"/jobs/{job}")
    expect(page.locator("h1")).to_have_text("Your list is being loaded")
    expect(page.locator(".how-far")).to_have_text("0%")
    importer.signal(signal.SIGCONT)
    eventually(lambda: person.client.job(job)["progress"]["done"], LIMIT, "the first rows")
    importer.signal(signal.SIGSTOP)
    expect(page.locator(".how-far")).not_to_have_text("0%")
    return person


def test_loading_is_followed_until_it_is_done_without_a_reload(wizard, slow):
    person = under_way(wizard, slow)
    page = person.page
    page.evaluate("window.same = true")
    expect(page.locator(".progress-card")).to_contain_text(
        re.compile(r"[\d,]+ of 6,000 rows · [\d,]+ a second")
    )
    expect(page.locator(".progress-card")).to_contain_text("a mail goes to owner@")
    person.must_be_accessible()
    person.picture("under-way")
    slow.signal(signal.SIGCONT)
    expect(page.locator("h1")).to_have_text("Your list is imported", timeout=LIMIT * 1000)
    expect(page.locator(".reasons")).to_be_visible()
    expect(page.locator("#timeline")).to_contain_text("Mail sent to")
    assert page.evaluate("window.same"), "the page was never loaded anew"
    assert sum_of(page) == [6_000, 5_997, 0, 3]


def test_loading_is_stopped_halfway_and_what_was_loaded_can_be_undone(wizard, slow):
    person = under_way(wizard, slow, rows=5_000)
    page = person.page
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("h1")).to_have_text("The import was stopped")
    slow.signal(signal.SIGCONT)
    whole, *parts = sum_of(page)
    assert whole == sum(parts) == 5_000
    assert parts[-1] > 0, "some rows were not reached"
    expect(page.locator(".balance")).to_contain_text("not reached")
    person.must_be_accessible()
    person.picture("stopped")
    page.get_by_role("link", name="See what it would do").click()
    page.get_by_label("Yes, undo").check()
    page.get_by_role("button", name="Undo it now").click()
    expect(page.locator("h1")).to_have_text("The import was undone", timeout=LIMIT * 1000)
    assert person.client.get("/accounts", total=True)["items"] == []


def test_the_undo_says_beforehand_what_it_does_and_afterwards_what_stayed(wizard):
    person = wizard()
    job = loaded(person, clients(12))
    (first, *_) = person.client.get("/accounts")["items"]
    changed = person.client.call("PATCH", f"/accounts/{first['id']}", json={"notes": "called them"})
    assert changed.ok, changed.text
    page = person.open(f"/jobs/{job}/result")
    page.get_by_role("link", name="See what it would do").click()
    expect(page.locator(".will")).to_contain_text("11 accounts that it made are removed.")
    expect(page.locator(".will")).to_contain_text("stays, in whole or in part")
    person.must_be_accessible()
    person.picture("preview")
    page.evaluate("document.querySelector('[name=sure]').required = false")
    page.get_by_role("button", name="Undo it now").click()
    expect(page.locator("#messages")).to_contain_text("Tick the box")
    assert person.client.job(job)["status"] == "imported"
    person.errors.clear()  # the browser reports the 422
    page.get_by_label("Yes, undo").check()
    page.get_by_role("button", name="Undo it now").click()
    expect(page.locator("h1")).to_have_text("The import was undone")
    expect(page.locator(".figure", has_text="accounts removed").locator("dd")).to_have_text("11")
    expect(page.locator("#result")).to_contain_text("These names stay, because somebody uses them: vip")
    with page.expect_download() as archive:
        page.get_by_role("link", name="Download the list of what stays").click()
    assert archive.value.suggested_filename == "rows-that-stay.zip"
    expect(page.locator("#timeline")).to_contain_text("Undo finished")
    person.must_be_accessible()
    person.picture("undone")
    page.goto(page.url.replace("/result", "/undo"))
    expect(page.locator("h1")).to_have_text("The import was undone")


def test_a_failed_import_says_why_and_what_to_do(wizard):
    person = wizard()
    job = person.client.upload(NO_WORKBOOK, "clients.xlsx", autostart=True)
    person.client.wait_for(job, "failed", limit=LIMIT)
    page = person.open(f"/jobs/{job}")
    expect(page.locator("h1")).to_have_text("The import has failed")
    expect(page.locator(".notice.bad")).to_contain_text("Nothing was loaded")
    expect(page.locator(".balance")).to_have_count(0)
    expect(page.get_by_role("link", name="See what it would do")).to_have_count(0)
    person.must_be_accessible()
    person.picture("failed")
    page.get_by_role("link", name="Import another list").click()
    expect(page.locator("h1")).to_have_text("Import a client list")


def test_file_and_rows_are_deleted_after_a_question_and_the_numbers_stay(wizard):
    person = wizard(dark=True)
    job = loaded(person, clients(10, bad=2))
    left_out(person.client, job)
    page = person.open(f"/jobs/{job}/result")
    expect(page.locator(".examples")).to_be_visible()
    person.must_be_accessible()
    person.picture("imported")
    page.get_by_text("Delete the file and its rows").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("The file and its rows were deleted; the numbers stay.")).to_be_visible()
    assert sum_of(page) == [10, 8, 0, 2]
    expect(page.locator(".reasons")).to_contain_text("2 rows")
    expect(page.get_by_role("link", name="CSV, zipped")).to_have_count(0)
    expect(page.get_by_role("link", name="See what it would do")).to_have_count(0)
    person.must_be_accessible()
    person.picture("deleted")
    page.goto(page.url.split("?")[0].replace("/result", "/undo"))
    expect(page.locator(".notice.warn")).to_be_visible()


def test_without_scripts_a_list_is_corrected_and_an_import_undone(wizard):
    person = wizard(scripts=False, phone=True)
    job = loaded(person, clients(10, bad=2))
    lines = left_out(person.client, job)
    page = person.open(f"/jobs/{job}/result")
    person.picture("imported")
    page.get_by_label("Correct them").set_input_files(as_file(corrected(lines)))
    page.get_by_role("button", name="Load the corrected rows").click()
    eventually(lambda: person.client.job(job)["repaired_by"], LIMIT, "the corrected rows are loaded")
    page.goto(page.url.split("/jobs/")[0] + f"/jobs/{job}")
    assert sum_of(page) == [10, 10, 0, 0]
    expect(page.get_by_text("No row was left out")).to_be_visible()
    page.get_by_role("link", name="See what it would do").click()
    page.get_by_label("Yes, undo").check()
    page.get_by_role("button", name="Undo it now").click()
    person.client.wait_for(job, "undone", limit=LIMIT)
    page.goto(page.url)
    expect(page.locator("h1")).to_have_text("The import was undone")


@pytest.mark.parametrize("phone", [False, True])
def test_the_page_is_there_in_french_and_on_a_phone(wizard, phone):
    person = wizard(locale="fr", phone=phone)
    job = loaded(person, clients(1_200, bad=30, phones=5))
    left_out(person.client, job)
    page = person.open(f"/jobs/{job}/result")
    expect(page.locator("h1")).to_have_text("Votre liste est importée")
    expect(page.locator(".balance")).to_contain_text("lignes dans le fichier")
    person.must_be_accessible()
    person.picture("imported")
    page.get_by_role("link", name="Voir ce qui se passerait").click()
    person.must_be_accessible()
    person.picture("preview")


def test_an_earlier_status_leads_to_its_page(wizard):
    person = wizard()
    job = person.client.upload(clients(3))
    person.client.wait_for(job, "proposed", limit=LIMIT)
    person.open(f"/jobs/{job}/result")
    expect(person.page).to_have_url(re.compile(r"/accounts$"))
