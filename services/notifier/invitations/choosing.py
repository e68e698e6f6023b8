"""Reads who a sending asks for, some records at a time, and has each of them judged."""

from __future__ import annotations

from typing import NamedTuple, cast

from services.notifier.invitations.judging import (
    Judged,
    ids_of,
    is_chosen,
    judge_invitation,
    judge_questionnaire,
)
from shared.contract.documents.record import Account, Contact, Link, Record
from shared.contract.documents.sending import Recipients
from shared.contract.listing import place_of, written
from shared.contract.sendings import GONE, INVITATION, letter_id
from shared.plumbing.client_list_store import ClientListStore
from shared.plumbing.sending_store import SendingStore

#: The collection whose records are asked for, by kind of letter.
ASKED = {INVITATION: "contacts"}


class Part(NamedTuple):
    """Some of those who are asked for: the number of records that were looked at, and what was decided.

    `after` is where the next part begins; None where this is the last.
    """

    looked_at: int
    judged: list[Judged]
    after: str | None


class Choosing:
    """Finds the recipients among a firm's clients."""

    def __init__(self, sendings: SendingStore, kind: str, which: Recipients, *, again: bool) -> None:
        self.sendings = sendings
        self.clients = ClientListStore(sendings.db, sendings.firm)
        self.kind, self.which, self.again = kind, which, again
        self.collection = ASKED.get(kind, "accounts")

    def part(self, after: str | None, limit: int) -> Part:
        """The next at most `limit` records."""
        records, gone, then = self._records(after, limit)
        judge = self._invitations if self.kind == INVITATION else self._questionnaires
        missing = [Judged(identity, identity, "", why=GONE) for identity in gone]
        return Part(len(records) + len(gone), [*judge(records), *missing], then)

    def _records(self, after: str | None, limit: int) -> tuple[list[Record], list[str], str | None]:
        """Records, the ids of those that do not exist, and where the next part begins."""
        if "ids" in self.which:
            begin = max(0, int(after or 0))
            ids = [f"{self.sendings.firm}/{each}" for each in self.which["ids"][begin : begin + limit]]
            found = self.clients.fetch(self.collection, ids)
            gone = [identity for identity in ids if identity not in found]
            end = begin + limit
            then = str(end) if end < len(self.which["ids"]) else None
            return [found[each] for each in ids if each in found], gone, then
        filters = {"job": self.which["job"]} if "job" in self.which else self.which.get("filter", {})
        page = self.clients.listed(self.collection, filters, place_of(after) if after else None, limit)
        return page.records, [], written(page.next) if page.next else None

    def _invitations(self, records: list[Record]) -> list[Judged]:
        contacts = cast("list[Contact]", records)
        links = _by_contact(self.clients.links_of_contacts(ids_of(contacts)))
        letters = self.sendings.letters_of(letter_id(contact["_id"]) for contact in contacts)
        job = self.which["job"] if self.which.get("chosen") else None
        return [
            judge_invitation(
                contact,
                links.get(contact["_id"], []),
                letters.get(letter_id(contact["_id"])),
                again=self.again,
            )
            for contact in contacts
            if job is None or is_chosen(links.get(contact["_id"], []), job)
        ]

    def _questionnaires(self, records: list[Record]) -> list[Judged]:
        accounts = cast("list[Account]", records)
        links: dict[str, list[Link]] = {}
        for link in self.clients.links_of_accounts(ids_of(accounts)):
            links.setdefault(link["account"], []).append(link)
        people = self.clients.fetch("contacts", {link["contact"] for each in links.values() for link in each})
        named = [
            letter_id(link["contact"], account["_id"], form["name"])
            for account in accounts
            if (form := account.get("questionnaire"))
            for link in links.get(account["_id"], [])
        ]
        letters = self.sendings.letters_of(named)
        contacts = cast("dict[str, Contact]", people)
        return [
            each
            for account in accounts
            for each in judge_questionnaire(
                account, links.get(account["_id"], []), contacts, letters, again=self.again
            )
        ]


def _by_contact(links: list[Link]) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = {}
    for link in links:
        found.setdefault(link["contact"], []).append(link)
    return found
