"""POST /accounts/bulk and /contacts/bulk: one change of many records, at most 2,000 a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from services.importer.api.record_access import TRIES, directory_to_write, who
from services.importer.api.record_schemas import FixedValue
from services.importer.api.records import place_asked
from services.importer.api.service import routes
from services.importer.directory.many_changes import (
    MOST_AT_ONCE,
    ManyAccounts,
    ManyAsked,
    ManyChanges,
    ManyContacts,
    beyond_rights,
    checked_many,
    of_record,
    switched,
    switches_of,
)
from services.importer.directory.record_fields import applied
from services.importer.directory.typed_answers import show_fixes, show_refused
from services.importer.directory.typed_values import Typed
from shared.contract.client_queries import filters_of
from shared.contract.custom_fields import Names
from shared.contract.documents.record import Link, Record
from shared.contract.documents.reference import Reference
from shared.contract.listing import written
from shared.contract.problems import sentence
from shared.contract.record_history import MANY, Edit
from shared.plumbing import web
from shared.plumbing.auth import MANAGE_ACCOUNTS, MANAGE_CONTACTS
from shared.plumbing.client_list_store import ClientListStore, Page
from shared.plumbing.directory_store import ChangedMeanwhile, DirectoryStore
from shared.plumbing.problem import Problem

#: Records that one transaction writes: few, so that others wait little.
AT_ONCE = 100


class ManyAnswer(Schema):
    """How many of the records of this call changed, and where the next call goes on."""

    changed = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    next = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "`after` of the next call; null when all are done"},
    )
    fixes = fields.List(
        fields.Nested(FixedValue), required=True, metadata={"description": "values that were normalised"}
    )


def _change_many(collection: str, body: ManyAsked) -> dict[str, object]:
    slot, store = collection.removesuffix("s"), directory_to_write()
    reference, caller = store.reference(), web.caller()
    changes, checked = checked_many(slot, body["changes"], reference)
    _refuse(slot, checked, reference)
    page = _page(collection, body)
    changed = 0
    for start in range(0, len(page.records), AT_ONCE):
        part = page.records[start : start + AT_ONCE]
        changed += _write(
            store, collection, part, changes, Edit(who(reference), MANY), preview=body["preview"]
        )
    return {
        "changed": changed,
        "unchanged": len(page.records) - changed,
        "next": written(page.next) if page.next else None,
        "fixes": show_fixes(slot, checked.fixes, caller.locale),
    }


def _refuse(slot: str, checked: Typed, reference: Reference) -> None:
    """Raise the problem of values that are refused, and of those that need a right, each at its place."""
    caller = web.caller()
    errors = show_refused(checked.refused, Names(reference["custom_fields"]), caller.locale)
    beyond = beyond_rights(slot, checked, reference, caller.rights(), caller.id)
    errors += [
        {"place": name, "code": code, "message": sentence(code, caller.locale, value=value)}
        for name, (code, value) in beyond.items()
    ]
    if errors:
        placed = [{**each, "place": f"json.changes.{each['place']}"} for each in errors]
        raise Problem("invalid_content", errors=placed)


def _page(collection: str, body: ManyAsked) -> Page:
    store = ClientListStore(web.servers().db, web.caller().firm)
    if "ids" in body:
        found = store.fetch(collection, {f"{store.firm}/{each}" for each in body["ids"]})
        return Page(list(found.values()), None)
    return store.listed(collection, filters_of(body["filter"]), place_asked(body.get("after")), MOST_AT_ONCE)


def _write(
    store: DirectoryStore,
    collection: str,
    records: Sequence[Record],
    changes: ManyChanges,
    edit: Edit,
    *,
    preview: bool,
) -> int:
    """Change some records in one transaction, read anew where others change them meanwhile; gives how many differ."""
    now: Mapping[str, Record] = {record["_id"]: record for record in records}
    for _ in range(TRIES):
        pairs = [
            (record, applied(record, fresh))
            for record in now.values()
            if (fresh := of_record(record, changes))
        ]
        links = _switched(store, collection, now, changes)
        touched = {record["_id"] for record, _ in pairs} | {link["contact"] for link, _ in links}
        if preview or not touched:
            return len(touched)
        try:
            store.rewrite_many(collection, pairs, links, edit)
        except ChangedMeanwhile:
            now = store.fetch(collection, now)
            continue
        return len(touched)
    raise Problem("changed_meanwhile", status=409)


def _switched(
    store: DirectoryStore, collection: str, records: Mapping[str, Record], changes: ManyChanges
) -> list[tuple[Link, dict[str, dict[str, bool]]]]:
    wanted = switches_of(changes) if collection == "contacts" else {}
    links = store.links_of_contacts(list(records)) if wanted else []
    return [(link, then) for link in links if (then := switched(link["switches"], wanted)) is not None]


@routes.on(
    "POST",
    "/accounts/bulk",
    may=MANAGE_ACCOUNTS,
    takes=ManyAccounts,
    answer=ManyAnswer,
    problems=(web.OVERTAKEN,),
)
def change_accounts(body: ManyAsked) -> ResponseReturnValue:
    """Change tags, team, folder template, language or questionnaire of many accounts.

    Repeated, it changes nothing more.
    """
    return _change_many("accounts", body)


@routes.on(
    "POST",
    "/contacts/bulk",
    may=MANAGE_CONTACTS,
    takes=ManyContacts,
    answer=ManyAnswer,
    problems=(web.OVERTAKEN,),
)
def change_contacts(body: ManyAsked) -> ResponseReturnValue:
    """Change many contacts: tags, language, and the switches of their links.

    Repeated, it changes nothing more.
    """
    return _change_many("contacts", body)
