"""Tests that an import invites whom its settings chose, once, and that the platform reports what became of it."""

from __future__ import annotations

import email
import email.policy
import re
from collections import Counter
from typing import Any

import jwt

from deploy.local.servers import MailCatcher
from tests.pipeline.conftest import LIMIT, Caller, carried, people
from tests.system import INVITATION_SECRET, Client, eventually

INVITE = {"contacts": {"contact.email": {"send_invitation": True}}}


def letters_to(mail: MailCatcher, part: str) -> Counter[str]:
    """The mails to clients whose address has a part, by address."""
    found = Counter[str]()
    for path in mail.messages():
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if part in message["To"] and "invitation" in message["Message-ID"]:
            found[message["To"]] += 1
    return found


def statuses(client: Client) -> Counter[str]:
    """What became of the invitations of the firm's contacts."""
    return Counter(each["invitation"]["status"] for each in client.every("/contacts"))


def of_its_own(content: bytes, name: str) -> bytes:
    """A list whose addresses no other test has."""
    return content.replace(b"@example.be", f"@{name}.example".encode())


def test_an_import_invites_whom_its_settings_chose_once_also_when_it_comes_again(
    client: Client, mail_catcher: MailCatcher, caller: Caller
) -> None:
    name = client.firm.replace("_", "-")
    client.put("/directory", {"sender": {"name": "Peeters & Zoon", "reply_to": None}})
    for _ in range(2):
        carried(client, of_its_own(people(8), name), settings=INVITE)
        eventually(lambda: statuses(client) == {"sent": 8}, LIMIT, "all are invited")
    other = client.post("/invitations", {"filter": {}})
    done = eventually(
        lambda: ended(client.get(f"/invitations/{other['id']}")), LIMIT, "a sending that is done"
    )
    assert (done["left_out"], done["letters"]) == ({"sent": 8}, {})
    assert letters_to(mail_catcher, name) == {f"jan{n}@{name}.example": 1 for n in range(8)}
    contact = claims_of(mail_catcher, f"jan0@{name}.example")["sub"]
    service = caller(client.firm, role="service", firms=[client.firm])
    reported = service.post(f"/contacts/{contact}/invitation", {"status": "accepted"})
    assert reported["status"] == "accepted"
    assert client.get(f"/contacts/{contact}")["invitation"]["status"] == "accepted"
    (found,) = client.get("/contacts?invitation=accepted")["items"]
    assert found["id"] == contact
    assert (
        client.call("POST", f"/contacts/{contact}/invitation", json={"status": "bounced"}).status_code == 403
    )


def ended(sending: Any) -> Any:
    """The sending, once it is done."""
    return sending if sending["status"] == "done" else None


def claims_of(mail: MailCatcher, address: str) -> dict[str, Any]:
    """What the token in the mail to an address says."""
    texts = [path.read_bytes() for path in mail.messages()]
    messages = [email.message_from_bytes(each, policy=email.policy.default) for each in texts]
    body = next(each for each in messages if each["To"] == address).get_body(("plain",))
    assert body is not None
    found = re.search(r"https://portal.example/welcome\?token=(\S+)", body.get_content())
    assert found is not None
    return jwt.decode(found[1], INVITATION_SECRET, algorithms=["HS256"], audience="carryover:invitation")


def test_an_import_that_chose_nothing_invites_nobody_and_its_undo_stops_what_was_asked_for(
    client: Client, mail_catcher: MailCatcher
) -> None:
    name = client.firm.replace("_", "-")
    job = carried(client, of_its_own(people(4), name))
    assert statuses(client) == {"not_sent": 4}
    client.post(f"/jobs/{job['id']}/undo")
    client.wait_for(job["id"], "undone", limit=LIMIT)
    asked = client.post("/invitations", {"job": job["id"]})
    eventually(
        lambda: client.get(f"/invitations/{asked['id']}")["why_stopped"] == "import_undone", LIMIT, "it stops"
    )
    assert not letters_to(mail_catcher, name)


def test_a_questionnaire_goes_to_the_contacts_of_its_account(
    client: Client, mail_catcher: MailCatcher
) -> None:
    name = client.firm.replace("_", "-")
    form = {"questionnaire": "Personal income tax"}
    carried(client, of_its_own(people(3), name), settings=form)
    looked = client.post("/questionnaires/send/preview", {"filter": {"questionnaire": "Personal income tax"}})
    assert looked["will_get"] == 3
    assert "Personal income tax" in looked["mails"][0]["subject"]
    assert "token=preview" in looked["mails"][0]["text"]
    client.post("/questionnaires/send", {"filter": {}})

    def sent() -> bool:
        forms = [each["fields"]["questionnaire"] for each in client.every("/accounts")]
        return all(each["status"] == "sent" and each["sent_at"] for each in forms)

    eventually(sent, LIMIT, "all questionnaires are sent")
    account = next(client.every("/accounts"))
    assert client.get(f"/accounts/{account['id']}")["history"][-1]["what"] == "mailed"
