"""Merges of records, as long as they can be undone, and where merged records went; writes `merges` and `merged`.

What follows the records of a firm in collections of its own, such as invitations, is one of `FOLLOWERS`: it is called
inside the transaction of a merge, and of its undo.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from shared.contract.documents.record import Merge, Merged
from shared.contract.documents.sending import Letter
from shared.plumbing.mongo import Collection, Database, Session, collection

#: Days for which a merge can be undone: as long as an import.
UNDO_DAYS = 30


class Follower(Protocol):
    """What belongs to records and is kept elsewhere, by their ids."""

    def merged(self, db: Database, merge: Merge, session: Session) -> None:
        """One record became part of another."""

    def separated(self, db: Database, merge: Merge, session: Session) -> None:
        """A merge was undone: each record has its own again."""


class _Invitations:
    """The invitation of a contact to the portal: who was invited under one of two records is invited.

    Its id is that of the contact (`shared.contract.sendings.letter_id`).
    """

    def merged(self, db: Database, merge: Merge, session: Session) -> None:
        letters, found = self._of(db, merge, session)
        gone = found.get(merge["gone"])
        if gone and merge["kept"] not in found:
            letters.insert_one({**gone, "_id": merge["kept"], "contact": merge["kept"]}, session=session)

    def separated(self, db: Database, merge: Merge, session: Session) -> None:
        letters, found = self._of(db, merge, session)
        kept, gone = found.get(merge["kept"]), found.get(merge["gone"])
        if kept and gone and kept == {**gone, "_id": merge["kept"], "contact": merge["kept"]}:
            letters.delete_one({"_id": merge["kept"], "firm": merge["firm"]}, session=session)

    def _of(
        self, db: Database, merge: Merge, session: Session
    ) -> tuple[Collection[Letter], dict[str, Letter]]:
        letters = collection(db, "letters", Letter)
        ids = [merge["kept"], merge["gone"]] if merge["kind"] == "contacts" else []
        query = {"_id": {"$in": ids}, "firm": merge["firm"]}
        return letters, {letter["_id"]: letter for letter in letters.find(query, session=session)}


FOLLOWERS: Sequence[Follower] = (_Invitations(),)


class MergeStore:
    """The merges of one firm."""

    def __init__(self, db: Database, firm: str) -> None:
        self.db, self.firm = db, firm
        self._merges = collection(db, "merges", Merge)
        self._merged = collection(db, "merged", Merged)

    def add(self, merge: Merge, session: Session) -> None:
        """Keep a merge, and where its record went."""
        self._merges.insert_one(merge, session=session)
        where: Merged = {
            "_id": _place(merge["gone"], merge["kind"]),
            "firm": self.firm,
            "kind": merge["kind"],
            "gone": merge["gone"],
            "into": merge["kept"],
        }
        # a record with the id of one that went is there itself: nobody is led away from it, nor round in a circle
        self._merged.delete_one({"_id": _place(merge["kept"], merge["kind"])}, session=session)
        self._merged.replace_one({"_id": where["_id"]}, where, upsert=True, session=session)
        for follower in FOLLOWERS:
            follower.merged(self.db, merge, session)

    def get(self, kind: str, identity: str, session: Session = None) -> Merge | None:
        """A merge that can be undone; None where there is none, or its time is over."""
        return self._merges.find_one({"_id": identity, "firm": self.firm, "kind": kind}, session=session)

    def remove(self, merge: Merge, session: Session) -> None:
        """Forget a merge that was undone."""
        self._merges.delete_one({"_id": merge["_id"], "firm": self.firm}, session=session)
        self._merged.delete_one(
            {"_id": _place(merge["gone"], merge["kind"]), "firm": self.firm}, session=session
        )
        for follower in FOLLOWERS:
            follower.separated(self.db, merge, session)


def _place(record: str, kind: str) -> str:
    return f"{record}:{kind}"
