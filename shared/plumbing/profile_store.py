"""A firm's saved mappings; the only user of the collection `profiles`."""

from __future__ import annotations

import secrets
from typing import cast

from shared.contract.documents.job import Profile, ProfileParts
from shared.contract.records import public_id
from shared.plumbing import clock
from shared.plumbing.mongo import Database, Document

MOST = 500


class ProfileStore:
    """The saved mappings of one firm."""

    def __init__(self, db: Database, firm: str) -> None:
        self.profiles = db.profiles
        self.firm = firm

    def all(self) -> list[Profile]:
        """The profiles, the latest saved first."""
        found = self.profiles.find({"firm": self.firm}).sort("saved_at", -1).limit(MOST)
        return [_profile(document) for document in found]

    def get(self, identity: str) -> Profile | None:
        """One profile; None where the firm has none of that id."""
        found = self.profiles.find_one({"_id": f"{self.firm}/{identity}", "firm": self.firm})
        return _profile(found) if found else None

    def save(self, profile: ProfileParts, name: str, by: str, named: bool) -> str:
        """Keep a mapping, and give its id.

        One that nobody gave a name (`named`) takes the place of the last for the same headers, whose name it
        leaves as it is.
        """
        now = clock.now()
        same = {"firm": self.firm, "kind": profile["kind"], "fingerprint": profile["fingerprint"]}
        if named:
            same["name"] = name
        known = self.profiles.find_one(same, {"_id": 1}, sort=[("saved_at", -1)])
        identity = known["_id"] if known else f"{self.firm}/{secrets.token_hex(12)}"
        fresh = {} if named else {"$setOnInsert": {"name": name}}
        whole = {**profile, "firm": self.firm, "saved_at": now, "by": by, **({"name": name} if named else {})}
        self.profiles.update_one({"_id": identity}, {"$set": whole, **fresh}, upsert=True)
        return public_id(identity)

    def delete(self, identity: str) -> bool:
        """Forget a profile; False where there is none."""
        gone = self.profiles.delete_one({"_id": f"{self.firm}/{identity}", "firm": self.firm})
        return gone.deleted_count == 1


def _profile(document: Document) -> Profile:
    """A saved mapping from what is kept of it."""
    return cast("Profile", {**document, "id": public_id(document["_id"])})
