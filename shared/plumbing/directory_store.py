"""A firm's directory: accounts, contacts, links between them, and the reference data that they use.

The only user of the collections `accounts`, `contacts`, `links` and `directories`. Every id begins with the
firm, and every filter names it, so that no query can reach another firm's records.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeVar, cast

from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError

from shared.contract.custom_fields import id_of
from shared.contract.documents.record import (
    FieldChange,
    Link,
    Merged,
    MergedEnd,
    Record,
    RecordChange,
    RecordRestore,
    RecordUpdate,
)
from shared.contract.documents.reference import CustomField, Reference
from shared.contract.import_defaults import ANNOUNCED, import_defaults
from shared.contract.listing import LISTED_BY, PLACES, places_of
from shared.contract.moments import rfc3339
from shared.contract.record_history import (
    IMPORTED,
    LINKED,
    LINKS,
    MAILED,
    MOST_CHANGES,
    Edit,
    between,
    change_of,
    of_update,
)
from shared.contract.records import RELATIONSHIP, link_id
from shared.contract.relationships import changed_link, link_as_before
from shared.contract.sendings import NOT_SENT, SENT
from shared.plumbing import clock
from shared.plumbing.mongo import Collection, Database, Document, Session, collection, in_transaction

#: The reference data of a firm that has set none: enough to import at once.
DEFAULTS: Reference = {
    "team_members": [],
    "tags": [],
    "contact_tags": [],
    "roles": [],
    "folder_templates": ["Default tax years"],
    "folder_template_folders": {},
    "questionnaires": ["Personal income tax"],
    "custom_fields": [],
    "languages": ["en", "fr", "nl"],
    "defaults": import_defaults({}),
    "notices": {"importer": list(ANNOUNCED), "copies": []},
    "retention": {"undo_days": None, "keep_days": None},
    "events": "summary",
    "locale": {"language": None, "country": "BE", "time_zone": "Europe/Brussels", "date_order": "DMY"},
    "sender": {"name": None, "reply_to": None},
    "revision": 0,
}


_DEFAULTS = cast("Mapping[str, list[Any]]", DEFAULTS)

#: Parts of the reference data that imports add to.
Growing = Literal["tags", "contact_tags", "custom_fields"]
#: jobs of which the directory remembers which entries they added
REMEMBERED_JOBS = 100
#: how many of their entries it remembers, over all jobs: the oldest jobs are forgotten first
MOST_REMEMBERED = 10_000
#: entries of one part of the reference data at most, so that they fit into one document
MOST_NAMES = 5_000
#: where the tags of records are among the reference data
TAGS_OF = {"accounts": "tags", "contacts": "contact_tags"}
#: parts of the reference data that imports add to
GROWING: tuple[Growing, ...] = ("tags", "contact_tags", "custom_fields")


#: accounts whose links are asked for in one query
RANGES_AT_ONCE = 250

DUPLICATE_KEY = 11000  # MongoDB's error code


class ChangedMeanwhile(Exception):
    """The document is no longer at the revision that the writer read."""


class AlreadyThere(Exception):
    """A record or link that should be new exists already; the transaction that should write it has ended."""


#: An entry of the reference data that imports add to: a tag, or a custom field.
Entry = str | CustomField
Entries = dict[str, list[Any]]
Days = Literal["undo_days", "keep_days"]
E = TypeVar("E", bound=Entry)
#: What a transaction gives.
T = TypeVar("T")


def record_id(firm: str, kind: str, key: int | str) -> str:
    """The id of a new record follows from firm, kind and its strongest key, so a second load makes no double."""
    digest = hashlib.blake2b(f"{firm}|{kind}|{key}".encode(), digest_size=12)
    return f"{firm}/{digest.hexdigest()}"


class DirectoryStore:
    """The directory of one firm."""

    def __init__(self, db: Database, firm: str) -> None:
        self.db = db
        self.firm = firm
        self._links = collection(db, "links", Link)

    def _records(self, kind: str) -> Collection[Record]:
        return collection(self.db, kind, Record)

    # reference data

    def reference(self) -> Reference:
        """The firm's reference data; defaults before anybody has set any."""
        found = self.db.directories.find_one({"_id": self.firm}) or {}
        own = {k: v for k, v in found.items() if k not in ("_id", "added")}
        whole = {**DEFAULTS, **own, "retention": {**DEFAULTS["retention"], **own.get("retention", {})}}
        whole["defaults"] = import_defaults(own.get("defaults", {}))
        return cast("Reference", whole)

    def days(self, name: Days, otherwise: int) -> int:
        """The firm's own number of days of a kind (`undo_days`, `keep_days`), or the installation's."""
        own = self.reference()["retention"][name]
        return otherwise if own is None else own

    def replace_reference(self, data: Mapping[str, object], expected: int | None) -> Reference:
        """Set parts of the reference data; raises `ChangedMeanwhile` unless at the revision `expected`."""
        current = self.reference()
        if expected is not None and current["revision"] != expected:
            raise ChangedMeanwhile
        whole: dict[str, object] = {**current, **data, "revision": current["revision"] + 1}
        retention = data.get("retention")
        whole["retention"] = {**current["retention"], **(retention if isinstance(retention, dict) else {})}
        chosen = data.get("defaults")
        whole["defaults"] = {**current.get("defaults", {}), **(chosen if isinstance(chosen, dict) else {})}
        if current["revision"] == 0:
            self.db.directories.update_one({"_id": self.firm}, {"$setOnInsert": {"revision": 0}}, upsert=True)
        written = self.db.directories.find_one_and_update(
            {"_id": self.firm, "revision": current["revision"]},
            {"$set": whole},
            return_document=ReturnDocument.AFTER,
        )
        if written is None:
            raise ChangedMeanwhile
        return self.reference()

    def add_reference(self, job: str, **names: Iterable[Entry]) -> dict[str, int]:
        """Add tags and other entries that are not there yet; gives how many of each were new with this job.

        They are remembered with the job, so that the same call gives the same answer again, and undo can remove them.
        """
        wanted = {part: list(values) for part, values in names.items()}
        while True:
            before = self.db.directories.find_one({"_id": self.firm}) or {}
            known = next((entry for entry in before.get("added", ()) if entry["job"] == job), None)
            if known:
                return {part: len(known[part]) for part in wanted}
            fresh = {
                part: _with_room(before.get(part, _DEFAULTS[part]), values) for part, values in wanted.items()
            }
            if not any(fresh.values()) or self._add(job, before, fresh):
                return {part: len(values) for part, values in fresh.items()}

    def _add(self, job: str, before: Document, fresh: Entries) -> bool:
        """Write new entries and whose they are at once; False when somebody wrote meanwhile."""
        whole = {
            part: [*before.get(part, _DEFAULTS[part]), *values] for part, values in fresh.items() if values
        }
        if "revision" not in before:
            self.db.directories.update_one({"_id": self.firm}, {"$setOnInsert": {"revision": 0}}, upsert=True)
        written = self.db.directories.update_one(
            {"_id": self.firm, "revision": before.get("revision", 0)},
            {
                "$set": {**whole, "added": _remembered([*before.get("added", ()), {"job": job, **fresh}])},
                "$inc": {"revision": 1},
            },
        )
        return written.matched_count == 1

    def added_by(self, job: str) -> Entries:
        """The entries of the reference data that a job added."""
        found = self.db.directories.find_one({"_id": self.firm}, {"added": 1}) or {}
        known: Document = next((e for e in found.get("added", ()) if e["job"] == job), {})
        return {part: known.get(part, []) for part in GROWING}

    def remove_reference(self, job: str) -> Entries:
        """Remove the entries that a job added and that no record uses; gives those removed.

        What is removed is remembered, so that the same call gives the same answer again. After the removal it looks
        once more for records that use an entry meanwhile.
        """
        added = self.added_by(job)
        unused = _but(added, self._used(added))
        self._write_reference(job, remove=unused)
        used = self._used(unused)
        if any(used.values()):
            self._write_reference(job, put_back=used)
        now = self.reference()
        kept: Entries = {part: now[part] for part in GROWING}
        return {part: _not_in(kept[part], added[part]) for part in GROWING}

    def _write_reference(
        self,
        job: str,
        remove: Entries | None = None,
        put_back: Entries | None = None,
    ) -> None:
        while True:
            before = self.db.directories.find_one({"_id": self.firm}) or {}
            now: Entries = {part: before.get(part, []) for part in GROWING}
            then = {part: _not_in((remove or {}).get(part, []), now[part]) for part in GROWING}
            then = {part: [*own, *_not_in(own, (put_back or {}).get(part, []))] for part, own in then.items()}
            if then == now:
                return
            written = self.db.directories.update_one(
                {"_id": self.firm, "revision": before["revision"]},
                {
                    "$set": {part: own for part, own in then.items() if own != now[part]},
                    "$inc": {"revision": 1},
                },
            )
            if written.matched_count == 1:
                return

    def _used(self, names: Entries) -> Entries:
        """Which entries records of the firm hold."""
        used: Entries = {
            part: self._tags_in(kind, names[part]) if names[part] else [] for kind, part in TAGS_OF.items()
        }
        used["custom_fields"] = [
            custom
            for custom in names["custom_fields"]
            if self.db[f"{custom['record']}s"].find_one(
                {**self._all(), f"custom.{id_of(custom)}": {"$exists": True}}, {"_id": 1}
            )
        ]
        return used

    def _tags_in(self, kind: str, tags: Sequence[Entry]) -> list[Entry]:
        pipeline: list[dict[str, object]] = [
            {"$match": {**self._all(), "tags": {"$in": list(tags)}}},
            {"$unwind": "$tags"},
            {"$group": {"_id": "$tags"}},
        ]
        found = {group["_id"] for group in self.db[kind].aggregate(pipeline)}
        return [tag for tag in tags if tag in found]

    def _all(self) -> dict[str, object]:
        """All records of the firm: their ids begin with it, so that this is a range of the primary index."""
        return {"_id": {"$gt": f"{self.firm}/", "$lt": f"{self.firm}0"}, "firm": self.firm}

    # records

    def is_empty(self, kind: str) -> bool:
        """Whether the firm has no accounts (or contacts) at all."""
        return self.db[kind].find_one({"firm": self.firm}, {"_id": 1}) is None

    def holders(self, kind: str, keys: Sequence[int]) -> list[Record]:
        """Records that hold any of the matching keys: their id and all their keys."""
        return list(self._records(kind).find({"firm": self.firm, "keys": {"$in": list(keys)}}, {"keys": 1}))

    def fetch(self, kind: str, ids: Iterable[str], session: Session = None, *only: str) -> dict[str, Record]:
        """Records by id, whole or `only` some of their parts."""
        query = {"_id": {"$in": list(ids)}, "firm": self.firm}
        projection = dict.fromkeys(only, 1) or None
        return {
            record["_id"]: record for record in self._records(kind).find(query, projection, session=session)
        }

    def insert(self, kind: str, records: Sequence[Mapping[str, Any]], session: Session) -> None:
        """Insert new records inside a transaction, with their places in lists; raises `AlreadyThere`."""
        if records:
            self._insert(kind, [{**each, **places_of(kind, each)} for each in records], session)

    def _insert(self, name: str, documents: Sequence[Mapping[str, Any]], session: Session) -> None:
        try:
            self.db[name].insert_many([dict(each) for each in documents], ordered=True, session=session)
        except BulkWriteError as error:
            if any(each["code"] == DUPLICATE_KEY for each in error.details["writeErrors"]):
                raise AlreadyThere from error
            raise

    def update(self, kind: str, changes: Sequence[RecordUpdate], session: Session) -> None:
        """Apply `{_id, revision, set, unset, add, job}` to records that are still at that revision."""
        operations = [
            UpdateOne({"_id": c["_id"], "firm": self.firm, "revision": c["revision"]}, _update_of(c))
            for c in changes
        ]
        if operations:
            self.db[kind].bulk_write(operations, ordered=False, session=session)
        self._list_anew(kind, changes, session)

    def _list_anew(
        self, kind: str, changes: Sequence[RecordUpdate] | Sequence[RecordRestore], session: Session
    ) -> None:
        """Give the changed records their new places in lists, where a change may have moved them."""
        moved = [
            each["_id"]
            for each in changes
            if not LISTED_BY[kind].isdisjoint((*each.get("set", ()), *each.get("unset", ())))
        ]
        if moved:
            records = self.fetch(kind, moved, session, *PLACES, *LISTED_BY[kind])
            self.write_places(kind, records.values(), session)

    def write_places(self, kind: str, records: Iterable[Record], session: Session) -> None:
        """Write the places in lists of records whose place is another, or that have none; no revision grows."""
        operations = [
            UpdateOne({"_id": record["_id"], "firm": self.firm}, {"$set": places})
            for record in records
            if (places := places_of(kind, record)) != {name: record.get(name) for name in PLACES}
        ]
        if operations:
            self.db[kind].bulk_write(operations, ordered=False, session=session)

    def link(self, links: Sequence[Link], session: Session, look: bool = True) -> list[str]:
        """Make links that are not there yet; gives the ids of the new ones.

        Without a `look` first all are taken to be new; raises `AlreadyThere` where one is not.
        """
        fresh = {link["_id"]: link for link in links}
        if fresh and look:
            query = {"_id": {"$in": list(fresh)}, "firm": self.firm}
            for link in self._links.find(query, {"_id": 1}, session=session):
                del fresh[link["_id"]]
        if fresh:
            self._insert("links", list(fresh.values()), session)
        return list(fresh)

    def relate(self, given: Mapping[str, Sequence[str]], job: str, session: Session) -> list[str]:
        """Add to links, by id, what their contacts are to their accounts; [] empties that.

        Gives the ids of the links that changed and that other jobs made; those of the job itself need no undo.
        """
        found = self.links(list(given), session)
        written = {identity: changed_link(link, given[identity], job) for identity, link in found.items()}
        self._write_links(written, session)
        return [identity for identity, change in written.items() if "changes" in change]

    def relate_as_before(self, ids: Sequence[str], job: str, session: Session) -> None:
        """Take out of links what a job added to them, and give them back what it emptied."""
        found = self.links(ids, session) if ids else {}
        self._write_links({identity: link_as_before(link, job) for identity, link in found.items()}, session)

    def _write_links(self, changes: Mapping[str, Mapping[str, object]], session: Session) -> None:
        operations = [
            UpdateOne({"_id": identity, "firm": self.firm}, _link_update(change))
            for identity, change in changes.items()
            if change
        ]
        if operations:
            self.db.links.bulk_write(operations, ordered=False, session=session)

    def touch(self, kind: str, ids: Iterable[str], job: str, session: Session) -> None:
        """Note that a job links records that were there before it.

        It writes to them, so that a removal at the same time and the link exclude each other.
        """
        self.db[kind].update_many(
            {"_id": {"$in": list(ids)}, "firm": self.firm},
            {"$addToSet": {"jobs": job}, "$currentDate": {"linked_at": True}},
            session=session,
        )

    # changes through the API

    def rewrite(
        self,
        kind: str,
        before: Record,
        after: Mapping[str, object],
        edit: Edit = Edit(),
    ) -> Record:
        """Write what differs of a record; raises `ChangedMeanwhile` unless it is still as it was before.

        The history of the record names the edit. Tags that the firm did not have become its own with the record.
        """

        def work(session: Session) -> Record:
            return self.rewrite_in(session, kind, before, after, edit)

        return in_transaction(self.db, work)

    def rewrite_in(
        self,
        session: Session,
        kind: str,
        before: Record,
        after: Mapping[str, object],
        edit: Edit = Edit(),
    ) -> Record:
        """The same inside a transaction."""
        update = _rewriting(kind, before, after, edit)
        if update is None:
            return before
        written = self._records(kind).find_one_and_update(
            self._as_read(before), update, return_document=ReturnDocument.AFTER, session=session
        )
        if written is None:
            raise ChangedMeanwhile
        self._know_new_tags(kind, [(before, after)], session)
        return written

    def _as_read(self, record: Record) -> Document:
        """A record as long as nobody has changed it since it was read."""
        return {"_id": record["_id"], "firm": self.firm, "revision": record["revision"]}

    def _know_new_tags(
        self, kind: str, pairs: Iterable[tuple[Record, Mapping[str, object]]], session: Session
    ) -> None:
        """Add to the firm's tags those that records have now and did not have before."""
        tags: dict[str, None] = {}
        for before, after in pairs:
            own = after.get("tags")
            tags |= dict.fromkeys(_not_in(before.get("tags") or (), own if isinstance(own, list) else ()))
        if tags:
            self.know_tags(TAGS_OF[kind], list(tags), session)

    def together(self, work: Callable[[Session], T]) -> T:
        """Run writes in one transaction, all or none."""
        return in_transaction(self.db, work)

    def rewrite_many(
        self,
        kind: str,
        pairs: Sequence[tuple[Record, Mapping[str, object]]],
        links: Sequence[tuple[Link, Mapping[str, Mapping[str, bool]]]],
        edit: Edit,
    ) -> None:
        """Write records as they become, and the switches of links, all or none.

        Raises `ChangedMeanwhile` unless each record and link is still as it was before.
        """

        def work(session: Session) -> None:
            self.rewrite_all_in(session, kind, pairs, edit)
            changed = [{"switches": then, "revision": link.get("revision", 1) + 1} for link, then in links]
            self.change_links(session, [link for link, _ in links], changed)

        self.together(work)

    def rewrite_all_in(
        self,
        session: Session,
        kind: str,
        pairs: Sequence[tuple[Record, Mapping[str, object]]],
        edit: Edit,
    ) -> list[str]:
        """Write what differs of several records in one round trip, as `rewrite_in` does; gives the ids that it wrote.

        Raises `ChangedMeanwhile` unless each is still as it was before.
        """
        rewritings = [(before, after, _rewriting(kind, before, after, edit)) for before, after in pairs]
        written = [(before, after) for before, after, update in rewritings if update is not None]
        operations = [
            UpdateOne(self._as_read(before), update) for before, _, update in rewritings if update is not None
        ]
        if operations:
            done = self.db[kind].bulk_write(operations, ordered=False, session=session)
            if done.matched_count < len(operations):
                raise ChangedMeanwhile
        self._know_new_tags(kind, written, session)
        return [before["_id"] for before, _ in written]

    def change_links(
        self, session: Session, links: Sequence[Link], changes: Sequence[Mapping[str, object]]
    ) -> None:
        """Write changes to links, each of which must still be as it was; raises `ChangedMeanwhile`."""
        operations = [
            UpdateOne(
                {"_id": link["_id"], "firm": self.firm, "revision": link.get("revision")},
                _link_update(change),
            )
            for link, change in zip(links, changes, strict=True)
        ]
        if operations and self.db.links.bulk_write(operations, session=session).matched_count < len(links):
            raise ChangedMeanwhile

    def put_in(self, session: Session, kind: str, before: Record, after: Mapping[str, object]) -> None:
        """Write a whole record in place of another; raises `ChangedMeanwhile` unless it is still as it was before."""
        whole = {**after, **places_of(kind, after), "updated_at": clock.now()}
        if self.db[kind].replace_one(self._as_read(before), whole, session=session).matched_count == 0:
            raise ChangedMeanwhile

    def links_between(self, session: Session, kind: str, ids: Sequence[str]) -> list[Link]:
        """All links of some accounts, or of some contacts, inside a transaction."""
        either = [self._links_query(kind, identity) for identity in ids]
        return list(self._links.find({"firm": self.firm, "$or": either}, session=session))

    def put_links(self, session: Session, links: Sequence[Link]) -> None:
        """Write whole links, in place of those with their ids."""
        self.remove_links(session, [link["_id"] for link in links])
        if links:
            self._insert("links", links, session)

    def same_as_before(
        self, session: Session, kind: str, ends: Iterable[MergedEnd], records: Mapping[str, Record]
    ) -> None:
        """Note of records whose links are as before a merge, and that nobody changed since, that they are as before."""
        operations = [
            UpdateOne(
                {"_id": end["id"], "firm": self.firm, "revision": end["after"] + 1},
                {"$set": {"same_as": {"revision": end["after"] + 1, "as": end["before"]}}},
            )
            for end in ends
            if end["id"] in records and records[end["id"]]["revision"] == end["after"]
        ]
        if operations:
            self.db[kind].bulk_write(operations, ordered=False, session=session)

    def merged(self, kind: str, ids: Iterable[str], session: Session = None) -> dict[str, str]:
        """Which of some records were merged, with the id of the one that each is part of now."""
        found = dict[str, str]()
        wanted = dict.fromkeys(ids, "")
        asked = {identity: identity for identity in wanted}
        while asked:
            query = {"_id": {"$in": [f"{identity}:{kind}" for identity in asked.values()]}, "firm": self.firm}
            into = {
                one["gone"]: one["into"]
                for one in collection(self.db, "merged", Merged).find(query, session=session)
            }
            asked = {first: into[now] for first, now in asked.items() if now in into}
            found |= asked
        return found

    def note_links(self, session: Session, kind: str, ids: Sequence[str], name: str, by: str | None) -> None:
        """Note in the histories of some records that each was linked with the record of a name."""
        self.note_in(session, kind, {identity: [(LINKS, None, name)] for identity in ids}, Edit(by, LINKED))

    def remove_links(self, session: Session, ids: Sequence[str]) -> None:
        """Remove links, by any job or person."""
        self._links.delete_many({"_id": {"$in": list(ids)}, "firm": self.firm}, session=session)

    def note_in(
        self, session: Session, kind: str, lines: Mapping[str, Sequence[FieldChange]], edit: Edit
    ) -> None:
        """Add lines to the histories of records, by id, whose links changed; their revisions grow."""
        now = clock.now()
        operations = [
            UpdateOne(
                {"_id": identity, "firm": self.firm},
                _with_history(_written({}, ()), change_of(edit.what, now, fields, by=edit.by)),
            )
            for identity, fields in lines.items()
        ]
        if operations:
            self.db[kind].bulk_write(operations, ordered=False, session=session)

    def know_tags(self, part: str, tags: Sequence[str], session: Session) -> None:
        """Add tags to the firm's reference data that it does not have yet."""
        before = self.db.directories.find_one({"_id": self.firm}, {part: 1}, session=session) or {}
        fresh = _with_room(before.get(part, _DEFAULTS[part]), tags)
        if fresh:
            self.db.directories.update_one(
                {"_id": self.firm},
                {"$push": {part: {"$each": fresh}}, "$inc": {"revision": 1}},
                upsert=True,
                session=session,
            )

    def delete(self, kind: str, identity: str, expected: int | None) -> bool:
        """Remove a record with its links; raises `ChangedMeanwhile` unless at the revision `expected`."""

        def work(session: Session) -> Record | None:
            return self.delete_in(session, kind, identity, expected)

        return in_transaction(self.db, work) is not None

    def delete_in(self, session: Session, kind: str, identity: str, expected: int | None) -> Record | None:
        """The same inside a transaction; gives what the record was, None where there is none."""
        which = {"_id": identity, "firm": self.firm}
        record = self._records(kind).find_one(which, {"revision": 1, "job": 1}, session=session)
        if record is None:
            return None
        if expected is not None and record["revision"] != expected:
            raise ChangedMeanwhile
        self.db[kind].delete_one(which, session=session)
        self._links.delete_many(self._links_query(kind, identity), session=session)
        return record

    def questionnaire_sent(self, account: str, form: str, session: Session) -> int:
        """Mark the questionnaire of an account as sent, inside a transaction; gives the account's revision.

        One that has another status, or is another questionnaire by now, stays as it is.
        """
        record = self.fetch("accounts", [account], session).get(account)
        if record is None:
            return 0
        now = record.get("questionnaire")
        if now != {"name": form, "status": NOT_SENT}:
            return record["revision"]
        sent = {"name": form, "status": SENT, "sent_at": rfc3339(clock.now())}
        after = {**record, "questionnaire": sent}
        return self.rewrite_in(session, "accounts", record, after, Edit(what=MAILED))["revision"]

    # undo

    def remove_untouched(self, kind: str, ids: Sequence[str], job: str, session: Session) -> int:
        """Remove the records that a job made and that nobody changed or used since; gives how many."""
        if not ids:
            return 0
        untouched = {"job": job, "revision": 1, "jobs": [job], "kept_for": None}
        query = {"_id": {"$in": list(ids)}, "firm": self.firm, **untouched}
        return self.db[kind].delete_many(query, session=session).deleted_count

    def remove(self, kind: str, ids: Sequence[str], session: Session) -> int:
        """Remove records; gives how many there were."""
        if not ids:
            return 0
        query = {"_id": {"$in": list(ids)}, "firm": self.firm}
        return self.db[kind].delete_many(query, session=session).deleted_count

    def restore(self, kind: str, changes: Sequence[RecordRestore], session: Session) -> None:
        """Write `{_id, set, unset}` to records; `let_go` takes the job out of their `jobs`."""
        operations = [
            UpdateOne(
                {"_id": change["_id"], "firm": self.firm},
                _with_history(
                    _written(change.get("set", {}), change.get("unset", ())), change.get("changed")
                ),
            )
            for change in changes
        ]
        if operations:
            self.db[kind].bulk_write(operations, ordered=False, session=session)
        self._list_anew(kind, changes, session)

    def keep_for(self, kind: str, ids: Sequence[str], job: str, session: Session) -> None:
        """Mark records that stay, or whose link stays, when a job is undone: the decision is final."""
        if ids:
            query = {"_id": {"$in": list(ids)}, "firm": self.firm}
            self.db[kind].update_many(query, {"$addToSet": {"kept_for": job, "jobs": job}}, session=session)

    def let_go(self, kind: str, ids: Sequence[str], job: str, session: Session) -> None:
        """Take the job off records that it only changed or linked."""
        if ids:
            others = {"job": {"$ne": job}, "kept_for": {"$ne": job}}
            query = {"_id": {"$in": list(ids)}, "firm": self.firm, **others}
            self.db[kind].update_many(query, {"$pull": {"jobs": job}}, session=session)

    def links(self, ids: Sequence[str], session: Session) -> dict[str, Link]:
        """Links by id."""
        query = {"_id": {"$in": list(ids)}, "firm": self.firm}
        return {link["_id"]: link for link in self._links.find(query, session=session)}

    def unlink(self, ids: Sequence[str], job: str, session: Session) -> int:
        """Remove links that a job made; gives how many there were."""
        if not ids:
            return 0
        query = {"_id": {"$in": list(ids)}, "firm": self.firm, "job": job}
        return self._links.delete_many(query, session=session).deleted_count

    def linked(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
        """Which of the (account, contact) pairs are linked, and what each contact is to the account."""
        by_id = {link_id(*pair): pair for pair in pairs}
        query = {"_id": {"$in": list(by_id)}, "firm": self.firm}
        found = self._links.find(query, {RELATIONSHIP: 1})
        return {by_id[link["_id"]]: link.get("relationship", []) for link in found}

    def page(self, kind: str, after: str | None, limit: int, filters: Mapping[str, str]) -> list[Record]:
        """Records in id order after a cursor; `filters` may hold part of a `name`, a `tag`, a `job`."""
        # ids begin with the firm, so that a page is one walk over the primary index
        query: dict[str, object] = {"_id": {"$gt": f"{self.firm}/{after or ''}", "$lt": f"{self.firm}0"}}
        if filters.get("name"):
            part = {"$regex": re.escape(filters["name"]), "$options": "i"}
            query["$or"] = (
                [{"name": part}] if kind == "accounts" else [{"first_name": part}, {"last_name": part}]
            )
        if filters.get("tag"):
            query["tags"] = filters["tag"]
        if filters.get("job"):
            query["jobs"] = filters["job"]
        return list(self._records(kind).find({"firm": self.firm, **query}).sort("_id", 1).limit(limit))

    def links_of(self, kind: str, identity: str) -> list[Link]:
        """The links of an account or a contact."""
        return list(self._links.find(self._links_query(kind, identity)).sort("_id", 1))

    def _links_query(self, kind: str, identity: str) -> dict[str, object]:
        if kind == "accounts":
            return {"_id": {"$gt": f"{identity}:", "$lt": f"{identity};"}, "firm": self.firm}
        return {"firm": self.firm, "contact": identity}

    def people_of(self, accounts: Iterable[str]) -> list[Link]:
        """The links of some accounts, their two ends alone."""
        return self._of_accounts(accounts, "account", "contact")

    def _of_accounts(self, accounts: Iterable[str], *only: str) -> list[Link]:
        """Links whose ids begin with the account, so that each account is a range of the index."""
        wanted, found, parts = sorted(accounts), list[Link](), dict.fromkeys(only, 1) or None
        for start in range(0, len(wanted), RANGES_AT_ONCE):
            ranges = [self._links_query("accounts", one) for one in wanted[start : start + RANGES_AT_ONCE]]
            found += self._links.find({"firm": self.firm, "$or": ranges}, parts)
        return found

    def links_of_contacts(self, contacts: Sequence[str]) -> list[Link]:
        """The links of some contacts, whole."""
        return list(self._links.find({"firm": self.firm, "contact": {"$in": list(contacts)}}))

    def links_of_accounts(self, accounts: Sequence[str]) -> list[Link]:
        """The links of some accounts, whole."""
        return self._of_accounts(accounts)

    def accounts_of(self, contacts: Iterable[str]) -> list[Link]:
        """The links of some contacts."""
        query = {"firm": self.firm, "contact": {"$in": list(contacts)}}
        return list(self._links.find(query, {"account": 1, "contact": 1}))

    def count(self, kind: str) -> int:
        """How many records the firm has."""
        return self.db[kind].count_documents({"_id": {"$gt": f"{self.firm}/", "$lt": f"{self.firm}0"}})


def _not_in(known: Iterable[Entry], values: Iterable[E]) -> list[E]:
    """The entries that are not known; a custom field is known by its record and name, whatever its type."""
    names = {_name_of(value) for value in known}
    return [value for value in values if _name_of(value) not in names]


def _with_room(known: Sequence[Entry], values: Iterable[E]) -> list[E]:
    """The entries that are not known, as far as there is room for them."""
    return _not_in(known, values)[: max(0, MOST_NAMES - len(known))]


def _remembered(added: list[Document]) -> list[Document]:
    """The latest additions of jobs, up to the limit; the last one in any case."""
    kept: list[Document] = []
    room = MOST_REMEMBERED
    for entry in reversed(added[-REMEMBERED_JOBS:]):
        room -= sum(len(entry.get(part, ())) for part in GROWING)
        if kept and room < 0:
            break
        kept.insert(0, entry)
    return kept


def _name_of(entry: Entry) -> object:
    return (entry["record"], entry["name"]) if isinstance(entry, dict) else entry


def _but(names: Entries, without: Entries) -> Entries:
    return {part: _not_in(without[part], own) for part, own in names.items()}


def _rewriting(kind: str, before: Record, after: Mapping[str, object], edit: Edit) -> Document | None:
    """The update that makes one record of another, with a line of its history; None where nothing differs."""
    placed = {**after, **places_of(kind, after)}
    fresh = {name: value for name, value in placed.items() if before.get(name) != value}
    gone = [name for name in before if name not in placed]
    if not fresh.keys() - {*PLACES} and not gone:
        return None
    changed = change_of(edit.what, clock.now(), between(before, placed), by=edit.by)
    return _with_history(_written(fresh, gone), changed)


def _written(given: Mapping[str, object], gone: Iterable[str]) -> Document:
    """The update document that gives a record values and takes others from it; its revision grows."""
    update: Document = {"$inc": {"revision": 1}, "$currentDate": {"updated_at": True}}
    if given:
        update["$set"] = dict(given)
    if gone := list(gone):
        update["$unset"] = dict.fromkeys(gone, "")
    return update


def _link_update(change: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """An update that writes a change to a link; empty lists are not kept."""
    filled = {name: value for name, value in change.items() if value != []}
    emptied = dict[str, object]((name, "") for name in change if name not in filled)
    return {"$set": filled, "$unset": emptied} if emptied else {"$set": filled}


def _update_of(change: RecordUpdate) -> Document:
    """The update document of one change."""
    update = _written(change.get("set", {}), change.get("unset", ()))
    add = {name: {"$each": values} for name, values in change.get("add", {}).items()}
    update["$addToSet"] = {**add, "jobs": change["job"]}
    fields = of_update(change.get("was", {}), change.get("set", {}), change.get("add", {}))
    return _with_history(update, change_of(IMPORTED, clock.now(), fields, job=change["job"]))


def _with_history(update: Document, changed: RecordChange | None) -> Document:
    """The update, with a line for the history of the record where any field changes."""
    if changed and changed["fields"]:
        update["$push"] = {"changed": {"$each": [changed], "$slice": -MOST_CHANGES}}
    return update
