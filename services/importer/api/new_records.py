"""POST of accounts and contacts: new ones that a person or a program makes, checked as in an import."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from flask.typing import ResponseReturnValue

from services.importer.api.record_access import (
    TRIES,
    Answer,
    checked_changes,
    directory_to_write,
    identity_of,
    record_or_merged,
    who,
    whole,
)
from services.importer.api.record_schemas import RecordAnswer
from services.importer.api.service import routes
from services.importer.directory.links_given import new_link, relationship_given, switches_with
from services.importer.directory.new_clients import (
    NewAccount,
    NewContact,
    PersonGiven,
    completed,
    framed,
    likely,
    split_body,
)
from services.importer.directory.record_fields import Changes
from services.importer.directory.typed_values import Typed
from shared.contract.bounded import Code
from shared.contract.documents.record import Link, Record
from shared.contract.documents.reference import Reference
from shared.contract.problems.kinds import TEXTS
from shared.contract.problems.wrong_values import NO_CONTACT, TWICE, WHY_KNOWN
from shared.contract.records import NAMING, name_of, public_id
from shared.contract.requests import Headers
from shared.plumbing import clock, web
from shared.plumbing.auth import MANAGE_ACCOUNTS, MANAGE_CONTACTS
from shared.plumbing.directory_store import TAGS_OF, AlreadyThere, record_id
from shared.plumbing.mongo import Session
from shared.plumbing.problem import Problem
from shared.values.context import context_of_firm


class OnceKey(Headers):
    """Under which the same request may be sent again."""

    idempotency_key = Code(
        r"^[!-~]{1,200}$",
        data_key="Idempotency-Key",
        metadata={"description": "the same key and body give the record that was made before"},
    )


class Once(TypedDict, total=False):
    """The header that `OnceKey` reads."""

    idempotency_key: str


@dataclass
class _New:
    """What one request makes: records by collection, links, and what checking made of the first record."""

    records: dict[str, list[dict[str, object]]] = field(
        default_factory=lambda: {"accounts": [], "contacts": []}
    )
    links: list[Link] = field(default_factory=list)
    checked: Typed = field(default_factory=Typed)


class _Making:
    """Makes what one request asks for."""

    def __init__(self, collection: str, headers: Once, body: Mapping[str, object]) -> None:
        self.collection, self.store = collection, directory_to_write()
        self.reference: Reference = self.store.reference()
        self.fields, self.people, self.in_doubt = split_body(body)
        self.key = headers.get("idempotency_key")
        self.print = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        self.now, self.by = clock.now(), who(self.reference)

    def answer(self) -> Answer:
        """Make the records, or give those that the same request made before."""
        if self.key and (before := self._made_before()):
            return before
        for _ in range(TRIES):
            new = self._new()
            try:
                self._write_all(new)
            except AlreadyThere:
                if self.key and (before := self._made_before()):
                    return before
                continue
            record = record_or_merged(self.collection, str(new.records[self.collection][0]["_id"]))
            answer, _, headers = whole(self.collection, record, new.checked)
            return answer, 201, {**headers, **self._located(record)}
        raise Problem("changed_meanwhile", status=409)

    def _located(self, record: Record) -> dict[str, str]:
        return web.located(f"/{self.collection}/{public_id(record['_id'])}")

    def _id_of_key(self) -> str:
        return record_id(self.store.firm, f"{self.collection} by key", self.key or "")

    def _made_before(self) -> Answer | None:
        identity = self._id_of_key()
        record = self.store.fetch(self.collection, [identity]).get(identity)
        if record is None:
            return None
        if record.get("request") != self.print:
            raise Problem("idempotency_conflict")
        answer, _, headers = whole(self.collection, record)
        return answer, 201, {**headers, **self._located(record), "Idempotency-Replayed": "true"}

    def _new(self) -> _New:
        new = _New(checked=checked_changes(self.collection, None, self.fields, self.reference))
        values = dict(new.checked.changes)
        if self.collection == "accounts":
            values = completed(values, self.reference, web.caller().id)
        main = self._framed(self.collection, values, new, self._id_of_key() if self.key else None)
        if self.key:
            main["request"] = self.print
        new.records[self.collection].append(main)
        problems = self._likely(self.collection, main, "")
        for place, person in enumerate(self.people):
            problems += self._add_person(new, str(main["_id"]), person, f"contacts.{place}")
        if problems and not self.in_doubt:
            raise Problem("may_be_known", errors=problems)
        return new

    def _framed(
        self, collection: str, values: Mapping[str, object], new: _New, identity: str | None = None
    ) -> dict[str, object]:
        """A whole new record; its id follows from its strongest key, so that two at once make one, unless in doubt."""
        slot, firm = collection.removesuffix("s"), self.store.firm
        whole_one = framed("", firm, slot, values, self.now, self.by)
        keys = whole_one["keys"]
        if identity is None:
            strongest = keys[0] if isinstance(keys, list) and keys and not self.in_doubt else uuid.uuid4().hex
            identity = record_id(firm, collection, strongest)
            if identity in self.store.fetch(collection, [identity], None, "_id"):
                identity = identity_of(uuid.uuid4().hex[:24])  # another record had this key once
        return {**whole_one, "_id": identity}

    def _likely(self, collection: str, record: Mapping[str, object], place: str) -> list[dict[str, object]]:
        """The records of the firm that a new one may be, as errors at a place."""
        keys = record["keys"] if isinstance(record["keys"], list) else []
        found = likely(collection, keys, self.store.holders(collection, keys) if keys else [])
        named = self.store.fetch(collection, [each.id for each in found], None, *NAMING)
        lang = web.caller().locale
        return [
            {
                "place": place,
                "code": why,
                "message": TEXTS.gettext(WHY_KNOWN[why], lang).format(name=name_of(named[identity])),
                "record": public_id(identity),
                "name": name_of(named[identity]),
            }
            for identity, why in found
            if identity in named
        ]

    def _add_person(
        self, new: _New, account: str, person: PersonGiven, place: str
    ) -> list[dict[str, object]]:
        """Link a contact that the firm has, or a new one; gives whom the new one may be."""
        problems: list[dict[str, object]] = []
        if "fields" in person:
            if not web.caller().may(MANAGE_CONTACTS):
                raise Problem("not_allowed", right=MANAGE_CONTACTS.replace("_", " "))
            checked = checked_changes("contacts", None, person["fields"], self.reference, f"{place}.fields.")
            new.checked.fixes += [each._replace(part=f"{place}.{each.part}") for each in checked.fixes]
            contact = self._framed("contacts", checked.changes, new)
            if contact["_id"] in {each["_id"] for each in new.records["contacts"]}:
                self._refuse(f"{place}.fields", TWICE)
            new.records["contacts"].append(contact)
            problems = self._likely("contacts", contact, place)
        else:
            identity = identity_of(person["id"])
            contact = dict(self.store.fetch("contacts", [identity]).get(identity) or {})
            if not contact:
                self._refuse(f"{place}.id", NO_CONTACT)
            if any(link["contact"] == identity for link in new.links):
                self._refuse(f"{place}.id", TWICE)
        relationship = relationship_given(person.get("relationship", ()), context_of_firm(self.reference))
        switches = switches_with({}, person.get("switches", {}), contact)
        new.links.append(
            new_link(self.store.firm, account, str(contact["_id"]), self.now, relationship, switches)
        )
        return problems

    def _refuse(self, place: str, message: str) -> None:
        raise Problem("invalid_content", errors={"json": _nested(place, message)})

    def _write_all(self, new: _New) -> None:
        self.store.together(lambda session: self._write(session, new))

    def _write(self, session: Session, new: _New) -> None:
        for collection, records in new.records.items():
            self.store.insert(collection, records, session)
            tags = [tag for record in records for tag in _texts(record.get("tags"))]
            if tags:
                self.store.know_tags(TAGS_OF[collection], list(dict.fromkeys(tags)), session)
        made = {record["_id"] for record in new.records["contacts"]}
        self.store.link(new.links, session, look=False)
        known = [link["contact"] for link in new.links if link["contact"] not in made]
        if known:
            account = new.records["accounts"][0]
            if len(self.store.fetch("contacts", known, session, "_id")) < len(known):
                raise AlreadyThere
            self.store.note_links(session, "contacts", known, str(account["name"]), self.by)


def _nested(place: str, message: str) -> object:
    first, dot, rest = place.partition(".")
    return {first: _nested(rest, message)} if dot else {first: [message]}


def _texts(value: object) -> Sequence[str]:
    return value if isinstance(value, list) else ()


@routes.on(
    "POST",
    "/accounts",
    may=MANAGE_ACCOUNTS,
    takes=NewAccount,
    headers=OnceKey,
    answer=RecordAnswer,
    status=201,
    problems=("may_be_known", "idempotency_conflict", web.OVERTAKEN),
)
def new_account(headers: Once, body: Changes) -> ResponseReturnValue:
    """Make an account, with its people: contacts that the firm has, or new ones.

    Values are checked and normalised as in an import. An account or a contact that may be one of the firm's, by its
    code, its number, its e-mail address and name, or its name alone, is refused with those that it may be; with
    `on_doubt: create` it is made all the same. Repeated, it is refused as known; with the same `Idempotency-Key` it
    gives the account that was made before.
    """
    return _Making("accounts", headers, body).answer()


@routes.on(
    "POST",
    "/contacts",
    may=MANAGE_CONTACTS,
    takes=NewContact,
    headers=OnceKey,
    answer=RecordAnswer,
    status=201,
    problems=("may_be_known", "idempotency_conflict", web.OVERTAKEN),
)
def new_contact(headers: Once, body: Changes) -> ResponseReturnValue:
    """Make a contact, checked as in an import, and refused where it may be one of the firm's.

    Repeated, it is refused as known; with the same `Idempotency-Key` it gives the contact that was made before.
    """
    return _Making("contacts", headers, body).answer()
