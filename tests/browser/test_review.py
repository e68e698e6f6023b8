"""Tests the review in the browser: a person reads what will happen, repairs and chooses rows, starts the import."""

import csv
import io
import re
import signal
import time
import uuid
import zipfile

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LIMIT_MS

expect.set_options(timeout=LIMIT_MS)
HEADERS = (
    "Account name",
    "Account type",
    "First name",
    "Last name",
    "Email",
    "Phone",
    "City",
    "Binder colour",
)
KNOWN, FRESH, MISTYPED = 12, 70, 60


def row(n, **changes):
    number = f"+3247{n:07d}"
    usual = (f"Company {n:03d}", "Company", f"Anna{n}", "Peeters", f"anna{n}@example.be", number, "Gent", "x")
    return [changes.get(header, value) for header, value in zip(HEADERS, usual, strict=True)]


def file_of(*rows):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADERS, *rows])
    return text.getvalue().encode()


def mixed():
    """Rows of records that the firm has, new ones, and some whose address is none; they come last."""
    known = [row(n, City="Leuven" if n % 2 else "Gent", Phone=f"+3248{n:07d}") for n in range(KNOWN)]
    fresh = [row(n) for n in range(100, 100 + FRESH)]
    wrong = [row(n, Email=f"anna{n} at example.be") for n in range(300, 300 + MISTYPED)]
    return file_of(*known, *fresh, *wrong)


def checked(person, content, name="clients.csv", **settings):
    """A job whose rows are checked, as the steps before leave it."""
    job = mapped(person, content, name, **settings)
    person.client.wait_for(job, "validated", limit=30)
    return job


def mapped(person, content, name="clients.csv", **settings):
    job = person.client.upload(content, name)
    person.client.wait_for(job, "proposed", limit=30)
    if settings:
        person.client.put(f"/jobs/{job}/settings", settings)
    person.client.post(f"/jobs/{job}/map")
    return job


@pytest.fixture(scope="module")
def firm():
    """A firm that has the records of the known rows."""
    return f"review-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def known(wizard, firm):
    """People of that firm, which has its records once the first of them is there."""

    def make(**how):
        person = wizard(firm=firm, **how)
        if not person.client.get("/accounts")["items"]:
            first = person.client.upload(file_of(*(row(n) for n in range(KNOWN))), autostart=True)
            person.client.wait_for(first, "imported", limit=30)
        return person

    return make


def checked_mix(person):
    return checked(person, mixed(), merge={"account.city": "overwrite", "contact.city": "overwrite"})


def review(person, job, query=""):
    return person.open(f"/jobs/{job}/review{query.replace('&', '%26')}")


def figure(page, name):
    return (
        page.locator(".figure", has=page.locator("dt", has_text=re.compile(f"^{name}$"))).locator("dd").first
    )


def tab(page, name):
    return page.get_by_role("navigation", name="Lists of rows").get_by_role(
        "link", name=re.compile(f"^{name} ")
    )


def test_an_invalid_address_is_repaired_in_place_by_keyboard(known):
    person = known()
    job = checked_mix(person)
    page = review(person, job)
    expect(tab(page, "Invalid")).to_have_attribute("aria-current", "true")
    expect(figure(page, "rows left out")).to_have_text(str(MISTYPED))
    person.must_be_accessible()
    person.picture("invalid")
    number = page.locator("#grid tbody tr").first.get_attribute("id").removeprefix("row-")
    page.locator(f"#edit-{number}").focus()
    page.keyboard.press("Enter")
    expect(page.locator("tr.open input[aria-invalid=true]")).to_be_focused()
    person.must_be_accessible()
    person.picture("row-open")
    page.keyboard.type("anna@example.be")
    page.keyboard.press("Enter")
    expect(page.locator(f"#row-{number}")).to_contain_text("Account: new")
    expect(page.locator(f"#edit-{number}")).to_be_focused()
    expect(page.locator("#announce")).to_have_text(f"Row {number} is saved: New")
    expect(figure(page, "rows left out")).to_have_text(str(MISTYPED - 1))
    expect(page.locator("#problem-invalid_email")).to_contain_text(f"{MISTYPED - 1} rows")
    expect(page.get_by_role("button", name=re.compile("^Start import of"))).to_contain_text(
        str(KNOWN // 2 + FRESH + 1)
    )
    # on to the next rows by arrow, and out again without a change
    page.keyboard.press("Enter")
    expect(page.locator(f"#row-{number} #cell-0")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"#row-{int(number) + 1} #cell-0")).to_be_focused()
    page.keyboard.type("a name that is not kept")
    page.keyboard.press("Escape")
    expect(page.locator("tr.open")).to_have_count(0)
    expect(figure(page, "rows left out")).to_have_text(str(MISTYPED - 1))
    assert person.client.job(job)["counts"]["invalid"] == MISTYPED - 1


