"""Tests that each contact gets one mail, however often it is asked for, and whatever ends meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from services.notifier.mails.sending import NotNow, Refused, Unreachable
from shared.contract.sendings import INVITATION, MOST_OPEN, PAUSES, QUESTIONNAIRE
from shared.plumbing.sending_store import TooManySendings
from tests.integration.sending_firm import Firm, Killed

LOGIN_OFF = {"contact.email": {"login": False, "notify": True}}


@pytest.fixture
def firm(shared_database: Any) -> Firm:
    """A firm, and nothing of others that is under way."""
    shared_database.sendings.delete_many({})
    return Firm(shared_database)


def test_each_contact_gets_one_mail_however_often_it_is_asked_for(firm: Firm) -> None:
    contacts = [firm.contact(n) for n in range(7)]
    sendings = [firm.invite(contacts), firm.invite(contacts[:3]), firm.ask({"filter": {}})]
    firm.run()
    sendings.append(firm.invite(contacts))
    firm.run()
    assert firm.mail.to() == {f"{each}@mail.example": 1 for each in contacts}
    assert {firm.status(each) for each in contacts} == {"sent"}
    last = firm.store.get(INVITATION, sendings[-1])
    assert last
    assert last["status"] == "done"
    assert last["left_out"] == {"sent": 7}


def test_who_cannot_get_a_mail_is_counted_by_reason_and_no_mail_goes_out(firm: Firm) -> None:
    one = firm.contact(1, email=None)
    two = firm.contact(2, email="no address at all")
    three = firm.contact(3, switches=LOGIN_OFF)
    four = firm.contact(4, links=0)
    sending = firm.invite([one, two, three, four, "ffff"])
    firm.run()
    known = firm.store.get(INVITATION, sending)
    assert known
    assert known["left_out"] == {"no_address": 1, "wrong_address": 1, "no_login": 2, "gone": 1}
    assert known["looked_at"] == 5
    assert not firm.mail.mails


def test_a_refused_address_fails_and_a_corrected_one_gets_its_mail(firm: Firm) -> None:
    contact = firm.contact(1)
    firm.mail.answers["c00001@mail.example"] = Refused(550)
    firm.invite([contact])
    firm.run()
    assert firm.status(contact) == "failed"
    again = firm.invite([contact])
    firm.run()
    known = firm.store.get(INVITATION, again)
    assert known
    assert known["left_out"] == {"failed": 1}
    firm.change(contact, email="right@mail.example")
    firm.invite([contact])
    firm.run()
    assert firm.status(contact) == "sent"
    assert firm.mail.to() == {"right@mail.example": 1}


def test_a_bounced_mail_goes_to_the_same_address_only_where_somebody_says_so(firm: Firm) -> None:
    contact = firm.contact(1)
    firm.invite([contact])
    firm.run()
    firm.store.report(contact, "bounced")
    firm.invite([contact])
    firm.run()
    assert len(firm.mail.mails) == 1
    firm.invite([contact], again=True)
    firm.run()
    assert len({str(mail["Message-ID"]) for mail in firm.mail.mails}) == 2
    assert firm.status(contact) == "sent"


def test_a_contact_with_access_is_not_invited_also_where_the_letter_waits(firm: Firm) -> None:
    contacts = [firm.contact(n) for n in range(2)]
    firm.store.report(contacts[0], "accepted")
    sending = firm.invite(contacts)
    sender = firm.sender()
    sender._search()
    firm.store.report(contacts[1], "accepted")
    firm.run()
    assert not firm.mail.mails
    assert [firm.status(each) for each in contacts] == ["accepted", "accepted"]
    known = firm.store.get(INVITATION, sending)
    assert known
    assert known["left_out"] == {"accepted": 1}


def test_a_mail_server_that_is_away_delays_mails_and_loses_none(firm: Firm) -> None:
    contacts = [firm.contact(n) for n in range(4)]
    firm.mail.away = Unreachable("away")
    firm.invite(contacts)
    firm.run(rounds=30)
    assert {firm.status(each) for each in contacts} == {"queued"}
    firm.mail.away = None
    firm.run()
    assert sum(firm.mail.to().values()) == 4


def test_an_address_that_is_put_off_for_a_day_fails(firm: Firm) -> None:
    contact = firm.contact(1)
    firm.mail.answers["c00001@mail.example"] = NotNow("451")
    firm.invite([contact])
    firm.run(until=lambda: firm.status(contact) == "failed")
    letter = firm.store.letters_of([f"{firm.name}/{contact}"])[f"{firm.name}/{contact}"]
    assert (letter["status"], letter["error"], letter["tries"]) == ("failed", "put_off", len(PAUSES))


def test_a_process_that_dies_after_the_server_took_a_mail_sends_it_under_the_same_id(firm: Firm) -> None:
    contacts = [firm.contact(n) for n in range(3)]
    firm.invite(contacts)
    firm.mail.after = Killed()
    with pytest.raises(Killed):
        firm.run()
    firm.run()
    assert len(firm.mail.mails) == 4
    assert firm.mail.to() == {f"{each}@mail.example": 1 for each in contacts}


def test_a_stopped_sending_sends_nothing_until_it_goes_on_and_another_may_send_its_letters(
    firm: Firm,
) -> None:
    contacts = [firm.contact(n) for n in range(3)]
    stopped = firm.invite(contacts)
    firm.sender()._search()
    firm.store.stop(INVITATION, stopped)
    firm.run(rounds=5)
    assert not firm.mail.mails
    firm.invite(contacts[:1])
    firm.run(rounds=5)
    assert len(firm.mail.mails) == 1
    firm.store.resume(INVITATION, stopped)
    firm.run()
    assert len(firm.mail.mails) == 3


@pytest.mark.parametrize("status", ["undoing", "undone"])
def test_the_undo_of_an_import_stops_what_it_asked_for_and_not_what_a_person_asked_for(
    firm: Firm, status: str
) -> None:
    contacts = [firm.contact(n) for n in range(3)]
    firm.db.jobs.insert_one({"_id": f"job{firm.name}", "firm": firm.name, "status": "imported"})
    for each in contacts:
        firm.db.contacts.update_one({"_id": f"{firm.name}/{each}"}, {"$set": {"jobs": [f"job{firm.name}"]}})
    sending = firm.ask({"job": f"job{firm.name}"})
    firm.sender()._search()
    firm.invite(contacts[:1])
    firm.db.jobs.update_one({"_id": f"job{firm.name}"}, {"$set": {"status": status}})
    firm.run()
    known = firm.store.get(INVITATION, sending)
    assert known
    assert (known["status"], known["why_stopped"]) == ("stopped", "import_undone")
    assert [firm.status(each) for each in contacts] == ["sent", "not_sent", "not_sent"]
    resumed = firm.store.resume(INVITATION, sending)
    assert resumed
    assert resumed["status"] == "stopped"


def test_an_import_invites_only_whom_its_switch_chose_and_asks_once(firm: Firm) -> None:
    job = f"job{firm.name}"
    firm.db.jobs.insert_one({"_id": job, "firm": firm.name, "status": "imported"})
    chosen = {"contact.email": {"login": True, "send_invitation": True}}
    for number, (switches, by) in enumerate(
        [(chosen, job), (chosen, "other"), ({"contact.email": {"login": True}}, job)]
    ):
        contact = firm.contact(number, links=0, jobs=[job])
        firm.link(firm.account(number), contact, switches, by)
    for _ in range(2):
        firm.ask({"job": job, "chosen": True}, name="0123")
        firm.run()
    assert firm.mail.to() == {"c00000@mail.example": 1}


def test_a_questionnaire_goes_to_those_who_get_notices_and_marks_the_account(firm: Firm) -> None:
    form = {"name": "Tax 2026", "status": "not_sent"}
    account = firm.account(1, questionnaire=form)
    people = [firm.contact(n, links=0) for n in range(3)]
    for person, notify in zip(people, (True, True, False), strict=True):
        firm.link(account, person, {"contact.email": {"login": True, "notify": notify}})
    empty, none = firm.account(2, questionnaire=form), firm.account(3)
    sending = firm.ask({"ids": [account, empty, none]}, QUESTIONNAIRE)
    firm.run()
    known = firm.store.get(QUESTIONNAIRE, sending)
    assert known
    assert known["left_out"] == {"no_notices": 1, "no_contact": 1, "no_questionnaire": 1}
    assert firm.mail.to() == {"c00000@mail.example": 1, "c00001@mail.example": 1}
    record = firm.db.accounts.find_one({"_id": f"{firm.name}/{account}"}) or {}
    assert record["questionnaire"]["status"] == "sent"
    assert record["questionnaire"]["sent_at"].endswith("Z")
    assert record["changed"][-1]["what"] == "mailed"
    firm.ask({"ids": [account]}, QUESTIONNAIRE)
    firm.run()
    assert len(firm.mail.mails) == 2
    firm.change(account, questionnaire=form)  # a person sets it back
    firm.ask({"ids": [account]}, QUESTIONNAIRE)
    firm.run()
    assert firm.mail.to() == {"c00000@mail.example": 2, "c00001@mail.example": 2}


def test_a_contact_that_changed_since_it_was_asked_for_is_judged_once_more(firm: Firm) -> None:
    gone, silent, moved = (firm.contact(n) for n in range(3))
    firm.invite([gone, silent, moved])
    firm.sender()._search()
    firm.db.contacts.delete_one({"_id": f"{firm.name}/{gone}"})
    firm.db.links.update_many({"contact": f"{firm.name}/{silent}"}, {"$set": {"switches": LOGIN_OFF}})
    firm.change(moved, email="new@mail.example")
    firm.run()
    assert firm.mail.to() == {"new@mail.example": 1}
    assert [firm.status(each) for each in (gone, silent, moved)] == ["not_sent", "not_sent", "sent"]


def test_a_firm_has_a_bound_of_sendings_under_way(firm: Firm) -> None:
    for _ in range(MOST_OPEN):
        firm.invite(["c1"])
    with pytest.raises(TooManySendings):
        firm.invite(["c1"])


def test_a_firm_sends_as_many_letters_in_a_minute_as_the_setting_allows(firm: Firm) -> None:
    contacts = [firm.contact(n) for n in range(30)]
    firm.invite(contacts)
    sender = firm.sender(invitations_per_minute=120)
    for _ in range(20):  # all within a second or so
        sender.round()
    assert 2 <= len(firm.mail.mails) <= 6


def test_no_firm_waits_for_another(firm: Firm) -> None:
    other = Firm(firm.db)
    large, small = [firm.contact(n) for n in range(200)], [other.contact(n) for n in range(2)]
    firm.invite(large)
    other.invite(small)
    other.mail = firm.mail
    sender = firm.sender()
    for _ in range(6):
        firm.later()
        other.later()
        sender.round()
    assert {other.status(each) for each in small} == {"sent"}
    assert len(firm.mail.mails) < 80


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({"name": "Tax 2026", "status": "not_sent"}, None),
        ({"name": "Tax 2026", "status": "completed"}, "completed"),
        ({"name": "Tax 2027", "status": "not_sent"}, "no_questionnaire"),
        (None, "no_questionnaire"),
    ],
)
def test_a_questionnaire_that_changed_since_it_was_asked_for_does_not_go_out(
    firm: Firm, now: dict[str, str] | None, why: str | None
) -> None:
    account, contact = (
        firm.account(1, questionnaire={"name": "Tax 2026", "status": "not_sent"}),
        firm.contact(1, 0),
    )
    firm.link(account, contact)
    firm.ask({"ids": [account]}, QUESTIONNAIRE)
    firm.sender()._search()
    firm.change(account, questionnaire=now)
    firm.run()
    letter = firm.db.letters.find_one({"firm": firm.name}) or {}
    assert letter["error"] == why
    assert len(firm.mail.mails) == (why is None)


def test_strange_contacts_are_judged_one_by_one(firm: Firm) -> None:
    strange = {
        "an address in capitals": {"email": "AN@MAIL.EXAMPLE"},
        "a domain of another script": {"email": "an@bücher.example"},
        "a name with line ends and a hidden header": {"last_name": "An\r\nBcc: x@mail.example"},
        "a name from right to left": {"last_name": "\u05d0\u05d1\u05d2 \u202eabc"},
        "no name at all": {"last_name": "", "email": "nameless@mail.example"},
        "a very long name": {"last_name": "A" * 5_000},
        "a language that we have no texts in": {"language": "pt"},
        "spaces around the address": {"email": "  around@mail.example "},
        "two addresses in one": {"email": "a@mail.example, b@mail.example"},
        "an address on this machine": {"email": "root@localhost"},
        "an address with a command": {"email": "an@mail.example\r\nRCPT TO:<x@mail.example>"},
    }
    contacts = [firm.contact(n, **fields) for n, fields in enumerate(strange.values())]
    contacts.append(firm.contact(99, links=120))
    firm.invite(contacts)
    firm.run()
    found = dict(zip([*strange, "very many accounts"], map(firm.status, contacts), strict=True))
    none = {"two addresses in one", "an address on this machine", "an address with a command"}
    assert {name for name, status in found.items() if status != "sent"} == none
    assert all(len(mail.get_all("To", [])) == 1 and not mail["Bcc"] for mail in firm.mail.mails)
    assert {mail["To"] for mail in firm.mail.mails} >= {"around@mail.example", "an@xn--bcher-kva.example"}


def test_a_family_with_one_address_gets_a_letter_each(firm: Firm) -> None:
    family = [firm.contact(n, email="family@mail.example") for n in range(3)]
    firm.invite(family)
    firm.run()
    assert firm.mail.to() == {"family@mail.example": 3}
    firm.invite(family)
    firm.run()
    assert len(firm.mail.mails) == 3
