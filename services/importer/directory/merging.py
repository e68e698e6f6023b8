"""Merges two accounts, or two contacts: what becomes of each field and of their links, and how it is undone.

Values that belong together, such as those of an address, come from one of both (`shared.contract.merging`). Lists and
links are united. The merged record keeps the matching keys of both, so that an import which names either finds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.contract.documents import record as documents
from shared.contract.documents.record import Link, Record, RecordChange
from shared.contract.keys import BORN, NUMBER, keys_of, laid_out
from shared.contract.merging import Merge, difference
from shared.contract.record_history import MOST_CHANGES, content_revision
from shared.contract.records import BLANK, FRAME, have, link_id, public_id
from shared.values.evidence import differ

#: What two records of one client cannot both have, by the kind of key: as in matching.
CONTRADICTIONS = {NUMBER: "number", BORN: "birth_date"}
#: Parts of the frame that both bring along.
_UNITED = ("jobs", "kept_for")


class Compared(NamedTuple):
    """One field of two records: the value of the one that is kept, of the other, and of both merged."""

    part: str
    mine: object
    theirs: object
    result: object


@dataclass(frozen=True)
class Joined:
    """Two records merged: the record, the fields of both, and what contradicts that they are one."""

    after: dict[str, object]
    fields: list[Compared]
    contradictions: list[str]


@dataclass
class Parted:
    """A merge undone: both records, their links, and the parts that somebody changed since, which stay."""

    kept: dict[str, object]
    back: dict[str, object]
    links: list[Link] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)


def flat(record: Mapping[str, object]) -> dict[str, object]:
    """The values of a record, fields of the firm's own as `custom.<id>`."""
    custom = record.get("custom")
    own = custom if isinstance(custom, Mapping) else {}
    values = {name: value for name, value in record.items() if name not in FRAME and name != "custom"}
    values |= {f"custom.{name}": value for name, value in own.items()}
    return {name: value for name, value in values.items() if value not in BLANK}


def join(slot: str, kept: Record, other: Record, take: Iterable[str]) -> Joined:
    """Merge another record into the one that is kept; of the fields of `take`, the other's values count."""
    theirs = flat(other)
    change, _ = difference(kept, theirs, Merge().taking(set(take)))
    after: dict[str, object] = deepcopy(dict(kept))
    for name, value in change.set.items():
        put(after, name, value)
    for name in change.unset:
        put(after, name, None)
    for name, added in change.add.items():
        now = have(kept, name)
        put(after, name, [*(now if isinstance(now, list) else []), *added])
    _join_frames(slot, after, kept, other)
    mine = flat(kept)
    compared = [
        Compared(name, mine.get(name), theirs.get(name), have(after, name))
        for name in dict.fromkeys([*mine, *theirs])
    ]
    return Joined(after, compared, _contradictions(slot, kept, other))


def _join_frames(slot: str, after: dict[str, object], kept: Record, other: Record) -> None:
    for name in _UNITED:
        both: list[object] = []
        for value in (have(kept, name), have(other, name)):
            if isinstance(value, list):
                both.extend(value)
        if both:
            after[name] = list(dict.fromkeys(both))
    after.pop("same_as", None)
    merged_keys = list(dict.fromkeys([*kept["keys"], *other["keys"]]))
    after["merged_keys"] = merged_keys
    after["keys"] = keys_of(slot, after)
    changes: list[RecordChange] = [*kept.get("changed", ()), *other.get("changed", ())]
    if changes:
        after["changed"] = sorted(changes, key=lambda each: each["at"])[-MOST_CHANGES:]


def _contradictions(slot: str, kept: Record, other: Record) -> list[str]:
    one, more = (laid_out(keys_of(slot, {**flat(each)})) for each in (kept, other))
    return [what for kind, what in CONTRADICTIONS.items() if differ(one, more, (kind,))]


def put(record: dict[str, object], name: str, value: object) -> None:
    """Set a part of a record, or take it away where the value is None; `custom.` leads to fields of the firm's own."""
    if name.startswith("custom."):
        custom = record.get("custom")
        own = {**custom} if isinstance(custom, Mapping) else {}
        put(own, name.removeprefix("custom."), value)
        put(record, "custom", own or None)
    elif value is None:
        record.pop(name, None)
    else:
        record[name] = value


def join_links(kind: str, kept: str, other: str, links: Sequence[Link]) -> list[Link]:
    """The links of the merged record, one for each record at the other end, with relationships and switches of both."""
    found: dict[str, Link] = {}
    for link in sorted(links, key=lambda each: own_end(kind, each) != kept):
        account = kept if kind == "accounts" else link["account"]
        contact = kept if kind == "contacts" else link["contact"]
        identity = link_id(account, contact)
        now = found.get(identity)
        if now is not None:
            found[identity] = _united(now, link)
        elif own_end(kind, link) == other:
            moved = deepcopy(link)
            moved["_id"], moved["account"], moved["contact"] = identity, account, contact
            moved["revision"] = link.get("revision", 1) + 1
            found[identity] = moved
        else:
            found[identity] = link
    return list(found.values())


