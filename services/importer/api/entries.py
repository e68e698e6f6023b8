"""GET /directory/uses and POST /directory/replace: how many records use an entry, and another in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypedDict

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from services.importer.api.record_access import directory_to_write, while_others_write, who
from services.importer.api.service import routes
from shared.contract.bounded import Choice, Name, Text
from shared.contract.documents.reference import Reference
from shared.contract.entries import PARTS, Place, names_in, places_of, replaced, with_entry, without_entry
from shared.contract.problems import wrong_values
from shared.contract.record_history import MANY, Edit
from shared.contract.requests import Input
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_DIRECTORY
from shared.plumbing.directory_store import MOST_NAMES, DirectoryStore
from shared.plumbing.entry_store import EntryStore
from shared.plumbing.problem import Problem

#: Records that one call changes, and that one transaction writes.
MOST_AT_ONCE, AT_ONCE = 2_000, 100
#: Parts whose entries can be given another name here; a custom field and a member are renamed by `PUT /directory`.
RENAMED = ("tags", "contact_tags", "roles", "folder_templates", "questionnaires")


class UsesQuery(Input):
    """An entry of the reference data."""

    part = Choice(list(PARTS), required=True)
    name = Text(
        200,
        1,
        required=True,
        metadata={
            "description": "its name; of a team member the id, of a custom field `account.` and the id"
        },
    )


class UsesAsked(TypedDict):
    """The query that `UsesQuery` reads."""

    part: str
    name: str


class UsesAnswer(Schema):
    """How many records use an entry."""

    accounts = fields.Integer(required=True)
    contacts = fields.Integer(required=True)


class ReplaceBody(UsesQuery):
    """Another entry in the place of one."""

    to = Name(
        required=True,
        allow_none=True,
        metadata={
            "description": "a new name, or the name of another entry; null takes it from records and firm."
            " A team member hands over to another one; a custom field can only be taken away."
        },
    )


class ReplaceAsked(UsesAsked):
    """The body that `ReplaceBody` reads."""

    to: str | None


class ReplaceAnswer(Schema):
    """What one call changed, and how many records still use the entry."""

    changed = fields.Integer(required=True)
    left = fields.Integer(
        required=True, metadata={"description": "ask again until it is 0; then the entry is gone"}
    )


def _must_have(part: str, name: str, reference: Reference) -> None:
    if name not in names_in(part, reference):
        raise Problem("not_found")


def _store() -> EntryStore:
    return EntryStore(web.servers().db, web.caller().firm)


@routes.on(
    "GET",
    "/directory/uses",
    may=MANAGE_DIRECTORY,
    query=UsesQuery,
    answer=UsesAnswer,
    problems=("not_found",),
)
def uses(query: UsesAsked) -> ResponseReturnValue:
    """How many accounts and contacts use an entry of the reference data."""
    reference = web.directory().reference()
    _must_have(query["part"], query["name"], reference)
    found = _store().uses(places_of(query["part"], query["name"], reference))
    return {"accounts": 0, "contacts": 0, **found}


@routes.on(
    "POST",
    "/directory/replace",
    may=MANAGE_DIRECTORY,
    takes=ReplaceBody,
    answer=ReplaceAnswer,
    problems=("not_found", web.OVERTAKEN, "invalid_content"),
)
def replace(body: ReplaceAsked) -> ResponseReturnValue:
    """Rename an entry everywhere, or take it from all records: up to 2,000 records a call.

    Repeated, it goes on where the call before ended; once the entry is gone, it is refused with `not_found`.
    """
    part, name, to = body["part"], body["name"], body["to"]
    store, found = directory_to_write(), _store()
    reference = store.reference()
    _must_have(part, name, reference)
    _must_take(part, name, to, reference)
    places = places_of(part, name, reference)
    if to is not None:
        _write_parts(store, lambda now: with_entry(part, name, to, now))
    changed = 0
    for collection, place in places.items():
        changed += _replace_in(store, found, collection, place, to, MOST_AT_ONCE - changed)
    left = sum(found.uses(places).values())
    if not left:
        _write_parts(store, lambda now: without_entry(part, name, now))
    return {"changed": changed, "left": left}


def _must_take(part: str, name: str, to: str | None, reference: Reference) -> None:
    """Refuse another entry that the part cannot have."""
    known = names_in(part, reference)
    wrong = None
    if to == name:
        wrong = wrong_values.SAME_NAME
    elif to is None and part == "languages" and len(known) == 1:
        wrong = wrong_values.LAST_LANGUAGE
    elif to is not None and to not in known and part not in RENAMED:
        wrong = wrong_values.NO_ENTRY
    elif to is not None and part == "custom_fields":
        wrong = wrong_values.ONLY_AWAY
    elif to is not None and to not in known and len(known) >= MOST_NAMES:
        wrong = wrong_values.NO_ROOM
    if wrong:
        raise Problem("invalid_content", errors={"json": {"to": [wrong]}})


def _replace_in(
    store: DirectoryStore, found: EntryStore, collection: str, place: Place, to: str | None, most: int
) -> int:
    """Replace an entry in some records of a collection; gives how many changed."""
    changed = 0
    edit = Edit(who(store.reference()), MANY)
    while changed < most:
        at_once = min(AT_ONCE, most - changed)

        def write(at_once: int = at_once) -> int:
            records = found.using(collection, place, at_once)
            pairs = [(record, replaced(record, place, to)) for record in records]
            if pairs:
                store.rewrite_many(collection, pairs, [], edit)
            return len(pairs)

        written = while_others_write(write, status=409)
        if not written:
            break
        changed += written
    return changed


def _write_parts(store: DirectoryStore, parts_of: Callable[[Reference], Mapping[str, object]]) -> None:
    """Write parts of the reference data as it is now, again where somebody changes it meanwhile."""

    def write() -> None:
        now = store.reference()
        if parts := parts_of(now):
            store.replace_reference(parts, now["revision"])

    while_others_write(write, status=409)
