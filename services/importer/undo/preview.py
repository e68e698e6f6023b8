"""Says what taking an import back would do, without doing it: the same work on a directory that only notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from services.importer.load.loading import COLLECTIONS
from services.importer.undo.undoing import undo_chunk, verdict


class Directory(Protocol):
    """What foreseeing asks of the firm's directory."""

    def fetch(self, kind: str, ids: Any, session: Any = None, *only: str) -> dict[str, dict[str, Any]]:
        """Records by id."""

    def links(self, ids: Sequence[str], session: Any) -> dict[str, dict[str, Any]]:
        """Links by id."""


class _Noting:
    """A directory on which nothing is written; what would be removed is no longer seen."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.gone: dict[str, set[str]] = {kind: set() for kind in COLLECTIONS}

    def fetch(self, kind: str, ids: Any, session: Any = None, *only: str) -> dict[str, dict[str, Any]]:
        return self.directory.fetch(kind, set(ids) - self.gone[kind], session, *only)

    def links(self, ids: Sequence[str], session: Any) -> dict[str, dict[str, Any]]:
        return self.directory.links(ids, session)

    def remove_untouched(self, kind: str, ids: Sequence[str], job: str, session: Any) -> int:
        found = self.fetch(kind, ids, session, "job", "jobs", "revision", "same_as", "kept_for")
        mine = [i for i, record in found.items() if record["job"] == job and not verdict(record, job)]
        return self.remove(kind, mine, session)

    def remove(self, kind: str, ids: Sequence[str], session: Any) -> int:
        self.gone[kind].update(ids)
        return len(ids)

    def unlink(self, ids: Sequence[str], job: str, session: Any) -> int:
        return len(self.links(ids, session))

    def restore(self, kind: str, changes: Sequence[Mapping[str, Any]], session: Any) -> None:
        """Nothing is written."""

    def keep_for(self, kind: str, ids: Sequence[str], job: str, session: Any) -> None:
        """Nothing is written."""

    def let_go(self, kind: str, ids: Sequence[str], job: str, session: Any) -> None:
        """Nothing is written."""


def foresee(directory: Directory, job: str, chunks: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The numbers that taking back the loaded chunks would come to now."""
    noting, numbers = _Noting(directory), Counter[str]()
    for loaded in chunks:
        numbers.update(undo_chunk(noting, job, loaded, None).counts())
    return dict(numbers)
