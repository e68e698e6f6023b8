"""Signs of life of the services: when a worker of each was alive last, and when one last could receive messages.

The only user of the collection `beats`, which has a document for each service, however many workers it has. All times
are the server's, so that clocks of processes do not matter.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.write_concern import WriteConcern

from shared.plumbing.log import log, named
from shared.plumbing.mongo import Database

#: Seconds between two beats of a worker, and after which a service without one is away.
BEAT_SECONDS = 2.0
AWAY_AFTER_SECONDS = 6.0
#: Seconds for which a process does not ask again.
KNOWN_FOR_SECONDS = 1.0


@dataclass(frozen=True)
class Beat:
    """How the workers of a service are: since when all are away, and since when none of those alive hears the broker.

    None: they are not.
    """

    away_since: datetime | None = None
    unheard_since: datetime | None = None


class BeatStore:
    """Writes beats of workers, and reads them for the processes that answer requests; safe for all threads."""

    def __init__(self, db: Database) -> None:
        # losing a beat does no harm, so it does not wait for the disk
        self.beats = db.beats.with_options(write_concern=WriteConcern(w=1, j=False))
        self._lock = threading.Lock()
        self._known: dict[str, Beat] = {}
        self._read_at = 0.0

    def beat(self, service: str, receiving: bool) -> None:
        """Note that a worker of a service is alive, and whether it receives messages."""
        received_at: object = "$$NOW" if receiving else {"$ifNull": ["$received_at", "$$NOW"]}
        now = {"at": "$$NOW", "received_at": received_at}
        self.beats.update_one({"_id": service}, [{"$set": now}], upsert=True)

    def all(self) -> dict[str, Beat]:
        """How each service is that was ever alive; asked of the database once a second at most."""
        with self._lock:
            if time.monotonic() - self._read_at > KNOWN_FOR_SECONDS:
                self._known, self._read_at = self._read(), time.monotonic()
            return self._known

    def _read(self) -> dict[str, Beat]:
        late = {"$subtract": ["$$NOW", int(AWAY_AFTER_SECONDS * 1000)]}
        asked: list[dict[str, Any]] = [
            {
                "$project": {
                    "at": 1,
                    "received_at": 1,
                    "away": {"$lt": ["$at", late]},
                    "unheard": {"$lt": ["$received_at", late]},
                }
            }
        ]
        return {one["_id"]: _beat(one) for one in self.beats.aggregate(asked)}


def _beat(found: dict[str, Any]) -> Beat:
    if found["away"]:
        return Beat(away_since=found["at"])
    return Beat(unheard_since=found["received_at"] if found["unheard"] else None)


def keep_beating(
    store: BeatStore, service: str, receiving: threading.Event, stopping: threading.Event
) -> None:
    """Beat until the worker stops; a database that is away misses beats, and nothing else."""
    while True:
        try:
            store.beat(service, receiving.is_set())
        except Exception as error:  # noqa: BLE001 - servers come and go; the next beat is soon
            log.warning("no sign of life", error=named(error))
        if stopping.wait(BEAT_SECONDS):
            return
