"""Tests signs of life of services, on the real database."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from shared.plumbing.beat_store import AWAY_AFTER_SECONDS, Beat, BeatStore, keep_beating

LATE = timedelta(seconds=AWAY_AFTER_SECONDS + 1)


def later(db: Database[dict[str, Any]], service: str, *names: str) -> None:
    """Let time pass for what a service last did."""
    found = db.beats.find_one({"_id": service})
    assert found
    db.beats.update_one({"_id": service}, {"$set": {name: found[name] - LATE for name in names}})


def test_a_service_is_away_when_none_of_its_workers_beats_and_unheard_when_none_receives(
    db: Database[dict[str, Any]],
) -> None:
    store = BeatStore(db)
    assert store.all() == {}
    store.beat("upload", receiving=True)
    store.beat("mapper", receiving=False)
    store.beat("mapper", receiving=True)  # another worker of it
    store.beat("mapper", receiving=False)
    for service in ("validator", "importer"):
        store.beat(service, receiving=True)
    later(db, "validator", "at", "received_at")
    later(db, "importer", "received_at")
    found = BeatStore(db).all()
    assert found["upload"] == found["mapper"] == Beat()
    assert found["validator"].away_since == db.beats.find_one({"_id": "validator"})["at"]  # type: ignore[index]
    assert found["importer"].unheard_since == db.beats.find_one({"_id": "importer"})["received_at"]  # type: ignore[index]


def test_a_service_that_never_heard_the_broker_is_not_called_away(db: Database[dict[str, Any]]) -> None:
    BeatStore(db).beat("upload", receiving=False)
    assert BeatStore(db).all()["upload"] == Beat()  # it has only just started
    later(db, "upload", "received_at")
    BeatStore(db).beat("upload", receiving=False)
    found = BeatStore(db).all()["upload"]
    assert found.away_since is None
    assert found.unheard_since is not None


def test_readers_ask_the_database_once_for_many_jobs(
    db: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = BeatStore(db)
    reads: list[int] = []
    read = store._read
    monkeypatch.setattr(store, "_read", lambda: (reads.append(1), read())[1])
    for _ in range(2_000):
        store.all()
    assert len(reads) == 1


def test_a_worker_beats_until_it_stops_whatever_the_database_does() -> None:
    stopping, receiving, beats = threading.Event(), threading.Event(), []

    class Unwell:
        def beat(self, service: str, receiving: bool) -> None:
            beats.append((service, receiving))
            stopping.set()
            raise OSError("away")

    keep_beating(Unwell(), "upload", receiving, stopping)  # type: ignore[arg-type]
    assert beats == [("upload", False)]
