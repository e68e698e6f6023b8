"""Finds the firm's records that rows mean, and gives ids to those that will be new."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from services.validator.matching import Holders, match_records
from services.validator.planning import COLLECTION
from shared.contract.keys import KIND_SHIFT, Order
from shared.contract.records import name_of, public_id
from shared.plumbing.directory_store import DirectoryStore, record_id

MOST_NAMED = 5


@dataclass
class Identified:
    """Per row the id of the record that it means or would create; `hits` are the rows whose record exists.

    `held` tells, for each hit, which kinds of keys its record has, a bit for the place of each kind.
    `problems` are (offset, code, params): several records that fit, an id that no record has, a namesake.
    """

    ids: list[str] = field(default_factory=list)
    hits: list[int] = field(default_factory=list)
    held: dict[int, int] = field(default_factory=dict)
    problems: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)


def identify(
    directory: DirectoryStore,
    slot: str,
    keys: Sequence[Sequence[int]],
    order: Order,
    seeds: Callable[[int], str],
    own: Mapping[int, str],
) -> Identified:
    """Identify the records of one slot of some rows.

    `seeds(offset)` tells one row of one job from every other, for rows without keys. `own` has the record ids
    that the file itself gives, by offset.
    """
    collection, found = COLLECTION[slot], Identified()
    empty = directory.is_empty(collection)
    keys_of: dict[str, Sequence[int]] = {}
    given = {} if empty else _own_ids(directory, collection, own, keys_of)
    holders_of: Callable[[set[int]], Holders] = (
        (lambda wanted: {}) if empty else _holders(directory, collection, keys_of)
    )
    matches = match_records(keys, order, holders_of, given)
    found.problems += [(o, "unknown_record", {"value": own[o]}) for o in own if o not in given]
    found.hits = sorted(matches.hits)
    for offset, identity in matches.hits.items():
        found.held[offset] = sum(1 << kind for kind in {(key >> KIND_SHIFT) - 1 for key in keys_of[identity]})
    for offset, row in enumerate(keys):
        strongest = next((row[p] for p in order.positions if row[p]), None) or seeds(offset)
        found.ids.append(matches.hits.get(offset) or record_id(directory.firm, collection, strongest))
    if not empty:
        _avoid_taken(directory, collection, found, seeds)
        names = _names(directory, collection, {*matches.near.values(), *chain(*matches.doubts.values())})
        for offset, several in matches.doubts.items():
            told = [names[i] for i in several[:MOST_NAMED] if i in names]
            found.problems.append((offset, "ambiguous_match", {"count": len(several), "candidates": told}))
        for offset, one in matches.near.items():
            if one in names:
                found.problems.append((offset, "similar_record", {"value": names[one]["name"], **names[one]}))
    return found


def _own_ids(
    directory: DirectoryStore,
    collection: str,
    own: Mapping[int, str],
    keys_of: dict[str, Sequence[int]],
) -> dict[int, str]:
    wanted = {offset: f"{directory.firm}/{identity}" for offset, identity in own.items()}
    there = directory.fetch(collection, set(wanted.values()), None, "keys") if wanted else {}
    keys_of.update({identity: record["keys"] for identity, record in there.items()})
    return {offset: identity for offset, identity in wanted.items() if identity in there}


def _holders(
    directory: DirectoryStore, collection: str, keys_of: dict[str, Sequence[int]]
) -> Callable[[set[int]], Holders]:
    def look_up(wanted: set[int]) -> Holders:
        holders: Holders = {}
        for record in directory.holders(collection, list(wanted)):
            keys_of[record["_id"]] = record["keys"]
            for key in record["keys"]:
                if key in wanted:
                    holders.setdefault(key, []).append((record["_id"], record["keys"]))
        return holders

    return look_up


def _avoid_taken(
    directory: DirectoryStore, collection: str, found: Identified, seeds: Callable[[int], str]
) -> None:
    """A record that was renamed keeps its id; a new record with its old name must not claim it."""
    hits = set(found.hits)
    fresh = [identity for offset, identity in enumerate(found.ids) if offset not in hits]
    taken = directory.fetch(collection, fresh, None, "_id")
    for offset, identity in enumerate(found.ids):
        if identity in taken and offset not in hits:
            job = seeds(offset).split(":", 1)[0]
            found.ids[offset] = record_id(directory.firm, collection, f"{identity}:{job}")


def _names(directory: DirectoryStore, collection: str, ids: set[str]) -> dict[str, dict[str, str]]:
    """How records are told to a person: id without the firm, and name."""
    if not ids:
        return {}
    named = directory.fetch(collection, ids, None, "name", "first_name", "last_name", "email")
    return {
        identity: {"id": public_id(identity), "name": name_of(record)} for identity, record in named.items()
    }