def test_all_rows_with_a_problem_are_repaired_at_once_and_undone(known):
    person = known()
    job = checked_mix(person)
    page = review(person, job)
    problem = page.locator("#problem-invalid_email")
    problem.get_by_role("link", name="Fix all").click()
    page.get_by_label("Replace", exact=True).fill(" at ")
    page.get_by_label("With, or the value to set").fill("@")
    expect(page.locator("#fix-preview ins").first).to_have_text("anna300@example.be")
    person.must_be_accessible()
    person.picture("fix-all")
    page.get_by_role("button", name=f"Repair {MISTYPED} rows").click()
    expect(page.locator("#messages")).to_contain_text(f"{MISTYPED} rows repaired.")
    expect(problem).to_have_count(0)
    expect(figure(page, "rows left out")).to_have_text("0")
    expect(page.locator("#after")).to_contain_text("Replaced on all rows with a problem")
    page.locator("#after").get_by_role("button", name="Undo").click()
    expect(page.locator("#messages")).to_contain_text(f"{MISTYPED} rows are as they were.")
    expect(problem).to_contain_text(f"{MISTYPED} rows")
    expect(page.locator(".repairs .undone")).to_contain_text("undone")
    person.must_be_accessible()
    assert person.client.job(job)["counts"]["invalid"] == MISTYPED


def test_rows_are_ticked_out_one_by_one_and_as_a_whole_list(known):
    person = known()
    job = checked_mix(person)
    page = review(person, job, "?tab=update")
    page.on("dialog", lambda question: question.accept())
    before = person.client.job(job)["counts"]["update"]
    first = page.locator("#grid tbody tr").first
    number = first.get_attribute("id").removeprefix("row-")
    page.get_by_label(f"Import row {number}", exact=True).uncheck()
    expect(first).to_contain_text("Left out by you")
    expect(tab(page, "Left out by you")).to_contain_text("1")
    page.get_by_label(f"Import row {number}", exact=True).check()
    expect(tab(page, "Left out by you")).to_contain_text("0")
    page.get_by_role("button", name=f"Leave all {before} rows out").click()
    expect(tab(page, "Left out by you")).to_contain_text(str(before))
    expect(page.locator("#grid")).to_contain_text("No rows here.")
    tab(page, "Left out by you").click()
    page.get_by_role("button", name=f"Take all {before} rows in").click()
    expect(tab(page, "Update")).to_contain_text(str(before))
    assert person.client.job(job)["counts"]["unselected"] == 0


def test_an_update_shows_what_it_changes_and_what_it_keeps(known):
    person = known()
    job = checked_mix(person)
    page = review(person, job, "?tab=update")
    changed = page.locator("#grid tbody tr").first
    expect(changed).to_contain_text("Contact: updated")
    city = changed.locator(".differences .overwritten")
    expect(city.locator("del")).to_have_text("Gent")
    expect(city.locator("ins")).to_have_text("Leuven")
    expect(changed.locator(".differences .kept")).to_contain_text("+32470000001")
    person.must_be_accessible()
    person.picture("update")
    page.locator("#grid td[data-column='6']").nth(2).dblclick()
    expect(page.locator("#cell-6")).to_be_focused()


def test_rows_are_found_by_paging_searching_and_problem(known):
    person = known()
    job = checked_mix(person)
    page = review(person, job, "?tab=all")
    total = KNOWN + FRESH + MISTYPED
    expect(page.locator("#where")).to_have_text(f"1 to 50 of {total}")
    page.locator("#next").click()
    expect(page.locator("#where")).to_have_text(f"51 to 100 of {total}")
    page.locator("#next").click()
    expect(page.locator("#where")).to_have_text(f"101 to {total} of {total}")
    page.locator("#previous").click()
    expect(page.locator("#where")).to_have_text(f"51 to 100 of {total}")
    expect(page.locator("#grid tbody tr").first).to_have_id("row-52")
    page.locator("#problem-invalid_email").get_by_role("link", name="Show these rows").click()
    expect(page.locator("#where")).to_have_text(f"1 to 50 of {MISTYPED}")
    page.get_by_label("Search in these rows").fill("company 305")
    page.keyboard.press("Enter")
    expect(page.locator("#grid tbody tr")).to_have_count(1)
    expect(page.locator("#grid tbody tr td.bad")).to_contain_text("anna305 at example.be")
    page.get_by_label("Search in these rows").fill("nobody at all")
    page.keyboard.press("Enter")
    expect(page.locator("#grid")).to_contain_text("No row has “nobody at all”.")
    page.get_by_role("link", name="Clear the search").click()
    expect(page.locator("#where")).to_have_text(f"1 to 50 of {MISTYPED}")
    expect(page.locator("#grid thead")).not_to_contain_text("Binder colour")
    page.get_by_role("link", name="All columns").click()
    expect(page.locator("#grid thead")).to_contain_text("Binder colour")


