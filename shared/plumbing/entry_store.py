"""Which records use an entry of a firm's reference data: how many, some of them, and the values of a custom field."""

from __future__ import annotations

from collections.abc import Mapping

from shared.contract.documents.record import Record
from shared.contract.entries import Place
from shared.plumbing.mongo import Database, collection


class EntryStore:
    """The uses of entries in the records of one firm; every query is a range of ids of the firm."""

    def __init__(self, db: Database, firm: str) -> None:
        self.db = db
        self.firm = firm

    def uses(self, places: Mapping[str, Place]) -> dict[str, int]:
        """How many records of each collection use an entry, which is at a place in each."""
        return {name: self.db[name].count_documents(self._query(place)) for name, place in places.items()}

    def using(self, name: str, place: Place, most: int) -> list[Record]:
        """Some records of a collection that use an entry, whole."""
        found = collection(self.db, name, Record).find(self._query(place)).sort("_id", 1).limit(most)
        return list(found)

    def values(self, name: str, path: str, most: int) -> list[object]:
        """The different values of a part of records, `most` at most."""
        pipeline: list[dict[str, object]] = [
            {"$match": self._query(Place(path, None))},
            {"$group": {"_id": f"${path}"}},
            {"$limit": most},
        ]
        return [group["_id"] for group in self.db[name].aggregate(pipeline)]

    def _query(self, place: Place) -> dict[str, object]:
        own: dict[str, object] = {"_id": {"$gt": f"{self.firm}/", "$lt": f"{self.firm}0"}, "firm": self.firm}
        return {**own, place.path: {"$exists": True} if place.value is None else place.value}
