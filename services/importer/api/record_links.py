"""PUT and DELETE of links: a contact belongs to an account, with what it is to it and what it may do."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from services.importer.api.record_access import directory_to_write, record_of, while_others_write, who
from services.importer.api.record_schemas import LinkAnswer
from services.importer.api.service import Conditions, IfMatch, revision_seen, routes
from services.importer.directory.links_given import (
    LinkBody,
    LinkGiven,
    described,
    new_link,
    relationship_given,
    switches_with,
)
from services.importer.directory.record_answers import show_links
from shared.contract.documents.record import Link
from shared.contract.record_history import LINKED, Edit
from shared.contract.records import link_id, name_of
from shared.plumbing import clock
from shared.plumbing.auth import MANAGE_ACCOUNTS
from shared.plumbing.directory_store import AlreadyThere, ChangedMeanwhile, DirectoryStore
from shared.plumbing.mongo import Session
from shared.plumbing.problem import Problem
from shared.values.context import context_of_firm


def _put(
    store: DirectoryStore, account_id: str, contact_id: str, headers: Conditions, body: LinkGiven
) -> Link:
    """Make or change a link."""
    account, contact = record_of("accounts", account_id), record_of("contacts", contact_id)
    reference, seen = store.reference(), revision_seen(headers)
    identity = link_id(account["_id"], contact["_id"])
    now = store.links([identity], None).get(identity)
    if seen is not None and (now is None or now.get("revision", 1) != seen):
        raise Problem("changed_meanwhile", status=412)
    before = now.get("relationship", []) if now else []
    relationship = (
        relationship_given(body["relationship"], context_of_firm(reference))
        if "relationship" in body
        else before
    )
    switches = switches_with(now["switches"] if now else {}, body.get("switches", {}), contact)
    if now and (relationship, switches) == (before, now["switches"]):
        return now
    lines = {
        "accounts": {account["_id"]: [("links", *_ends(now, name_of(contact), before, relationship))]},
        "contacts": {contact["_id"]: [("links", *_ends(now, name_of(account), before, relationship))]},
    }
    made = new_link(store.firm, account["_id"], contact["_id"], clock.now(), relationship, switches)
    revision = (now.get("revision", 1) if now else 0) + 1
    changes: dict[str, object] = {
        "relationship": relationship,
        "switches": switches,
        "revision": revision,
    }

    def work(session: Session) -> Link:
        if len(store.fetch("accounts", [account["_id"]], session, "_id")) + len(
            store.fetch("contacts", [contact["_id"]], session, "_id")
        ) < len(lines):
            raise ChangedMeanwhile
        if now:
            store.change_links(session, [now], [changes])
        else:
            store.link([made], session, look=False)
        for kind, own in lines.items():
            store.note_in(session, kind, own, Edit(who(reference), LINKED))
        return store.links([identity], session)[identity]

    return store.together(work)


def _ends(now: Link | None, name: str, before: list[str], after: list[str]) -> tuple[str | None, str]:
    return described(name, before) if now else None, described(name, after)


@routes.on(
    "PUT",
    "/accounts/<record_id>/contacts/<contact_id>",
    may=MANAGE_ACCOUNTS,
    takes=LinkBody,
    headers=IfMatch,
    answer=LinkAnswer,
    problems=("changed_meanwhile", "merged"),
)
def put_link(headers: Conditions, body: LinkGiven, record_id: str, contact_id: str) -> ResponseReturnValue:
    """Link a contact to an account, or change their link; what is not given stays.

    Repeated, it changes nothing more. Both records note it in their history, and undo of an import leaves it.
    """
    store = directory_to_write()
    link = while_others_write(lambda: _put(store, record_id, contact_id, headers, body), AlreadyThere)
    contact = record_of("contacts", contact_id)
    (shown,) = show_links([link], lambda each: each["contact"], {contact["_id"]: contact})
    return shown, 200, {"ETag": f'"{link.get("revision", 1)}"'}


@routes.on(
    "DELETE",
    "/accounts/<record_id>/contacts/<contact_id>",
    may=MANAGE_ACCOUNTS,
    headers=IfMatch,
    status=204,
    problems=("changed_meanwhile", "merged"),
)
def delete_link(headers: Conditions, record_id: str, contact_id: str) -> ResponseReturnValue:
    """Take a contact off an account; both records stay."""
    store, seen = directory_to_write(), revision_seen(headers)
    account, contact = record_of("accounts", record_id), record_of("contacts", contact_id)
    identity, edit = link_id(account["_id"], contact["_id"]), Edit(who(store.reference()), LINKED)

    def work(session: Session) -> bool:
        link = store.links([identity], session).get(identity)
        if link is None:
            return False
        if seen is not None and link.get("revision", 1) != seen:
            raise ChangedMeanwhile
        store.remove_links(session, [identity])
        was = link.get("relationship", [])
        store.note_in(
            session, "accounts", {account["_id"]: [("links", described(name_of(contact), was), None)]}, edit
        )
        store.note_in(
            session, "contacts", {contact["_id"]: [("links", described(name_of(account), was), None)]}, edit
        )
        return True

    try:
        removed = store.together(work)
    except ChangedMeanwhile:
        raise Problem("changed_meanwhile", status=412) from None
    if not removed:
        raise Problem("not_found")
    return "", 204
