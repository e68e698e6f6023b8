"""Undoes what loading wrote for one chunk, inside a transaction; what people or later imports changed since stays.

Whether a record stays is decided once. A record that stays is marked, so that another chunk which undoes a row of the
same record decides the same. The links of a record follow that decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

from services.importer.load.loading import COLLECTIONS, ENDS, LOADED
from shared.contract.documents.chunk import Before, Outcomes, Undone, UndoReason
from shared.contract.documents.record import Link, Record, RecordRestore
from shared.contract.keys import KEY_FIELDS, keys_of
from shared.contract.record_history import UNDONE, change_of, content_revision, of_update
from shared.contract.records import have

REVERSED, KEPT, FAILED, NOTHING = "reversed", "kept", "failed", "nothing"
CHANGED_SINCE, USED_SINCE, REMOVED_SINCE = "changed_since", "used_since", "removed_since"
MERGED_SINCE = "merged_since"
LINK_KEPT, NOT_UNDERSTOOD = "link_kept", "not_taken_back"
_FRAME = ("job", "jobs", "revision", "same_as", "kept_for")

#: The session of a transaction; undo only passes it on.
S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)


class Directory(Protocol[S_contra]):
    """What undo asks of the firm's directory."""

    def fetch(self, collection: str, ids: Iterable[str], session: S_contra, *only: str) -> dict[str, Record]:
        """Records by id."""

    def remove_untouched(self, collection: str, ids: Sequence[str], job: str, session: S_contra) -> int:
        """Remove records that nobody changed or used since."""

    def remove(self, collection: str, ids: Sequence[str], session: S_contra) -> int:
        """Remove records."""

    def restore(self, collection: str, changes: Sequence[RecordRestore], session: S_contra) -> None:
        """Write earlier values to records."""

    def keep_for(self, collection: str, ids: Sequence[str], job: str, session: S_contra) -> None:
        """Mark records that stay."""

    def let_go(self, collection: str, ids: Sequence[str], job: str, session: S_contra) -> None:
        """Take the job off records that it only changed or linked."""

    def links(self, ids: Sequence[str], session: S_contra) -> dict[str, Link]:
        """Links by id."""

    def unlink(self, ids: Sequence[str], job: str, session: S_contra) -> int:
        """Remove links that the job made."""

    def relate_as_before(self, ids: Sequence[str], job: str, session: S_contra) -> None:
        """Take out of links what the job added to them."""

    def merged(self, collection: str, ids: Iterable[str], session: S_contra) -> dict[str, str]:
        """Which records are part of others now, with the ids of those."""


