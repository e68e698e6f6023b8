"""Tests the pages that make, link and merge clients, as somebody without scripts uses them."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

import pytest

from shared.plumbing.directory_store import DirectoryStore
from tests.integration.conftest import Standing, token
from tests.visiting import Page, Visitor, serve_pages


class Office:
    """A firm with nobody in it, and somebody who visits its pages."""

    def __init__(self, standing: Standing) -> None:
        serve_pages(standing.app)
        self.standing, self.name = standing, f"pages-{uuid.uuid4().hex[:8]}"
        self.bearer = token(self.name)
        DirectoryStore(standing.db, self.name).replace_reference({"tags": ["VIP"]}, None)
        self.visitor = Visitor(standing.app, self.bearer)

    def make(self, kind: str, **fields: Any) -> str:
        made = self.standing.good(
            "POST", f"/{kind}", json={**fields, "on_doubt": "create"}, bearer=self.bearer
        )
        return str(made["id"])

    def get(self, kind: str, identity: str) -> dict[str, Any]:
        found: dict[str, Any] = self.standing.good("GET", f"/{kind}/{identity}", bearer=self.bearer)
        return found

    def open(self, url: str) -> Page:
        return self.visitor.open(url)

    def send(self, page: Page, ending: str, button: tuple[str, str] = ("", ""), **changes: str) -> Page:
        return self.visitor.send(page, page.form(ending), button, **changes)


@pytest.fixture
def office(standing: Standing) -> Office:
    return Office(standing)


def last(page: Page) -> str:
    return urlsplit(page.url).path.rsplit("/", 1)[1]


def test_a_household_is_made_and_what_was_typed_stays_while_a_value_is_wrong(office: Office) -> None:
    page = office.open("/clients/new?what=household")
    typed = {
        "f.people.0.first_name": "Jan", "f.people.0.last_name": "Maes", "f.people.0.mobile": "0470 12 34 56",
        "f.people.1.first_name": "Ann", "f.people.1.last_name": "Peeters", "f.people.1.email": "ann at maes",
    }  # fmt: skip
    wrong = office.send(page, "/clients/new", **typed)
    assert wrong.status == 422
    assert dict(wrong.form("/clients/new").filled())["f.people.0.mobile"] == "0470 12 34 56"
    assert 'aria-invalid="true"' in wrong.text
    made = office.send(wrong, "/clients/new", **{"f.people.1.email": "ann@maes.example"})
    account = office.get("accounts", last(made))
    assert (account["fields"]["name"], account["fields"]["type"]) == ("Maes - Peeters", "Other")
    assert sorted(link["name"] for link in account["links"]) == ["Ann Peeters", "Jan Maes"]
    assert "+32470123456" in made.text
    assert office.send(wrong, "/clients/new", **{"f.people.1.email": "ann@maes.example"}).url == made.url


def test_a_client_that_the_firm_may_have_is_made_once_the_person_says_so(office: Office) -> None:
    known = office.make("accounts", name="Bakery Maes BV")
    page = office.open("/clients/new?what=company")
    asked = office.send(page, "/clients/new", **{"f.name": "bakery maes bv"})
    assert (asked.status, f"/clients/accounts/{known}" in asked.text) == (409, True)
    assert dict(asked.form("/clients/new").filled())["f.name"] == "bakery maes bv"
    made = office.send(asked, "/clients/new", on_doubt="1")
    assert last(made) not in (known, "new")


def test_links_are_added_changed_and_removed_from_either_end(office: Office) -> None:
    account, contact = (
        office.make("accounts", name="A"),
        office.make("contacts", last_name="Maes", email="m@maes.be"),
    )
    page = office.open(f"/clients/accounts/{account}/links?q=maes")
    (add,) = (form for form in page.content.forms if ("step", "add") in form.buttons)
    page = office.visitor.send(page, add, ("step", "add"))
    (form,) = (form for form in page.content.forms if ("step", "save") in form.buttons)
    page = office.visitor.send(page, form, ("step", "save"), relationship="zaakvoerder, vennoot")
    (link,) = office.get("contacts", contact)["links"]
    assert link["relationship"] == ["Director", "Shareholder"]
    assert office.visitor.send(page, form, ("step", "save"), relationship="x").status == 412
    page = office.open(f"/clients/contacts/{contact}/links")
    (form,) = (form for form in page.content.forms if ("step", "remove") in form.buttons)
    office.visitor.send(page, form, ("step", "remove"))
    assert office.get("accounts", account)["links"] == []


def test_two_ticked_clients_are_compared_merged_and_parted(office: Office) -> None:
    one = office.make("accounts", name="Maes", client_code="1", language="nl")
    two = office.make("accounts", name="Maes BV", client_code="2", phone="02 555 12 12")
    listed = office.open("/clients")
    proof = dict(listed.form("/clients/several").filled())["proof"]
    sent = {"proof": proof, "kind": "accounts", "id": [one, two]}
    answer = office.visitor.client.post("/clients/merge", data=sent)
    page = office.open(answer.headers["Location"])
    merged = office.send(page, f"/{one}/merge", **{"take.client_code": "theirs"})
    fields = office.get("accounts", one)["fields"]
    assert (fields["name"], fields["client_code"], fields["phone"]) == ("Maes", "2", "+3225551212")
    assert last(office.open(f"/clients/accounts/{two}")) == one
    parted = office.send(merged, "/undo")
    assert last(parted) == two
    assert office.get("accounts", one)["fields"]["client_code"] == "1"


def test_a_questionnaire_is_linked_to_one_client_and_taken_away(office: Office) -> None:
    account = office.make("accounts", name="A")
    page = office.open(f"/clients/accounts/{account}")
    page = office.send(page, "/questionnaire", name="Personal income tax", status="sent")
    assert office.get("accounts", account)["fields"]["questionnaire"]["status"] == "sent"
    office.send(page, "/questionnaire", name="")
    assert "questionnaire" not in office.get("accounts", account)["fields"]
