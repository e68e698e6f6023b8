"""A firm's saved mappings; the only user of the collection `profiles`."""

from __future__ import annotations

import secrets
from typing import cast

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.contract.documents.job import Profile, ProfileParts
from shared.contract.records import public_id
from shared.plumbing import clock
from shared.plumbing.mongo import Database, Document

MOST = 500


class NameTaken(Exception):
    """Another saved mapping of the firm has this name."""


class ProfileStore:
    """The saved mappings of one firm."""

    def __init__(self, db: Database, firm: str) -> None:
        self.profiles = db.profiles
        self.firm = firm

    def all(self) -> list[Profile]:
        """The profiles, the latest saved first, whole."""
        found = self.profiles.find({"firm": self.firm}).sort("saved_at", -1).limit(MOST)
        return [_profile(document) for document in found]

    def get(self, identity: str) -> Profile | None:
        """One profile; None where the firm has none of that id."""
        found = self.profiles.find_one({"_id": f"{self.firm}/{identity}", "firm": self.firm})
        return _profile(found) if found else None

    def save(self, profile: ProfileParts, name: str, by: str, named: bool) -> str:
        """Keep a mapping, and give its id.

        One with a name that a person gave (`named`) takes the place of the one of that name. Another takes the place
        of the last for the same headers, whose name and settings it leaves as they are.
        """
        whole: dict[str, object] = {**profile, "firm": self.firm, "saved_at": clock.now(), "by": by}
        fresh: dict[str, object] = {} if named else {"name": name}
        if named:
            whole |= {"name": name, "named": True}
        update = {"$set": whole, "$setOnInsert": fresh} if fresh else {"$set": whole}
        while True:
            identity = self._place_of(profile, name, named) or f"{self.firm}/{secrets.token_hex(12)}"
            try:
                self.profiles.update_one({"_id": identity}, update, upsert=True)
            except DuplicateKeyError:  # another save of the name was faster: this one takes its place
                continue
            return public_id(identity)

    def _place_of(self, profile: ProfileParts, name: str, named: bool) -> str | None:
        """The id of the profile whose place another takes."""
        same: dict[str, object] = {"firm": self.firm}
        same |= {"kind": profile["kind"], "fingerprint": profile["fingerprint"]}
        of_name = {"firm": self.firm, "name": name, "named": True}
        for query in (of_name, {**same, "name": name}) if named else (same,):
            known = self.profiles.find_one(query, {"_id": 1}, sort=[("saved_at", -1)])
            if known:
                return f"{known['_id']}"
        return None

    def rename(self, identity: str, name: str) -> Profile | None:
        """Give a profile another name; None where there is none. Raises `NameTaken`."""
        try:
            renamed = self.profiles.find_one_and_update(
                {"_id": f"{self.firm}/{identity}", "firm": self.firm},
                {"$set": {"name": name, "named": True}},
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError:
            raise NameTaken(name) from None
        return _profile(renamed) if renamed else None

    def delete(self, identity: str) -> bool:
        """Forget a profile; False where there is none."""
        gone = self.profiles.delete_one({"_id": f"{self.firm}/{identity}", "firm": self.firm})
        return gone.deleted_count == 1


def _profile(document: Document) -> Profile:
    """A saved mapping from what is kept of it."""
    return cast("Profile", {**document, "id": public_id(document["_id"])})