def test_examples_and_records_that_only_the_firm_has(known):
    person = known()
    job = checked(person, mixed(), tags=["VIP"], assignees=["anna"])
    page = review(person, job)
    page.get_by_text("Examples of what will be made").click()
    card = page.locator(".example").first
    expect(card).to_contain_text("Company 100")
    expect(card).to_contain_text("Anna Claes")
    expect(card.locator(".linked")).to_contain_text("Anna100 Peeters")
    expect(card.locator(".linked")).to_contain_text("Login")
    person.must_be_accessible()
    person.picture("examples")
    other = checked(person, file_of(row(1), row(500)), "two.csv")
    page = review(person, other, "?tab=only_in_system")
    expect(page.locator("#grid tbody")).to_contain_text("Company 002")
    expect(page.locator("#grid tbody")).not_to_contain_text("Company 001")


def test_everything_works_without_scripts(known):
    person = known(scripts=False)
    content = file_of(row(1), *(row(n, Email=f"a{n} at b.be") for n in (600, 601)), row(602, Email="?"))
    job = checked(person, content)
    page = review(person, job)
    page.locator("#edit-5").click()
    page.locator("tr.open input[name=cell-4]").fill("a602@example.be")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#row-5")).to_contain_text("Account: new")
    page.locator("#problem-invalid_email").get_by_role("link", name="Fix all").click()
    page.get_by_label("Replace", exact=True).fill(" at ")
    page.get_by_label("With, or the value to set").fill("@")
    page.get_by_role("button", name="Show examples again").click()
    expect(page.locator("#fix-preview ins").first).to_have_text("a600@b.be")
    page.get_by_role("button", name="Repair 2 rows").click()
    expect(page.locator("#messages")).to_contain_text("2 rows repaired.")
    tab(page, "New").click()
    page.get_by_label("Import row 4", exact=True).uncheck()
    page.get_by_role("button", name="Save the ticks").click()
    expect(tab(page, "Left out by you")).to_contain_text("1")
    page.get_by_role("button", name=re.compile("^Start import of")).click()
    page.wait_for_url("**/result")
    assert person.client.wait_for(job, "imported", limit=30)["result"]["rows_skipped"] == 1


def test_rows_left_out_are_downloaded_and_come_back_repaired(known):
    person = known()
    job = checked(person, file_of(row(700), row(701, Email="a701 at b.be")))
    page = review(person, job)
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download as CSV").click()
    with zipfile.ZipFile(loading.value.path()) as archive:
        content = archive.read(archive.namelist()[0])
    assert b"a701 at b.be" in content
    repaired = {"name": "r.csv", "mimeType": "text/csv", "buffer": content.replace(b" at ", b"@")}
    page.get_by_label("Upload the repaired file").set_input_files(repaired)
    page.get_by_role("button", name="Upload again").click()
    expect(page.locator("#messages")).to_contain_text("The repaired rows are taken over from the file.")
    expect(figure(page, "rows left out")).to_have_text("0")
    expect(page.locator("#after")).to_contain_text("Repaired file uploaded")


def test_nobody_starts_on_numbers_that_another_person_changed(known):
    person = known()
    job = checked(person, file_of(row(800), row(801, City="<img src=x onerror=alert(1)>")))
    page = review(person, job)
    expect(page.locator("#grid")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.locator("#problems")).to_contain_text("Nothing is wrong")
    person.client.call("PATCH", f"/jobs/{job}/rows", json=[{"row": 2, "selected": False}])
    page.get_by_role("button", name="Start import of 2 rows").click()
    expect(page.locator("#messages")).to_contain_text("The rows were changed meanwhile.")
    person.client.post(f"/jobs/{job}/cancel")
    page.get_by_label("Import row 3", exact=True).click()
    page.wait_for_url("**/result")
    expect(page.locator("#messages .notice")).to_be_visible()


def test_nothing_is_started_where_nothing_would_be_loaded(known):
    person = known()
    job = checked(person, file_of(*(row(n) for n in range(3))))
    page = review(person, job)
    expect(page.locator("#nothing")).to_contain_text("the firm has everything")
    expect(page.get_by_role("button", name="Start import")).to_be_disabled()
    page.on("dialog", lambda question: question.accept())
    page.get_by_role("button", name="Cancel import").click()
    page.wait_for_url("**/result")
    assert person.client.job(job)["status"] == "cancelled"


