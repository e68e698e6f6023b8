"""GET, PATCH and DELETE of accounts and contacts: pages of records, one record, changes that a person makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NotRequired

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from services.importer.api.service import Conditions, IfMatch, revision_seen, routes
from services.importer.directory.record_answers import show_history, show_links, show_record
from services.importer.directory.record_fields import (
    AccountChanges,
    Changes,
    ContactChanges,
    applied,
    as_the_firm_writes,
    custom_values,
    not_allowed,
    outside_directory,
)
from shared.contract.bounded import Code, Count
from shared.contract.client_queries import ListAsked, ListQuery, filters_of
from shared.contract.custom_fields import Names
from shared.contract.documents.record import Link, Record
from shared.contract.documents.reference import Reference
from shared.contract.events import EACH
from shared.contract.keys import KEY_FIELDS, keys_of
from shared.contract.listing import Place, place_of, written
from shared.contract.moments import Moment
from shared.contract.problems import sentence
from shared.contract.record_history import Edit
from shared.contract.records import NAMING
from shared.contract.sendings import STATUSES, shown_letter
from shared.plumbing import web
from shared.plumbing.auth import (
    MANAGE_ACCOUNTS,
    MANAGE_CONTACTS,
    VIEW_ACCOUNTS,
    VIEW_CONTACTS,
    VIEW_REGISTER_NUMBERS,
)
from shared.plumbing.client_list_store import ClientListStore
from shared.plumbing.directory_store import ChangedMeanwhile, DirectoryStore
from shared.plumbing.outbox_store import OutboxDirectory
from shared.plumbing.problem import Problem
from shared.plumbing.sending_store import SendingStore


class RecordsQuery(ListQuery):
    """A page of records."""

    cursor = Code(r"^[0-9A-Za-z_-]{1,2400}$")
    limit = Count(1, 500, load_default=50)
    total = fields.Boolean(
        load_default=False, metadata={"description": "count all records of the firm, which takes its time"}
    )


class RecordsAsked(ListAsked):
    """The query that `RecordsQuery` reads."""

    cursor: NotRequired[str]
    limit: int
    total: bool


class LinkAnswer(Schema):
    """A link of an account and a contact, with the name of the other end and what it may do by e-mail field.

    `relationship` is what the contact is to the account.
    """

    account = fields.String(required=True)
    contact = fields.String(required=True)
    name = fields.String(required=True)
    relationship = fields.List(fields.String(), required=True)
    switches = fields.Dict(required=True)
    job = fields.String(required=True, allow_none=True)


class LinkedName(Schema):
    """A record at the other end of a link."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class FieldChanged(Schema):
    """A field that was changed, with its values before and after; long ones are cut."""

    field = fields.String(required=True)
    label = fields.String(required=True)
    old = fields.Raw(required=True, allow_none=True)
    new = fields.Raw(required=True, allow_none=True)


class InvitationOfContact(Schema):
    """What became of the invitation of a contact to the portal."""

    status = fields.String(
        required=True, metadata={"description": ", ".join(f"`{each}`" for each in STATUSES)}
    )
    at = Moment(required=True, allow_none=True)
    address = fields.String(
        required=True, allow_none=True, metadata={"description": "where the last mail went"}
    )
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "why it failed: the answer of the mail server (5xx), or `put_off` for a day"
        },
    )


class HistoryOfRecord(Schema):
    """What became of a record, and which fields it changed; the last 20 changes are kept."""

    what = fields.String(
        required=True,
        metadata={
            "description": "`created`, `updated` or `linked` by an import, `undo` of one; `edit` or `bulk` by a person"
        },
    )
    at = Moment(required=True)
    job = fields.String(required=True, allow_none=True)
    file = fields.String(required=True, allow_none=True)
    by = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the name or address of a person, where one is known"},
    )
    fields_ = fields.List(fields.Nested(FieldChanged), required=True, data_key="fields")


class RecordAnswer(Schema):
    """An account or a contact."""

    id = fields.String(required=True)
    revision = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
    jobs = fields.List(fields.String(), required=True)
    fields_ = fields.Dict(required=True, data_key="fields")
    linked = fields.List(
        fields.Nested(LinkedName),
        metadata={
            "description": "in lists: the contacts of an account, or the accounts of a contact; at most ten"
        },
    )
    invitation = fields.Nested(InvitationOfContact, metadata={"description": "of contacts"})
    links = fields.List(fields.Nested(LinkAnswer))
    folders = fields.List(
        fields.String(), metadata={"description": "of one account: the folders of its folder template"}
    )
    history = fields.List(fields.Nested(HistoryOfRecord))


