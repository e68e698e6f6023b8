"""POST of merges: two accounts, or two contacts, become one; and the undo of that."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypedDict

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from services.importer.api.record_access import (
    OTHER_END,
    directory_to_write,
    identity_of,
    record_of,
    while_others_write,
    who,
    whole,
)
from services.importer.api.record_schemas import LinkAnswer, RecordAnswer
from services.importer.api.service import Conditions, IfMatch, revision_seen, routes
from services.importer.directory.merging import Joined, ends_moved, join, join_links, part, part_links, put
from services.importer.directory.record_answers import show_links
from shared.contract.bounded import Code, Flag, Many, Text
from shared.contract.custom_fields import Names
from shared.contract.documents.record import Link, Merge, MergedEnd, Record, RecordChange
from shared.contract.fields import part_label
from shared.contract.problems import sentence
from shared.contract.record_history import (
    LINKED,
    LINKS,
    MERGED,
    MOST_CHANGES,
    RECORDS,
    SEPARATED,
    Edit,
    between,
    change_of,
    content_revision,
)
from shared.contract.records import FIELD_OF, NAMING, masked, name_of, public_id
from shared.contract.requests import Input
from shared.plumbing import clock, web
from shared.plumbing.auth import MANAGE_ACCOUNTS, MANAGE_CONTACTS, VIEW_REGISTER_NUMBERS
from shared.plumbing.directory_store import ChangedMeanwhile
from shared.plumbing.merge_store import UNDO_DAYS, MergeStore
from shared.plumbing.mongo import Session
from shared.plumbing.problem import Problem

RECORD_ID = r"^[0-9a-f]{1,64}$"


class MergeBody(Input):
    """Which record becomes part of the one of the address."""

    other = Code(RECORD_ID, required=True, metadata={"description": "the id of the record that goes"})
    take = Many(
        Text(200, 1),
        200,
        load_default=list,
        metadata={"description": "fields whose value comes from the other, like `phone`, `custom.Sector`"},
    )
    anyway = Flag(load_default=False, metadata={"description": "although numbers or dates of birth differ"})
    preview = Flag(load_default=False, metadata={"description": "show what would be, and change nothing"})


class MergeAsked(TypedDict):
    """What `MergeBody` reads."""

    other: str
    take: list[str]
    anyway: bool
    preview: bool


class ComparedField(Schema):
    """A field of two records: the value of the one that is kept, of the other, and of the merged one."""

    field = fields.String(required=True)
    label = fields.String(required=True)
    mine = fields.Raw(required=True, allow_none=True)
    theirs = fields.Raw(required=True, allow_none=True)
    result = fields.Raw(required=True, allow_none=True)


class MergeAnswer(Schema):
    """Two records merged, or as they would be; `merge` is null in a preview."""

    merge = fields.String(required=True, allow_none=True, metadata={"description": "its id, to undo it"})
    id = fields.String(required=True)
    other = fields.String(required=True)
    fields_ = fields.List(fields.Nested(ComparedField), required=True, data_key="fields")
    links = fields.List(fields.Nested(LinkAnswer), required=True)
    contradictions = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "`number`, `birth_date`: they need `anyway`"},
    )
    jobs = fields.List(fields.String(), required=True)
    undo_until = fields.DateTime(required=True, allow_none=True)


class MergeUndone(RecordAnswer):
    """The record that was kept, and what was not undone because somebody changed it since."""

    restored = fields.String(required=True, metadata={"description": "the id of the record that is back"})
    kept_fields = fields.List(fields.String(), required=True)
    kept_links = fields.List(fields.String(), required=True)


class _Merging:
    """One merge of two records."""

    def __init__(self, collection: str, record_id: str, body: MergeAsked, headers: Conditions) -> None:
        self.collection, self.body = collection, body
        self.store = directory_to_write()
        self.reference = self.store.reference()
        self.slot, self.names = collection.removesuffix("s"), Names(self.reference["custom_fields"])
        self.kept = record_of(collection, record_id)
        seen = revision_seen(headers)
        if seen is not None and self.kept["revision"] != seen:
            raise Problem("changed_meanwhile", status=412)
        if body["other"] == public_id(self.kept["_id"]):
            raise Problem(
                "invalid_content", errors={"json": {"other": ["A record cannot be merged with itself."]}}
            )
        self.other = record_of(collection, body["other"])
        self.joined = join(self.slot, self.kept, self.other, self._taken())

    def _taken(self) -> list[str]:
        """The parts whose value comes from the other, custom fields by their ids."""
        start = f"{self.slot}."
        parts = [each.removeprefix(start) for each in self.body["take"]]
        return [self.names.path(f"{start}{each}").removeprefix(start) for each in parts]

    def answer(self, merge: Merge | None, links: Sequence[Link]) -> dict[str, object]:
        """What the merge makes, or would make."""
        may_see = web.caller().may(VIEW_REGISTER_NUMBERS)
        other, end = OTHER_END[self.collection]
        others = self.store.fetch(other, {end(link) for link in links}, None, *NAMING)
        return {
            "merge": public_id(merge["_id"]) if merge else None,
            "id": public_id(self.kept["_id"]),
            "other": public_id(self.other["_id"]),
            "fields_": _shown_fields(self.slot, self.joined, self.names, may_see),
            "links": show_links(links, end, others),
            "contradictions": self.joined.contradictions,
            "jobs": self.joined.after.get("jobs", []),
            "undo_until": merge["ends_at"] if merge else None,
        }

    def preview(self) -> dict[str, object]:
        """What the merge would make."""
        links = self.store.links_between(None, self.collection, [self.kept["_id"], self.other["_id"]])
        return self.answer(None, join_links(self.collection, self.kept["_id"], self.other["_id"], links))

    def merge(self) -> dict[str, object]:
        """Merge the two, unless they contradict each other."""
        if self.joined.contradictions and not self.body["anyway"]:
            lang = web.caller().locale
            raise Problem(
                "contradicts",
                errors=[
                    {"place": "json.anyway", "code": what, "message": sentence("contradicts", lang)}
                    for what in self.joined.contradictions
                ],
            )
        merge = self.store.together(self._write)
        return self.answer(merge, merge["links_after"])

    def _write(self, session: Session) -> Merge:
        kept, other, kind = self.kept, self.other, self.collection
        current = self.store.fetch(kind, [kept["_id"], other["_id"]], session, "revision")
        if any(
            each["_id"] not in current or current[each["_id"]]["revision"] != each["revision"]
            for each in (kept, other)
        ):
            raise ChangedMeanwhile
        links = self.store.links_between(session, kind, [kept["_id"], other["_id"]])
        after_links = join_links(kind, kept["_id"], other["_id"], links)
        now, by = clock.now(), who(self.reference)
        identity = identity_of(uuid.uuid4().hex[:24])
        after = self._after(now, by, public_id(identity))
        self.store.put_in(session, kind, kept, after)
        self.store.remove(kind, [other["_id"]], session)
        self.store.remove_links(session, [link["_id"] for link in links])
        self.store.put_links(session, after_links)
        ends = self._note_ends(session, links, after_links, by)
        merge: Merge = {
            "_id": identity,
            "firm": self.store.firm,
            "kind": kind,
            "kept": kept["_id"],
            "gone": other["_id"],
            "at": now,
            "by": by,
            "ends_at": now + timedelta(days=UNDO_DAYS),
            "records": [kept, other],
            "after": self.store.fetch(kind, [kept["_id"]], session)[kept["_id"]],
            "links": links,
            "links_after": after_links,
            "ends": ends,
        }
        MergeStore(self.store.db, self.store.firm).add(merge, session)
        return merge

    def _after(self, now: datetime, by: str | None, merge_id: str) -> dict[str, object]:
        after = {**self.joined.after, "revision": self.kept["revision"] + 1}
        fields_ = [(RECORDS, None, name_of(self.other)), *between(self.kept, self.joined.after)]
        return with_line(after, change_of(MERGED, now, fields_, by=by), merge_id)

    def _note_ends(
        self, session: Session, before: Sequence[Link], after: Sequence[Link], by: str | None
    ) -> list[MergedEnd]:
        """Note the merge in the histories of the records at the other ends, so that undo of an import leaves them."""
        other, _ = OTHER_END[self.collection]
        moved = sorted(ends_moved(self.collection, before, after))
        records = self.store.fetch(other, moved, session, "revision", "same_as")
        line = (LINKS, name_of(self.other), name_of(self.joined.after))
        self.store.note_in(session, other, {identity: [line] for identity in records}, Edit(by, LINKED))
        return [
            {"id": identity, "before": content_revision(record), "after": record["revision"] + 1}
            for identity, record in records.items()
        ]


def with_line(
    record: dict[str, object], line: RecordChange, merge_id: str | None = None
) -> dict[str, object]:
    """The record with a line more in its history."""
    lines = record.get("changed")
    known = lines if isinstance(lines, list) else []
    named: RecordChange = {**line, "merge": merge_id} if merge_id else line
    return {**record, "changed": [*known, named][-MOST_CHANGES:]}


def _shown_fields(slot: str, joined: Joined, names: Names, may_see: bool) -> list[dict[str, object]]:
    lang = web.caller().locale
    return [
        {
            "field": names.part(slot, one.part),
            "label": part_label(one.part, names.key(f"{slot}.{FIELD_OF.get(one.part, one.part)}"), lang),
            **{
                side: value if may_see else masked(one.part, value)
                for side, value in (("mine", one.mine), ("theirs", one.theirs), ("result", one.result))
            },
        }
        for one in joined.fields
    ]


def _merge(collection: str, record_id: str, headers: Conditions, body: MergeAsked) -> ResponseReturnValue:
    def write() -> ResponseReturnValue:
        merging = _Merging(collection, record_id, body, headers)
        return (merging.preview() if body["preview"] else merging.merge()), 200

    return while_others_write(write)


class _Separating:
    """The undo of one merge."""

    def __init__(self, collection: str, record_id: str, merge_id: str) -> None:
        self.collection, self.store = collection, directory_to_write()
        self.merges = MergeStore(self.store.db, self.store.firm)
        self.by = who(self.store.reference())
        found = self.merges.get(collection, identity_of(merge_id))
        if found is None or found["kept"] != identity_of(record_id):
            record_of(collection, record_id)
            raise Problem("merge_expired", days=UNDO_DAYS)
        self.merge: Merge = found
        self.kept_fields: list[str] = []
        self.kept_links: list[str] = []

    def write(self, session: Session) -> Record:
        """Give both records back inside a transaction; gives the one that was kept."""
        merge, kind = self.merge, self.collection
        if self.merges.get(kind, merge["_id"], session) is None:
            raise Problem("merge_expired", days=UNDO_DAYS)
        current = self.store.fetch(kind, [merge["kept"], merge["gone"]], session)
        if merge["kept"] not in current:
            if self.store.merged(kind, [merge["kept"]], session):
                raise Problem("merged_again")
            raise Problem("not_found")
        if merge["gone"] in current:
            raise Problem("merged_again")
        kept = current[merge["kept"]]
        parted = part(kind.removesuffix("s"), merge, kept)
        links, self.kept_links = part_links(
            kind, merge, self.store.links_between(session, kind, [merge["kept"]])
        )
        self.kept_fields = parted.stays
        self._put_back(session, kept, parted.kept, parted.back)
        self._put_links(session, links)
        self.merges.remove(merge, session)
        return self.store.fetch(kind, [merge["kept"]], session)[merge["kept"]]

    def _put_back(
        self, session: Session, now: Record, kept: dict[str, object], back: dict[str, object]
    ) -> None:
        at = clock.now()
        gone = name_of(back)
        line = [(RECORDS, gone, None), *between(now, kept)]
        self.store.put_in(
            session, self.collection, now, with_line(kept, change_of(SEPARATED, at, line, by=self.by))
        )
        again = with_line(back, change_of(SEPARATED, at, [(RECORDS, name_of(kept), None)], by=self.by))
        put(again, "updated_at", at)
        self.store.insert(self.collection, [again], session)

    def _put_links(self, session: Session, links: Sequence[Link]) -> None:
        """Write the links of both, but those to records that are gone since."""
        other, end = OTHER_END[self.collection]
        ends = {each["id"] for each in self.merge["ends"]} | {end(link) for link in links}
        there = self.store.fetch(other, ends, session, "revision")
        now = self.store.links_between(session, self.collection, [self.merge["kept"], self.merge["gone"]])
        self.store.remove_links(session, [link["_id"] for link in now])
        self.store.put_links(session, [link for link in links if end(link) in there])
        self.kept_links += [link["_id"] for link in links if end(link) not in there]
        line = (LINKS, name_of(self.merge["after"]), name_of(self.merge["records"][1]))
        noted = {each["id"]: [line] for each in self.merge["ends"] if each["id"] in there}
        self.store.note_in(session, other, noted, Edit(self.by, LINKED))
        self.store.same_as_before(session, other, self.merge["ends"], there)

    def answer(self, record: Record) -> dict[str, object]:
        """What was undone, and what stays."""
        shown, _, _ = whole(self.collection, record)
        names = Names(self.store.reference()["custom_fields"])
        slot = self.collection.removesuffix("s")
        return {
            **shown,
            "restored": public_id(self.merge["gone"]),
            "kept_fields": [names.part(slot, each) for each in self.kept_fields],
            "kept_links": [public_id(each) for each in self.kept_links],
        }


def _undo(collection: str, record_id: str, merge_id: str) -> ResponseReturnValue:
    separating = _Separating(collection, record_id, merge_id)
    record = while_others_write(lambda: separating.store.together(separating.write), status=409)
    return separating.answer(record), 200


_MERGE_REFUSALS = ("changed_meanwhile", "contradicts", "merged")
_UNDO_REFUSALS = ("merge_expired", "merged_again", "merged", web.OVERTAKEN)


@routes.on(
    "POST",
    "/accounts/<record_id>/merge",
    may=MANAGE_ACCOUNTS,
    takes=MergeBody,
    headers=IfMatch,
    answer=MergeAnswer,
    problems=_MERGE_REFUSALS,
)
def merge_accounts(headers: Conditions, body: MergeAsked, record_id: str) -> ResponseReturnValue:
    """Merge another account into this one: lists, links, imports and history of both are united.

    Where both have a value, that of this account counts, but in the fields of `take`; a blank is filled from the other.
    The address of the other answers 410 with where it went. Repeated, it is refused with that.
    """
    return _merge("accounts", record_id, headers, body)


@routes.on(
    "POST",
    "/contacts/<record_id>/merge",
    may=MANAGE_CONTACTS,
    takes=MergeBody,
    headers=IfMatch,
    answer=MergeAnswer,
    problems=_MERGE_REFUSALS,
)
def merge_contacts(headers: Conditions, body: MergeAsked, record_id: str) -> ResponseReturnValue:
    """Merge another contact into this one, as accounts are merged.

    Repeated, it is refused with where the other went.
    """
    return _merge("contacts", record_id, headers, body)


@routes.on(
    "POST",
    "/accounts/<record_id>/merges/<merge_id>/undo",
    may=MANAGE_ACCOUNTS,
    answer=MergeUndone,
    problems=_UNDO_REFUSALS,
)
def undo_merge_of_accounts(record_id: str, merge_id: str) -> ResponseReturnValue:
    """Undo a merge of accounts within 30 days: both are as before, but for what somebody changed since.

    Repeated, it is refused, because it was undone.
    """
    return _undo("accounts", record_id, merge_id)


@routes.on(
    "POST",
    "/contacts/<record_id>/merges/<merge_id>/undo",
    may=MANAGE_CONTACTS,
    answer=MergeUndone,
    problems=_UNDO_REFUSALS,
)
def undo_merge_of_contacts(record_id: str, merge_id: str) -> ResponseReturnValue:
    """Undo a merge of contacts within 30 days, as one of accounts.

    Repeated, it is refused, because it was undone.
    """
    return _undo("contacts", record_id, merge_id)
