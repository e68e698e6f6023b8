"""Decides who gets a letter, at which address, and why others get none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email

from shared.contract.documents.record import Account, Contact, Link, Record
from shared.contract.documents.sending import Letter
from shared.contract.records import name_of
from shared.contract.sendings import (
    COMPLETED,
    NO_ADDRESS,
    NO_CONTACT,
    NO_LOGIN,
    NO_NOTICES,
    NO_QUESTIONNAIRE,
    NOT_ARRIVED,
    NOT_SENT,
    SENT,
    WRONG_ADDRESS,
    letter_id,
)

#: The order of the fields of a contact that have an address.
ORDER = {"contact.email": 0, "contact.email_secondary": 1}


class Judged(NamedTuple):
    """Whether a contact gets a letter: `why` is None, or says why not.

    `record` is the id of the contact, or of an account without one; `name` is what a person calls it. `account` and
    `form` are those of a questionnaire, `revision` that of its account.
    """

    letter: str
    record: str
    name: str
    address: str | None = None
    language: str | None = None
    why: str | None = None
    account: str | None = None
    form: str | None = None
    revision: int = 0


def address_of(contact: Contact, links: Iterable[Link], switch: str) -> tuple[str | None, str | None]:
    """The address of a contact whose switch is on in any of its links; else why there is none.

    Of several the one comes first for which an import chose the invitation, then the main one.
    """
    each = [(field, given) for link in links for field, given in link["switches"].items()]
    on = {field for field, given in each if given.get(switch)}
    chosen = {field for field, given in each if given.get("send_invitation")}
    if not on:
        return None, NO_LOGIN if switch == "login" else NO_NOTICES
    fields = sorted(on, key=lambda field: (field not in chosen, ORDER.get(field, len(ORDER)), field))
    given = [str(contact.get(field.partition(".")[2]) or "") for field in fields]
    filled = [address.strip() for address in given if address.strip()]
    if not filled:
        return None, NO_ADDRESS
    right = next((address for address in filled if is_address(address)), None)
    return (right, None) if right else (filled[0], WRONG_ADDRESS)


def is_address(text: str) -> bool:
    """Whether a text is one e-mail address of the internet; whether anybody reads it, nobody knows."""
    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return False
    return "." in found.ascii_domain


def judge_invitation(
    contact: Contact,
    links: Sequence[Link],
    letter: Letter | None,
    *,
    again: bool = False,
) -> Judged:
    """Whether a contact is invited: it may log in, has an address, and was not invited before."""
    identity = contact["_id"]
    address, why = address_of(contact, links, "login")
    before = _before(letter, address, again=again)
    return Judged(
        letter_id(identity), identity, name_of(contact), address, contact.get("language"), before or why
    )


def is_chosen(links: Iterable[Link], job: str) -> bool:
    """Whether an import that made one of the links has chosen that the contact is invited."""
    return any(
        given.get("send_invitation")
        for link in links
        if link["job"] == job
        for given in link["switches"].values()
    )


def judge_questionnaire(
    account: Account,
    links: Sequence[Link],
    contacts: Mapping[str, Contact],
    letters: Mapping[str, Letter],
    *,
    again: bool = False,
) -> Iterator[Judged]:
    """Which contacts of an account get its questionnaire; one entry of the account itself where none is to be sent."""
    form = account.get("questionnaire")
    name, identity = name_of(account), account["_id"]
    if form is None or form["status"] != NOT_SENT:
        other = NO_QUESTIONNAIRE if form is None else COMPLETED if form["status"] == COMPLETED else SENT
        yield Judged(identity, identity, name, why=other, account=identity)
        return
    people = [(contacts[link["contact"]], link) for link in links if link["contact"] in contacts]
    if not people:
        yield Judged(identity, identity, name, why=NO_CONTACT, account=identity)
    for contact, link in people:
        own = letter_id(contact["_id"], identity, form["name"])
        address, why = address_of(contact, [link], "notify")
        before = _before(letters.get(own), address, again=again, sent_counts=False)
        yield Judged(
            own,
            contact["_id"],
            name_of(contact),
            address,
            contact.get("language"),
            before or why,
            identity,
            form["name"],
            account["revision"],
        )


def _before(
    letter: Letter | None, address: str | None, *, again: bool, sent_counts: bool = True
) -> str | None:
    """Why an earlier letter is in the way; None where none does. One that waits is joined, and is no reason."""
    if letter is None or letter["status"] == NOT_SENT or (letter["status"] == SENT and not sent_counts):
        return None
    if letter["status"] in NOT_ARRIVED and (again or letter["address"] != address):
        return None
    return letter["status"]


def ids_of(records: Iterable[Record]) -> list[str]:
    """The ids of records."""
    return [record["_id"] for record in records]