class RecordsAnswer(Schema):
    """A page of records in the order of their names."""

    items = fields.List(
        fields.Nested(RecordAnswer),
        required=True,
        metadata={"description": "may be fewer than `limit`, or none, although more follow: see `next`"},
    )
    next = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the `cursor` of the next page; null after the last"},
    )
    total = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "records of the firm, whatever the filter; null unless asked for"},
    )


def _page(collection: str, query: RecordsAsked) -> dict[str, object]:
    store = ClientListStore(web.servers().db, web.caller().firm)
    filters = filters_of(query)
    page = store.listed(collection, filters, place_asked(query.get("cursor")), query["limit"])
    names = Names(store.reference()["custom_fields"])
    ids = [record["_id"] for record in page.records]
    linked, invited = store.linked_names(collection, ids), _invited(collection, ids)
    return {
        "items": [
            {
                **show_record(record, collection, names),
                "linked": [each._asdict() for each in linked[record["_id"]]],
                **invited[record["_id"]],
            }
            for record in page.records
        ],
        "next": written(page.next) if page.next else None,
        "total": store.count(collection) if query["total"] else None,
    }


def _invited(collection: str, ids: Sequence[str]) -> dict[str, dict[str, object]]:
    """By id of a contact, the part of its answer about its invitation; accounts have none."""
    if collection != "contacts":
        return {identity: {} for identity in ids}
    letters = SendingStore(web.servers().db, web.caller().firm).letters_of(ids)
    return {identity: {"invitation": shown_letter(letters.get(identity))} for identity in ids}


def place_asked(cursor: str | None) -> Place | None:
    """The place that a cursor names; raises the problem of one that is none."""
    try:
        return place_of(cursor) if cursor else None
    except ValueError:
        raise Problem(
            "invalid_content", errors={"query": {"cursor": ["Not the cursor of a list."]}}
        ) from None


def _shown(collection: str, record: Record) -> dict[str, object]:
    names = Names(web.directory().reference()["custom_fields"])
    return show_record(record, collection, names, register_numbers=web.caller().may(VIEW_REGISTER_NUMBERS))


def _identity(record_id: str) -> str:
    return f"{web.caller().firm}/{record_id}"


def _record(collection: str, record_id: str) -> Record:
    identity = _identity(record_id)
    record = web.directory().fetch(collection, [identity]).get(identity)
    if record is None:
        raise Problem("not_found")
    return record


def _whole(collection: str, record: Record) -> ResponseReturnValue:
    """A record with its links and the imports that it went through."""
    store, other, end = web.directory(), *OTHER_END[collection]
    links = store.links_of(collection, record["_id"])
    others = store.fetch(other, {end(link) for link in links}, None, *NAMING)
    template = record.get("folder_template")
    reference = store.reference()
    folders = reference.get("folder_template_folders", {}).get(str(template), [])
    whole = {
        **_shown(collection, record),
        **({"folders": folders} if collection == "accounts" else {}),
        **_invited(collection, [record["_id"]])[record["_id"]],
        "links": show_links(links, end, others),
        "history": show_history(
            record,
            web.jobs().some(record["jobs"]),
            Names(reference["custom_fields"]),
            web.caller().locale,
            register_numbers=web.caller().may(VIEW_REGISTER_NUMBERS),
        ),
    }
    return whole, 200, {"ETag": f'"{record["revision"]}"'}


#: By collection, the one at the other end of its links, and the id at that end of a link.
OTHER_END: dict[str, tuple[str, Callable[[Link], str]]] = {
    "accounts": ("contacts", lambda link: link["contact"]),
    "contacts": ("accounts", lambda link: link["account"]),
}
#: Attempts to write a change while others change the same record.
TRIES = 5


def directory_to_write() -> DirectoryStore:
    """The directory to write to; it also fills the outbox where the firm wants an event for each record."""
    plain = web.directory()
    each = plain.reference()["events"] == EACH
    return OutboxDirectory(plain.db, plain.firm, None) if each else plain


