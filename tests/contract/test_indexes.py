"""Tests that indexes can be made at any time, by whichever process starts first."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from shared.plumbing.file_store import FileStore
from shared.plumbing.mongo import connect, ensure_indexes
from tests.contract.conftest import FIRM


def test_a_file_may_come_before_the_first_worker_and_others_after_it(mongodb_url: str) -> None:
    db: Database[dict[str, Any]] = connect(mongodb_url)
    FileStore(db, FIRM).put("first", b"a,b")
    ensure_indexes(db)
    ensure_indexes(db)
    FileStore(db, FIRM).put("second", b"a,b")
    keys = [index["key"].to_dict() for index in db["files.chunks"].list_indexes()]
    assert keys.count({"files_id": 1, "n": 1}) == 1
    db.client.close()


def test_the_indexes_that_the_queries_need_are_there(db: Database[dict[str, Any]]) -> None:
    assert {"history", "owed", "status", "unpublished", "untold", "idempotency"} <= set(
        db.jobs.index_information()
    )
    assert {"fan_in", "admission", "sweep"} <= set(db.tasks.index_information())
    assert {"at", "job"} <= set(db.outbox.index_information())
    assert db.jobs.index_information()["idempotency"]["unique"]
