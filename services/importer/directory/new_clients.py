"""New accounts and contacts that people make: what they take, what completes them, and whom they may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, NotRequired, TypedDict

from marshmallow import ValidationError, fields, validates_schema

from services.importer.directory.links_given import LinkBody
from services.importer.directory.record_fields import AccountChanges, Changes, ContactChanges
from shared.contract.bounded import Choice, Code, Many
from shared.contract.documents.record import Record
from shared.contract.documents.reference import Reference
from shared.contract.keys import CLIENT_CODE, EMAIL_AND_NAME, FORMED_NAME, NAME, NUMBER, keys_of, laid_out
from shared.values.evidence import Answer, judge

#: People of one new account, and records named that a new one may be.
MOST_PEOPLE, MOST_NAMED = 20, 10
#: Not to make a record that may be one of the firm's, or to make it all the same.
REFUSE, CREATE = "refuse", "create"
#: By kind of evidence, its code; a bare name is a question for a person, although an import follows none.
WHY = {
    CLIENT_CODE: "client_code",
    NUMBER: "number",
    EMAIL_AND_NAME: "email_and_name",
    FORMED_NAME: "name",
    NAME: "name",
}


def _on_doubt() -> Choice:
    return Choice(
        (REFUSE, CREATE),
        load_default=REFUSE,
        metadata={"description": "what happens where the record may be one that the firm has"},
    )


class NewPerson(LinkBody):
    """A person of a new account: one that the firm has, by its id, or a new one."""

    id = Code(r"^[0-9a-f]{1,64}$")
    fields_ = fields.Nested(ContactChanges, data_key="fields", attribute="fields")

    @validates_schema
    def _one_of_both(self, data: Mapping[str, object], **_: object) -> None:
        if ("id" in data) == ("fields" in data):
            raise ValidationError("Either the id of a contact, or the fields of a new one.", "id")


class NewAccount(AccountChanges):  # type: ignore[valid-type, misc]
    """A new account, with its people."""

    contacts = Many(fields.Nested(NewPerson), MOST_PEOPLE)
    on_doubt = _on_doubt()


class NewContact(ContactChanges):  # type: ignore[valid-type, misc]
    """A new contact."""

    on_doubt = _on_doubt()


class PersonGiven(TypedDict):
    """What `NewPerson` reads."""

    id: NotRequired[str]
    fields: NotRequired[Changes]
    relationship: NotRequired[list[str]]
    switches: NotRequired[dict[str, dict[str, bool]]]


class Likeness(NamedTuple):
    """A record of the firm that a new one may be: its id, and the kind of evidence."""

    id: str
    why: str


def split_body(body: Mapping[str, object]) -> tuple[Changes, Sequence[PersonGiven], bool]:
    """The fields of a new record, its people, and whether it is made in doubt."""
    people = body.get("contacts")
    own = {name: value for name, value in body.items() if name not in ("contacts", "on_doubt")}
    return own, people if isinstance(people, list) else [], body.get("on_doubt") == CREATE


def completed(record: dict[str, object], reference: Reference, importer: str) -> dict[str, object]:
    """A new account with what every account gets: a type, a company name, its maker and the members with access to all.

    The same as for accounts that an import makes.
    """
    record.setdefault("type", "Other")
    if record["type"] == "Company":
        record.setdefault("company_name", record["name"])
    members = reference["team_members"]
    own = [importer] if any(member["id"] == importer for member in members) else []
    given = record.get("assignees")
    named = given if isinstance(given, list) else own
    record["assignees"] = list(
        dict.fromkeys([*named, *(member["id"] for member in members if member.get("default_access"))])
    )
    return record if record["assignees"] else {**record, "assignees": None}


def framed(
    identity: str, firm: str, slot: str, values: Mapping[str, object], at: datetime, by: str | None
) -> dict[str, object]:
    """A whole new record."""
    filled = {name: value for name, value in values.items() if value not in (None, [], {})}
    times = {"created_at": at, "updated_at": at}
    frame: dict[str, object] = {
        "_id": identity,
        "firm": firm,
        "revision": 1,
        "job": None,
        "jobs": [],
        **times,
    }
    return {**frame, **({"made_by": by} if by else {}), **filled, "keys": keys_of(slot, filled)}


def likely(collection: str, keys: Iterable[int], holders: Sequence[Record]) -> list[Likeness]:
    """The records that a new one may be, those with the strongest evidence first; `holders` have one of its keys."""
    own, found = laid_out(keys), dict[str, str]()
    for kind, why in WHY.items():
        for record in holders:
            theirs = laid_out(record["keys"])
            shared = own[kind - 1] and own[kind - 1] == theirs[kind - 1]
            if shared and judge(collection, kind, own, theirs) is not Answer.OTHER:
                found.setdefault(record["_id"], why)
    return [Likeness(identity, why) for identity, why in list(found.items())[:MOST_NAMED]]
