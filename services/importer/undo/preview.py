"""Counts what undo of an import would do: the work of undo, on a directory that writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from services.importer.load.loading import COLLECTIONS
from services.importer.undo.undoing import undo_chunk, verdict
from shared.contract.documents.chunk import Outcomes
from shared.contract.documents.record import Link, Record, RecordRestore


class Directory(Protocol):
    """What a preview asks of the firm's directory."""

    def fetch(
        self, collection: str, ids: Iterable[str], session: None = None, *only: str
    ) -> dict[str, Record]:
        """Records by id."""

    def links(self, ids: Sequence[str], session: None) -> dict[str, Link]:
        """Links by id."""

    def merged(self, collection: str, ids: Iterable[str], session: None = None) -> dict[str, str]:
        """Which records are part of others now."""


class _Preview:
    """A directory that writes nothing; a record that undo would remove is no longer found in it."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.gone: dict[str, set[str]] = {collection: set() for collection in COLLECTIONS}

    def fetch(self, collection: str, ids: Iterable[str], session: None, *only: str) -> dict[str, Record]:
        return self.directory.fetch(collection, set(ids) - self.gone[collection], session, *only)

    def links(self, ids: Sequence[str], session: None) -> dict[str, Link]:
        return self.directory.links(ids, session)

    def merged(self, collection: str, ids: Iterable[str], session: None) -> dict[str, str]:
        return self.directory.merged(collection, set(ids) - self.gone[collection], session)

    def remove_untouched(self, collection: str, ids: Sequence[str], job: str, session: None) -> int:
        found = self.fetch(collection, ids, session, "job", "jobs", "revision", "same_as", "kept_for")
        mine = [i for i, record in found.items() if record["job"] == job and not verdict(record, job)]
        return self.remove(collection, mine, session)

    def remove(self, collection: str, ids: Sequence[str], session: None) -> int:
        self.gone[collection].update(ids)
        return len(ids)

    def unlink(self, ids: Sequence[str], job: str, session: None) -> int:
        return len(self.links(ids, session))

    def relate_as_before(self, ids: Sequence[str], job: str, session: None) -> None:
        """Nothing is written."""

    def restore(self, collection: str, changes: Sequence[RecordRestore], session: None) -> None:
        """Nothing is written."""

    def keep_for(self, collection: str, ids: Sequence[str], job: str, session: None) -> None:
        """Nothing is written."""

    def let_go(self, collection: str, ids: Sequence[str], job: str, session: None) -> None:
        """Nothing is written."""


def foresee(directory: Directory, job: str, chunks: Iterable[Outcomes]) -> dict[str, int]:
    """The numbers of undo, in the names of the job's part `undo`, if these loaded chunks were undone now."""
    preview, numbers = _Preview(directory), Counter[str]()
    for loaded in chunks:
        numbers.update(undo_chunk(preview, job, loaded, None).counts())
    return dict(numbers)
