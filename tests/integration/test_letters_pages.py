"""Tests the pages about letters to clients, and that nothing is offered that is not set up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from services.notifier.mails.sending import Refused
from tests.integration.conftest import FIRM, Standing, token
from tests.integration.sending_firm import Firm
from tests.visiting import Form, Page, Visitor

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def firm(looked_at: Standing) -> Iterator[Firm]:
    """A firm of its own with seven contacts, of whom two cannot be invited."""
    made = Firm(looked_at.app.extensions["carryover"].db)
    for number in range(5):
        made.contact(number, language="nl")
    made.contact(5, email="", last_name=HOSTILE)
    made.contact(6, links=0)
    yield made
    looked_at.db.sendings.delete_many({"firm": made.name})


def visitor_of(standing: Standing, firm: Firm, **claims: Any) -> Visitor:
    return Visitor(standing.app, token(firm.name, **claims), "en")


def form_to(page: Page, end: str) -> Form:
    """The form that a page sends to an address with this end."""
    return next(form for form in page.content.forms if form.action.endswith(end))


def check(visitor: Visitor, firm: Firm, *numbers: int, **more: Any) -> Page:
    """The last check of some contacts."""
    page = visitor.open("/clients?kind=contacts")
    form = form_to(page, "/several")
    proof = next(control.value for control in form.controls if control.name == "proof")
    sent = {"proof": proof, "id": [f"c{number:05x}" for number in numbers], **more}
    answer = visitor.client.post("/letters/invitations/check", data=sent, follow_redirects=True)
    if numbers:
        assert "frame-src 'self'" in answer.headers["Content-Security-Policy"]
    return Page(answer.request.url, answer.status_code, answer.text)


def test_a_last_check_shows_each_mail_and_who_gets_none_before_anything_is_sent(
    looked_at: Standing, firm: Firm
) -> None:
    visitor = visitor_of(looked_at, firm)
    page = check(visitor, firm, 0, 1, 5, 6)
    assert "2 contacts will be invited." in page.text
    assert "has no e-mail address" in page.text
    assert "may not log in" in page.text
    assert HOSTILE not in page.text
    assert "Name 00000" in page.text
    assert looked_at.db.sendings.count_documents({"firm": firm.name}) == 0
    second = visitor.send(page, form_to(page, "/check"), ("at", "2"))
    assert "2 of 2" in second.text
    sent = visitor.send(second, form_to(second, "/check"), ("step", "send"))
    assert "/letters/invitations/" in sent.url
    assert looked_at.db.sendings.count_documents({"firm": firm.name}) == 1
    stopped = visitor.send(sent, form_to(sent, "/stop"), ("", ""))
    assert "Stopped." in stopped.text
    going_on = visitor.send(stopped, form_to(stopped, "/resume"), ("", ""))
    assert "under way" in going_on.text
    assert sent.url.rpartition("/")[2] in visitor.open("/letters").text


def test_a_mail_is_shown_as_its_reader_sees_it_and_can_do_nothing(looked_at: Standing, firm: Firm) -> None:
    visitor = visitor_of(looked_at, firm)
    page = visitor.client.get("/letters/invitations/mail/c00000")
    assert "nodigt u uit" in page.text
    assert page.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert visitor.open("/letters/invitations/mail/c00005").status == 404
    assert visitor.open("/letters/invitations/mail/..").status == 404


def test_nobody_is_asked_for_without_a_tick(looked_at: Standing, firm: Firm) -> None:
    page = check(visitor_of(looked_at, firm), firm)
    assert "Tick the clients first" in page.text


def test_states_are_on_the_list_on_the_page_of_a_contact_and_in_the_filter(
    looked_at: Standing, firm: Firm
) -> None:
    visitor = visitor_of(looked_at, firm)
    firm.invite(["c00000", "c00001"])
    firm.mail.answers["c00001@mail.example"] = Refused(550)
    firm.run()
    assert "sent" in visitor.open("/clients/contacts/c00000").text
    failed = visitor.open("/clients/contacts/c00001").text
    assert "refused" in failed
    assert "Correct the address" in failed
    listed = visitor.open("/clients?kind=contacts&invitation=failed").text
    assert "Name 00001" in listed
    assert "Name 00000" not in listed


@pytest.mark.parametrize("status", ["not_sent", "sent", "failed", "accepted"])
def test_the_list_by_state_pages_through_all_of_them(looked_at: Standing, firm: Firm, status: str) -> None:
    invited = ["c00000", "c00001", "c00002"]
    firm.mail.answers["c00002@mail.example"] = Refused(550)
    firm.invite(invited)
    firm.run()
    firm.store.report("c00000", "accepted")
    expected = {
        "not_sent": {"c00003", "c00004", "c00005", "c00006"},
        "sent": {"c00001"},
        "failed": {"c00002"},
        "accepted": {"c00000"},
    }
    found, cursor = [], ""
    while True:
        path = f"/contacts?invitation={status}&limit=1{cursor}"
        page = looked_at.good("GET", path, bearer=token(firm.name))
        assert all(each["invitation"]["status"] == status for each in page["items"])
        found += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert set(found) == expected[status]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("kind", ["invitation", "questionnaire"])
def test_what_is_not_set_up_is_offered_nowhere_and_refused(
    looked_at: Standing, firm: Firm, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    servers = looked_at.app.extensions["carryover"]
    monkeypatch.setattr(servers, "config", replace(servers.config, **{f"{kind}_url": None}))
    visitor = visitor_of(looked_at, firm)
    letters = f"{kind}s"
    for address in ("/clients?kind=contacts", "/clients?kind=accounts", "/clients/contacts/c00000"):
        assert f"/letters/{letters}/check" not in visitor.open(address).text
    path = "/invitations" if kind == "invitation" else "/questionnaires/send"
    for call in (path, f"{path}/preview"):
        answer = looked_at.call("POST", call, json={"filter": {}}, bearer=token(firm.name))
        assert (answer.status_code, answer.json["code"]) == (409, "not_set_up")
        assert f"{kind.upper()}_URL" in answer.json["detail"]


def test_an_import_cannot_choose_invitations_where_none_can_be_sent(
    looked_at: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = looked_at.copy(looked_at.jobs["proposed"])
    path, choice = f"/jobs/{job}/settings", {"contact.email": {"send_invitation": True}}
    offered = looked_at.good("GET", path)["contacts"]
    assert {given["send_invitation"] for given in offered.values()} == {False}
    chosen = looked_at.good("PUT", path, json={"contacts": choice})["contacts"]
    assert chosen["contact.email"]["send_invitation"] is True
    assert looked_at.good("GET", path)["contacts"] == chosen
    servers = looked_at.app.extensions["carryover"]
    monkeypatch.setattr(servers, "config", replace(servers.config, invitation_url=None))
    for body in (
        {"contacts": choice},
        {"rules": [{"when": [{"column": 0, "is": "x"}], "then": {"send_invitation": True}}]},
    ):
        answer = looked_at.call("PUT", path, json=body)
        assert answer.status_code == 422
        assert answer.json["errors"][0]["code"] == "no_invitations"


#: By page, how many of its links lead to lists of clients and to single ones; a page of clients also leads to itself.
LEADING: dict[str, tuple[int, int]] = {
    "/": (1, 0),
    "/letters": (2, 0),
    "/letters/invitations/{sending}": (2, 0),
    "/jobs/{imported}/result": (2, 0),
    "/jobs/{validated}/review": (1, 0),
    "/clients/contacts/c00000": (2, 1),
    "/clients/accounts/a00000": (2, 1),
    "/clients?kind=contacts": (1, 13),
    "check": (3, 3),
}


@pytest.mark.parametrize("page", LEADING)
def test_links_to_clients_lead_to_the_platform_where_it_shows_them_itself(
    looked_at: Standing, firm: Firm, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    visitor, sending = visitor_of(looked_at, firm), firm.invite(["c00000"])
    path, name = page.format(sending=sending, **looked_at.jobs), firm.name
    if page.startswith("/jobs"):
        visitor, name = Visitor(looked_at.app, token(), "en"), FIRM

    def links() -> list[str]:
        shown = check(visitor, firm, 1, 2, 5) if page == "check" else visitor.open(path)
        assert shown.status == 200
        return shown.content.links

    ours = links()
    assert not [link for link in ours if "app.example" in link]
    monkeypatch.setitem(
        looked_at.app.extensions, "wizard_clients_url", "https://app.example/{firm}?k={kind}&i={id}&j={job}"
    )
    theirs = [link for link in links() if link.startswith(f"https://app.example/{name}?")]
    single = [link for link in theirs if "&i=&" not in link]
    to_lists, to_single = LEADING[page]
    assert (len(theirs) - len(single), len(single)) == (to_lists, to_single)
    left = [link for link in links() if link.startswith("/clients")]
    if not page.startswith("/clients"):
        assert {link for link in left if "invitation=" not in link} == set()