@dataclass
class RowsUndone:
    """The outcome of each row of a chunk that was undone, the reasons why something stayed, and the numbers."""

    outcomes: list[str]
    reasons: dict[int, list[UndoReason]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def count(self, name: str, more: int = 1) -> None:
        """Add to a number."""
        self.numbers[name] = self.numbers.get(name, 0) + more

    def note(self, row: int, outcome: str, code: str, collection: str, fields: Iterable[str] = ()) -> None:
        """Add a reason why something of a row stays; the outcome `failed` is never replaced by `kept`."""
        if self.outcomes[row] != FAILED:
            self.outcomes[row] = outcome
        reasons = self.reasons.setdefault(row, [])
        if (reason := UndoReason(code, collection, sorted(fields))) not in reasons:
            reasons.append(reason)

    def counts(self) -> dict[str, int]:
        """The numbers of the chunk, in the names of the job's part `undo`."""
        rows = {
            f"rows_{outcome}": self.outcomes.count(outcome) for outcome in (REVERSED, KEPT, FAILED, NOTHING)
        }
        return {**rows, **self.numbers}

    def part(self, n: int) -> Undone:
        """What is kept of chunk `n`."""
        return Undone(n=n, outcomes=self.outcomes, reasons=self.reasons, counts=self.counts())


@dataclass(frozen=True)
class Restored:
    """The change that gives a record its earlier values back; `kept` are fields that somebody changed since."""

    set: dict[str, object]
    unset: list[str]
    kept: list[str]

    @property
    def changes(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.set or self.unset)


def undo_nothing(rows: int) -> RowsUndone:
    """The outcomes of a chunk that was never loaded."""
    return RowsUndone([NOTHING] * rows)


def undo_chunk(directory: Directory[S], job: str, loaded: Outcomes, session: S) -> RowsUndone:
    """Undo one chunk; `loaded` are the outcomes that loading kept."""
    return _Chunk(directory, job, loaded, session).undo()


def verdict(record: Record, job: str) -> str | None:
    """The code of the reason why a record that a job made stays; None where it may be removed."""
    if job in record.get("kept_for", ()):
        return USED_SINCE if content_revision(record) == 1 else CHANGED_SINCE
    if content_revision(record) != 1:
        return CHANGED_SINCE
    return USED_SINCE if set(record["jobs"]) - {job} else None


def restored(record: Record, entry: Before) -> Restored:
    """The change that gives a record its earlier values back, field by field.

    A field gets its earlier value where it still has the value that the job gave. What the job added to a list is taken
    out of it. Raises `ValueError` where the value before is not known of each field.
    """
    if not entry.was.keys() >= {*entry.set, *entry.unset, *entry.add}:
        raise ValueError("values before are missing")
    after: dict[str, object] = deepcopy(dict(record))
    kept, back = list[str](), set[str]()
    for name, was in entry.was.items():
        if name == "keys":
            continue
        now = have(record, name)
        earlier, ours = _earlier(name, now, was, entry)
        if now == earlier:
            continue
        if ours:
            _put(after, name, earlier)
            back.add(name)
        else:
            kept.append(name)
    if back:
        after["keys"] = _keys(record, after, entry, kept)
    return _difference(record, after, back, kept)


def _earlier(name: str, now: object, was: object, entry: Before) -> tuple[object, bool]:
    """The value to give back, and whether the field is still as the job left it."""
    if name in entry.add:
        if not isinstance(now, list):
            return now, True  # cleared since: nothing that the job added is left in it
        rest = [item for item in now if item not in entry.add[name]]
        return (was if not rest and not was else rest), True
    given = entry.set.get(name)
    return was, now == given


def _put(record: dict[str, object], name: str, value: object) -> None:
    if not name.startswith("custom."):
        _put_or_remove(record, name, value)
        return
    custom = record.get("custom")
    own: dict[str, object] = custom if isinstance(custom, dict) else {}
    _put_or_remove(own, name.removeprefix("custom."), value)
    _put_or_remove(record, "custom", own or None)


def _put_or_remove(values: dict[str, object], name: str, value: object) -> None:
    if value is None:
        values.pop(name, None)
    else:
        values[name] = value


def _keys(record: Record, after: Mapping[str, object], entry: Before, kept: Sequence[str]) -> list[int]:
    """The matching keys after undo: the earlier ones where all fields that they are made of have earlier values."""
    earlier = entry.was.get("keys")
    same = record["keys"] == entry.set.get("keys") and not KEY_FIELDS.intersection(kept)
    if same and isinstance(earlier, list):
        return earlier
    if any(record.get(name) != after.get(name) for name in KEY_FIELDS):
        return keys_of(entry.slot, after)
    return record["keys"]


def _difference(record: Record, after: Mapping[str, object], back: set[str], kept: list[str]) -> Restored:
    whole = {name for name in back if "custom" in after or not name.startswith("custom.")}
    if len(whole) < len(back):
        whole.add("custom")
    unset = [name for name in sorted(whole) if have(after, name) is None]
    given = {name: have(after, name) for name in sorted(whole) if name not in unset}
    if after["keys"] != record["keys"]:
        given["keys"] = after["keys"]
    return Restored(given, unset, kept)


def ends_of(link: str) -> dict[str, str]:
    """The ids of the account and the contact of a link, from the id of the link."""
    account, _, contact = link.rpartition(":")
    return {"accounts": account, "contacts": f"{account.rpartition('/')[0]}/{contact}"}


class _Chunk(Generic[S]):
    """The undo of one chunk."""

    def __init__(self, directory: Directory[S], job: str, loaded: Outcomes, session: S) -> None:
        self.directory = directory
        self.job = job
        self.loaded = loaded
        self.session = session
        self.done = RowsUndone([REVERSED if outcome == LOADED else NOTHING for outcome in loaded.outcomes])
        for row in loaded.repaired:  # another job has loaded it, and has an undo of its own
            self.done.outcomes[row] = NOTHING
        self.stays: dict[str, dict[str, str]] = {collection: {} for collection in COLLECTIONS}
        self.parts: dict[str, dict[str, str]] = {collection: {} for collection in COLLECTIONS}

    def undo(self) -> RowsUndone:
        for collection in COLLECTIONS:
            self._restore(collection)
            self._remove(collection)
        linked = self._unlink()
        for collection in COLLECTIONS:
            keep = [*self.stays[collection], *linked[collection], *self.parts[collection].values()]
            self.directory.keep_for(collection, keep, self.job, self.session)
            kept = set(keep)
            changed = (entry.id for entry in self.loaded.before[collection])
            free = {*self.loaded.touched[collection], *changed} - kept
            self.directory.let_go(collection, list(free), self.job, self.session)
        return self.done

    # records that were changed

    def _restore(self, collection: str) -> None:
        entries = self.loaded.before[collection]
        if not entries:
            return
        current = self.directory.fetch(collection, [entry.id for entry in entries], self.session)
        self._note_merged(collection, {entry.id: [entry.row] for entry in entries if entry.id not in current})
        changes: list[RecordRestore] = []
        for entry in entries:
            record = current.get(entry.id)
            if record is None and entry.id in self.parts[collection]:
                continue
            if record is None or record["job"] != entry.made_by:
                self._note_kept(collection, entry.row, REMOVED_SINCE)
                continue
            found = self._restored(collection, record, entry)
            if found is None:
                continue
            if found.kept:
                self._note_kept(collection, entry.row, CHANGED_SINCE, found.kept)
            if found.changes:
                self.done.count(f"{collection}_restored")
                changes.append(_written(record, entry, found, self.job))
        self.directory.restore(collection, changes, self.session)

    def _restored(self, collection: str, record: Record, entry: Before) -> Restored | None:
        """The change for a record; None, with a reason, where it cannot be computed, so that the others go on."""
        try:
            return restored(record, entry)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.done.note(entry.row, FAILED, NOT_UNDERSTOOD, collection)
            return None

    def _note_kept(self, collection: str, row: int, code: str, fields: Iterable[str] = ()) -> None:
        self.done.note(row, KEPT, code, collection, fields)
        self.done.count("kept")

    def _note_merged(self, collection: str, rows: Mapping[str, Sequence[int]]) -> None:
        """Note of the rows of some records that are gone, by id, which of these are part of others now: they stay."""
        found = self.directory.merged(collection, rows, self.session) if rows else {}
        self.parts[collection] |= found
        for identity in found:
            for row in rows[identity]:
                self._note_kept(collection, row, MERGED_SINCE)

    # records that were created

    def _remove(self, collection: str) -> None:
        rows: dict[str, list[int]] = {}
        for identity, row in (*self.loaded.created[collection], *self.loaded.led[collection]):
            rows.setdefault(identity, []).append(row)
        removed = self.directory.remove_untouched(collection, list(rows), self.job, self.session)
        self.done.count(f"{collection}_removed", removed)
        if removed == len(rows):
            return
        there = self._decide(collection, rows)
        self._note_merged(
            collection, {identity: own for identity, own in rows.items() if identity not in there}
        )
        own = {identity for identity, _ in self.loaded.created[collection]}
        for identity, code in self.stays[collection].items():
            for row in rows[identity]:
                self.done.note(row, KEPT, code, collection)
            if identity in own:
                self.done.count("kept")

    def _decide(self, collection: str, ids: Iterable[str]) -> set[str]:
        """Remove the records that the job made and that may go; note the reasons of the others.

        Gives the ids of the records that are there.
        """
        removable = []
        found = self.directory.fetch(collection, ids, self.session, *_FRAME)
        for identity, record in found.items():
            if record["job"] != self.job:
                continue  # a person removed it since, and another import created it again
            if code := verdict(record, self.job):
                self.stays[collection][identity] = code
            else:
                removable.append(identity)
        self.done.count(f"{collection}_removed", self.directory.remove(collection, removable, self.session))
        return set(found)

    # links

    def _unlink(self) -> dict[str, set[str]]:
        """Remove the links that the job made; gives the records at the ends of those that stay."""
        made = dict(self.loaded.created["links"])
        doubtful = self._doubtful(made)
        if doubtful:
            self._decide_ends(doubtful)
        staying = self._staying(doubtful) if doubtful else {}
        linked: dict[str, set[str]] = {collection: set() for collection in COLLECTIONS}
        for link, code in staying.items():
            self.done.note(made[link], KEPT, code, "links")
            for collection, end in ends_of(link).items():
                linked[collection].add(end)
        gone = [link for link in made if link not in staying]
        self.done.count("links_removed", self.directory.unlink(gone, self.job, self.session))
        self.directory.relate_as_before(self.loaded.related, self.job, self.session)
        return linked

    def _doubtful(self, made: Mapping[str, int]) -> list[str]:
        """Links that may stay: this chunk removed the record at neither end."""
        gone = {
            collection: {i for i, _ in self.loaded.created[collection]}.difference(self.stays[collection])
            for collection in COLLECTIONS
        }
        return [
            link
            for link in made
            if not any(end in gone[collection] for collection, end in ends_of(link).items())
        ]

    def _decide_ends(self, links: Sequence[str]) -> None:
        """Decide whether records at the ends of links stay, where other chunks created them."""
        for collection in COLLECTIONS:
            ends = {ends_of(link)[collection] for link in links}.difference(self.stays[collection])
            if ends:
                self._decide(collection, ends)

    def _staying(self, links: Sequence[str]) -> dict[str, str]:
        """Links that stay, with the code of the reason: changed since, or a record of the job at one end stays."""
        staying: dict[str, str] = {}
        existing = {
            collection: self.directory.fetch(
                collection, {ends_of(link)[collection] for link in links}, self.session, "_id"
            )
            for collection, _ in ENDS
        }
        for identity, link in self.directory.links(links, self.session).items():
            ends = ends_of(identity)
            if link["job"] != self.job or not all(
                ends[collection] in existing[collection] for collection in COLLECTIONS
            ):
                continue
            if link.get("revision", 1) != 1:
                staying[identity] = CHANGED_SINCE
            elif any(ends[collection] in self.stays[collection] for collection in COLLECTIONS):
                staying[identity] = LINK_KEPT
        return staying


def _written(record: Record, entry: Before, found: Restored, job: str) -> RecordRestore:
    """The change to write; it also says where the record has exactly its content of before."""
    given = dict(found.set)
    if not found.kept and content_revision(record) == entry.revision + 1:
        given["same_as"] = {"revision": record["revision"] + 1, "as": entry.like}
    fields = of_update({name: have(record, name) for name in (*found.set, *found.unset)}, found.set, {})
    changed = change_of(UNDONE, datetime.now(UTC), fields, job=job)
    return {"_id": record["_id"], "set": given, "unset": found.unset, "changed": changed}
