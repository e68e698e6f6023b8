"""GET, PATCH and DELETE of accounts and contacts: pages of records, one record, changes that a person makes."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from services.importer.api.record_access import (
    checked_changes,
    directory_to_write,
    identity_of,
    invited,
    record_of,
    while_others_write,
    who,
    whole,
    with_keys,
)
from services.importer.api.record_schemas import RecordAnswer, RecordsAnswer, RecordsAsked, RecordsQuery
from services.importer.api.service import Conditions, IfMatch, revision_seen, routes
from services.importer.directory.record_answers import show_record
from services.importer.directory.record_fields import AccountChanges, Changes, ContactChanges, applied
from shared.contract.client_queries import filters_of
from shared.contract.custom_fields import Names
from shared.contract.listing import Place, place_of, written
from shared.contract.record_history import Edit
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_ACCOUNTS, MANAGE_CONTACTS, VIEW_ACCOUNTS, VIEW_CONTACTS
from shared.plumbing.client_list_store import ClientListStore
from shared.plumbing.directory_store import ChangedMeanwhile
from shared.plumbing.problem import Problem


def _page(collection: str, query: RecordsAsked) -> dict[str, object]:
    store = ClientListStore(web.servers().db, web.caller().firm)
    filters = filters_of(query)
    page = store.listed(collection, filters, place_asked(query.get("cursor")), query["limit"])
    names = Names(store.reference()["custom_fields"])
    ids = [record["_id"] for record in page.records]
    linked, letters = store.linked_names(collection, ids), invited(collection, ids)
    return {
        "items": [
            {
                **show_record(record, collection, names),
                "linked": [each._asdict() for each in linked[record["_id"]]],
                **letters[record["_id"]],
            }
            for record in page.records
        ],
        "next": written(page.next) if page.next else None,
        "total": store.count(collection) if query["total"] else None,
    }


def place_asked(cursor: str | None) -> Place | None:
    """The place that a cursor names; raises the problem of one that is none."""
    try:
        return place_of(cursor) if cursor else None
    except ValueError:
        raise Problem(
            "invalid_content", errors={"query": {"cursor": ["Not the cursor of a list."]}}
        ) from None


def _change(collection: str, record_id: str, headers: Conditions, changes: Changes) -> ResponseReturnValue:
    """Write the changes to the record as it is now; with `If-Match` only to the revision that the writer saw."""
    store, seen, slot = directory_to_write(), revision_seen(headers), collection.removesuffix("s")

    def write() -> ResponseReturnValue:
        record = record_of(collection, record_id)
        if seen is not None and record["revision"] != seen:
            raise Problem("changed_meanwhile", status=412)
        reference = store.reference()
        checked = checked_changes(collection, record, changes, reference)
        after = with_keys(slot, record, applied(record, checked.changes))
        return whole(collection, store.rewrite(collection, record, after, Edit(who(reference))), checked)

    return while_others_write(write)


def _delete(collection: str, record_id: str, headers: Conditions) -> ResponseReturnValue:
    try:
        if not directory_to_write().delete(collection, identity_of(record_id), revision_seen(headers)):
            record_of(collection, record_id)  # says where one went that was merged
            raise Problem("not_found")
    except ChangedMeanwhile:
        raise Problem("changed_meanwhile", status=412) from None
    return "", 204


@routes.on("GET", "/accounts", may=VIEW_ACCOUNTS, answer=RecordsAnswer, query=RecordsQuery)
def accounts(query: RecordsAsked) -> ResponseReturnValue:
    """The firm's accounts."""
    return _page("accounts", query)


@routes.on("GET", "/accounts/<record_id>", may=VIEW_ACCOUNTS, answer=RecordAnswer, problems=("merged",))
def account(record_id: str) -> ResponseReturnValue:
    """One account with its contacts."""
    return whole("accounts", record_of("accounts", record_id))


@routes.on(
    "PATCH",
    "/accounts/<record_id>",
    may=MANAGE_ACCOUNTS,
    takes=AccountChanges,
    headers=IfMatch,
    answer=RecordAnswer,
    problems=("changed_meanwhile", "merged"),
)
def change_account(headers: Conditions, body: Changes, record_id: str) -> ResponseReturnValue:
    """Change fields of an account; null clears, custom fields are merged, lists are taken whole.

    Values are checked and normalised as in an import; `fixes` has those that became another.
    """
    return _change("accounts", record_id, headers, body)


@routes.on(
    "DELETE",
    "/accounts/<record_id>",
    may=MANAGE_ACCOUNTS,
    headers=IfMatch,
    status=204,
    problems=("changed_meanwhile", "merged"),
)
def delete_account(headers: Conditions, record_id: str) -> ResponseReturnValue:
    """Remove an account with its links; its contacts stay."""
    return _delete("accounts", record_id, headers)


@routes.on("GET", "/contacts", may=VIEW_CONTACTS, answer=RecordsAnswer, query=RecordsQuery)
def contacts(query: RecordsAsked) -> ResponseReturnValue:
    """The firm's contacts."""
    return _page("contacts", query)


@routes.on("GET", "/contacts/<record_id>", may=VIEW_CONTACTS, answer=RecordAnswer, problems=("merged",))
def contact(record_id: str) -> ResponseReturnValue:
    """One contact with its accounts."""
    return whole("contacts", record_of("contacts", record_id))


@routes.on(
    "PATCH",
    "/contacts/<record_id>",
    may=MANAGE_CONTACTS,
    takes=ContactChanges,
    headers=IfMatch,
    answer=RecordAnswer,
    problems=("changed_meanwhile", "merged"),
)
def change_contact(headers: Conditions, body: Changes, record_id: str) -> ResponseReturnValue:
    """Change fields of a contact; null clears, custom fields are merged, lists are taken whole.

    Values are checked and normalised as in an import; `fixes` has those that became another.
    """
    return _change("contacts", record_id, headers, body)


@routes.on(
    "DELETE",
    "/contacts/<record_id>",
    may=MANAGE_CONTACTS,
    headers=IfMatch,
    status=204,
    problems=("changed_meanwhile", "merged"),
)
def delete_contact(headers: Conditions, record_id: str) -> ResponseReturnValue:
    """Remove a contact with its links; its accounts stay."""
    return _delete("contacts", record_id, headers)