def own_end(kind: str, link: Link) -> str:
    """The record of a kind at an end of a link."""
    return link["account"] if kind == "accounts" else link["contact"]


def _united(one: Link, other: Link) -> Link:
    relationship = list(dict.fromkeys([*one.get("relationship", []), *other.get("relationship", [])]))
    switches = {
        key: _either(one["switches"].get(key, {}), other["switches"].get(key, {}))
        for key in dict.fromkeys([*one["switches"], *other["switches"]])
    }
    united: Link = {**deepcopy(one), "switches": switches, "revision": one.get("revision", 1) + 1}
    if relationship:
        united["relationship"] = relationship
    return united


def _either(one: Mapping[str, bool], other: Mapping[str, bool]) -> dict[str, bool]:
    """Each switch that is on with one of both."""
    return {name: one.get(name, False) or other.get(name, False) for name in dict.fromkeys([*one, *other])}


def ends_moved(kind: str, before: Sequence[Link], after: Sequence[Link]) -> set[str]:
    """The records at the other ends of links that a merge moved or changed."""
    old = {link["_id"]: link for link in before}
    moved = [link for link in after if old.get(link["_id"]) != link]
    return {own_end("contacts" if kind == "accounts" else "accounts", link) for link in moved}


def part(slot: str, merge: documents.Merge, now: Record) -> Parted:
    """Take a merge apart: both records as they were, but for what somebody changed since.

    `now` is what became of the merged record.
    """
    kept_before, other_before = merge["records"]
    after, merge_id = merge["after"], public_id(merge["_id"])
    kept: dict[str, object] = deepcopy(dict(now))
    mine, merged, present = flat(kept_before), flat(after), flat(now)
    stays = []
    for name in dict.fromkeys([*mine, *merged, *present]):
        was, became, value = mine.get(name), merged.get(name), present.get(name)
        if value == became:
            put(kept, name, was)
        elif isinstance(became, list) or isinstance(value, list):
            put(kept, name, _list_back(was, became, value) or None)
            stays.append(name)
        else:
            stays.append(name)
    for name in _UNITED:
        rest = _list_back(kept_before.get(name), after.get(name), now.get(name))
        put(kept, name, rest if rest or name == "jobs" else None)
    put(kept, "merged_keys", kept_before.get("merged_keys"))
    put(kept, "same_as", None)
    kept["keys"] = kept_before["keys"] if not stays else keys_of(slot, kept)
    theirs = other_before.get("changed", ())
    lines = [each for each in now.get("changed", ()) if each not in theirs]
    put(kept, "changed", [without_merge(each, merge_id) for each in lines] or None)
    revision = now["revision"] + 1
    if now["revision"] == after["revision"]:
        kept["same_as"] = {"revision": revision, "as": content_revision(kept_before)}
    back: dict[str, object] = deepcopy(dict(other_before))
    again = other_before["revision"] + 1
    back["same_as"] = {"revision": again, "as": content_revision(other_before)}
    return Parted({**kept, "revision": revision}, {**back, "revision": again}, stays=stays)


def without_merge(line: RecordChange, merge_id: str) -> RecordChange:
    """A line of a history without the merge that was undone."""
    return {**line, "merge": None} if line.get("merge") == merge_id else line


def _list_back(was: object, became: object, now: object) -> list[object]:
    """A list as it was before a merge, with what was added to it since, and without what was taken out."""
    before, then, present = (each if isinstance(each, list) else [] for each in (was, became, now))
    return [each for each in present if each in before or each not in then]


def part_links(kind: str, merge: documents.Merge, now: Sequence[Link]) -> tuple[list[Link], list[str]]:
    """The links of both records once a merge is undone, and the ids of those that somebody changed since.

    A link that was made or changed since stays with the record that was kept; one that was removed does not come back.
    """
    made = {link["_id"]: link for link in merge["links_after"]}
    present = {link["_id"]: link for link in now}
    removed = made.keys() - present.keys()
    changed = {identity for identity, link in present.items() if made.get(identity) != link}
    found = {identity: present[identity] for identity in changed}
    for link in merge["links"]:
        account = merge["kept"] if kind == "accounts" else link["account"]
        contact = merge["kept"] if kind == "contacts" else link["contact"]
        if link["_id"] not in found and link_id(account, contact) not in removed:
            found[link["_id"]] = link
    return list(found.values()), sorted({*removed, *changed})