def test_the_page_follows_the_check_and_shows_what_was_found(wizard, system):
    person = wizard()
    system["validator"].signal(signal.SIGSTOP)
    try:
        job = mapped(person, file_of(row(1), row(2)))
        page = review(person, job)
        expect(page.get_by_role("heading", level=1)).to_have_text("Every row is being checked")
        expect(page.locator("#checking")).to_contain_text("0 of 2 rows")
        person.must_be_accessible()
        person.picture("checking")
    finally:
        system["validator"].signal(signal.SIGCONT)
    expect(page.get_by_role("heading", name="What will happen")).to_be_visible()


def test_the_page_leads_elsewhere_before_the_check_and_after_the_start(wizard):
    person = wizard()
    job = person.client.upload(file_of(row(1)))
    person.client.wait_for(job, "proposed", limit=30)
    page = review(person, job)
    assert page.url.endswith("/accounts")
    person.client.post(f"/jobs/{job}/map")
    person.client.wait_for(job, "validated", limit=30)
    person.client.post(f"/jobs/{job}/confirm")
    assert review(person, job).url.endswith("/result")


@pytest.mark.parametrize(
    "how",
    [{"locale": "fr"}, {"locale": "nl", "dark": True}, {"locale": "de"}, {"phone": True}],
    ids=["fr", "dark", "de", "phone"],
)
def test_the_review_is_accessible_in_other_languages_and_sizes(known, how):
    person = known(**how)
    job = checked_mix(person)
    page = review(person, job)
    title = {"fr": "Ce qui va se passer", "nl": "Wat er zal gebeuren", "de": "Was geschehen wird"}
    expect(page.locator("#will-title")).to_have_text(title.get(how.get("locale"), "What will happen"))
    person.picture("review")
    page.goto(f"{page.url}?tab=update&fix=invalid_email&edit=3")
    person.must_be_accessible()
    person.picture("repairing")
    if how.get("phone"):
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_page_of_a_large_list_is_as_quick_as_that_of_a_small_one(known):
    person = known()
    jobs = {
        rows: checked(person, file_of(*(row(10_000 + n) for n in range(rows))), f"{rows}.csv")
        for rows in (50, 3_000)
    }
    page = review(person, jobs[50], "?tab=new")
    took = {rows: [] for rows in jobs}
    for _ in range(9):  # in turn, so that what else the machine does slows both
        for rows, job in jobs.items():
            began = time.monotonic()
            assert page.request.get(page.url.replace(jobs[50], job)).ok
            took[rows].append(time.monotonic() - began)
    small, large = (sorted(times)[4] for times in took.values())
    assert large < 2 * small + 0.05, took


def test_whom_a_namesake_means_is_asked_beside_the_candidates_and_can_be_asked_again(wizard):
    person = wizard()
    rows = ("Jan;Peeters;jan@a.example", "Jan;Peeters;jan@b.example", "An;Maes;an@c.example")
    job = person.client.upload("\n".join(("First name;Last name;E-mail", *rows)).encode())
    person.client.wait_for(job, "proposed", limit=20)
    person.client.post(f"/jobs/{job}/map")
    person.client.wait_for(job, "validated", limit=20)
    page = person.open(f"/jobs/{job}/review")
    asked = page.locator("#row-3 .candidates")
    expect(asked).to_contain_text("jan@a.example")
    person.must_be_accessible()
    person.picture("review-whom")
    asked.get_by_role("button", name="Somebody else").click()
    expect(page.locator("#row-3 .decided")).to_contain_text("You said: somebody else")
    counts = person.client.job(job)["counts"]
    assert (counts["new"], counts["invalid"]) == (3, 0)
    page.locator("#row-3").get_by_role("button", name="Ask again").click()
    expect(page.locator("#row-3 .candidates")).to_be_visible()
    page.get_by_role("button", name="All are the same").click()
    expect(page.locator("#messages")).to_contain_text("1 row is decided.")
    counts = person.client.job(job)["counts"]
    assert (counts["new"], counts["duplicate"], counts["invalid"]) == (2, 1, 0)
    page.get_by_role("button", name="Start import of 2 rows").click()
    person.client.wait_for(job, "imported", limit=20)
    found = {name: person.client.get(f"/{name}")["items"] for name in ("accounts", "contacts")}
    assert {name: len(items) for name, items in found.items()} == {"accounts": 2, "contacts": 2}
