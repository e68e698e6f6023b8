"""Rows of jobs, kept by the chunk: cells, what was checked, what is planned, what came of it.

Each kind is a collection of its own, so that a small note about a chunk never rewrites its cells. What a person
repairs is kept beside: `edits` of the source, and `amended` with what checking and planning made of the rows
that a repair touched. Reading lays both over the chunk.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.plumbing.mongo import Database

CONTENTS = ("cells", "checks", "plans", "outcomes")
#: What is kept of a job besides, under the same kind of id.
BESIDES = ("edits", "amended", "words", "named", "repairs")
NAMED_IN_ONE = 100_000


def row_number(cells: Mapping[str, Any], offset: int) -> int:
    """The number of a row as a spreadsheet shows it; `cells` has `first` and `numbers` of the row's chunk."""
    return cells["numbers"][offset] if cells["numbers"] else cells["first"] + offset


class RowStore:
    """The rows of one job of one firm."""

    def __init__(self, db: Database, firm: str, job_id: str) -> None:
        self.db = db
        self.firm = firm
        self.job = job_id

    def put(self, content: str, revision: int, n: int, document: dict[str, Any], session: Any = None) -> None:
        """Keep one chunk's content; the same chunk again takes its place."""
        identity = self._id(revision, n)
        whole = {
            "_id": identity,
            "job": self.job,
            "firm": self.firm,
            "revision": revision,
            "n": n,
            **document,
        }
        self.db[content].replace_one({"_id": identity}, whole, upsert=True, session=session)

    def get(self, content: str, revision: int, n: int, *only: str, session: Any = None) -> dict[str, Any]:
        """One chunk's content, or `only` some of its parts; raises `KeyError` where there is none."""
        projection = dict.fromkeys(only, 1) or None
        identity = self._id(revision, n)
        found = self.db[content].find_one({"_id": identity, "firm": self.firm}, projection, session=session)
        if found is None:
            raise KeyError(identity)
        return found

    def find(
        self, content: str, revision: int, n: int, *only: str, session: Any = None
    ) -> dict[str, Any] | None:
        """Like `get`, but None where there is none."""
        try:
            return self.get(content, revision, n, *only, session=session)
        except KeyError:
            return None

    def each(self, content: str, revision: int, chunks: int, *only: str) -> Iterator[dict[str, Any]]:
        """The content of all chunks in file order, a few at a time."""
        for start in range(0, chunks, 16):
            yield from self.some(content, revision, range(start, min(start + 16, chunks)), *only)

    def some(self, content: str, revision: int, chunks: Sequence[int], *only: str) -> list[dict[str, Any]]:
        """The content of some chunks, in their order; those that have none are left out."""
        projection = dict.fromkeys(only, 1) or None
        identities = [self._id(revision, n) for n in chunks]
        query = {"_id": {"$in": identities}, "firm": self.firm}
        found = {document["_id"]: document for document in self.db[content].find(query, projection)}
        return [found[identity] for identity in identities if identity in found]

    def amend(self, content: str, revision: int, n: int, parts: dict[str, Any]) -> None:
        """Set some parts of a chunk's content."""
        self.db[content].update_one({"_id": self._id(revision, n), "firm": self.firm}, {"$set": parts})

    def forget(self) -> None:
        """Remove everything kept of the job's rows."""
        for content in (*CONTENTS, *BESIDES):
            self.db[content].delete_many({"job": self.job, "firm": self.firm})

    # cells with edits

    def edited_cells(self, revision: int, n: int) -> dict[str, Any]:
        """The cells of a chunk as they stand after repairs; `left_out` are the rows that a person deselected."""
        cells = self.get("cells", revision, n)
        edits = self.find("edits", revision, n) or {"cells": {}, "left_out": []}
        for offset, by_column in edits["cells"].items():
            row = cells["rows"][int(offset)]
            for column, value in by_column.items():
                row[int(column)] = value
        return {**cells, "left_out": edits["left_out"]}

    def columns(self, revision: int, n: int, indexes: Sequence[int]) -> list[list[str]]:
        """Some columns of a chunk, as they stand after repairs."""
        taken = [
            {"$map": {"input": "$rows", "as": "row", "in": {"$arrayElemAt": ["$$row", index]}}}
            for index in indexes
        ]
        query = {"_id": self._id(revision, n), "firm": self.firm}
        found = next(self.db.cells.aggregate([{"$match": query}, {"$project": {"columns": taken}}]))
        edits = self.find("edits", revision, n, "cells")
        for offset, by_column in (edits or {"cells": {}})["cells"].items():
            for at, index in enumerate(indexes):
                if str(index) in by_column:
                    found["columns"][at][int(offset)] = by_column[str(index)]
        return found["columns"]

    def rows_at(self, revision: int, wanted: Mapping[int, Sequence[int]]) -> dict[int, dict[str, Any]]:
        """Single rows of several chunks, `wanted` by offset, as they stand after repairs.

        By chunk: `rows`, `numbers` and `left_out` (flags), each in the order of the offsets.
        """
        places = [self._id(revision, n) for n in wanted]
        offsets = {
            "$arrayElemAt": [[list(own) for own in wanted.values()], {"$indexOfArray": [places, "$_id"]}]
        }
        picked = {"$map": {"input": offsets, "as": "at", "in": {"$arrayElemAt": ["$rows", "$$at"]}}}
        query = {"_id": {"$in": places}, "firm": self.firm}
        project = {"n": 1, "first": 1, "numbers": 1, "rows": picked}
        found = {c["n"]: c for c in self.db.cells.aggregate([{"$match": query}, {"$project": project}])}
        edits = {e["n"]: e for e in self.some("edits", revision, list(wanted))}
        for n, chunk in found.items():
            own = edits.get(n, {"cells": {}, "left_out": []})
            for row, offset in zip(chunk["rows"], wanted[n], strict=True):
                for column, value in own["cells"].get(str(offset), {}).items():
                    row[int(column)] = value
            chunk["numbers"] = [row_number(chunk, offset) for offset in wanted[n]]
            chunk["left_out"] = [offset in own["left_out"] for offset in wanted[n]]
        return found

    # what checking and planning found, with what repairs changed of it

    def checks(self, revision: int, n: int, *only: str) -> dict[str, Any]:
        """What was found in a chunk: problems, fixes, values."""
        base = self.get("checks", revision, n, *only)
        over = self.find("amended", revision, n, "offsets", "checks")
        return base if over is None else laid_over_checks(base, over)

    def plan(self, revision: int, n: int, *only: str, session: Any = None) -> dict[str, Any]:
        """The plan of a chunk."""
        base = self.get("plans", revision, n, *only, session=session)
        over = self.find("amended", revision, n, "offsets", "plan", session=session)
        return base if over is None else laid_over_plan(base, over)

    def problems(self, revision: int, n: int) -> list[list[Any]]:
        """All problems of a chunk's rows, as (offset, field, code, params)."""
        checked = self.checks(revision, n, "problems")["problems"]
        return [*checked, *self.plan(revision, n, "problems")["problems"]]

    # which of the firm's records the file names

    def put_named(self, revision: int, kind: str, marks: Sequence[int]) -> None:
        """Keep the `mark_of` all records of a kind that rows mean, in ascending order."""
        self.db.named.delete_many({"job": self.job, "firm": self.firm, "revision": revision, "kind": kind})
        for start in range(0, len(marks), NAMED_IN_ONE):
            part = marks[start : start + NAMED_IN_ONE]
            self.db.named.insert_one(
                {
                    "_id": f"{self.job}:{revision}:{kind}:{start}",
                    "job": self.job,
                    "firm": self.firm,
                    "revision": revision,
                    "kind": kind,
                    "first": f"{part[0]:016x}",
                    "last": f"{part[-1]:016x}",
                    "marks": array("Q", part).tobytes(),
                }
            )

    def named(self, revision: int, kind: str, identities: Sequence[str]) -> set[str]:
        """Which of some records, given in the order of their ids, rows of the file mean."""
        marks = {record_mark(identity): identity for identity in identities}
        if not marks:
            return set()
        query = {
            "job": self.job,
            "firm": self.firm,
            "revision": revision,
            "kind": kind,
            "first": {"$lte": f"{max(marks):016x}"},
            "last": {"$gte": f"{min(marks):016x}"},
        }
        found: set[str] = set()
        for part in self.db.named.find(query, {"marks": 1}):
            flat = array("Q")
            flat.frombytes(part["marks"])
            found |= {marks[mark] for mark in marks.keys() & set(flat)}
        return found

    def _id(self, revision: int, n: int) -> str:
        return f"{self.job}:{revision}:{n}"


