"""Links of accounts and contacts as people give them: what they take, and what becomes of a link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NotRequired, TypedDict

from marshmallow import fields

from shared.contract.bounded import Choice, Flag, Many, Named, Text
from shared.contract.documents.record import Link
from shared.contract.fields import FIELDS
from shared.contract.records import RELATIONSHIP, link_id
from shared.contract.requests import Input
from shared.values.columns import check_column
from shared.values.context import ValueContext

MOST_RELATIONSHIPS, MOST_TEXT = 20, 255
#: The e-mail fields of a contact whose switches a link has.
EMAIL_FIELDS = tuple(
    key for key, field in FIELDS.items() if field.record == "contact" and field.type == "email"
)
#: What a contact may do, and gets, where nobody says otherwise: as in an import.
USUAL = {"login": True, "notify": True, "email_sync": True}


class LinkSwitches(Input):
    """What a contact may do and receives by an e-mail field; what is not given stays."""

    login = Flag()
    notify = Flag()
    email_sync = Flag()


class LinkBody(Input):
    """A link: what the contact is to the account, and what it may do; what is not given stays as it is."""

    relationship = Many(
        Text(MOST_TEXT, 1),
        MOST_RELATIONSHIPS,
        metadata={
            "description": "what the contact is to the account; known words in six languages become English"
        },
    )
    switches = Named(
        Choice(EMAIL_FIELDS),
        fields.Nested(LinkSwitches),
        len(EMAIL_FIELDS),
        metadata={"description": "by e-mail field"},
    )


class LinkGiven(TypedDict):
    """What `LinkBody` reads."""

    relationship: NotRequired[list[str]]
    switches: NotRequired[dict[str, dict[str, bool]]]


def relationship_given(given: Iterable[str], context: ValueContext) -> list[str]:
    """What a contact is to an account, in the words of the field; blanks are left out, and repeats."""
    checked = check_column(FIELDS[f"contact.{RELATIONSHIP}"], list(given), context)
    return list(dict.fromkeys(one for value in checked.values if isinstance(value, list) for one in value))


def switches_with(
    now: Mapping[str, Mapping[str, bool]],
    given: Mapping[str, Mapping[str, bool]],
    contact: Mapping[str, object],
) -> dict[str, dict[str, bool]]:
    """The switches of a link: those that it has and those given, for the e-mail fields that the contact fills."""
    filled = [key for key in EMAIL_FIELDS if contact.get(key.partition(".")[2]) or key in given or key in now]
    return {key: {**USUAL, **now.get(key, {}), **given.get(key, {})} for key in filled}


def new_link(
    firm: str,
    account: str,
    contact: str,
    at: datetime,
    relationship: list[str],
    switches: dict[str, dict[str, bool]],
) -> Link:
    """A link that a person makes."""
    link: Link = {
        "_id": link_id(account, contact),
        "firm": firm,
        "account": account,
        "contact": contact,
        "job": None,
        "created_at": at,
        "switches": switches,
    }
    if relationship:
        link["relationship"] = relationship
    return link


def described(name: str, relationship: Iterable[str]) -> str:
    """The other end of a link as a history shows it: `An Maes (Director)`."""
    listed = ", ".join(relationship)
    return f"{name} ({listed})" if listed else name
