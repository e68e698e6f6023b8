"""Sign-in links that were used; the only user of the collection `used_links`.

An entry has a hash of the id of a link's token, and goes when the token has ended anyway.
"""

from __future__ import annotations

import hashlib

from shared.plumbing.mongo import Database, DuplicateKeyError
from shared.plumbing.session_store import until


class LinkStore:
    """The links that people of one firm have used."""

    def __init__(self, db: Database, firm: str) -> None:
        self.links = db.used_links
        self.firm = firm

    def use(self, link: str, ends_at: float) -> bool:
        """Note that a link was used, by the id of its token; False where it was before."""
        digest = hashlib.sha256(link.encode("utf-8", "surrogatepass")).hexdigest()
        values = {"_id": f"{self.firm}/{digest}", "firm": self.firm, "ends_at": until(ends_at)}
        try:
            self.links.insert_one(values)
        except DuplicateKeyError:
            return False
        return True