def record_mark(identity: str) -> int:
    """A record as a number that sorts as its id does: the first 64 bits of the hash that the id is."""
    return int(identity.rsplit("/", 1)[1][:16], 16)


def laid_over_checks(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """What was found in a chunk, with the amended rows as they are now."""
    amended, fresh = set(over["offsets"]), over["checks"]
    whole = dict(base)
    for part in ("problems", "fixes"):
        if part in base:
            whole[part] = [*(p for p in base[part] if p[0] not in amended), *fresh[part]]
    if "values" in base:
        places = {key: at for at, key in enumerate(base["fields"])}
        for offset, by_key in fresh["values"].items():
            for key, value in by_key.items():
                base["values"][places[key]][int(offset)] = value
    return whole


def laid_over_plan(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """The plan of a chunk, with the amended rows as they are now."""
    amended, fresh = set(over["offsets"]), over["plan"]
    whole = dict(base)
    if "buckets" in base:
        buckets = list(base["buckets"])
        for offset, bucket in fresh["buckets"].items():
            buckets[int(offset)] = bucket
        whole["buckets"] = buckets
    for part in ("creates", "updates"):
        if part in base:
            whole[part] = {
                kind: [*(e for e in entries if e["row"] not in amended), *fresh[part][kind]]
                for kind, entries in base[part].items()
            }
    for part in ("links", "kept"):
        if part in base:
            whole[part] = [*(e for e in base[part] if e["row"] not in amended), *fresh[part]]
    if "problems" in base:
        whole["problems"] = [*(p for p in base["problems"] if p[0] not in amended), *fresh["problems"]]
    return whole