def _change(collection: str, record_id: str, headers: Conditions, changes: Changes) -> ResponseReturnValue:
    """Write the changes to the record as it is now; with `If-Match` only to the revision that the writer saw."""
    store, seen, slot = directory_to_write(), revision_seen(headers), collection.removesuffix("s")
    for _ in range(TRIES):
        record = _record(collection, record_id)
        if seen is not None and record["revision"] != seen:
            raise Problem("changed_meanwhile", status=412)
        reference, caller = store.reference(), web.caller()
        changes = as_the_firm_writes(slot, changes, reference)
        problems = outside_directory(slot, changes, reference)
        tags = reference["tags" if collection == "accounts" else "contact_tags"]
        refused = not_allowed(record, changes, tags, caller.rights(), caller.id)
        for name, (code, value) in refused.items():
            problems.setdefault(name, []).append(sentence(code, caller.locale, value=value))
        if problems:
            raise Problem("invalid_content", errors=problems)
        after = applied(record, _by_ids(slot, changes, reference))
        if any(record.get(name) != after.get(name) for name in KEY_FIELDS):
            after["keys"] = keys_of(slot, after)
        try:
            return _whole(collection, store.rewrite(collection, record, after, Edit(who(reference))))
        except ChangedMeanwhile:
            continue
    raise Problem("changed_meanwhile", status=412)


def who(reference: Reference) -> str | None:
    """The name of the caller among the firm's members, else the address; None for a program without one."""
    caller = web.caller()
    known = (member["name"] for member in reference["team_members"] if member["id"] == caller.id)
    return next(known, None) or caller.email


def _by_ids(record: str, changes: Changes, reference: Reference) -> Changes:
    """The changes with custom fields by their ids."""
    if "custom" not in changes:
        return changes
    return {**changes, "custom": Names(reference["custom_fields"]).ids(record, custom_values(changes))}


def _delete(collection: str, record_id: str, headers: Conditions) -> ResponseReturnValue:
    try:
        if not directory_to_write().delete(collection, _identity(record_id), revision_seen(headers)):
            raise Problem("not_found")
    except ChangedMeanwhile:
        raise Problem("changed_meanwhile", status=412) from None
    return "", 204


@routes.on("GET", "/accounts", may=VIEW_ACCOUNTS, answer=RecordsAnswer, query=RecordsQuery)
def accounts(query: RecordsAsked) -> ResponseReturnValue:
    """The firm's accounts."""
    return _page("accounts", query)


@routes.on("GET", "/accounts/<record_id>", may=VIEW_ACCOUNTS, answer=RecordAnswer)
def account(record_id: str) -> ResponseReturnValue:
    """One account with its contacts."""
    return _whole("accounts", _record("accounts", record_id))


@routes.on(
    "PATCH",
    "/accounts/<record_id>",
    may=MANAGE_ACCOUNTS,
    takes=AccountChanges,
    headers=IfMatch,
    answer=RecordAnswer,
    problems=("changed_meanwhile",),
)
def change_account(headers: Conditions, body: Changes, record_id: str) -> ResponseReturnValue:
    """Change fields of an account; null clears, custom fields are merged, lists are taken whole."""
    return _change("accounts", record_id, headers, body)


@routes.on(
    "DELETE",
    "/accounts/<record_id>",
    may=MANAGE_ACCOUNTS,
    headers=IfMatch,
    status=204,
    problems=("changed_meanwhile",),
)
def delete_account(headers: Conditions, record_id: str) -> ResponseReturnValue:
    """Remove an account with its links; its contacts stay."""
    return _delete("accounts", record_id, headers)


@routes.on("GET", "/contacts", may=VIEW_CONTACTS, answer=RecordsAnswer, query=RecordsQuery)
def contacts(query: RecordsAsked) -> ResponseReturnValue:
    """The firm's contacts."""
    return _page("contacts", query)


@routes.on("GET", "/contacts/<record_id>", may=VIEW_CONTACTS, answer=RecordAnswer)
def contact(record_id: str) -> ResponseReturnValue:
    """One contact with its accounts."""
    return _whole("contacts", _record("contacts", record_id))


@routes.on(
    "PATCH",
    "/contacts/<record_id>",
    may=MANAGE_CONTACTS,
    takes=ContactChanges,
    headers=IfMatch,
    answer=RecordAnswer,
    problems=("changed_meanwhile",),
)
def change_contact(headers: Conditions, body: Changes, record_id: str) -> ResponseReturnValue:
    """Change fields of a contact; null clears, custom fields are merged, lists are taken whole."""
    return _change("contacts", record_id, headers, body)


@routes.on(
    "DELETE",
    "/contacts/<record_id>",
    may=MANAGE_CONTACTS,
    headers=IfMatch,
    status=204,
    problems=("changed_meanwhile",),
)
def delete_contact(headers: Conditions, record_id: str) -> ResponseReturnValue:
    """Remove a contact with its links; its accounts stay."""
    return _delete("contacts", record_id, headers)
