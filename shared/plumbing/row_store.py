"""Rows of jobs, kept by the chunk: cells, what was checked, what is planned, what came of it.

Each kind is a collection of its own, so that a small note about a chunk never rewrites its cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shared.plumbing.mongo import Database

CONTENTS = ("cells", "checks", "plans", "outcomes")


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

    def get(self, content: str, revision: int, n: int, *only: str) -> dict[str, Any]:
        """One chunk's content, or `only` some of its parts; raises `KeyError` where there is none."""
        projection = dict.fromkeys(only, 1) or None
        found = self.db[content].find_one({"_id": self._id(revision, n), "firm": self.firm}, projection)
        if found is None:
            raise KeyError(self._id(revision, n))
        return found

    def find(self, content: str, revision: int, n: int, *only: str) -> dict[str, Any] | None:
        """Like `get`, but None where there is none."""
        try:
            return self.get(content, revision, n, *only)
        except KeyError:
            return None

    def each(self, content: str, revision: int, chunks: int, *only: str) -> Iterator[dict[str, Any]]:
        """The content of all chunks in file order, a few at a time."""
        projection = dict.fromkeys(only, 1) or None
        for start in range(0, chunks, 16):
            identities = [self._id(revision, n) for n in range(start, min(start + 16, chunks))]
            found = {
                d["_id"]: d
                for d in self.db[content].find({"_id": {"$in": identities}, "firm": self.firm}, projection)
            }
            for identity in identities:
                if identity in found:
                    yield found[identity]

    def amend(self, content: str, revision: int, n: int, parts: dict[str, Any]) -> None:
        """Set some parts of a chunk's content."""
        self.db[content].update_one({"_id": self._id(revision, n), "firm": self.firm}, {"$set": parts})

    def forget(self) -> None:
        """Remove everything kept of the job's rows."""
        for content in CONTENTS:
            self.db[content].delete_many({"job": self.job, "firm": self.firm})

    def _id(self, revision: int, n: int) -> str:
        return f"{self.job}:{revision}:{n}"
