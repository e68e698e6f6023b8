"""What calls about single records share: the record, its whole answer, checked changes, and who makes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from services.importer.directory.record_answers import show_history, show_links, show_record
from services.importer.directory.record_fields import Changes, custom_values, not_allowed
from services.importer.directory.typed_answers import show_fixes, show_noted, show_refused
from services.importer.directory.typed_values import Typed, typed
from shared.contract.custom_fields import Names
from shared.contract.documents.record import Link, Record
from shared.contract.documents.reference import Reference
from shared.contract.events import EACH
from shared.contract.keys import KEY_FIELDS, keys_of
from shared.contract.problems import sentence
from shared.contract.records import NAMING, name_of, public_id
from shared.contract.sendings import shown_letter
from shared.plumbing import web
from shared.plumbing.auth import VIEW_REGISTER_NUMBERS
from shared.plumbing.directory_store import ChangedMeanwhile, DirectoryStore
from shared.plumbing.outbox_store import OutboxDirectory
from shared.plumbing.problem import Problem
from shared.plumbing.sending_store import SendingStore

#: By collection, the one at the other end of its links, and the id at that end of a link.
OTHER_END: dict[str, tuple[str, Callable[[Link], str]]] = {
    "accounts": ("contacts", lambda link: link["contact"]),
    "contacts": ("accounts", lambda link: link["account"]),
}
#: A body, a status and headers.
Answer = tuple[dict[str, object], int, dict[str, str]]
T = TypeVar("T")
#: Attempts to write a change while others change the same record.
TRIES = 5


def identity_of(record_id: str) -> str:
    """The id of a record of the caller's firm, as it is kept."""
    return f"{web.caller().firm}/{record_id}"


def record_or_merged(collection: str, identity: str) -> Record:
    """One record by its whole id; 410 where it was merged into another, 404 where there is none."""
    store = web.directory()
    record = store.fetch(collection, [identity]).get(identity)
    if record is None:
        into = store.merged(collection, [identity]).get(identity)
        known = store.fetch(collection, [into], None, *NAMING).get(into) if into else None
        if into is None or known is None:
            raise Problem("not_found")
        raise merged_into(public_id(into), name_of(known))
    return record


def merged_into(record_id: str, name: str) -> Problem:
    """The problem of a record that was merged into another."""
    where = {"place": "record_id", "code": "merged", "message": name, "record": record_id, "name": name}
    return Problem("merged", errors=[where], id=record_id, name=name)


def record_of(collection: str, record_id: str) -> Record:
    """The same by its public id."""
    return record_or_merged(collection, identity_of(record_id))


def invited(collection: str, ids: Sequence[str]) -> dict[str, dict[str, object]]:
    """By id of a contact, the part of its answer about its invitation; accounts have none."""
    if collection != "contacts":
        return {identity: {} for identity in ids}
    letters = SendingStore(web.servers().db, web.caller().firm).letters_of(ids)
    return {identity: {"invitation": shown_letter(letters.get(identity))} for identity in ids}


def _folders(collection: str, record: Record, reference: Reference) -> dict[str, object]:
    """The part of the answer about the folders that the template of an account has."""
    if collection != "accounts":
        return {}
    return {
        "folders": reference.get("folder_template_folders", {}).get(str(record.get("folder_template")), [])
    }


def whole(collection: str, record: Record, checked: Typed | None = None) -> Answer:
    """A record with its links and its history, and with what checking made of the values of a change."""
    store, other, end = web.directory(), *OTHER_END[collection]
    links = store.links_of(collection, record["_id"])
    others = store.fetch(other, {end(link) for link in links}, None, *NAMING)
    reference, lang = store.reference(), web.caller().locale
    names = Names(reference["custom_fields"])
    slot, may_see = collection.removesuffix("s"), web.caller().may(VIEW_REGISTER_NUMBERS)
    answer: dict[str, object] = {
        **show_record(record, collection, names, register_numbers=may_see),
        **invited(collection, [record["_id"]])[record["_id"]],
        **_folders(collection, record, reference),
        "links": show_links(links, end, others),
        "history": show_history(
            record, web.jobs().some(record["jobs"]), names, lang, register_numbers=may_see
        ),
    }
    if checked is not None:
        answer["fixes"] = show_fixes(slot, checked.fixes, lang)
        answer["problems"] = show_noted(slot, checked.noted, names, lang)
    return answer, 200, {"ETag": f'"{record["revision"]}"'}


def while_others_write(write: Callable[[], T], *overtaken: type[Exception], status: int = 412) -> T:
    """What a write gives; it is tried again, from its reading on, while others change the same.

    `overtaken` are further errors after which it is tried again. Raises the problem of one that never came through.
    """
    passing: tuple[type[Exception], ...] = (ChangedMeanwhile, *overtaken)
    for _ in range(TRIES):
        try:
            return write()
        except passing:
            continue
    raise Problem("changed_meanwhile", status=status)


def directory_to_write() -> DirectoryStore:
    """The directory to write to; it also fills the outbox where the firm wants an event for each record."""
    plain = web.directory()
    each = plain.reference()["events"] == EACH
    return OutboxDirectory(plain.db, plain.firm, None) if each else plain


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


def checked_changes(
    collection: str,
    record: Mapping[str, object] | None,
    changes: Changes,
    reference: Reference,
    place: str = "",
) -> Typed:
    """The changes as they are written, custom fields by their ids; raises the problem of those that are refused.

    `record` is None for a new one. The places of what is refused begin with `place`.
    """
    slot, caller = collection.removesuffix("s"), web.caller()
    names = Names(reference["custom_fields"])
    now = names.values(slot, record or {})
    found = typed(slot, now, changes, reference, new=record is None)
    errors = show_refused(found.refused, names, caller.locale)
    tags = reference["tags" if collection == "accounts" else "contact_tags"]
    beyond = not_allowed(now, found.changes, tags, caller.rights(), caller.id)
    errors += [
        {"place": name, "code": code, "message": sentence(code, caller.locale, value=value)}
        for name, (code, value) in beyond.items()
    ]
    if errors:
        placed = [{**each, "place": f"{place}{each['place']}"} for each in errors]
        raise Problem("invalid_content", errors=placed)
    found.changes = dict(_by_ids(slot, found.changes, reference))
    return found


def with_keys(slot: str, before: Mapping[str, object], after: dict[str, object]) -> dict[str, object]:
    """The record as it becomes, with the matching keys of its values."""
    if any(before.get(name) != after.get(name) for name in KEY_FIELDS):
        after["keys"] = keys_of(slot, after)
    return after
