"""Fixtures: a database with its indexes for each test, with jobs and tasks."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.database import Database

from shared.contract.job import Status, new_job
from shared.contract.rights import RIGHTS
from shared.plumbing.job_store import JobStore
from shared.plumbing.mongo import connect, ensure_indexes
from shared.plumbing.task_store import TaskStore

FIRM = "firm-a"
BY = {"id": "anna", "email": "anna@example.org", "locale": "en", "rights": RIGHTS}

MakeJob = Callable[..., dict[str, Any]]


@pytest.fixture
def db(mongodb_url: str) -> Iterator[Database[dict[str, Any]]]:
    """A database of the test's own, with the concerns and indexes of the services."""
    database = connect(mongodb_url)
    ensure_indexes(database)
    yield database
    database.client.close()


@pytest.fixture
def tasks(db: Database[dict[str, Any]]) -> TaskStore:
    """The tasks."""
    return TaskStore(db)


@pytest.fixture
def jobs(db: Database[dict[str, Any]]) -> JobStore:
    """The jobs of one firm."""
    return JobStore(db, FIRM)


@pytest.fixture
def make_job(db: Database[dict[str, Any]]) -> MakeJob:
    """Makes a job `at` a status, with so many chunks of ten rows."""

    def make(at: Status = Status.CONFIRMED, chunks: int = 3, firm: str = FIRM, **more: Any) -> dict[str, Any]:
        source = {
            "name": "clients.csv",
            "bytes": 1_000_000,
            "sha256": "0" * 64,
            "rows": chunks * 10,
            "chunks": [10] * chunks,
            "revision": 1,
        }
        job = new_job(uuid.uuid4().hex, firm, "accounts_and_contacts", {}, source, BY, datetime.now(UTC))
        job |= {"status": at.value, **more}
        db.jobs.insert_one(job)
        return job

    return make
