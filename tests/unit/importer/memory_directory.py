"""A firm's directory in memory, with the methods that loading and undo use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from shared.contract.relationships import changed_link, link_as_before

FIRM = "firm"


class MemoryDirectory:
    """Records and links by id; a session is not needed and never looked at."""

    firm = FIRM

    def __init__(self, **records: dict[str, dict[str, Any]]) -> None:
        self.kept: dict[str, dict[str, dict[str, Any]]] = {
            "accounts": {},
            "contacts": {},
            "links": {},
            **records,
        }
        self.fetched: list[str] = []
        self.parts: dict[str, str] = {}

    def fetch(
        self, collection: str, ids: Iterable[str], session: object = None, *only: str
    ) -> dict[str, Any]:
        wanted = list(ids)
        self.fetched += wanted
        return {i: deepcopy(self.kept[collection][i]) for i in wanted if i in self.kept[collection]}

    def merged(self, collection: str, ids: Iterable[str], session: object = None) -> dict[str, str]:
        return {identity: self.parts[identity] for identity in ids if identity in self.parts}

    def insert(self, collection: str, records: Sequence[Mapping[str, Any]], session: object) -> None:
        for record in records:
            assert record["_id"] not in self.kept[collection], "already there"
            self.kept[collection][record["_id"]] = deepcopy(dict(record))

    def update(self, collection: str, changes: Sequence[Mapping[str, Any]], session: object) -> None:
        for change in changes:
            record = self.kept[collection][change["_id"]]
            assert record["revision"] == change["revision"]
            self._write(record, change["set"], change["unset"])
            for name, items in change["add"].items():
                record.setdefault(name, []).extend(items)
            record["jobs"] = [*record["jobs"], change["job"]]

    def touch(self, collection: str, ids: Iterable[str], job: str, session: object) -> None:
        for identity in ids:
            record = self.kept[collection][identity]
            record["jobs"] = list(dict.fromkeys([*record["jobs"], job]))

    def link(self, links: Sequence[Mapping[str, Any]], session: object, look: bool) -> list[str]:
        fresh = {link["_id"]: dict(link) for link in links if link["_id"] not in self.kept["links"]}
        assert look or len(fresh) == len(links), "already there"
        self.kept["links"] |= fresh
        return list(fresh)

    def remove_untouched(self, collection: str, ids: Sequence[str], job: str, session: object) -> int:
        def untouched(record: dict[str, Any]) -> bool:
            return (record["job"], record["revision"], record["jobs"]) == (job, 1, [job]) and not record.get(
                "kept_for"
            )

        return self.remove(
            collection, [i for i, found in self.fetch(collection, ids).items() if untouched(found)], session
        )

    def remove(self, collection: str, ids: Sequence[str], session: object) -> int:
        return sum(self.kept[collection].pop(identity, None) is not None for identity in ids)

    def restore(self, collection: str, changes: Sequence[Mapping[str, Any]], session: object) -> None:
        for change in changes:
            self._write(self.kept[collection][change["_id"]], change["set"], change["unset"])

    def keep_for(self, collection: str, ids: Sequence[str], job: str, session: object) -> None:
        for identity in ids:
            self.kept[collection][identity].setdefault("kept_for", []).append(job)

    def let_go(self, collection: str, ids: Sequence[str], job: str, session: object) -> None:
        for identity in ids:
            record = self.kept[collection].get(identity)
            if record and record["job"] != job and job not in record.get("kept_for", ()):
                record["jobs"] = [each for each in record["jobs"] if each != job]

    def links(self, ids: Sequence[str], session: object) -> dict[str, Any]:
        return {i: deepcopy(self.kept["links"][i]) for i in ids if i in self.kept["links"]}

    def unlink(self, ids: Sequence[str], job: str, session: object) -> int:
        return self.remove(
            "links", [i for i, link in self.links(ids, None).items() if link["job"] == job], session
        )

    def relate(self, given: Mapping[str, Sequence[str]], job: str, session: object) -> list[str]:
        written = {i: changed_link(link, given[i], job) for i, link in self.links(list(given), None).items()}
        for identity, change in written.items():
            self.kept["links"][identity].update(change)
        return [identity for identity, change in written.items() if "changes" in change]

    def relate_as_before(self, ids: Sequence[str], job: str, session: object) -> None:
        for identity, link in self.links(ids, None).items():
            self.kept["links"][identity].update(link_as_before(link, job))

    @staticmethod
    def _write(record: dict[str, Any], given: Mapping[str, Any], unset: Iterable[str]) -> None:
        for name, value in given.items():
            place, _, part = name.rpartition(".")
            (record.setdefault(place, {}) if place else record)[part] = deepcopy(value)
        for name in unset:
            record.pop(name, None)
        record["revision"] += 1
